/* The repeats of a booking. */

import { useId } from "preact/hooks";
import { addMonths, dayOfMonth, isDay, ordinalInMonth, weekday } from "../time.ts";
import type { Draft, Repeat as Rule } from "../types.ts";
import { dayNumeral, monthlyWords, say, spoken, weekdayName, weekdayShort, englishOrdinal } from "../words.ts";
import { KINDS, kindOf, repeatOf, type Kind } from "./repeating.ts";

export function Repeat({ draft, edit, disabled }: { draft: Draft; edit: (patch: Partial<Draft>) => void; disabled?: boolean }) {
  const id = useId();
  const rule = draft.repeat;
  const kind = kindOf(rule);
  const patch = (part: Partial<Rule>): void => {
    if (rule) edit({ repeat: { ...rule, ...part } });
  };
  const stops = !rule ? "" : rule.until ? "until" : rule.count !== null ? "count" : "never";
  const words = monthlyWords(draft.date);
  const { ordinal, last } = ordinalInMonth(draft.date);
  const number = dayOfMonth(draft.date);
  return (
    <>
      <div class="field">
        <label for={`${id}-kind`}>{say("repeats")}</label>
        <select
          id={`${id}-kind`} disabled={disabled} value={kind}
          onChange={(event) => edit({ repeat: repeatOf(event.currentTarget.value as Kind, draft.date, rule), excluding: [], also: [] })}
        >
          {KINDS.map((one) => <option key={one} value={one}>{say(one)}</option>)}
        </select>
      </div>
      {rule && !disabled && (
        <div class="rule">
          {rule.frequency === "weekly" && (
            <fieldset class="chips">
              <legend>{say("onDays")}</legend>
              {[0, 1, 2, 3, 4, 5, 6].map((day) => (
                <label key={day} class="chip" title={weekdayName(day)}>
                  <input
                    type="checkbox" checked={rule.weekdays.includes(day)} aria-label={weekdayName(day)}
                    onChange={(event) => {
                      const days = event.currentTarget.checked ? [...rule.weekdays, day] : rule.weekdays.filter((one) => one !== day);
                      patch({ weekdays: days.length ? days.sort() : [weekday(draft.date)] });
                    }}
                  />
                  <span aria-hidden="true">{weekdayShort(day).replace(".", "")}</span>
                </label>
              ))}
            </fieldset>
          )}
          {rule.frequency === "monthly" && (
            <div class="field">
              <label for={`${id}-by`}>{say("monthlyBy")}</label>
              <select id={`${id}-by`} value={rule.monthly} onChange={(event) => patch({ monthly: event.currentTarget.value as Rule["monthly"] })}>
                <option value="date">{words.date}</option>
                {(ordinal < 5 || rule.monthly === "weekday") && <option value="weekday">{words.weekday}</option>}
                {(last || rule.monthly === "last-weekday") && <option value="last-weekday">{words.last}</option>}
              </select>
              {rule.monthly === "date" && number > 28 && (
                <p class="hint">{say("shortMonths", { n: spoken() === "fr" ? dayNumeral(number) : englishOrdinal(number) })}</p>
              )}
            </div>
          )}
          <div class="two">
            <div class="field">
              <label for={`${id}-stops`}>{say("stops")}</label>
              <select
                id={`${id}-stops`} value={stops}
                onChange={(event) => {
                  const choice = event.currentTarget.value;
                  const until = repeatOf(kind, draft.date, null)?.until ?? addMonths(draft.date, 3);
                  patch(choice === "until" ? { until, count: null } : choice === "count" ? { until: null, count: 10 } : { until: null, count: null });
                }}
              >
                <option value="until">{say("stopsUntil")}</option>
                <option value="count">{say("stopsCount")}</option>
                <option value="never">{say("stopsNever")}</option>
              </select>
            </div>
            {stops === "until" && (
              <div class="field">
                <label for={`${id}-until`}>{say("until")}</label>
                <input id={`${id}-until`} type="date" value={rule.until ?? ""} onInput={(event) => isDay(event.currentTarget.value) && patch({ until: event.currentTarget.value })} />
              </div>
            )}
            {stops === "count" && (
              <div class="field">
                <label for={`${id}-count`}>{say("count")}</label>
                <input
                  id={`${id}-count`} type="number" min={1} max={10000} value={rule.count ?? 10}
                  onInput={(event) => Number(event.currentTarget.value) >= 1 && patch({ count: Math.floor(Number(event.currentTarget.value)) })}
                />
              </div>
            )}
          </div>
        </div>
      )}
    </>
  );
}
