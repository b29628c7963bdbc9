/* How a slot follows the hand and the keys. Minutes of one day in, minutes out; no page, no clock. */

import { ceilTo, floorTo, roundTo } from "../time.ts";

export interface Stretch {
  start: number;
  end: number;
}

/** What of a lane can be booked. */
export interface Bounds {
  from: number;
  to: number;
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** How far beside a line of the grid a hand still means the line, as a part of a step. */
const NEAR = 0.2;

/** The slot from where the pointer was pressed to where it is; null if it was pressed where nothing can be booked. */
export function drawn(pressed: number, at: number, bounds: Bounds | null, grid: number): Stretch | null {
  const near = grid * NEAR;
  if (!bounds || pressed < bounds.from - near || pressed >= bounds.to) return null;
  const start = clamp(floorTo(Math.min(pressed, at) + near, grid), bounds.from, bounds.to - grid);
  const end = clamp(ceilTo(Math.max(pressed, at) - near, grid), start + grid, bounds.to);
  return { start, end };
}

/** A click without a drag: an hour, or what is free of it before the next booking. */
export function clicked(pressed: number, bounds: Bounds | null, grid: number, taken: Stretch[]): Stretch | null {
  if (!bounds || !drawn(pressed, pressed, bounds, grid)) return null;
  const start = clamp(floorTo(pressed, grid), bounds.from, bounds.to - grid);
  const next = Math.min(bounds.to, ...taken.filter((one) => one.start >= start + grid).map((one) => one.start));
  return { start, end: Math.max(start + grid, Math.min(start + 60, next)) };
}

/** A slot carried so that it begins near a minute, inside the bounds; null where it has no room. */
export function carried(slot: Stretch, begins: number, bounds: Bounds | null, grid: number): Stretch | null {
  const length = slot.end - slot.start;
  if (!bounds || bounds.to - bounds.from < length) return null;
  const start = clamp(roundTo(begins, grid), bounds.from, bounds.to - length);
  return { start, end: start + length };
}

/** A slot whose edge is pulled to a minute; it never gets shorter than the grid. */
export function pulled(slot: Stretch, edge: "start" | "end", at: number, bounds: Bounds | null, grid: number): Stretch {
  if (!bounds) return slot;
  if (edge === "start") return { start: clamp(roundTo(at, grid), Math.min(bounds.from, slot.end - grid), slot.end - grid), end: slot.end };
  return { start: slot.start, end: clamp(roundTo(at, grid), slot.start + grid, Math.max(bounds.to, slot.start + grid)) };
}

export interface Cursor extends Stretch {
  lane: number;
}

export interface Keys {
  key: string;
  shift: boolean;
  sideways: boolean; // time runs to the right, lanes lie below one another
}

/** Where the keyboard's slot begins: the first lane with room for it, an hour long. */
export function begun(lanes: (Bounds | null)[], preferred: number, grid: number): Cursor | null {
  const order = [preferred, ...lanes.keys()];
  for (const lane of order) {
    const bounds = lanes[lane];
    if (bounds) {
      const start = ceilTo(bounds.from, grid);
      return { lane, start, end: Math.min(start + 60, bounds.to) };
    }
  }
  return null;
}

/** The slot after a key: arrows move it in time and between lanes, Shift lengthens and shortens, Home and End go to the day's edges. */
export function keyed(cursor: Cursor, keys: Keys, lanes: (Bounds | null)[], grid: number): Cursor {
  const later = keys.sideways ? "ArrowRight" : "ArrowDown";
  const earlier = keys.sideways ? "ArrowLeft" : "ArrowUp";
  const next = keys.sideways ? "ArrowDown" : "ArrowRight";
  const previous = keys.sideways ? "ArrowUp" : "ArrowLeft";
  const bounds = lanes[cursor.lane] ?? null;
  if (!bounds) return cursor;
  const length = cursor.end - cursor.start;
  const at = (start: number): Cursor => ({ lane: cursor.lane, ...(carried(cursor, start, bounds, grid) ?? cursor) });
  switch (keys.key) {
    case later:
      return keys.shift ? { ...cursor, end: Math.min(cursor.end + grid, bounds.to) } : at(cursor.start + grid);
    case earlier:
      return keys.shift ? { ...cursor, end: Math.max(cursor.end - grid, cursor.start + grid) } : at(cursor.start - grid);
    case "PageDown":
      return at(cursor.start + 60);
    case "PageUp":
      return at(cursor.start - 60);
    case "Home":
      return at(bounds.from);
    case "End":
      return at(bounds.to - length);
    case next:
    case previous: {
      const step = keys.key === next ? 1 : -1;
      for (let lane = cursor.lane + step; lane >= 0 && lane < lanes.length; lane += step) {
        const there = lanes[lane];
        if (!there) continue;
        const kept = carried(cursor, cursor.start, there, grid);
        return kept ? { lane, ...kept } : { lane, start: there.from, end: there.to };
      }
      return cursor;
    }
    default:
      return cursor;
  }
}
