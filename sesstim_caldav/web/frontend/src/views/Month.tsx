/* The month answers "when is there room?": one bar a room and a day, one's own in the accent. */

import { axisOf } from "../grid/axis.ts";
import { busyOn, go, narrow, openOn, place, rooms, shownDay, today, writePlace } from "../state.ts";
import { month, weekday, weeksOfMonth, dayOfMonth, type Day } from "../time.ts";
import type { BusySpan, Room } from "../types.ts";
import { counted, longDate, say, time, weekdayName, weekdayShort } from "../words.ts";

const AFTERNOON: [number, number] = [14 * 60, 18 * 60];

export function Month() {
  const here = place.value;
  const only = here.page === "dashboard" ? here.room : null;
  const all = only ? rooms.value.filter((room) => room.slug === only) : rooms.value;
  const day = shownDay.value;
  const weeks = weeksOfMonth(day);
  const open = [0, 1, 2, 3, 4, 5, 6].map((index) => all.some((room) => room.hours.weekdays.includes(index)));
  const columns = open.map((one) => (one ? "minmax(0, 1fr)" : narrow.value ? "30px" : "64px")).join(" ");
  const axis = axisOf(all, []);
  return (
    <>
      {only && (
        <p class="filter">
          <b>{all[0]?.name ?? only}</b>
          <button type="button" class="plain" onClick={() => here.page === "dashboard" && go({ ...here, room: null })}>{say("allRooms")}</button>
        </p>
      )}
      <div class="board month" style={{ gridTemplateColumns: columns }}>
        {open.map((one, index) => <div class="h" key={index} aria-hidden="true">{one && <span class="full">{weekdayName(index)}</span>}<span class={one ? "short" : ""}>{weekdayShort(index)}</span></div>)}
        {weeks.flat().map((one) => (
          <Cell key={one} day={one} rooms={all} axis={axis} other={month(one) !== month(day)} off={!open[weekday(one)]} only={only} />
        ))}
      </div>
    </>
  );
}

function Cell({ day, rooms: all, axis, other, off, only }: { day: Day; rooms: Room[]; axis: { from: number; to: number }; other: boolean; off: boolean; only: string | null }) {
  const spans = all.map((room) => busyOn(room.slug, day));
  const known = spans.every((list) => list !== undefined);
  const own = spans.reduce((sum, list) => sum + (list ?? []).filter((one) => one[2]).length, 0);
  const openRooms = all.filter((room) => openOn(room, day));
  const gone = day < today.value;
  const free = openRooms.filter((room) => !(busyOn(room.slug, day) ?? []).some(([start, end]) => start < AFTERNOON[1] && AFTERNOON[0] < end)).length;
  const facts = { from: time(AFTERNOON[0]), to: time(AFTERNOON[1]) };
  const summary = off || !openRooms.length ? say("closed") : gone ? say("pastDay")
    : !known ? "" : free === 0 ? say("freeBetween0", facts) : counted(free, "freeBetween1", "freeBetweenN", facts);
  const mine = own ? counted(own, "mineCount1", "mineCountN") : "";
  const to = only ? writePlace({ page: "room", slug: only, date: day }) : writePlace({ page: "dashboard", view: "day", date: day === today.value ? null : day, room: null });
  return (
    <a
      class={`d${day === today.value ? " t" : ""}${other ? " other" : ""}${off ? " off" : ""}${gone ? " gone" : ""}`} href={to}
      aria-current={day === today.value ? "date" : undefined}
    >
      <b aria-hidden="true">{dayOfMonth(day)}</b>
      <span class="unseen">{longDate(day)}, {off ? say("unavailable") : ""}</span>
      {!off && openRooms.length > 0 && <Bars spans={spans} axis={axis} />}
      {!off && !gone && <small>{free > 0 && known ? <><b>{free}</b><span class="rest">{summary.slice(String(free).length)}</span></> : <span class="rest">{summary || "\u00a0"}</span>}</small>}
      {!off && !gone && mine && <span class="unseen">, {mine}</span>}
      {!off && gone && <small><span class="rest">{mine || "\u00a0"}</span></small>}
    </a>
  );
}

/** All rooms of a day as three paths: light enough for twenty rooms and six weeks. */
function Bars({ spans, axis }: { spans: (BusySpan[] | undefined)[]; axis: { from: number; to: number } }) {
  const many = spans.length > 8;
  const [bar, step] = spans.length === 1 ? [14, 14] : many ? [4, 5] : [7, 10];
  const width = axis.to - axis.from;
  const height = (spans.length - 1) * step + bar;
  const rect = (start: number, end: number, row: number): string => `M${start - axis.from} ${row * step}h${end - start}v${bar}h${start - end}z`;
  let busy = "";
  let own = "";
  spans.forEach((list, row) => {
    for (const [start, end, mine] of list ?? []) {
      const path = rect(Math.max(start, axis.from), Math.min(end, axis.to), row);
      if (mine) own += path;
      else busy += path;
    }
  });
  return (
    <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" height={height} aria-hidden="true">
      <path class="track" d={spans.map((_, row) => rect(axis.from, axis.to, row)).join("")} />
      <path class="busy" d={busy} />
      <path class="own" d={own} />
    </svg>
  );
}
