/* Days of one room beside one another; quarter hours run down. */

import { useEffect } from "preact/hooks";
import { axisOf, hoursOf, share, type Axis } from "../grid/axis.ts";
import { BookingBlock, DrawnSlot, NowLine, Zones } from "../grid/Booking.tsx";
import { Pad } from "../grid/Pad.tsx";
import { held, minuteNow, on, openOn, preciseMinute, today } from "../state.ts";
import type { Day } from "../time.ts";
import { weekday } from "../time.ts";
import type { Room } from "../types.ts";
import { longDate, say, shortDay, time, weekdayShort } from "../words.ts";
import { useGrid } from "./useGrid.ts";

export function RoomGrid({ room, days }: { room: Room; days: Day[] }) {
  const axis = axisOf([room], days.flatMap((day) => held(room.slug, day)));
  const board = useGrid<HTMLDivElement>(axis, false);
  // on a phone, what is on now is what is looked for
  useEffect(() => {
    const line = board.current?.querySelector<HTMLElement>(".now");
    if (days.length === 1 && line && line.getBoundingClientRect().top > innerHeight - 80) line.scrollIntoView({ block: "center" });
  }, [days[0]]);
  const shut = (day: Day): boolean => days.length > 1 && !openOn(room, day) && held(room.slug, day).length === 0;
  const columns = `58px ${days.map((day) => (shut(day) ? "38px" : "minmax(0, 1fr)")).join(" ")}`;
  return (
    <div class={`board week${days.length === 1 ? " single" : ""}`} ref={board} style={{ gridTemplateColumns: columns, "--hours": String((axis.to - axis.from) / 60) }}>
      <Pad lanes={days.map((day) => ({ room: room.slug, date: day }))} sideways={false} label={say("occupationOf", { room: room.name })} />
      {days.length > 1 && <div class="dh" />}
      {days.length > 1 && days.map((day) => (
        <div key={day} class={`dh${day === today.value ? " today" : ""}${shut(day) ? " shut" : ""}`} aria-hidden="true">
          {weekdayShort(weekday(day))}
          <b>{shut(day) ? day.slice(8).replace(/^0/, "") : shortDay(day)}</b>
        </div>
      ))}
      <Clockface axis={axis} shown={days.includes(today.value)} />
      {days.map((day) => (
        <div class={`col${shut(day) ? " off" : ""}`} key={day} role="group" aria-label={longDate(day)}>
          <div class="span" data-lane data-room={room.slug} data-date={day}>
            <div class="hours" />
            <Zones room={room} date={day} axis={axis} sideways={false} />
            <ul class="held">
              {(on(room.slug, day) ?? []).map((occ) => <BookingBlock key={`${occ.name} ${occ.recurrence ?? ""}`} occ={occ} axis={axis} sideways={false} />)}
            </ul>
            <DrawnSlot room={room.slug} date={day} axis={axis} sideways={false} />
            <NowLine date={day} axis={axis} sideways={false} />
          </div>
        </div>
      ))}
    </div>
  );
}

function Clockface({ axis, shown }: { axis: Axis; shown: boolean }) {
  const minute = minuteNow.value;
  const now = shown && minute >= axis.from && minute <= axis.to;
  return (
    <div class="clockface" aria-hidden="true">
      <div class="span">
        {[...hoursOf(axis), axis.to].map((hour) => (
          <span key={hour} class={now && Math.abs(hour - minute) < 20 ? "under" : ""} style={{ top: `${share(axis, hour)}%` }}>{time(hour)}</span>
        ))}
        {now && <b class="clock" style={{ top: `${share(axis, preciseMinute.value)}%` }}>{time(minute)}</b>}
      </div>
    </div>
  );
}
