/* The day of all rooms on a phone: a list of rooms, each with its day as a strip and what comes next. */

import { axisOf, hoursOf, share } from "../grid/axis.ts";
import { bookableOn, held, minuteNow, openDraft, emptyDraft, rooms, shownDay, today, writePlace } from "../state.ts";
import { minutes, type Day } from "../time.ts";
import type { Room } from "../types.ts";
import { counted, say, span, time } from "../words.ts";
import { DayChoice } from "./DayChoice.tsx";
import { comingUp, statusOf } from "./status.ts";

export function Phone() {
  const day = shownDay.value;
  const axis = axisOf(rooms.value, rooms.value.flatMap((room) => held(room.slug, day)));
  const ticks = hoursOf(axis).filter((_, index) => index % 3 === 0).concat(axis.to);
  return (
    <>
      <DayChoice />
      <ul class="cards">
        {rooms.value.map((room) => {
          const status = statusOf(room, day);
          const next = comingUp(room, day);
          const open = bookableOn(room, day) !== null || day < today.value;
          return (
            <li key={room.slug}>
              <a class="room-card" href={writePlace({ page: "room", slug: room.slug, date: day === today.value ? null : day })}>
                <span class="row">
                  <b>{room.name}</b>
                  <span class={`pill ${status?.tone ?? ""}`}>{status?.text ?? ""}</span>
                </span>
                <small>
                  {room.capacity ? counted(room.capacity, "seats", "seatsMany") : ""}
                  {room.equipment.length > 0 && `${room.capacity ? " · " : ""}${room.equipment.join(", ")}`}
                </small>
                <span class={`strip${open ? "" : " off"}`} aria-hidden="true">
                  {held(room.slug, day).map((occ) => (
                    <i key={`${occ.name} ${occ.recurrence}`} class={occ.mine ? "m" : ""} style={{ left: `${share(axis, minutes(occ.start))}%`, width: `${share(axis, minutes(occ.end)) - share(axis, minutes(occ.start))}%` }} />
                  ))}
                  {day === today.value && minuteNow.value >= axis.from && minuteNow.value <= axis.to && <i class="n" style={{ left: `${share(axis, minuteNow.value)}%` }} />}
                </span>
                <span class="ticks" aria-hidden="true">{ticks.map((hour) => <span key={hour}>{hour / 60}</span>)}</span>
                <span class="next">
                  {next.length === 0 ? say(held(room.slug, day).length ? "upcomingNoneMore" : "upcomingNone")
                    : next.slice(0, 2).map((occ) => (
                      <span key={`${occ.name} ${occ.recurrence}`} class={occ.mine ? "mine" : ""}>
                        <b>{span(minutes(occ.start), minutes(occ.end))}</b> {occ.title || say("reserved")} · {occ.mine ? say("you") : occ.organiser}
                      </span>
                    ))}
                  {next.length > 2 && <span>{say("moreN", { n: next.length - 2 })}</span>}
                </span>
              </a>
            </li>
          );
        })}
      </ul>
      <Dock day={day} />
    </>
  );
}

/** The first room that is free, now or when the day begins. */
function Dock({ day }: { day: Day }) {
  const first = rooms.value
    .map((room) => ({ room, at: firstFree(room, day) }))
    .filter((one): one is { room: Room; at: { start: number; end: number } } => one.at !== null)
    .sort((a, b) => a.at.start - b.at.start)[0];
  if (!first) return null;
  return (
    <div class="dock">
      <button
        type="button" class="main"
        onClick={() => openDraft(emptyDraft({ room: first.room.slug, date: day, ...first.at }), null)}
      >
        {day === today.value && first.at.start <= minuteNow.value ? say("bookNow") : say("bookFor", { time: time(first.at.start) })}
      </button>
    </div>
  );
}

export function firstFree(room: Room, day: Day): { start: number; end: number } | null {
  const bounds = bookableOn(room, day);
  if (!bounds) return null;
  const taken = held(room.slug, day).map((occ) => ({ start: minutes(occ.start), end: minutes(occ.end) }));
  let start = bounds.from;
  for (const one of taken) {
    if (one.end <= start) continue;
    if (one.start - start >= 30) break;
    start = one.end;
  }
  const next = Math.min(bounds.to, ...taken.filter((one) => one.start >= start).map((one) => one.start));
  const end = Math.min(start + 60, next);
  return end - start >= room.hours.grid ? { start, end } : null;
}
