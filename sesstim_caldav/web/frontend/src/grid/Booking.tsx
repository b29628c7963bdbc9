/* One booking on a grid, the slot being drawn, and the zones where nothing can be booked. */

import { bookableOn, isPast, minuteNow, openOn, overlapping, preciseMinute, selection, today } from "../state.ts";
import { minutes, type Day } from "../time.ts";
import type { Occ, Room, Slot } from "../types.ts";
import { duration, say, span, spanFull } from "../words.ts";
import { placed, type Axis } from "./axis.ts";
import { carrying, drawing } from "./pointer.ts";

export function bookingName(occ: Occ): string {
  const parts = [occ.title || say("reserved"), spanFull(minutes(occ.start), minutes(occ.end)), occ.organiser];
  if (occ.mine) parts.push(say("you"));
  if (occ.private && occ.mine) parts.push(say("privateTo"));
  if (isPast(occ)) parts.push(say("past").toLowerCase());
  return parts.join(", ");
}

export const classOf = (occ: Occ): string =>
  ["b", occ.mine ? "mine" : "", occ.private ? "private" : "", isPast(occ) ? "past" : "", occ.pending ? "pending" : ""].filter(Boolean).join(" ");

export function BookingBlock({ occ, axis, sideways }: { occ: Occ; axis: Axis; sideways: boolean }) {
  const start = minutes(occ.start);
  const end = minutes(occ.end);
  const carried = carrying.value?.occ === occ;
  const begunAlready = occ.date === today.value && start <= minuteNow.value;
  const pull = occ.editable && !occ.pending && !isPast(occ);
  return (
    <li>
      <button
        type="button" class={`${classOf(occ)}${carried ? " away" : ""}${pull && !begunAlready ? " loose" : ""}`} style={placed(axis, start, end, sideways)}
        data-booking data-room={occ.room} data-date={occ.date} data-name={occ.name} data-recurrence={occ.recurrence ?? ""}
        aria-label={bookingName(occ)} aria-busy={occ.pending ? "true" : undefined} title={`${occ.title || say("reserved")}\n${span(start, end)} · ${occ.organiser}`}
      >
        <span class="bt">{occ.title || say("reserved")}</span>
        <small>
          {span(start, end)} · {occ.mine ? say("you") : occ.organiser}
        </small>
        {pull && !begunAlready && <i class="edge start" data-edge="start" />}
        {pull && <i class="edge end" data-edge="end" />}
      </button>
    </li>
  );
}

/** What is drawn on a lane: the slot of the dialog, or a booking that is carried there. */
export function DrawnSlot({ room, date, axis, sideways }: { room: string; date: Day; axis: Axis; sideways: boolean }) {
  const carried = carrying.value;
  const slot = carried?.slot ?? selection.value;
  if (!slot || slot.room !== room || slot.date !== date) return null;
  const holder = overlapping(slot, carried?.occ ?? null);
  const active = drawing.value || carried !== null;
  return (
    <div
      class={`slot${holder ? " bad" : ""}${active ? " active" : ""}${carried ? " carried" : ""}`} style={placed(axis, slot.start, slot.end, sideways)}
      data-slot
    >
      <span class="tag">
        <b>{span(slot.start, slot.end)}</b>
        <span>{holder ? say("takenBy", { name: holder.organiser }) : duration(slot.end - slot.start)}</span>
      </span>
      {carried && <span class="bt">{carried.occ.title || say("reserved")}</span>}
      {!carried && <i class="grip start" data-edge="start" />}
      {!carried && <i class="grip end" data-edge="end" />}
    </div>
  );
}

/** Greyed: outside the opening hours, and the past. */
export function Zones({ room, date, axis, sideways }: { room: Room; date: Day; axis: Axis; sideways: boolean }) {
  const open = openOn(room, date);
  const free = bookableOn(room, date);
  const zone = (start: number, end: number, kind: string) =>
    end > start && <div class={`zone ${kind}`} role="img" aria-label={say("unavailable")} style={placed(axis, start, end, sideways)} />;
  if (!open) return <div class="zone shut whole" role="img" aria-label={say("unavailable")} style={placed(axis, axis.from, axis.to, sideways)} />;
  if (!free) return zone(axis.from, axis.to, "gone whole") || null;
  return (
    <>
      {zone(axis.from, free.from, free.from > open.from ? "gone" : "shut")}
      {zone(open.to, axis.to, "shut")}
      <div class="sliver before" {...(axis.from === free.from ? { role: "img", "aria-label": say("unavailable") } : { "aria-hidden": "true" })} />
      <div class="sliver after" {...(axis.to === open.to ? { role: "img", "aria-label": say("unavailable") } : { "aria-hidden": "true" })} />
    </>
  );
}

export function NowLine({ date, axis, sideways }: { date: Day; axis: Axis; sideways: boolean }) {
  const minute = preciseMinute.value;
  if (date !== today.value || minute < axis.from || minute > axis.to) return null;
  return <div class="now" style={placed(axis, minute, minute, sideways)} aria-hidden="true" />;
}

export const describe = (slot: Slot): string => spanFull(slot.start, slot.end);
