/* What the API speaks: wall clock of the lab only, never an instant. Days are "2026-12-01", times "10:00". */

export interface Hours {
  weekdays: number[]; // 0 is Monday
  opens: string;
  closes: string;
  grid: number; // minutes
}

export interface Room {
  slug: string;
  name: string;
  capacity: number | null;
  color: string | null;
  location: string;
  equipment: string[];
  photo: string | null;
  caldav: string;
  hours: Hours;
}

export interface Me {
  name: string;
  email: string;
  manager: boolean;
}

export interface Occ {
  room: string;
  name: string;
  recurrence: string | null;
  date: string;
  start: string;
  end: string;
  title: string;
  organiser: string;
  email: string;
  mine: boolean;
  private: boolean;
  editable: boolean;
  series: boolean;
  etag: string;
  pending?: boolean; // drawn before the server has answered
}

export type Frequency = "daily" | "weekdays" | "weekly" | "monthly" | "yearly";

export interface Repeat {
  frequency: Frequency;
  interval: number;
  weekdays: number[];
  monthly: "date" | "weekday" | "last-weekday";
  until: string | null;
  count: number | null;
}

export interface Draft {
  room: string;
  date: string;
  start: string;
  end: string;
  title: string;
  description: string;
  private: boolean;
  repeat: Repeat | null;
  excluding: string[];
  also: string[];
  on_behalf_of: string | null;
  token: string;
  custom?: boolean; // the series repeats in a way that `repeat` cannot say, and keeps doing so
}

export type Scope = "this" | "following" | "all";

export interface Booking extends Occ {
  description: string;
  repeat: Repeat | null;
  custom: boolean;
  rule: string | null;
  dates: number | null;
  next: string[];
  excluding: string[];
  also: string[];
  created: string | null;
  modified: string | null;
}

export interface Conflict {
  date: string;
  start: string;
  end: string;
  holder: string | null;
  email: string | null;
}

export interface BrokenRule {
  code: string;
  sentence: string;
  count: number;
  occurrences: Conflict[];
}

export interface Way {
  kind: "room" | "time" | "free-dates" | "split";
  label: string;
  drafts: Draft[];
}

export interface Refusal {
  text: string;
  rules: BrokenRule[];
  ways: Way[];
}

export interface Verdict {
  ok: boolean;
  dates: number | null;
  endless: boolean;
  sentence: string;
  refusal: Refusal | null;
}

export interface RoomsAnswer {
  rooms: Room[];
  now: string;
  language: string;
  me: Me;
}

export interface OccupationAnswer {
  from: string;
  to: string;
  now: string;
  version: unknown;
  occurrences: Occ[];
}

export type BusySpan = [number, number, number]; // start, end in minutes of the day, 1 where one's own
export interface BusyAnswer {
  from: string;
  to: string;
  now: string;
  version: unknown;
  busy: Record<string, Record<string, BusySpan[]>>;
}

export interface MineAnswer {
  bookings: Booking[];
  pages?: number;
  page?: number;
}

export interface FreeAnswer {
  rooms: { slug: string; slots: { start: string; end: string }[] }[];
  nearest: { slug: string; date: string; start: string; end: string }[];
}

export interface Change {
  room: string;
  name: string;
  recurrence: string | null;
  scope: Scope;
}

/** A stretch of one room's day, in minutes. */
export interface Slot {
  room: string;
  date: string;
  start: number;
  end: number;
}
