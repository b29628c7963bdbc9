/* The dashboard: takes over the page that the server has drawn. */

import { render } from "preact";
import { App } from "./App.tsx";
import { getRooms } from "./api.ts";
import { restore } from "./dialog/keeping.ts";
import { live } from "./live.ts";
import { follow, refresh, takeBusy, takeOccupation, takeRooms, wanted } from "./state.ts";
import { speak } from "./words.ts";
import type { BusyAnswer, OccupationAnswer, RoomsAnswer } from "./types.ts";

interface Start {
  rooms?: RoomsAnswer;
  occupation?: OccupationAnswer | BusyAnswer;
}

/** What the server has put into the page, so that the first view needs no request. */
function start(): Start {
  try {
    return JSON.parse(document.getElementById("start")?.textContent ?? "{}") as Start;
  } catch {
    return {};
  }
}

async function begin(): Promise<void> {
  const root = document.getElementById("app");
  if (!root) return;
  speak(document.documentElement.lang);
  const first = start();
  takeRooms(first.rooms ?? (await getRooms()));
  const given = first.occupation;
  const want = wanted.value;
  if (given && "busy" in given) takeBusy(given);
  else if (given) takeOccupation(given, want?.room ?? null);
  if (want && !given) await refresh();
  root.replaceChildren();
  render(<App />, root);
  document.documentElement.classList.add("live");
  restore();
  follow();
  live();
}

void begin();
