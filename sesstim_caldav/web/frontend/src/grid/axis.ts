/* The axis of time: which hours the page shows, and where a minute stands on it. */

import { ceilTo, floorTo, minutes } from "../time.ts";
import type { Occ, Room } from "../types.ts";

export interface Axis {
  from: number;
  to: number;
}

/** The opening hours of the rooms, and whatever is held outside of them. */
export function axisOf(rooms: Room[], held: Occ[]): Axis {
  const from = Math.min(...rooms.map((room) => minutes(room.hours.opens)), ...held.map((occ) => minutes(occ.start)), 12 * 60);
  const to = Math.max(...rooms.map((room) => minutes(room.hours.closes)), ...held.map((occ) => minutes(occ.end)), 13 * 60);
  return { from: floorTo(from, 60), to: ceilTo(to, 60) };
}

export const share = (axis: Axis, minute: number): number => (100 * (minute - axis.from)) / (axis.to - axis.from);

export const hoursOf = (axis: Axis): number[] => Array.from({ length: (axis.to - axis.from) / 60 }, (_, index) => axis.from + index * 60);

/** Where a stretch stands on the axis, for an element's style. */
export function placed(axis: Axis, start: number, end: number, sideways: boolean): Record<string, string> {
  const begin = `${share(axis, start)}%`;
  const length = `${share(axis, end) - share(axis, start)}%`;
  return sideways ? { left: begin, width: length } : { top: begin, height: length };
}
