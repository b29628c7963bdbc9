/* The hand on a grid: mouse, pen and finger draw a slot, carry a booking, pull its edge. A finger presses long first, so that it can scroll. */

import { signal } from "@preact/signals";
import { minutes } from "../time.ts";
import type { Occ, Slot } from "../types.ts";
import { bookableOn, bySlug, dialog, held, minuteNow, openOn, selection, slotOf, today } from "../state.ts";
import type { Axis } from "./axis.ts";
import { carried, clicked, drawn, pulled } from "./selection.ts";

const LONG_PRESS = 380; // ms
const SLACK = 5; // px before a press is a drag
const TURN_AFTER = 650; // ms that a carried booking waits at the board's side, or on Previous or Next, before the page is turned

/** A booking under way to another place. */
export const carrying = signal<{ occ: Occ; slot: Slot } | null>(null);
/** A finger or mouse is drawing. */
export const drawing = signal(false);

export interface Grid {
  axis: Axis;
  sideways: boolean;
  onDrawn(slot: Slot): void;
  onPulled(slot: Slot): void;
  onCarried(occ: Occ, slot: Slot): void;
  onOpened(occ: Occ, anchor: DOMRect): void;
}

type Gesture =
  | { kind: "draw"; lane: Lane; pressed: number; dragged: boolean }
  | { kind: "carry"; occ: Occ; grabbed: number; dragged: boolean }
  | { kind: "pull"; occ: Occ | null; edge: "start" | "end"; lane: Lane; slot: Slot; dragged: boolean };

interface Lane {
  room: string;
  date: string;
  box: HTMLElement;
}

