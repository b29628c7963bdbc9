/* The JSON API, typed. What can go wrong has one class each, so that a caller says which of them it can live with. */

import type {
  Booking, BusyAnswer, Change, Draft, FreeAnswer, Occ, OccupationAnswer, MineAnswer, Refusal, RoomsAnswer, Scope, Verdict,
} from "./types.ts";

/** Where the site is mounted ("/" or "/prefix/"): this script is <mount>static/built/app.js. */
export const mount = new URL("../../", import.meta.url).pathname;

/** The network gave no answer: whether the request arrived is not known. */
export class Unreachable extends Error {}

/** The session has ended. */
export class SignedOut extends Error {}

/** A rule says no; nothing was stored. */
export class Refused extends Error {
  refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.text);
    this.refusal = refusal;
  }
}

/** Somebody has changed the booking since it was read. */
export class Overtaken extends Error {
  booking: Booking | null;
  differences: string[];
  constructor(booking: Booking | null, differences: string[]) {
    super("changed");
    this.booking = booking;
    this.differences = differences;
  }
}

/** Any other answer that is not the one hoped for, with a sentence where the server gave one. */
export class Failed extends Error {
  status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

function token(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = token();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(`${mount}api/${path}`, {
      method, headers, signal: signal ?? null, credentials: "same-origin", redirect: "error",
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable();
  }
  const answer = await readJson(response);
  if (response.ok) return answer as T;
  if (response.status === 401) throw new SignedOut();
  const told = (answer ?? {}) as { text?: string; refusal?: Refusal; rules?: unknown; booking?: Booking; differences?: string[] };
  if (response.status === 403 && told.refusal) throw new Refused(told.refusal);
  if (response.status === 412) throw new Overtaken(told.booking ?? null, told.differences ?? []);
  throw new Failed(response.status, told.text ?? "");
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

const query = (facts: Record<string, string | number | null | undefined>): string => {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(facts)) if (value !== null && value !== undefined && value !== "") written.set(name, String(value));
  return written.toString();
};

const at = (room: string, name: string): string => `bookings/${encodeURIComponent(room)}/${encodeURIComponent(name)}`;

export const getRooms = (): Promise<RoomsAnswer> => call("GET", "rooms");

export const getOccupation = (from: string, to: string, room?: string): Promise<OccupationAnswer> =>
  call("GET", `occupation?${query({ from, to, room })}`);

export const getBusy = (from: string, to: string, room?: string): Promise<BusyAnswer> =>
  call("GET", `occupation?${query({ from, to, room, detail: "busy" })}`);

export const getBooking = (occ: Pick<Occ, "room" | "name" | "recurrence">): Promise<Booking> =>
  call("GET", `${at(occ.room, occ.name)}?${query({ recurrence: occ.recurrence })}`);

export const examine = (draft: Draft, change: Change | null, signal?: AbortSignal): Promise<Verdict> =>
  call("POST", "examine", change ? { draft, change } : { draft }, signal);

export const book = (drafts: Draft[]): Promise<{ bookings: Booking[] }> => call("POST", "bookings", { drafts });

export interface Edited {
  booking: Booking | null;
  undo: string | null;
}

export const change = (
  room: string, name: string,
  asked: { scope: Scope; recurrence: string | null; etag: string; draft: Draft; reason?: string },
): Promise<Edited> => call("PATCH", at(room, name), asked);

export const cancel = (
  room: string, name: string, asked: { scope: Scope; recurrence: string | null; etag: string; reason?: string },
): Promise<{ undo: string | null }> => call("DELETE", at(room, name), asked);

export const undo = (ticket: string): Promise<{ booking: Booking | null }> => call("POST", "undo", { undo: ticket });

export const getMine = (when: "coming" | "past", q: string, page: number): Promise<MineAnswer> =>
  call("GET", `mine?${query({ when, q, page })}`);

export const cancelMany = (
  bookings: { room: string; name: string; etag: string }[],
): Promise<{ undo: string | null; cancelled: unknown[]; refused: { room: string; name: string; text?: string }[] }> =>
  call("POST", "mine/cancel", { bookings });

export const getFree = (facts: {
  dates: string; length: number; from: string; to: string; seats: number; equipment: string;
}): Promise<FreeAnswer> => call("GET", `free?${query(facts)}`);

export const getPeople = (q: string): Promise<{ people: { name: string; email: string }[] }> => call("GET", `people?${query({ q })}`);
