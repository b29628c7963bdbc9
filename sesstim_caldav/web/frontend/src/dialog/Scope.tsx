/* A series was dragged: which part of it goes there? */

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { drawing } from "../grid/pointer.ts";
import { narrow, selection } from "../state.ts";
import { longDate, say, span } from "../words.ts";
import { move, question } from "./moving.ts";
import { stand } from "./place.ts";

export function ScopeQuestion() {
  const asked = question.value;
  return asked && !drawing.value ? <Question key={`${asked.slot.date} ${asked.slot.start} ${asked.slot.room}`} /> : null;
}

function Question() {
  const { occ, slot } = question.value!;
  const box = useRef<HTMLDivElement>(null);
  const leave = (): void => {
    question.value = null;
    selection.value = null;
  };
  useEffect(() => box.current?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true }), []);
  useLayoutEffect(() => {
    if (box.current && !narrow.value) stand(box.current, document.querySelector("[data-slot]")?.getBoundingClientRect() ?? null);
  }, []);
  return (
    <div
      ref={box} class={`dialog small${narrow.value ? " sheet" : ""}`} role="dialog" aria-labelledby="scope-title"
      onKeyDown={(event) => event.key === "Escape" && leave()}
    >
      <div class="inside">
        <h2 id="scope-title">{say("scopeAskMove")}</h2>
        <p class="when">{occ.title || say("reserved")} · {longDate(slot.date, false)}, {span(slot.start, slot.end)}</p>
        <div class="stack">
          <button type="button" class="main" onClick={() => void move(occ, slot, "this")}>{say("scopeThis")}</button>
          <button type="button" onClick={() => void move(occ, slot, "following")}>{say("scopeFollowing")}</button>
          <button type="button" onClick={() => void move(occ, slot, "all")}>{say("scopeAll")}</button>
          <button type="button" class="plain" onClick={leave}>{say("close")}</button>
        </div>
      </div>
    </div>
  );
}
