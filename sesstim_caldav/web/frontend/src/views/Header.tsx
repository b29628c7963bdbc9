/* Title, today, previous and next, the date picker, and day, week, month. */

import { useRef } from "preact/hooks";
import { go, place, shownDay, today, writePlace, type Place, type View } from "../state.ts";
import { addDays, addMonths, isDay } from "../time.ts";
import { say } from "../words.ts";
import type { ComponentChildren } from "preact";

export function Header({ title, step, view, to: where, children }: {
  title: string;
  step: "day" | "week" | "month" | null;
  view: View | null;
  to?: (view: View) => Place;
  children?: ComponentChildren;
}) {
  const picker = useRef<HTMLInputElement>(null);
  const to = (date: string | null): void => {
    const here = place.value;
    if (here.page === "dashboard" || here.page === "room") go({ ...here, date: date === today.value ? null : date });
  };
  const turn = (by: 1 | -1): void => {
    const day = shownDay.value;
    to(step === "day" ? addDays(day, by) : step === "week" ? addDays(day, 7 * by) : addMonths(day, by));
  };
  const pick = (): void => {
    try {
      picker.current?.showPicker();
    } catch {
      picker.current?.focus();
    }
  };
  return (
    <div class="tools">
      <h1>{title}</h1>
      {step && (
        <div class="turn">
          <button type="button" class="icon" aria-label={say("previous")} title={say("previous")} data-turn="-1" onClick={() => turn(-1)}>
            <Chevron left />
          </button>
          <button type="button" onClick={() => to(null)}>{say("today")}</button>
          <button type="button" class="icon" aria-label={say("next")} title={say("next")} data-turn="1" onClick={() => turn(1)}>
            <Chevron />
          </button>
          <span class="pick">
            <button type="button" class="plain" onClick={pick}>{say("pickDate")}</button>
            <input
              ref={picker} type="date" tabIndex={-1} aria-hidden="true" value={shownDay.value}
              onChange={(event) => isDay(event.currentTarget.value) && to(event.currentTarget.value)}
            />
          </span>
        </div>
      )}
      <div class="grow" />
      {children}
      {view && where && (
        <nav class="seg" aria-label={say("views")}>
          {(["day", "week", "month"] as const).map((one) => (
            <a class="button" key={one} href={writePlace(where(one))} aria-current={view === one ? "true" : undefined}>{say(one)}</a>
          ))}
        </nav>
      )}
    </div>
  );
}

export function Chevron({ left = false }: { left?: boolean }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
      <path d={left ? "M10 3 5 8l5 5" : "m6 3 5 5-5 5"} />
    </svg>
  );
}
