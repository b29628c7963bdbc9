/* What a room's line says at a glance: free until, taken until. */

import { held, minuteNow, on, openOn, today } from "../state.ts";
import { minutes, type Day } from "../time.ts";
import type { Occ, Room } from "../types.ts";
import { duration, say, time } from "../words.ts";

export interface Status {
  text: string;
  tone: "free" | "taken" | "shut";
}

export function statusOf(room: Room, date: Day): Status | null {
  const open = openOn(room, date);
  if (!open) return { text: say("closedDay"), tone: "shut" };
  if (!on(room.slug, date)) return null;
  const list = held(room.slug, date);
  const spans = list.map((occ) => ({ start: minutes(occ.start), end: minutes(occ.end) }));
  if (date === today.value) {
    if (minuteNow.value >= open.to) return { text: say("closedNow"), tone: "shut" };
    let at = Math.max(minuteNow.value, open.from);
    if (!spans.some((one) => one.end > at)) {
      return spans.length ? { text: say("freeUntil", { time: time(open.to) }), tone: "free" } : { text: say("freeAllDay"), tone: "free" };
    }
    const current = spans.find((one) => one.start <= at && at < one.end);
    if (!current) return { text: say("freeUntil", { time: time(Math.min(...spans.filter((one) => one.start > at).map((one) => one.start))) }), tone: "free" };
    at = current.end;
    for (const one of spans) if (one.start <= at && one.end > at) at = one.end;
    return { text: say("takenUntil", { time: time(at) }), tone: "taken" };
  }
  if (!spans.length) return { text: say("freeAllDay"), tone: "free" };
  const used = spans.reduce((sum, one) => sum + Math.max(0, Math.min(one.end, open.to) - Math.max(one.start, open.from)), 0);
  const left = open.to - open.from - used;
  return left > 0 ? { text: say("hoursFree", { hours: duration(left) }), tone: "free" } : { text: say("full"), tone: "taken" };
}

/** What is still to come in a room on a day. */
export function comingUp(room: Room, date: Day): Occ[] {
  const list = held(room.slug, date);
  return date === today.value ? list.filter((occ) => minutes(occ.end) > minuteNow.value) : list;
}
