/* What the pages share: the rooms, the address, the lab's clock, who has which room, and what is being booked. */

import { computed, effect, signal } from "@preact/signals";
import { getBusy, getOccupation, getRooms, mount, SignedOut, Unreachable } from "./api.ts";
import { addDays, clock, isDay, minutes, monday, weeksOfMonth, type Day } from "./time.ts";
import { speak } from "./words.ts";
import type { Booking, BusyAnswer, BusySpan, Change, Draft, Me, Occ, OccupationAnswer, Refusal, Room, RoomsAnswer, Slot } from "./types.ts";

// ---- the rooms and who is looking

export const rooms = signal<Room[]>([]);
export const me = signal<Me>({ name: "", email: "", manager: false });
export const bySlug = computed(() => new Map(rooms.value.map((room) => [room.slug, room])));
export const roomName = (slug: string): string => bySlug.value.get(slug)?.name ?? slug;

export function takeRooms(answer: RoomsAnswer): void {
  rooms.value = answer.rooms;
  me.value = answer.me;
  if (answer.language) speak(answer.language);
  takeNow(answer.now);
}

// ---- the lab's clock: told by the server, carried on by the page

const told = signal<{ day: Day; seconds: number; at: number } | null>(null);
const tick = signal(0);

export function takeNow(now: string): void {
  if (!now) return;
  told.value = { day: now.slice(0, 10), seconds: minutes(now.slice(11, 16)) * 60 + Number(now.slice(17, 19) || 0), at: performance.now() };
}

setInterval(() => tick.value++, 5000);

/** The day and the minute (with its fraction) that the clock on the lab's wall shows. */
export const now = computed((): { day: Day; minute: number } => {
  void tick.value;
  const start = told.value;
  if (!start) return { day: "1970-01-01", minute: 0 };
  const seconds = start.seconds + (performance.now() - start.at) / 1000;
  const days = Math.floor(seconds / 86400);
  return { day: addDays(start.day, days), minute: (seconds - days * 86400) / 60 };
});
export const today = computed(() => now.value.day);
export const preciseMinute = computed(() => now.value.minute);
export const minuteNow = computed(() => Math.floor(now.value.minute));

// ---- the address

export type View = "day" | "week" | "month";
export type Place =
  | { page: "dashboard"; view: View; date: Day | null; room: string | null }
  | { page: "room"; slug: string; date: Day | null }
  | { page: "bookings"; when: "coming" | "past" }
  | { page: "find" };

