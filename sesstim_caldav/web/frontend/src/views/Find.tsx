/* Find a room: on which days, how long, for how many, with what; a click on a time books it. */

import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { Failed, getFree, SignedOut, Unreachable } from "../api.ts";
import { TimeField } from "../dialog/TimeField.tsx";
import { announce, bySlug, connected, emptyDraft, heard, newToken, openDraft, rooms, signedOut, today, minuteNow, selection } from "../state.ts";
import { addDays, ceilTo, isDay, minutes, weekday, type Day } from "../time.ts";
import type { Draft, FreeAnswer } from "../types.ts";
import { capitalised, counted, duration, listed, longDate, say, shortDate, span } from "../words.ts";
import { Header } from "./Header.tsx";

const LENGTHS = [15, 30, 45, 60, 90, 120, 150, 180, 240, 300, 360, 480, 600, 720];

interface Asked {
  dates: Day[];
  length: number;
  from: string;
  to: string;
  seats: number;
  equipment: string[];
}

function nextOpenDay(): Day {
  const closes = Math.max(...rooms.value.map((room) => minutes(room.hours.closes)));
  let day = minuteNow.value + 60 > closes ? addDays(today.value, 1) : today.value;
  for (let tries = 0; tries < 7; tries++) {
    if (rooms.value.some((room) => room.hours.weekdays.includes(weekday(day)))) break;
    day = addDays(day, 1);
  }
  return day;
}

