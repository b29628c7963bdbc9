/* All rooms, one day: the rooms are lines, time runs to the right. */

import { axisOf, hoursOf, share, type Axis } from "../grid/axis.ts";
import { BookingBlock, DrawnSlot, NowLine, Zones } from "../grid/Booking.tsx";
import { Pad } from "../grid/Pad.tsx";
import { held, minuteNow, on, preciseMinute, rooms, shownDay, today, writePlace } from "../state.ts";
import { type Day as DayText } from "../time.ts";
import type { Room } from "../types.ts";
import { counted, say, time } from "../words.ts";
import { statusOf } from "./status.ts";
import { useGrid } from "./useGrid.ts";

export function Day() {
  const day = shownDay.value;
  const all = rooms.value;
  const axis = axisOf(all, all.flatMap((room) => held(room.slug, day)));
  const board = useGrid<HTMLDivElement>(axis, true);
  return (
    <div class={`board rooms${all.length > 8 ? " many" : ""}`} ref={board} style={{ "--lines": String(all.length) }}>
      <Pad lanes={all.map((room) => ({ room: room.slug, date: day }))} sideways label={say("occupation")} />
      <Hours axis={axis} day={day} />
      <ul class="lines">
        {all.map((room) => <Line key={room.slug} room={room} day={day} axis={axis} />)}
      </ul>
    </div>
  );
}

function Hours({ axis, day }: { axis: Axis; day: DayText }) {
  const minute = minuteNow.value;
  const shown = day === today.value && minute >= axis.from && minute <= axis.to;
  return (
    <div class="axis" aria-hidden="true">
      <div class="who" />
      <div class="time">
        <div class="span">
          {[...hoursOf(axis), axis.to].map((hour) => (
            <span key={hour} class={shown && Math.abs(minute - hour) < 32 ? "under" : hour === axis.to ? "close" : ""} style={{ left: `${share(axis, hour)}%` }}>
              {time(hour)}
            </span>
          ))}
          {shown && <b class="clock" style={{ left: `${share(axis, preciseMinute.value)}%` }}>{time(minute)}</b>}
        </div>
      </div>
    </div>
  );
}

function Line({ room, day, axis }: { room: Room; day: DayText; axis: Axis }) {
  const list = on(room.slug, day);
  const status = statusOf(room, day);
  return (
    <li class="line" aria-label={`${room.name}${status ? `, ${status.text}` : ""}`}>
      <div class="who">
        <a href={writePlace({ page: "room", slug: room.slug, date: day === today.value ? null : day })}>{room.name}</a>
        <small class="what">
          {room.capacity ? counted(room.capacity, "seats", "seatsMany") : ""}
          {room.equipment.length > 0 && `${room.capacity ? " · " : ""}${room.equipment.join(", ")}`}
        </small>
        <small class={`status ${status?.tone ?? ""}`}>{status?.text ?? "\u00a0"}</small>
      </div>
      <div class="time" data-time>
        <div class="span" data-lane data-room={room.slug} data-date={day}>
          <div class="hours" style={{ "--hours": String((axis.to - axis.from) / 60) }} />
          <Zones room={room} date={day} axis={axis} sideways />
          <ul class="held">
            {(list ?? []).map((occ) => <BookingBlock key={`${occ.name} ${occ.recurrence ?? ""}`} occ={occ} axis={axis} sideways />)}
          </ul>
          <DrawnSlot room={room.slug} date={day} axis={axis} sideways />
          <NowLine date={day} axis={axis} sideways />
        </div>
      </div>
    </li>
  );
}
