/* My bookings: coming and past, a series as one line, several cancelled at once. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { cancelMany, getMine, SignedOut, Unreachable } from "../api.ts";
import { openBooking } from "../dialog/opening.ts";
import { connected, dialog, emptyDraft, go, heard, openDraft, place, roomName, signedOut, slotOf, today, trouble, writePlace } from "../state.ts";
import { addDays, minutes, weekday } from "../time.ts";
import { toast } from "../toast/Undo.tsx";
import type { Booking } from "../types.ts";
import { capitalised, counted, longDate, say, shortDate, span } from "../words.ts";
import { Header } from "./Header.tsx";

const keyOf = (booking: Booking): string => `${booking.room}/${booking.name}`;

export function Bookings() {
  const here = place.value;
  const when = here.page === "bookings" ? here.when : "coming";
  const q = useSignal("");
  const list = useSignal<Booking[] | null>(null);
  const page = useSignal(1);
  const more = useSignal(false);
  const chosen = useSignal<Set<string>>(new Set());
  const busy = useSignal(false);

  const asked = useRef(0);

  /** Reads what is looked at now; of several questions under way the last one counts. */
  const read = async (): Promise<void> => {
    const mine = ++asked.current;
    const now = place.value;
    try {
      const answers = [];
      for (let index = 1; index <= page.value; index++) answers.push(await getMine(now.page === "bookings" ? now.when : "coming", q.value.trim(), index));
      if (mine !== asked.current) return;
      const last = answers[answers.length - 1]!;
      list.value = answers.flatMap((answer) => answer.bookings);
      trouble.value = null;
      more.value = last.pages !== undefined ? page.value < last.pages : false;
    } catch (error) {
      if (error instanceof SignedOut) signedOut.value = true;
      else if (error instanceof Unreachable) connected.value = false;
      else trouble.value = error instanceof Error && error.message ? error.message : say("failed");
    }
  };
  useEffect(() => {
    page.value = 1;
    chosen.value = new Set();
    list.value = null;
    void read();
  }, [when]);
  useEffect(() => {
    const timer = setTimeout(() => void read(), 180);
    return () => clearTimeout(timer);
  }, [q.value, heard.value, page.value]);

  const cancelChosen = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    const going = (list.value ?? []).filter((one) => chosen.value.has(keyOf(one)));
    list.value = (list.value ?? []).filter((one) => !chosen.value.has(keyOf(one)));
    chosen.value = new Set();
    try {
      const done = await cancelMany(going.map(({ room, name, etag }) => ({ room, name, etag })));
      const kept = going.filter((one) => done.refused.some((other) => other.room === one.room && other.name === one.name));
      if (kept.length) toast(say("notCancelled", { titles: kept.map((one) => one.title).join(", ") }), done.undo, "warn");
      else toast(going.length === 1 ? say("removed") : say("removedMany", { n: going.length }), done.undo);
    } catch (error) {
      if (error instanceof SignedOut) signedOut.value = true;
      else toast(error instanceof Unreachable ? say("offline") : say("failed"), null, "warn");
    }
    busy.value = false;
    await read();
  };

  const again = (booking: Booking): void => {
    const ahead = (weekday(booking.date) - weekday(today.value) + 7) % 7 || 7;
    const date = booking.date >= today.value ? addDays(booking.date, 7) : addDays(today.value, ahead);
    go({ page: "room", slug: booking.room, date });
    openDraft({ ...emptyDraft({ ...slotOf(booking), date }), title: booking.title, description: booking.description, private: booking.private }, null);
  };

  const shown = list.value;
  const count = chosen.value.size;
  return (
    <div class="listing-page">
      <Header title={say("mineTitle")} step={null} view={null}>
        <div class="seg" role="group" aria-label={say("views")}>
          {(["coming", "past"] as const).map((one) => (
            <button type="button" key={one} aria-pressed={when === one} onClick={() => go({ page: "bookings", when: one })}>
              {say(one === "coming" ? "coming" : "pastTab")}
            </button>
          ))}
        </div>
      </Header>
      <div class="listing">
        <div class="search">
          <input type="search" aria-label={say("search")} placeholder={say("search")} value={q.value} onInput={(event) => (q.value = event.currentTarget.value)} />
          {when === "coming" && (
            <button type="button" class="danger" disabled={!count || busy.value} onClick={() => void cancelChosen()}>
              {count ? say("cancelSelectedN", { n: count }) : say("cancelSelected")}
            </button>
          )}
        </div>
        {when === "coming" && <p class="hint">{say("unused")}</p>}
        {shown === null ? <p class="empty">{say("loading")}</p>
          : shown.length === 0 ? (
            <div class="empty">
              <p><b>{q.value ? say("noMatch", { q: q.value }) : say(when === "coming" ? "noComing" : "noPast")}</b></p>
              {!q.value && when === "coming" && <p>{say("noComingHint")}</p>}
            </div>
          ) : (
            <ul class="mine-list">
              {shown.map((booking) => {
                const next = booking.next.filter((day) => day >= today.value);
                const name = booking.title || say("reserved");
                const times = span(minutes(booking.start), minutes(booking.end));
                return (
                  <li key={keyOf(booking)} class={booking.series ? "series" : ""} aria-label={`${name}, ${longDate(booking.date)}, ${times}, ${roomName(booking.room)}`}>
                    {when === "coming" && (
                      <input
                        type="checkbox" aria-label={say("select", { title: `${name}, ${longDate(booking.date)}` })} checked={chosen.value.has(keyOf(booking))}
                        onChange={(event) => {
                          const set = new Set(chosen.value);
                          if (event.currentTarget.checked) set.add(keyOf(booking));
                          else set.delete(keyOf(booking));
                          chosen.value = set;
                        }}
                      />
                    )}
                    <div class="date">
                      <b>{capitalised(shortDate(booking.date))}</b>
                      <span>{span(minutes(booking.start), minutes(booking.end))}</span>
                    </div>
                    <div class="what">
                      <b>{name}{booking.private && <em> · {say("privateTo")}</em>}</b>
                      <span>
                        <a href={writePlace({ page: "room", slug: booking.room, date: booking.date })}>{roomName(booking.room)}</a>
                        {booking.rule && <> · {booking.rule}</>}
                      </span>
                      {booking.series && next.length > 1 && <span class="dates">{say("nextDates", { dates: next.slice(0, 4).map(shortDate).join(" · ") })}</span>}
                    </div>
                    <div class="acts">
                      <button
                        type="button" data-booking data-room={booking.room} data-name={booking.name} data-date={booking.date} data-recurrence={booking.recurrence ?? ""}
                        aria-label={`${say("open")} : ${name}, ${times}`} aria-pressed={dialog.value?.occ?.name === booking.name ? "true" : undefined} onClick={() => void openBooking(booking)}
                      >
                        {say("open")}
                      </button>
                      <button type="button" class="plain" onClick={() => again(booking)} aria-label={`${say("bookAgain")} : ${name}`}>{say("bookAgain")}</button>
                    </div>
                  </li>
                );
              })}
            </ul>
          )}
        {more.value && <p class="empty"><button type="button" onClick={() => page.value++}>{say("more")}</button></p>}
        {shown && shown.length > 0 && <p class="unseen" role="status">{counted(shown.length, "weekSummary1", "weekSummary")}</p>}
      </div>
    </div>
  );
}

