/* A booking carried or pulled to another slot: drawn there at once, put back where the reception refuses. */

import { signal } from "@preact/signals";
import { change, Failed, getBooking, Overtaken, Refused, SignedOut, Unreachable } from "../api.ts";
import { announce, connected, dialog, redraw, refresh, roomName, selection, signedOut } from "../state.ts";
import { clock } from "../time.ts";
import { toast } from "../toast/Undo.tsx";
import type { Draft, Occ, Scope, Slot } from "../types.ts";
import { longDate, say, span } from "../words.ts";
import { minutes } from "../time.ts";
import { draftOf, openBooking, opened } from "./opening.ts";
import { shifted } from "./repeating.ts";

/** The question which part of a series is moved. */
export const question = signal<{ occ: Occ; slot: Slot } | null>(null);

export const slotWords = (slot: Pick<Draft, "room" | "date" | "start" | "end">): string =>
  `${roomName(slot.room)}, ${longDate(slot.date, false)}, ${span(minutes(slot.start), minutes(slot.end))}`;

export async function carryTo(occ: Occ, slot: Slot): Promise<void> {
  if (!occ.mine) {
    // a manager says why, so it goes through the dialog
    void openBooking(occ);
    if (dialog.value) dialog.value = { ...dialog.value, draft: { ...dialog.value.draft, room: slot.room, date: slot.date, start: clock(slot.start), end: clock(slot.end) } };
    selection.value = slot;
  } else if (occ.series) {
    question.value = { occ, slot };
    selection.value = slot;
  } else await move(occ, slot, "all");
}

export async function move(occ: Occ, slot: Slot, scope: Scope): Promise<void> {
  question.value = null;
  selection.value = null;
  const there: Occ = { ...occ, room: slot.room, date: slot.date, start: clock(slot.start), end: clock(slot.end), pending: true };
  redraw(occ, there);
  let draft: Draft | null = null;
  try {
    const booking = await getBooking(occ);
    draft = { ...draftOf(booking), room: there.room, date: there.date, start: there.start, end: there.end };
    if (scope !== "this") draft.repeat = shifted(draft.repeat, occ.date, there.date);
    const done = await change(occ.room, occ.name, { scope, recurrence: occ.recurrence, etag: occ.etag, draft });
    toast(say("moved", { slot: slotWords(draft) }), done.undo);
  } catch (error) {
    redraw(there, occ);
    if (error instanceof Refused && draft) {
      const booking = await getBooking(occ).catch(() => null);
      if (booking) {
        const back = opened(occ, booking);
        dialog.value = { ...back, draft, change: { ...back.change!, scope }, refusal: error.refusal };
        selection.value = slot;
        announce(error.refusal.text);
      }
    } else if (error instanceof Overtaken) {
      toast([say("changedMeanwhile"), ...error.differences].join(" "), null, "warn");
      if (error.booking) void openBooking({ ...occ, ...error.booking });
    } else if (error instanceof SignedOut) signedOut.value = true;
    else if (error instanceof Unreachable) {
      connected.value = false;
      toast(say("offline"), null, "warn");
    } else toast(error instanceof Failed && error.message ? error.message : say("failed"), null, "warn");
  }
  await refresh();
}