export function Find() {
  const id = useId();
  const opens = Math.min(...rooms.value.map((room) => minutes(room.hours.opens)));
  const closes = Math.max(...rooms.value.map((room) => minutes(room.hours.closes)));
  const equipment = [...new Set(rooms.value.flatMap((room) => room.equipment))].sort((a, b) => a.localeCompare(b));
  const clock = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const asked = useSignal<Asked>({ dates: [nextOpenDay()], length: 60, from: clock(opens), to: clock(closes), seats: 1, equipment: [] });
  const answer = useSignal<FreeAnswer | null>(null);
  const told = useSignal<Asked | null>(null);
  const busy = useSignal(false);
  const trouble = useSignal("");
  const set = (patch: Partial<Asked>): void => {
    asked.value = { ...asked.value, ...patch };
  };
  const now = asked.value;

  const search = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    trouble.value = "";
    try {
      const from = now.dates.includes(today.value) ? clock(Math.max(minutes(now.from), Math.min(ceilTo(minuteNow.value, 15), minutes(now.to)))) : now.from;
      answer.value = await getFree({ dates: now.dates.join(","), length: now.length, from, to: now.to, seats: now.seats, equipment: now.equipment.join(",") });
      told.value = { ...now };
      announce(answer.value.rooms.length ? counted(answer.value.rooms.length, "found1", "foundN") : say("foundNone"));
    } catch (error) {
      if (error instanceof SignedOut) signedOut.value = true;
      else if (error instanceof Unreachable) connected.value = false;
      else trouble.value = error instanceof Failed && error.message ? error.message : say("failed");
    }
    busy.value = false;
  };

  // what has been booked meanwhile, by this page or another, is free no more
  useEffect(() => {
    if (answer.value && heard.value) void search();
  }, [heard.value]);

  /** One date is a booking, several are several: made together or not at all. */
  const choose = (room: string, dates: Day[], start: string, end: string, anchor: DOMRect): void => {
    const first: Draft = { ...emptyDraft({ room, date: dates[0]!, start: minutes(start), end: minutes(end) }), also: dates.slice(1), token: newToken() };
    openDraft(first, anchor);
    selection.value = null;
  };

  const found = answer.value;
  return (
    <>
      <Header title={say("findTitle")} step={null} view={null} />
      <div class="find">
        <form
          class="card ask" noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void search();
          }}
        >
          <fieldset class="dates">
            <legend>{say("days")}</legend>
            {now.dates.map((date, index) => (
              <div class="one" key={index}>
                <input
                  type="date" aria-label={index ? `${say("date")} ${index + 1}` : say("date")} value={date}
                  onInput={(event) => isDay(event.currentTarget.value) && set({ dates: now.dates.map((one, other) => (other === index ? event.currentTarget.value : one)) })}
                />
                {now.dates.length > 1 && (
                  <button type="button" class="icon plain" aria-label={say("dropDate", { date: longDate(date) })} onClick={() => set({ dates: now.dates.filter((_, other) => other !== index) })}>
                    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"><path d="m3 3 8 8m0-8-8 8" /></svg>
                  </button>
                )}
                <small>{capitalised(longDate(date))}</small>
              </div>
            ))}
            <button type="button" class="plain" onClick={() => set({ dates: [...now.dates, addDays(now.dates[now.dates.length - 1]!, 7)] })}>+ {say("addDate")}</button>
          </fieldset>
          <div class="field">
            <label for={`${id}-length`}>{say("length")}</label>
            <select id={`${id}-length`} value={String(now.length)} onChange={(event) => set({ length: Number(event.currentTarget.value) })}>
              {LENGTHS.map((one) => <option key={one} value={String(one)}>{duration(one)}</option>)}
            </select>
          </div>
          <div class="two">
            <TimeField label={say("earliest")} value={now.from} from={opens} to={closes} grid={15} onValue={(value) => set({ from: value })} />
            <TimeField label={say("latest")} value={now.to} from={opens} to={closes} grid={15} onValue={(value) => set({ to: value })} />
          </div>
          <div class="field">
            <label for={`${id}-seats`}>{say("seatsAtLeast")}</label>
            <input id={`${id}-seats`} type="number" min={1} max={999} inputMode="numeric" value={now.seats} onInput={(event) => set({ seats: Math.max(1, Number(event.currentTarget.value) || 1) })} />
          </div>
          {equipment.length > 0 && (
            <fieldset class="chips">
              <legend>{say("equipment")}</legend>
              {equipment.map((one) => (
                <label class="chip" key={one}>
                  <input
                    type="checkbox" aria-label={one} checked={now.equipment.includes(one)}
                    onChange={(event) => set({ equipment: event.currentTarget.checked ? [...now.equipment, one] : now.equipment.filter((other) => other !== one) })}
                  />
                  <span aria-hidden="true">{one}</span>
                </label>
              ))}
            </fieldset>
          )}
          <button type="submit" class="main wide">{busy.value ? say("searching") : say("findButton")}</button>
          {trouble.value && <p class="error" role="alert">{trouble.value}</p>}
        </form>
        <div class="found">
          {!found && <p class="empty">{say("findIntro")}</p>}
          {found && told.value && found.rooms.length > 0 && (
            <>
              <h2>{counted(found.rooms.length, "found1", "foundN")} {say("foundFor", { days: listed(told.value.dates.map((day) => longDate(day, told.value!.dates.length === 1))) })}</h2>
              <ul class="cards">
                {found.rooms.map(({ slug, slots }) => {
                  const room = bySlug.value.get(slug);
                  if (!room) return null;
                  return (
                    <li class="card" key={slug}>
                      <p class="row"><b>{room.name}</b><span class="quiet">{room.capacity ? counted(room.capacity, "seats", "seatsMany") : ""}{room.equipment.length ? ` · ${room.equipment.join(", ")}` : ""}</span></p>
                      <div class="slots">
                        {slots.map((slot) => (
                          <button
                            type="button" key={slot.start} aria-label={`${say("bookNow")} : ${room.name}, ${span(minutes(slot.start), minutes(slot.end))}`}
                            onClick={(event) => choose(slug, told.value!.dates, slot.start, slot.end, event.currentTarget.getBoundingClientRect())}
                          >
                            {span(minutes(slot.start), minutes(slot.end))}
                          </button>
                        ))}
                      </div>
                    </li>
                  );
                })}
              </ul>
            </>
          )}
          {found && found.rooms.length === 0 && (
            <>
              <h2>{say("foundNone")}</h2>
              {found.nearest.length > 0 && (
                <>
                  <h3>{say("nearest")}</h3>
                  <ul class="cards">
                    {found.nearest.map((one) => (
                      <li class="card near" key={`${one.slug} ${one.date} ${one.start}`}>
                        <span><b>{bySlug.value.get(one.slug)?.name ?? one.slug}</b> <span class="quiet">{capitalised(shortDate(one.date))}, {span(minutes(one.start), minutes(one.end))}</span></span>
                        <button
                          type="button" aria-label={`${say("bookNow")} : ${bySlug.value.get(one.slug)?.name ?? one.slug}, ${longDate(one.date)}, ${span(minutes(one.start), minutes(one.end))}`}
                          onClick={(event) => choose(one.slug, [one.date], one.start, one.end, event.currentTarget.getBoundingClientRect())}
                        >
                          {say("bookNow")}
                        </button>
                      </li>
                    ))}
                  </ul>
                </>
              )}
            </>
          )}
        </div>
      </div>
    </>
  );
}
