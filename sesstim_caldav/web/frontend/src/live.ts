/* Hears of every change while the page is looked at, and says when it cannot. */

import { mount } from "./api.ts";
import { connected, heard, refresh, refreshAll, today } from "./state.ts";
import { effect } from "@preact/signals";

const LONGEST_WAIT = 15_000;

let source: EventSource | null = null;
let wait = 1000;
let timer: number | undefined;
let known = "";
let quiet: number | undefined;

function listen(): void {
  clearTimeout(timer);
  source?.close();
  if (document.visibilityState === "hidden") return;
  const one = new EventSource(`${mount}api/live`);
  source = one;
  const alive = (): void => {
    clearTimeout(quiet);
    quiet = window.setTimeout(() => lost(), 50_000); // nothing for two pings and more: the line is dead though nobody said so
  };
  one.onopen = () => {
    wait = 1000;
    alive();
  };
  one.onmessage = (event: MessageEvent<string>) => {
    alive();
    const versions = JSON.stringify((JSON.parse(event.data) as { versions?: unknown }).versions ?? event.data);
    const again = !connected.value;
    connected.value = true;
    if (versions !== known || again) {
      known = versions;
      heard.value++;
      void refresh();
    }
  };
  one.addEventListener("ping", alive);
  one.onerror = () => {
    if (source === one) lost();
  };
}

function lost(): void {
  source?.close();
  source = null;
  clearTimeout(quiet);
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
      clearTimeout(quiet);
      clearTimeout(timer);
    } else void again(); // a page left open overnight is right in the morning
  });
  addEventListener("online", () => void again());
  addEventListener("offline", () => {
    connected.value = false;
    lost();
  });
  addEventListener("pageshow", (event) => event.persisted && void again());
  let day = today.value;
  effect(() => {
    if (today.value !== day) {
      day = today.value;
      void refreshAll();
    }
  });
}
