/* Hears of every change while the page is looked at, and says when it cannot. */

import { mount } from "./api.ts";
import { connected, heard, refresh, refreshAll, today } from "./state.ts";
import { effect } from "@preact/signals";

const LONGEST_WAIT = 15_000;
const LOOK_EVERY = 10_000;
/** Without a word for so long, the page asks: a line can be dead though nobody said so, and what keeps it open is not heard by a script. */
const ASK_AFTER = 120_000;

let source: EventSource | null = null;
let wait = 1000;
let timer: number | undefined;
let known = "";
let last = 0;

function listen(): void {
  clearTimeout(timer);
  source?.close();
  if (document.visibilityState === "hidden") return;
  const one = new EventSource(`${mount}api/live`);
  source = one;
  one.onopen = () => {
    wait = 1000;
    last = Date.now();
  };
  one.onmessage = (event: MessageEvent<string>) => {
    last = Date.now();
    const versions = JSON.stringify((JSON.parse(event.data) as { versions?: unknown }).versions ?? event.data);
    const again = !connected.value;
    connected.value = true;
    if (versions !== known || again) {
      known = versions;
      heard.value++;
      void refresh();
    }
  };
  one.onerror = () => {
    if (source === one) lost();
  };
}

function lost(): void {
  source?.close();
  source = null;
  clearTimeout(timer);
  if (document.visibilityState === "hidden") return;
  timer = window.setTimeout(() => void again(), wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

/** Is it the network, the session, or the stream alone? The answer of an ordinary request tells. */
async function again(): Promise<void> {
  await refreshAll();
  listen();
}

export function live(): void {
  listen();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      source?.close();
      source = null;
          clearTimeout(timer);
    } else void again(); // a page left open overnight is right in the morning
  });
  addEventListener("online", () => void again());
  addEventListener("offline", () => {
    connected.value = false;
    lost();
  });
  addEventListener("pageshow", (event) => event.persisted && void again());
  let looked = Date.now();
  setInterval(() => {
    const slept = Date.now() - looked > 4 * LOOK_EVERY; // the lid was closed
    looked = Date.now();
    if (document.visibilityState === "hidden") return;
    if (slept) void again();
    else if (source && Date.now() - last > ASK_AFTER) {
      last = Date.now();
      void refresh();
    }
  }, LOOK_EVERY);
  let day = today.value;
  effect(() => {
    if (today.value !== day) {
      day = today.value;
      void refreshAll();
    }
  });
}