export function readPlace(address: Pick<Location, "pathname" | "search">): Place {
  const path = address.pathname.startsWith(mount) ? address.pathname.slice(mount.length) : address.pathname.replace(/^\//, "");
  const facts = new URLSearchParams(address.search);
  const date = facts.get("date");
  const day = isDay(date) ? date : null;
  const room = /^rooms\/([^/]+)\/?$/.exec(path);
  if (room) return { page: "room", slug: decodeURIComponent(room[1]!), date: day };
  if (path.startsWith("bookings")) return { page: "bookings", when: facts.get("when") === "past" ? "past" : "coming" };
  if (path.startsWith("find")) return { page: "find" };
  const view = facts.get("view");
  return { page: "dashboard", view: view === "week" || view === "month" ? view : "day", date: day, room: facts.get("room") };
}

export function writePlace(place: Place): string {
  const facts = new URLSearchParams();
  if (place.page === "room") {
    if (place.date) facts.set("date", place.date);
    return `${mount}rooms/${encodeURIComponent(place.slug)}${facts.size ? `?${facts}` : ""}`;
  }
  if (place.page === "bookings") return `${mount}bookings${place.when === "past" ? "?when=past" : ""}`;
  if (place.page === "find") return `${mount}find`;
  if (place.view !== "day") facts.set("view", place.view);
  if (place.date) facts.set("date", place.date);
  if (place.room) facts.set("room", place.room);
  return `${mount}${facts.size ? `?${facts}` : ""}`;
}

export const place = signal<Place>(readPlace(location));

export function go(to: Place, how: "push" | "replace" = "push"): void {
  const address = writePlace(to);
  if (how === "replace") history.replaceState(null, "", address);
  else if (address !== location.pathname + location.search) history.pushState(null, "", address);
  if (!dialog.value) selection.value = null;
  place.value = to;
}

addEventListener("popstate", () => {
  if (!dialog.value) selection.value = null;
  place.value = readPlace(location);
});

/** The day that the page is about. */
export const shownDay = computed((): Day => {
  const here = place.value;
  return (here.page === "dashboard" || here.page === "room" ? here.date : null) ?? today.value;
});

export const narrow = signal(matchMedia("(max-width: 719px)").matches);
matchMedia("(max-width: 719px)").addEventListener("change", (event) => (narrow.value = event.matches));

/** The days that the page shows, and whether as spans only. */
export const wanted = computed((): { from: Day; to: Day; busy: boolean; room: string | null } | null => {
  const here = place.value;
  const day = shownDay.value;
  if (here.page === "room") return { from: monday(day), to: addDays(monday(day), 6), busy: false, room: here.slug };
  if (here.page !== "dashboard") return null;
  if (here.view === "month") {
    const weeks = weeksOfMonth(day);
    return { from: weeks[0]![0]!, to: weeks[weeks.length - 1]![6]!, busy: true, room: null };
  }
  if (here.view === "week") return { from: monday(day), to: addDays(monday(day), 6), busy: false, room: null };
  return { from: day, to: day, busy: false, room: null };
});

// ---- who has which room: a day's occurrences by room, and the month's spans

export const occurrences = signal<Map<string, Occ[]>>(new Map());
export const spans = signal<Map<string, BusySpan[]>>(new Map());
const NOTHING: Occ[] = [];
const key = (room: string, date: Day): string => `${room} ${date}`;

/** A room's occurrences on a day, in order; undefined while they are not known. */
export const on = (room: string, date: Day): Occ[] | undefined => occurrences.value.get(key(room, date));
export const held = (room: string, date: Day): Occ[] => on(room, date) ?? NOTHING;
export const busyOn = (room: string, date: Day): BusySpan[] | undefined => spans.value.get(key(room, date));

export function takeOccupation(answer: OccupationAnswer, room: string | null = null): void {
  const next = new Map(occurrences.value);
  const slugs = room ? [room] : rooms.value.map((one) => one.slug);
  for (let day = answer.from; day <= answer.to; day = addDays(day, 1)) for (const slug of slugs) next.set(key(slug, day), []);
  for (const occ of answer.occurrences) next.get(key(occ.room, occ.date))?.push(occ);
  for (const list of next.values()) list.sort((a, b) => (a.start < b.start ? -1 : 1));
  occurrences.value = next;
  takeNow(answer.now);
}

export function takeBusy(answer: BusyAnswer): void {
  const next = new Map(spans.value);
  for (const room of rooms.value) {
    for (let day = answer.from; day <= answer.to; day = addDays(day, 1)) next.set(key(room.slug, day), answer.busy[room.slug]?.[day] ?? []);
  }
  spans.value = next;
  takeNow(answer.now);
}

/** Draw a change before the server has answered. */
export function redraw(gone: Occ | null, come: Occ | null): void {
  const next = new Map(occurrences.value);
  const same = (one: Occ): boolean => one.room === gone?.room && one.name === gone.name && one.recurrence === gone.recurrence;
  if (gone) next.set(key(gone.room, gone.date), (next.get(key(gone.room, gone.date)) ?? []).filter((one) => !same(one)));
  if (come) {
    const there = [...(next.get(key(come.room, come.date)) ?? []), come];
    next.set(key(come.room, come.date), there.sort((a, b) => (a.start < b.start ? -1 : 1)));
  }
  occurrences.value = next;
}

let asked = 0;
const loaded = new Set<string>();

/** Read what the page shows; the last question asked is the one whose answer counts. */
export async function refresh(): Promise<void> {
  const want = wanted.value;
  if (!want) return;
  const mine = ++asked;
  try {
    if (want.busy) {
      const answer = await getBusy(want.from, want.to);
      if (mine === asked || !loaded.has(JSON.stringify(want))) takeBusy(answer);
    } else {
      const answer = await getOccupation(want.from, want.to, want.room ?? undefined);
      if (mine === asked || !loaded.has(JSON.stringify(want))) takeOccupation(answer, want.room);
    }
    loaded.add(JSON.stringify(want));
    connected.value = true;
    trouble.value = null;
  } catch (error) {
    if (error instanceof SignedOut) signedOut.value = true;
    else if (error instanceof Unreachable) connected.value = false;
    else trouble.value = error instanceof Error ? error.message : "";
  }
}

/** Read the rooms again, and all that is shown: after a night, a change of rooms, a connection lost. */
export async function refreshAll(): Promise<void> {
  try {
    takeRooms(await getRooms());
  } catch (error) {
    if (error instanceof SignedOut) signedOut.value = true;
    else if (error instanceof Unreachable) connected.value = false;
  }
  await refresh();
}

export const connected = signal(true);
export const signedOut = signal(false);
export const trouble = signal<string | null>(null);
/** Counts the changes heard of: what lists bookings reads them again. */
export const heard = signal(0);

/** From now on, whatever the address asks for is read. */
export function follow(): void {
  let first = true;
  effect(() => {
    void wanted.value;
    if (first) first = false;
    else void refresh();
  });
}

// ---- where one may book

export interface Bounds {
  from: number;
  to: number;
}

/** What of a room's day is open, in minutes; null on a closed day. */
export function openOn(room: Room, date: Day): Bounds | null {
  const index = (Math.floor(Date.UTC(+date.slice(0, 4), +date.slice(5, 7) - 1, +date.slice(8, 10)) / 86_400_000) + 3) % 7;
  return room.hours.weekdays.includes(index) ? { from: minutes(room.hours.opens), to: minutes(room.hours.closes) } : null;
}

/** What of it can still be booked: not the past (a quarter of an hour under way can). */
export function bookableOn(room: Room, date: Day): Bounds | null {
  const open = openOn(room, date);
  if (!open || date < today.value) return null;
  if (date > today.value) return open;
  const from = Math.max(open.from, Math.floor(minuteNow.value / room.hours.grid) * room.hours.grid);
  return from + room.hours.grid <= open.to ? { from, to: open.to } : null;
}

export const overlapping = (slot: Slot, except: Occ | null = null): Occ | undefined =>
  held(slot.room, slot.date).find(
    (occ) =>
      minutes(occ.start) < slot.end && slot.start < minutes(occ.end) &&
      !(except && occ.room === except.room && occ.name === except.name && occ.recurrence === except.recurrence),
  );

export const isPast = (occ: Pick<Occ, "date" | "end">): boolean =>
  occ.date < today.value || (occ.date === today.value && minutes(occ.end) <= minuteNow.value);

// ---- what is said to those who listen instead of looking

export const aloud = signal("");
export function announce(sentence: string): void {
  aloud.value = sentence === aloud.value ? `${sentence}\u00a0` : sentence;
}

// ---- what is being drawn and booked

/** The slot that is drawn, or stands in the dialog. */
export const selection = signal<Slot | null>(null);

export interface Opened {
  draft: Draft;
  booking: Booking | null; // what is changed; null for a new one
  occ: Occ | null;
  change: Change | null;
  anchor: DOMRect | null;
  drafts?: Draft[]; // a way out that is several bookings
  loading?: boolean;
  refusal?: Refusal | null;
  reason?: string;
}

export const dialog = signal<Opened | null>(null);

export function emptyDraft(slot: Slot): Draft {
  return {
    room: slot.room, date: slot.date, start: clock(slot.start), end: clock(slot.end), title: "", description: "", private: false,
    repeat: null, excluding: [], also: [], on_behalf_of: null, token: newToken(),
  };
}

/** A random UUID; crypto.randomUUID itself is missing where the page comes by plain http. */
export function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The dialog for a new booking, beside its slot. */
export function openDraft(draft: Draft, anchor: DOMRect | null): void {
  dialog.value = { draft, booking: null, occ: null, change: null, anchor };
  selection.value = { room: draft.room, date: draft.date, start: minutes(draft.start), end: minutes(draft.end) };
}

/** A slot drawn by hand or keys: it goes into the dialog that is open for a new booking, or opens one. */
export function takeSlot(slot: Slot): void {
  const open = dialog.value;
  if (open && !open.booking && !open.drafts) {
    dialog.value = { ...open, draft: { ...open.draft, room: slot.room, date: slot.date, start: clock(slot.start), end: clock(slot.end) }, refusal: null };
    selection.value = slot;
  } else if (!open || open.booking) openDraft(emptyDraft(slot), null);
}

/** The slot of the dialog, pulled at its edges. */
export function pullSlot(slot: Slot): void {
  const open = dialog.value;
  if (!open) return takeSlot(slot);
  dialog.value = { ...open, draft: { ...open.draft, room: slot.room, date: slot.date, start: clock(slot.start), end: clock(slot.end) }, refusal: null };
  selection.value = slot;
}

/** The page goes where the dialog's slot goes. */
export function showSlot(slot: Pick<Draft, "room" | "date">): void {
  const here = place.value;
  const date = slot.date === today.value ? null : slot.date;
  const want = wanted.value;
  const seen = want !== null && want.from <= slot.date && slot.date <= want.to;
  if (here.page === "room" && (here.slug !== slot.room || !seen || (narrow.value && shownDay.value !== slot.date))) go({ ...here, slug: slot.room, date }, "replace");
  else if (here.page === "dashboard" && !seen) go({ ...here, date }, "replace");
}

export const slotOf = (occ: Occ): Slot => ({ room: occ.room, date: occ.date, start: minutes(occ.start), end: minutes(occ.end) });
