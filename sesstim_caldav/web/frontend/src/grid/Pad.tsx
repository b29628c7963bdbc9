/* The keyboard's way to a slot: arrows move it, Shift and arrow change its length, Enter books, Escape leaves. */

import { useRef } from "preact/hooks";
import { announce, bookableOn, bySlug, dialog, overlapping, roomName, selection, takeSlot } from "../state.ts";
import type { Day } from "../time.ts";
import { longDate, say, span } from "../words.ts";
import { begun, keyed, type Cursor } from "./selection.ts";

const MOVES = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]);

export function Pad({ lanes, sideways, label }: { lanes: { room: string; date: Day }[]; sideways: boolean; label: string }) {
  const cursor = useRef<Cursor | null>(null);

  const show = (next: Cursor): void => {
    const lane = lanes[next.lane]!;
    const slot = { room: lane.room, date: lane.date, start: next.start, end: next.end };
    cursor.current = next;
    selection.value = slot;
    const words = `${roomName(lane.room)}, ${longDate(lane.date, false)}, ${span(slot.start, slot.end)}`;
    const holder = overlapping(slot);
    announce(holder ? say("slotTaken", { slot: words, name: holder.organiser }) : say("slotFree", { slot: words }));
    requestAnimationFrame(() => document.querySelector("[data-slot]")?.scrollIntoView({ block: "nearest", inline: "nearest" }));
  };

  const pressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (selection.value) takeSlot(selection.value);
      return;
    }
    if (event.key === "Escape") {
      if (!dialog.value) selection.value = null;
      cursor.current = null;
      return;
    }
    if (!MOVES.has(event.key)) return;
    event.preventDefault();
    const bounds = lanes.map((lane) => {
      const room = bySlug.value.get(lane.room);
      return room ? bookableOn(room, lane.date) : null;
    });
    const drawnNow = selection.value;
    const lane = drawnNow ? lanes.findIndex((one) => one.room === drawnNow.room && one.date === drawnNow.date) : -1;
    const current: Cursor | null = drawnNow && lane >= 0 ? { lane, start: drawnNow.start, end: drawnNow.end } : null;
    const grid = bySlug.value.get(lanes[current?.lane ?? 0]?.room ?? "")?.hours.grid ?? 15;
    const next = current ? keyed(current, { key: event.key, shift: event.shiftKey, sideways }, bounds, grid) : begun(bounds, cursor.current?.lane ?? 0, grid);
    if (next) show(next);
    else announce(say("unavailable"));
  };

  return <div class="pad" tabIndex={0} role="application" aria-label={label} aria-describedby="keys" onKeyDown={pressed} data-pad />;
}
