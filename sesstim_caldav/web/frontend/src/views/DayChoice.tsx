/* The days of the week as big targets, and a way to any other day: for thumbs. */

import { useRef } from "preact/hooks";
import { go, place, shownDay, today } from "../state.ts";
import { addDays, dayOfMonth, isDay, monday, weekday, type Day } from "../time.ts";
import { longDate, say, weekdayShort } from "../words.ts";
import { Chevron } from "./Header.tsx";

export function DayChoice() {
  const day = shownDay.value;
  const picker = useRef<HTMLInputElement>(null);
  const to = (date: Day): void => {
    const here = place.value;
    if (here.page === "dashboard" || here.page === "room") go({ ...here, date: date === today.value ? null : date });
  };
  const week = Array.from({ length: 7 }, (_, index) => addDays(monday(day), index)).filter((one) => weekday(one) < 5 || one === day);
  return (
    <div class="days">
      <button type="button" class="icon plain" aria-label={say("previous")} data-turn="-1" onClick={() => to(addDays(day, -1))}><Chevron left /></button>
      <div class="list" role="group" aria-label={say("pickDate")}>
        {week.map((one) => (
          <button type="button" key={one} aria-pressed={one === day} class={one === today.value ? "today" : ""} onClick={() => to(one)}>
            <span aria-hidden="true">{weekdayShort(weekday(one))}<b>{dayOfMonth(one)}</b></span>
            <span class="unseen">{longDate(one)}</span>
          </button>
        ))}
      </div>
      <button type="button" class="icon plain" aria-label={say("next")} data-turn="1" onClick={() => to(addDays(day, 1))}><Chevron /></button>
      <div class="under">
        <button type="button" class="plain" disabled={day === today.value} onClick={() => to(today.value)}>{say("today")}</button>
        <span class="pick">
          <button type="button" class="plain" onClick={() => { try { picker.current?.showPicker(); } catch { picker.current?.focus(); } }}>{say("pickDate")}</button>
          <input ref={picker} type="date" tabIndex={-1} aria-hidden="true" value={day} onChange={(event) => isDay(event.currentTarget.value) && to(event.currentTarget.value)} />
        </span>
      </div>
    </div>
  );
}
