/* What has just been done, and for ten seconds the way back. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { announce, heard, refresh } from "../state.ts";
import { undo } from "../api.ts";
import { say } from "../words.ts";

const SECONDS = 10;

interface Toast {
  id: number;
  text: string;
  ticket: string | null;
  tone: "done" | "warn";
}

const toasts = signal<Toast[]>([]);
let last = 0;

export function toast(text: string, ticket: string | null = null, tone: Toast["tone"] = "done"): void {
  toasts.value = [...toasts.value.filter((one) => one.ticket !== null && ticket === null && tone === "done"), { id: ++last, text, ticket, tone }].slice(-2);
  announce(text);
}

const drop = (id: number): void => {
  toasts.value = toasts.value.filter((one) => one.id !== id);
};

function One({ shown }: { shown: Toast }) {
  useEffect(() => {
    let timer = window.setTimeout(() => drop(shown.id), SECONDS * 1000);
    const hold = (): void => clearTimeout(timer);
    const resume = (): void => {
      timer = window.setTimeout(() => drop(shown.id), 4000);
    };
    const box = document.getElementById(`toast-${shown.id}`);
    box?.addEventListener("focusin", hold);
    box?.addEventListener("focusout", resume);
    return () => clearTimeout(timer);
  }, []);
  const back = async (): Promise<void> => {
    drop(shown.id);
    try {
      await undo(shown.ticket!);
      toast(say("undone"));
    } catch {
      toast(say("undoLate"), null, "warn");
    }
    heard.value++;
    await refresh();
  };
  return (
    <div class={`toast ${shown.tone}`} id={`toast-${shown.id}`}>
      <span>{shown.text}</span>
      {shown.ticket && <button type="button" class="undo" onClick={() => void back()}>{say("undo")}</button>}
      <button type="button" class="icon plain" aria-label={say("dismiss")} onClick={() => drop(shown.id)}>
        <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"><path d="m3 3 8 8m0-8-8 8" /></svg>
      </button>
      {shown.ticket && <i class="left" />}
    </div>
  );
}

export function Toasts() {
  return (
    <div class="toasts" role="region" aria-label="Notifications">
      {toasts.value.map((one) => <One key={one.id} shown={one} />)}
    </div>
  );
}
