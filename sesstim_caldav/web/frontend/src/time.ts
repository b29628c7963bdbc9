/* Days and minutes of the lab's wall clock. Nothing here knows a time zone: a day is its text, a time a number of minutes. */

export type Day = string;

const MILLISECONDS_A_DAY = 86_400_000;

/** Days since 1970-01-01. */
export function dayNumber(day: Day): number {
  return Date.UTC(year(day), month(day) - 1, dayOfMonth(day)) / MILLISECONDS_A_DAY;
}

export function dayOf(number: number): Day {
  return new Date(number * MILLISECONDS_A_DAY).toISOString().slice(0, 10);
}

export const year = (day: Day): number => Number(day.slice(0, 4));
export const month = (day: Day): number => Number(day.slice(5, 7));
export const dayOfMonth = (day: Day): number => Number(day.slice(8, 10));

export const addDays = (day: Day, days: number): Day => dayOf(dayNumber(day) + days);

/** 0 is Monday. */
export const weekday = (day: Day): number => (dayNumber(day) + 3) % 7;

export const monday = (day: Day): Day => addDays(day, -weekday(day));

export const monthStart = (day: Day): Day => `${day.slice(0, 8)}01`;

export function daysInMonth(day: Day): number {
  return new Date(Date.UTC(year(day), month(day), 0)).getUTCDate();
}

/** The same day of another month, or its last day where the month is shorter. */
export function addMonths(day: Day, months: number): Day {
  const first = new Date(Date.UTC(year(day), month(day) - 1 + months, 1)).toISOString().slice(0, 10);
  return addDays(first, Math.min(dayOfMonth(day), daysInMonth(first)) - 1);
}

/** Every day from the first to the last, both included. */
export function daysFrom(first: Day, last: Day): Day[] {
  const start = dayNumber(first);
  return Array.from({ length: dayNumber(last) - start + 1 }, (_, index) => dayOf(start + index));
}

/** The whole weeks that a month touches. */
export function weeksOfMonth(day: Day): Day[][] {
  const first = monday(monthStart(day));
  const last = addDays(monthStart(day), daysInMonth(day) - 1);
  const weeks: Day[][] = [];
  for (let week = first; week <= last; week = addDays(week, 7)) weeks.push(daysFrom(week, addDays(week, 6)));
  return weeks;
}

/** Is it the text of a day that exists? */
export function isDay(text: string | null | undefined): text is Day {
  return text != null && /^\d{4}-\d{2}-\d{2}$/.test(text) && month(text) >= 1 && month(text) <= 12 && dayOfMonth(text) >= 1 && dayOfMonth(text) <= daysInMonth(text);
}

/** "10:30" as minutes of the day. */
export function minutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** Minutes of the day as "09:05". */
export function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

/** What people type for a time: 9, 9h, 9h30, 9:30, 930, 0930, 9.30, 2:30 pm. Null where it is none. */
export function readClock(text: string): number | null {
  const found = /^\s*(\d{1,2})(?:\s*[h:.\s]\s*(\d{2})?|(\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?\s*$/i.exec(text);
  if (!found) return null;
  let hour = Number(found[1]);
  const minute = Number(found[2] ?? found[3] ?? 0);
  const half = found[4]?.[0]?.toLowerCase();
  if (half) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half === "p" ? 12 : 0);
  }
  const total = hour * 60 + minute;
  return minute < 60 && total <= 24 * 60 ? total : null;
}

export const floorTo = (minute: number, grid: number): number => Math.floor(minute / grid) * grid;
export const ceilTo = (minute: number, grid: number): number => Math.ceil(minute / grid) * grid;
export const roundTo = (minute: number, grid: number): number => Math.round(minute / grid) * grid;

/** Which of its weekday in its month a day is (1 to 5), and whether it is the last. */
export function ordinalInMonth(day: Day): { ordinal: number; last: boolean } {
  return { ordinal: Math.ceil(dayOfMonth(day) / 7), last: dayOfMonth(day) + 7 > daysInMonth(day) };
}
