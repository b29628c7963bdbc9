/* All rooms, one week: a line a room, a column a day, in each the day's hours from left to right. */

import { useEffect } from "preact/hooks";
import { axisOf, type Axis } from "../grid/axis.ts";
import { BookingBar, BookingLine, DrawnSlot, NowLine, Zones } from "../grid/Booking.tsx";
import { Pad } from "../grid/Pad.tsx";
import { held, on, openOn, rooms, shownDay, today, writePlace } from "../state.ts";
import { addDays, daysFrom, monday, weekday, type Day } from "../time.ts";
import type { Room } from "../types.ts";
import { counted, longDate, say, shortDay, weekdayShort } from "../words.ts";
import { useGrid } from "./useGrid.ts";

export function Week() {
  const first = monday(shownDay.value);
  const days = daysFrom(first, addDays(first, 6));
  const all = rooms.value;
  const axis = axisOf(all, all.flatMap((room) => days.flatMap((day) => held(room.slug, day))));
  const shut = (day: Day): boolean => all.every((room) => !openOn(room, day) && held(room.slug, day).length === 0);
  const board = useGrid<HTMLDivElement>(axis, true);
  useEffect(() => {
    const scroller = board.current?.parentElement;
    const head = board.current?.querySelector<HTMLElement>(".head.today");
    const who = board.current?.querySelector<HTMLElement>(".head")?.offsetWidth ?? 0;
    if (scroller && head && scroller.scrollWidth > scroller.clientWidth) scroller.scrollLeft = head.offsetLeft - who;
  }, [first]);
  const columns = `var(--who) ${days.map((day) => (shut(day) ? "38px" : "minmax(var(--least, 0px), 1fr)")).join(" ")}`;
  return (
    <div class="scroller">
      <div class={`board rooms-week${all.length > 8 ? " many" : ""}`} ref={board} style={{ gridTemplateColumns: columns, "--hours": String((axis.to - axis.from) / 60) }}>
        <Pad lanes={all.flatMap((room) => days.map((day) => ({ room: room.slug, date: day })))} sideways label={say("occupation")} />
        <div class="head blank" aria-hidden="true" />
        {days.map((day) => (
          <div class={`head${day === today.value ? " today" : ""}${shut(day) ? " shut" : ""}`} key={day}>
            <a href={writePlace({ page: "dashboard", view: "day", date: day === today.value ? null : day, room: null })} title={say("goTo", { day: longDate(day) })}>
              {shut(day) ? weekdayShort(weekday(day)) : <>{weekdayShort(weekday(day))} <b>{shortDay(day)}</b></>}
            </a>
            {!shut(day) && <span class="ticks" aria-hidden="true">{[0, 1, 2, 3, 4].map((part) => <span key={part}>{Math.round((axis.from + (part * (axis.to - axis.from)) / 4) / 60)}</span>)}</span>}
          </div>
        ))}
        {all.map((room) => (
          <div class="row" key={room.slug} role="group" aria-label={room.name}>
            <div class="who">
              <a href={writePlace({ page: "room", slug: room.slug, date: shownDay.value === today.value ? null : shownDay.value })}>{room.name}</a>
              <small class="what">
                {room.capacity ? counted(room.capacity, "seats", "seatsMany") : ""}
                {room.equipment.length > 0 && `${room.capacity ? " · " : ""}${room.equipment.join(", ")}`}
              </small>
            </div>
            {days.map((day) => <Cell key={day} room={room} day={day} axis={axis} shut={shut(day)} most={all.length > 8 ? 2 : 4} />)}
          </div>
        ))}
      </div>
    </div>
  );
}

function Cell({ room, day, axis, shut, most }: { room: Room; day: Day; axis: Axis; shut: boolean; most: number }) {
  if (shut) return <div class="cell off" role="img" aria-label={say("unavailable")} />;
  const list = on(room.slug, day) ?? [];
  const shown = list.length > most + 1 ? list.slice(0, most) : list;
  return (
    <div class={`cell${day === today.value ? " today" : ""}`} role="group" aria-label={longDate(day)}>
      <div class="span" data-lane data-room={room.slug} data-date={day}>
        <div class="line-of-day">
          <div class="hours" />
          <Zones room={room} date={day} axis={axis} sideways />
          <div aria-hidden="true">{list.map((occ) => <BookingBar key={`${occ.name} ${occ.recurrence ?? ""}`} occ={occ} axis={axis} />)}</div>
          <DrawnSlot room={room.slug} date={day} axis={axis} sideways />
          <NowLine date={day} axis={axis} sideways />
        </div>
        <ul class="held texts">
          {shown.map((occ) => <BookingLine key={`${occ.name} ${occ.recurrence ?? ""}`} occ={occ} />)}
          {shown.length < list.length && (
            <li><a href={writePlace({ page: "room", slug: room.slug, date: day })}>{say("moreN", { n: list.length - shown.length })}</a></li>
          )}
        </ul>
      </div>
    </div>
  );
}