/** Listen on a grid's element; the answer stops listening. */
export function attach(root: HTMLElement, grid: () => Grid): () => void {
  let gesture: Gesture | null = null;
  let pending: number | undefined;
  let turning: number | undefined;
  let from = { x: 0, y: 0, id: -1, type: "" };

  const lanes = (): Lane[] =>
    [...root.querySelectorAll<HTMLElement>("[data-lane]")].map((box) => ({ room: box.dataset["room"]!, date: box.dataset["date"]!, box }));

  const minuteAt = (lane: Lane, x: number, y: number): number => {
    const { axis, sideways } = grid();
    const rect = lane.box.getBoundingClientRect();
    const part = sideways ? (x - rect.left) / rect.width : (y - rect.top) / rect.height;
    return axis.from + part * (axis.to - axis.from);
  };

  const laneAt = (x: number, y: number): Lane | undefined => {
    const near = (lane: Lane): number => {
      const rect = lane.box.getBoundingClientRect();
      return Math.max(rect.left - x, x - rect.right, 0) + Math.max(rect.top - y, y - rect.bottom, 0);
    };
    return lanes().sort((a, b) => near(a) - near(b))[0];
  };

  const occOf = (element: HTMLElement): Occ | undefined => {
    const { room, date, name, recurrence } = element.dataset;
    return held(room!, date!).find((occ) => occ.name === name && (occ.recurrence ?? "") === (recurrence ?? ""));
  };

  const gridOf = (slug: string): number => bySlug.value.get(slug)?.hours.grid ?? 15;

  const begin = (event: PointerEvent, target: HTMLElement): Gesture | null => {
    const handle = target.closest<HTMLElement>("[data-edge]");
    const block = target.closest<HTMLElement>("[data-booking]");
    const box = target.closest<HTMLElement>("[data-lane]");
    if (!box) return null;
    const lane = { room: box.dataset["room"]!, date: box.dataset["date"]!, box };
    const occ = block ? occOf(block) : undefined;
    if (handle) {
      const slot = occ ? slotOf(occ) : selection.value;
      if (!slot) return null;
      return { kind: "pull", occ: occ ?? null, edge: handle.dataset["edge"] as "start" | "end", lane, slot, dragged: false };
    }
    if (occ) {
      const over = occ.date < today.value || (occ.date === today.value && minutes(occ.start) <= minuteNow.value);
      if (!occ.editable || occ.pending || over) return null;
      return { kind: "carry", occ, grabbed: minuteAt(lane, event.clientX, event.clientY) - minutes(occ.start), dragged: false };
    }
    const room = bySlug.value.get(lane.room);
    const pressed = minuteAt(lane, event.clientX, event.clientY);
    if (!room || !drawn(pressed, pressed, bookableOn(room, lane.date), room.hours.grid)) return null;
    return { kind: "draw", lane, pressed, dragged: false };
  };

  const follow = (event: PointerEvent): void => {
    if (!gesture) return;
    if (!gesture.dragged && Math.hypot(event.clientX - from.x, event.clientY - from.y) < SLACK) return;
    gesture.dragged = true;
    document.documentElement.classList.add(gesture.kind === "carry" ? "carrying" : "drawing");
    if (gesture.kind === "draw") {
      const room = bySlug.value.get(gesture.lane.room)!;
      const slot = drawn(gesture.pressed, minuteAt(gesture.lane, event.clientX, event.clientY), bookableOn(room, gesture.lane.date), room.hours.grid);
      drawing.value = true;
      if (slot) selection.value = { room: gesture.lane.room, date: gesture.lane.date, ...slot };
    } else if (gesture.kind === "pull") {
      const room = bySlug.value.get(gesture.slot.room)!;
      const bounds = gesture.occ ? openOn(room, gesture.slot.date) : bookableOn(room, gesture.slot.date);
      const slot = { ...gesture.slot, ...pulled(gesture.slot, gesture.edge, minuteAt(gesture.lane, event.clientX, event.clientY), bounds, gridOf(room.slug)) };
      if (gesture.occ) carrying.value = { occ: gesture.occ, slot };
      else {
        drawing.value = true;
        selection.value = slot;
      }
    } else {
      const lane = laneAt(event.clientX, event.clientY);
      const room = lane && bySlug.value.get(lane.room);
      if (!lane || !room) return;
      const slot = carried(slotOf(gesture.occ), minuteAt(lane, event.clientX, event.clientY) - gesture.grabbed, bookableOn(room, lane.date), room.hours.grid);
      if (slot) carrying.value = { occ: gesture.occ, slot: { room: lane.room, date: lane.date, ...slot } };
    }
  };

  /** A booking is carried to another week or day: over Previous or Next, or beside the board. */
  const turn = (event: PointerEvent, after = TURN_AFTER): void => {
    const board = root.getBoundingClientRect();
    const over = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>("[data-turn]")?.dataset["turn"];
    const beside = event.clientY > board.top && event.clientY < board.bottom ? (event.clientX > board.right ? "1" : event.clientX < board.left ? "-1" : undefined) : undefined;
    const way = over ?? beside;
    if (!way) {
      clearTimeout(turning);
      turning = undefined;
    } else if (turning === undefined) {
      turning = window.setTimeout(() => {
        turning = undefined;
        document.querySelector<HTMLElement>(`[data-turn="${way}"]`)?.click();
        requestAnimationFrame(() => gesture && turn(event, 2 * TURN_AFTER));
      }, after);
    }
  };

  const stop = (): void => {
    clearTimeout(pending);
    clearTimeout(turning);
    pending = turning = undefined;
    gesture = null;
    drawing.value = false;
    carrying.value = null;
    document.documentElement.classList.remove("carrying", "drawing");
    removeEventListener("pointermove", moved);
    removeEventListener("pointerup", released);
    removeEventListener("pointercancel", abandoned);
    removeEventListener("keydown", escaped, true);
    removeEventListener("blur", abandoned);
  };

  const moved = (event: PointerEvent): void => {
    if (event.pointerId !== from.id) return;
    if (pending !== undefined && Math.hypot(event.clientX - from.x, event.clientY - from.y) > SLACK * 2) return stop(); // a finger that scrolls
    follow(event);
    if (gesture?.dragged) scroll(event);
    if (gesture?.kind === "carry" && gesture.dragged) turn(event);
  };

  const scroll = (event: PointerEvent): void => {
    const margin = 40;
    if (event.clientY < margin) scrollBy(0, -12);
    else if (event.clientY > innerHeight - margin) scrollBy(0, 12);
  };

  const released = (event: PointerEvent): void => {
    if (event.pointerId !== from.id) return;
    const done = gesture;
    const carriedTo = carrying.value;
    const slot = selection.value;
    stop();
    if (!done) return;
    if (done.kind === "draw") {
      if (!done.dragged) {
        const room = bySlug.value.get(done.lane.room)!;
        const taken = held(done.lane.room, done.lane.date).map((occ) => ({ start: minutes(occ.start), end: minutes(occ.end) }));
        const hour = clicked(done.pressed, bookableOn(room, done.lane.date), room.hours.grid, taken);
        if (hour) grid().onDrawn({ room: done.lane.room, date: done.lane.date, ...hour });
      } else if (slot) grid().onDrawn(slot);
    } else if (done.kind === "pull" && !done.occ) {
      if (slot && done.dragged) grid().onPulled(slot);
    } else if (done.dragged && carriedTo) {
      suppressClick();
      const was = slotOf(carriedTo.occ);
      const { room, date, start, end } = carriedTo.slot;
      if (room !== was.room || date !== was.date || start !== was.start || end !== was.end) grid().onCarried(carriedTo.occ, carriedTo.slot);
    }
  };

  const abandoned = (): void => {
    const drew = gesture?.kind === "draw";
    stop();
    if (drew && !dialog.value) selection.value = null;
  };

  const escaped = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    abandoned();
  };

  /** The click that ends a drag opens nothing. */
  const suppressClick = (): void => {
    const swallow = (event: Event): void => {
      event.stopPropagation();
      event.preventDefault();
    };
    root.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => root.removeEventListener("click", swallow, true), 50);
  };

  const pressed = (event: PointerEvent): void => {
    if (event.button !== 0 || !event.isPrimary || !(event.target instanceof HTMLElement || event.target instanceof SVGElement)) return;
    const target = event.target as HTMLElement;
    const begun = begin(event, target);
    if (!begun) return;
    from = { x: event.clientX, y: event.clientY, id: event.pointerId, type: event.pointerType };
    if (event.pointerType === "touch" && begun.kind !== "pull") {
      pending = window.setTimeout(() => {
        pending = undefined;
        gesture = begun;
        begun.dragged = true;
        navigator.vibrate?.(12);
        follow(event);
      }, LONG_PRESS);
    } else {
      if (begun.kind === "draw") event.preventDefault(); // no text is selected, and focus stays where it was
      gesture = begun;
    }
    addEventListener("pointermove", moved);
    addEventListener("pointerup", released);
    addEventListener("pointercancel", abandoned);
    addEventListener("keydown", escaped, true);
    addEventListener("blur", abandoned);
  };

  /** A finger that draws does not scroll. */
  const steady = (event: TouchEvent): void => {
    if (gesture) event.preventDefault();
  };

  const menu = (event: Event): void => {
    if (from.type === "touch" && (gesture || pending !== undefined)) event.preventDefault();
  };

  const click = (event: MouseEvent): void => {
    const block = (event.target as HTMLElement).closest<HTMLElement>("[data-booking]");
    const occ = block && occOf(block);
    if (block && occ && !occ.pending) grid().onOpened(occ, block.getBoundingClientRect());
  };

  root.addEventListener("pointerdown", pressed);
  root.addEventListener("touchmove", steady, { passive: false });
  root.addEventListener("contextmenu", menu);
  root.addEventListener("click", click);
  return () => {
    stop();
    root.removeEventListener("pointerdown", pressed);
    root.removeEventListener("touchmove", steady);
    root.removeEventListener("contextmenu", menu);
    root.removeEventListener("click", click);
  };
}
