/* The choices of the repeats, and the rule that each means. Pure. */

import { addDays, addMonths, weekday, type Day } from "../time.ts";
import type { Repeat } from "../types.ts";

export const KINDS = ["never", "daily", "weekdays", "weekly", "fortnightly", "monthly", "yearly"] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf(repeat: Repeat | null): Kind {
  if (!repeat) return "never";
  return repeat.frequency === "weekly" && repeat.interval === 2 ? "fortnightly" : repeat.frequency;
}

/** The rule that a choice begins with: it ends by itself, so that nobody holds a room for ever without saying so. */
export function repeatOf(kind: Kind, date: Day, before: Repeat | null): Repeat | null {
  if (kind === "never") return null;
  const until = { daily: addDays(date, 27), weekdays: addDays(date, 27), weekly: addDays(date, 7 * 11), fortnightly: addDays(date, 7 * 22), monthly: addMonths(date, 11), yearly: addMonths(date, 48) }[kind];
  const weekly = kind === "weekly" || kind === "fortnightly";
  return {
    frequency: kind === "fortnightly" ? "weekly" : kind,
    interval: kind === "fortnightly" ? 2 : 1,
    weekdays: weekly ? (before?.weekdays.length ? before.weekdays : [weekday(date)]) : [],
    monthly: before?.monthly ?? "date",
    until: !before ? until : before.until && before.until < date ? until : before.until,
    count: before?.count ?? null,
  };
}

/** The rule after its first day has been moved: a series on that weekday alone goes with it. */
export function shifted(repeat: Repeat | null, from: Day, to: Day): Repeat | null {
  if (!repeat) return null;
  const follows = repeat.frequency === "weekly" && repeat.weekdays.length === 1 && repeat.weekdays[0] === weekday(from);
  return {
    ...repeat,
    weekdays: follows ? [weekday(to)] : repeat.weekdays,
    until: repeat.until && repeat.until < to ? to : repeat.until,
  };
}
