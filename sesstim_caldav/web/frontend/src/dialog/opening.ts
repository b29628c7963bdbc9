/* A booking into the dialog: at once what the grid knows, then what the server tells. */

import { Failed, getBooking, SignedOut, Unreachable } from "../api.ts";
import { connected, dialog, newToken, refresh, selection, signedOut, type Opened } from "../state.ts";
import type { Booking, Draft, Occ } from "../types.ts";
import { say } from "../words.ts";
import { toast } from "../toast/Undo.tsx";

/** The booking as the dialog edits it. */
export function draftOf(booking: Booking): Draft {
  return {
    room: booking.room, date: booking.date, start: booking.start, end: booking.end, title: booking.title, description: booking.description,
    private: booking.private, repeat: booking.repeat, excluding: booking.excluding, also: booking.also, on_behalf_of: null, token: newToken(), custom: booking.custom,
  };
}

const known = (occ: Occ): Booking => ({
  ...occ, description: "", repeat: null, custom: false, rule: null, dates: 1, next: [], excluding: [], also: [], created: null, modified: null,
});

export function opened(occ: Occ, booking: Booking): Opened {
  return {
    draft: draftOf(booking), booking, occ, anchor: null,
    change: { room: occ.room, name: occ.name, recurrence: occ.recurrence, scope: booking.series ? "this" : "all" },
  };
}

export async function openBooking(occ: Occ): Promise<void> {
  selection.value = null;
  const first = opened(occ, known(occ));
  dialog.value = { ...first, loading: true };
  try {
    const booking = await getBooking(occ);
    const here = dialog.value;
    if (here?.occ !== occ) return; // closed meanwhile
    const fresh = opened(occ, booking);
    // what was edited before the answer came stays
    const edited = Object.entries(here.draft).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(first.draft[name as keyof Draft]));
    dialog.value = { ...fresh, draft: { ...fresh.draft, ...Object.fromEntries(edited) }, change: here.change, reason: here.reason, loading: false };
  } catch (error) {
    if (dialog.value?.occ === occ) dialog.value = null;
    if (error instanceof SignedOut) signedOut.value = true;
    else if (error instanceof Unreachable) connected.value = false;
    else {
      toast(error instanceof Failed && error.status === 404 ? say("gone") : say("failed"), null, "warn");
      void refresh();
    }
  }
}
