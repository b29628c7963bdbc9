/* What stands against a booking: each date with its holder, and the ways out as buttons. */

import { minutes } from "../time.ts";
import type { Refusal as Told, Way } from "../types.ts";
import { longDate, say, span } from "../words.ts";

export function Refusal({ refusal, heading, onWay, busy }: { refusal: Told; heading: string; onWay: (way: Way) => void; busy: boolean }) {
  const listed = refusal.rules.filter((rule) => rule.occurrences.some((one) => one.holder));
  const plain = refusal.rules.filter((rule) => !listed.includes(rule));
  const several = refusal.rules.length > 1; // each then speaks for itself, and the heading would say it all twice
  return (
    <div class="say warn">
      {!several && <b>{heading || refusal.text}</b>}
      {plain.filter((rule) => several || rule.sentence !== heading).map((rule) => <p key={rule.code} data-code={rule.code}>{rule.sentence}</p>)}
      {several && listed.length > 0 && <b>{say("takenDates")}</b>}
      {listed.map((rule) => (
        <ul key={rule.code} data-code={rule.code}>
          {rule.occurrences.map((one) => (
            <li key={`${one.date} ${one.start}`}>
              {longDate(one.date, false)}, {span(minutes(one.start), minutes(one.end))}{" "}
              {one.holder && (one.email ? <>(<a href={`mailto:${one.email}`} title={say("writeTo", { name: one.holder })}>{one.holder}</a>)</> : `(${one.holder})`)}
            </li>
          ))}
          {rule.count > rule.occurrences.length && <li>{say("moreN", { n: rule.count - rule.occurrences.length })}</li>}
        </ul>
      ))}
      {refusal.ways.length > 0 && (
        <div class="ways" role="group" aria-label={say("anotherWay")}>
          {refusal.ways.map((way, index) => (
            <button type="button" key={index} disabled={busy} data-way={way.kind} onClick={() => onWay(way)}>
              {way.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
