/* One booking on a grid, the slot being drawn, and the zones where nothing can be booked. */

import { bookableOn, dialog, isPast, minuteNow, openOn, overlapping, preciseMinute, selection, today } from "../state.ts";
import { minutes, type Day } from "../time.ts";
import type { Occ, Room } from "../types.ts";
import { duration, say, span, time } from "../words.ts";
import { placed, type Axis } from "./axis.ts";
import { carrying, drawing } from "./pointer.ts";

/** What is heard and not seen: the state. */
function Unseen({ occ, you = false }: { occ: Occ; you?: boolean }) {
  const parts = [
    occ.mine && you ? say("you") : "", occ.private && occ.mine ? say("privateTo") : "", occ.series ? say("series").toLowerCase() : "",
    isPast(occ) ? say("past").toLowerCase() : "",
  ].filter(Boolean);
  return parts.length ? <span class="unseen">, {parts.join(", ")}</span> : null;
}

/** The mark of a series. */
function Again() {
  return (
    <svg class="again" width="10" height="10" viewBox="0 0 12 12" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">
      <path d="M10 6a4 4 0 1 1-1.2-2.8M10 1.2v2.4H7.6" />
    </svg>
  );
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
        aria-busy={occ.pending ? "true" : undefined} title={`${occ.title || say("reserved")}\n${span(start, end)} · ${occ.organiser}`}
      >
        <span class="bt">{occ.title || say("reserved")}</span>{" "}
        <small>
          {span(start, end)}{occ.series && <Again />} ·{" "}
          {occ.mine ? <><span class="you">{say("you")}</span><span class="unseen">, </span><span class="unseen name">{occ.organiser}</span></> : occ.organiser}
        </small>
        <Unseen occ={occ} />
        {pull && !begunAlready && <i class="edge start" data-edge="start" />}
        {pull && <i class="edge end" data-edge="end" />}
      </button>
    </li>
  );
}

/** The same as a line of text: where the axis is too short for words. */
export function BookingLine({ occ }: { occ: Occ }) {
  const [start, end] = [minutes(occ.start), minutes(occ.end)];
  return (
    <li>
      <button
        type="button" class={`${classOf(occ)} text${carrying.value?.occ === occ ? " away" : ""}`} aria-busy={occ.pending ? "true" : undefined}
        data-booking data-room={occ.room} data-date={occ.date} data-name={occ.name} data-recurrence={occ.recurrence ?? ""}
        title={`${occ.title || say("reserved")}\n${span(start, end)} · ${occ.organiser}`}
      >
        <small>{time(start)}</small>
        <span class="unseen">–{time(end)} </span>
        <span class="bt">{occ.title || say("reserved")}</span>
        <span class="unseen">, {occ.organiser}</span>
        <Unseen occ={occ} you />
      </button>
    </li>
  );
}

/** And as a bar without words. */
export function BookingBar({ occ, axis }: { occ: Occ; axis: Axis }) {
  return <i class={`stretch ${classOf(occ).slice(2)}`} style={placed(axis, minutes(occ.start), minutes(occ.end), true)} />;
}

/** What is drawn on a lane: the slot of the dialog, or a booking that is carried there. */
export function DrawnSlot({ room, date, axis, sideways }: { room: string; date: Day; axis: Axis; sideways: boolean }) {
  const carried = carrying.value;
  const slot = carried?.slot ?? selection.value;
  if (!slot || slot.room !== room || slot.date !== date) return null;
  const holder = overlapping(slot, carried?.occ ?? dialog.value?.occ ?? null);
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

