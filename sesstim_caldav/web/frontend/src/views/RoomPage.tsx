/* One room: its week in quarter hours, and what it is. On a phone, one day of it. */

import { held, narrow, place, rooms, shownDay, today, type Place, type View } from "../state.ts";
import { addDays, daysFrom, monday } from "../time.ts";
import type { Room } from "../types.ts";
import { capitalised, counted, longDate, plainDate, say } from "../words.ts";
import { mount } from "../api.ts";
import { DayChoice } from "./DayChoice.tsx";
import { Header } from "./Header.tsx";
import { Legend } from "./Legend.tsx";
import { RoomGrid } from "./RoomGrid.tsx";

export function RoomPage({ slug }: { slug: string }) {
  const room = rooms.value.find((one) => one.slug === slug);
  const here = place.value;
  if (!room || here.page !== "room") return <p class="empty">{say("gone")}</p>;
  const day = shownDay.value;
  const first = monday(day);
  const date = day === today.value ? null : day;
  const to = (view: View): Place => (view === "week" ? { page: "room", slug, date } : { page: "dashboard", view, date, room: view === "month" ? slug : null });
  if (narrow.value) {
    return (
      <>
        <Header title={room.name} step={null} view={null}>
          <a class="up" href={mount}>{say("allRooms")}</a>
        </Header>
        <DayChoice />
        <h2 class="day-title">{capitalised(longDate(day))}</h2>
        <RoomGrid room={room} days={[day]} />
        <About room={room} />
      </>
    );
  }
  return (
    <>
      <Header title={`${room.name} · ${say("weekOf", { day: plainDate(first) })}`} step="week" view="week" to={to}>
        <button type="button" class="plain print" onClick={() => print()}>{say("print")}</button>
      </Header>
      <RoomGrid room={room} days={daysFrom(first, addDays(first, 6))} />
      <Legend />
      <WeekList room={room} days={daysFrom(first, addDays(first, 6))} />
      <About room={room} />
    </>
  );
}

/** The same week as a list, for print and for those who listen. */
function WeekList({ room, days }: { room: Room; days: string[] }) {
  const count = days.reduce((sum, day) => sum + held(room.slug, day).length, 0);
  return <p class="unseen">{counted(count, "weekSummary1", "weekSummary")}</p>;
}

function About({ room }: { room: Room }) {
  return (
    <section class="about" aria-label={say("roomPage")}>
      {room.photo && <img src={room.photo} alt={room.name} width="320" height="200" loading="lazy" />}
      <dl class="pairs">
        {room.capacity ? (<><dt>{say("seatsAtLeast")}</dt><dd>{room.capacity}</dd></>) : null}
        {room.location && (<><dt>{say("place")}</dt><dd>{room.location}</dd></>)}
        {room.equipment.length > 0 && (<><dt>{say("equipment")}</dt><dd>{capitalised(room.equipment.join(", "))}</dd></>)}
        <dt>{say("caldavAddress")}</dt><dd><code>{room.caldav}</code></dd>
        <dt>{say("subscriptions")}</dt><dd><a href={`${mount}account`}>{say("subscribe")}</a></dd>
      </dl>
    </section>
  );
}
