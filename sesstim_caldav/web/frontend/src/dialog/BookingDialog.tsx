/* The dialog of a booking: new, to be changed, or to be read. It knows before Confirm what the reception would answer. */

import { signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import {
  book, cancel, change, examine, Failed, getBooking, Overtaken, Refused, SignedOut, Unreachable,
} from "../api.ts";
import { drawing } from "../grid/pointer.ts";
import {
  announce, bySlug, connected, dialog, heard, me, narrow, newToken, occurrences, place, redraw, refresh, roomName, rooms, selection, showSlot,
} from "../state.ts";
import { clock, isDay, minutes } from "../time.ts";
import { toast } from "../toast/Undo.tsx";
import type { Draft, Occ, Refusal as Told, Scope, Verdict, Way } from "../types.ts";
import { bookTitle, capitalised, duration, longDate, say, span, shortDate } from "../words.ts";
import { keep, signInAgain } from "./keeping.ts";
import { slotWords } from "./moving.ts";
import { draftOf, opened as openedFrom } from "./opening.ts";
import { People } from "./People.tsx";
import { liftAbove, stand, subject } from "./place.ts";
import { Refusal } from "./Refusal.tsx";
import { Repeat } from "./Repeat.tsx";
import { shifted } from "./repeating.ts";
import { sensitive } from "./sensitive.ts";
import { TimeField } from "./TimeField.tsx";

const EXAMINE_AFTER = 160; // ms without an edit

type Told2 =
  | { kind: "nothing" }
  | { kind: "asking"; before: Verdict | null }
  | { kind: "told"; verdict: Verdict };

/** Shown by the dialog: trouble with the network, the session, or somebody else's change. */
type Trouble = { kind: "text"; text: string; asking?: boolean } | { kind: "signedOut" } | { kind: "overtaken"; differences: string[]; current: Draft | null; etag: string };

const ADVANCED = "sesstim-advanced";

export function BookingDialog() {
  const open = dialog.value;
  if (!open) return null;
  return <Shown key={open.occ ? `${open.occ.room} ${open.occ.name} ${open.occ.recurrence}` : open.draft.token} />;
}

const wide = signal(false);

function Shown() {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const note = useRef<HTMLInputElement>(null);
  const came = useRef<Element | null>(document.activeElement);
  const told = useSignal<Told2>({ kind: "nothing" });
  const trouble = useSignal<Trouble | null>(null);
  const busy = useSignal(false);
  const tried = useSignal(false);
  const open = dialog.value!;
  const { draft, booking, occ } = open;
  const room = bySlug.value.get(draft.room);
  const readOnly = booking !== null && !booking.editable;
  const another = booking !== null && booking.editable && !booking.mine;
  const scope = open.change?.scope ?? "all";
  const series = booking?.series ?? false;
  const start = minutes(draft.start);
  const end = minutes(draft.end);

  const edit = (patch: Partial<Draft>): void => {
    const here = dialog.value;
    if (!here) return;
    const next = { ...here.draft, ...patch };
    if (patch.date && patch.date !== here.draft.date) next.repeat = shifted(next.repeat, here.draft.date, patch.date);
    dialog.value = { ...here, draft: next, refusal: matter(next) === matter(here.draft) ? here.refusal : null };
    const [from, to] = [minutes(next.start), minutes(next.end)];
    const was = here.booking;
    const there = was !== null && was.room === next.room && was.date === next.date && was.start === next.start && was.end === next.end;
    if (there) selection.value = null;
    else if (to > from) selection.value = { room: next.room, date: next.date, start: from, end: to };
    if (patch.room !== undefined || patch.date !== undefined) showSlot(next);
  };

  const close = (): void => {
    const target = came.current;
    dialog.value = null;
    selection.value = null;
    const block = subject(occ);
    const pad = document.querySelector<HTMLElement>("[data-pad]");
    (block ?? (target instanceof HTMLElement && target.isConnected && target !== document.body ? target : pad))?.focus({ preventScroll: true });
  };

  // the note has the focus
  useEffect(() => {
    wide.value = draft.repeat !== null || draft.description !== "" || draft.private || sessionStorage.getItem(ADVANCED) === "1";
    (note.current ?? box.current?.querySelector<HTMLElement>("[data-close]"))?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    if (booking && !open.loading && (booking.repeat || booking.custom || booking.description)) wide.value = true;
  }, [open.loading]);

  // beside its slot, wherever that goes
  useLayoutEffect(() => {
    const settle = (): void => {
      const element = box.current;
      if (!element) return;
      const anchor = subject(occ);
      if (narrow.value) liftAbove(element, anchor);
      else stand(element, anchor?.getBoundingClientRect() ?? open.anchor);
    };
    document.documentElement.classList.toggle("sheet-open", narrow.value);
    settle();
    const watch = new ResizeObserver(settle);
    if (box.current?.firstElementChild) watch.observe(box.current.firstElementChild);
    addEventListener("resize", settle);
    if (!narrow.value) addEventListener("scroll", settle, { passive: true });
    return () => {
      watch.disconnect();
      document.documentElement.classList.remove("sheet-open");
      removeEventListener("resize", settle);
      removeEventListener("scroll", settle);
    };
  }, [narrow.value, selection.value?.room, selection.value?.date, selection.value?.start, selection.value?.end, drawing.value, place.value, occurrences.value]);

  // what would the reception say?
  const question = useComputed(() => {
    const here = dialog.value;
    return here ? `${matter(here.draft)} ${here.change?.scope} ${here.loading} ${here.refusal ? "refused" : ""} ${heard.value}` : "";
  });
  useSignalEffect(() => {
    void question.value;
    const here = dialog.peek();
    if (!here || here.loading || (here.booking && !here.booking.editable)) return;
    const asked = here.draft;
    const changed = here.booking ? worth(here.booking, asked, here.change?.scope) : true;
    if (here.refusal) {
      told.value = { kind: "told", verdict: { ok: false, dates: null, endless: false, sentence: "", refusal: here.refusal } };
      return;
    }
    if (!changed) {
      told.value = { kind: "nothing" };
      return;
    }
    const before = told.peek();
    const stop = new AbortController();
    const last = before.kind === "told" ? before.verdict : before.kind === "asking" ? before.before : null;
    told.value = { kind: "asking", before: last };
    const timer = setTimeout(async () => {
      try {
        const verdict = await examine(asked, here.change, stop.signal);
        if (stop.signal.aborted) return;
        told.value = { kind: "told", verdict };
        const met = trouble.peek();
        if (met?.kind === "text" && met.asking) trouble.value = null; // what Confirm met stays to be read
        if (verdict.sentence !== last?.sentence) announce(verdict.sentence || verdict.refusal?.text || "");
      } catch (error) {
        if (stop.signal.aborted) return;
        told.value = { kind: "nothing" };
        if (error instanceof SignedOut) trouble.value = { kind: "signedOut" };
        else if (error instanceof Unreachable) connected.value = false;
        else if (error instanceof Failed && error.message) trouble.value = { kind: "text", text: error.message, asking: true };
      }
    }, last ? EXAMINE_AFTER : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  });

  const failed = (error: unknown): void => {
    if (error instanceof Refused) {
      told.value = { kind: "told", verdict: { ok: false, dates: null, endless: false, sentence: "", refusal: error.refusal } };
      announce(error.refusal.text);
    } else if (error instanceof Overtaken) {
      trouble.value = { kind: "overtaken", differences: error.differences, current: error.booking ? draftOf(error.booking) : null, etag: error.booking?.etag ?? "" };
      announce([say("changedMeanwhile"), ...error.differences].join(" "));
    } else if (error instanceof SignedOut) {
      keep();
      trouble.value = { kind: "signedOut" };
    } else if (error instanceof Unreachable) {
      connected.value = false;
      trouble.value = { kind: "text", text: say("offlineConfirm") };
    } else if (error instanceof Failed) {
      const text = error.message || (error.status === 503 ? say("unavailableNow") : error.status === 404 ? say("gone") : error.status === 429 ? say("tooMany") : say("failed"));
      trouble.value = { kind: "text", text };
    } else throw error;
  };

  /** Do something once, whatever is pressed meanwhile. */
  const once = async (work: () => Promise<void>, ghost: Occ | null): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    tried.value = true;
    trouble.value = null;
    if (ghost) redraw(null, ghost);
    try {
      await work();
      heard.value++;
      await refresh();
    } catch (error) {
      if (ghost) redraw(ghost, null);
      failed(error);
    } finally {
      busy.value = false;
    }
  };

  const ghostOf = (one: Draft): Occ => ({
    room: one.room, name: `pending-${one.token}`, recurrence: null, date: one.date, start: one.start, end: one.end, title: one.title,
    organiser: me.value.name, email: me.value.email, mine: true, private: one.private, editable: false, series: one.repeat !== null, etag: "", pending: true,
  });

  const confirmWith = (drafts: Draft[]): Promise<void> => {
    const first = drafts[0]!;
    if (!booking) {
      return once(async () => {
        selection.value = null;
        try {
          await book(drafts);
        } catch (error) {
          const here = dialog.value;
          if (here) edit({});
          throw error;
        }
        dialog.value = null;
        toast(drafts.length > 1 ? say("bookedMany", { n: drafts.length }) : say("booked", { slot: slotWords(first) }));
        document.querySelector<HTMLElement>("[data-pad]")?.focus({ preventScroll: true });
      }, ghostOf(first));
    }
    return once(async () => {
      const asked = { scope, recurrence: occ!.recurrence, etag: booking.etag, draft: first, ...(open.reason ? { reason: open.reason } : {}) };
      const done = await change(occ!.room, occ!.name, asked);
      if (drafts.length > 1) await book(drafts.slice(1));
      close();
      const moved = first.room !== booking.room || first.date !== booking.date || first.start !== booking.start || first.end !== booking.end;
      toast(moved ? say("moved", { slot: slotWords(first) }) : say("changed"), done.undo);
    }, null);
  };

  /** Confirm was pressed while the booking was still being read: it counts as soon as that is done. */
  const early = useRef(false);
  const confirm = (): void => {
    if (open.loading) early.current = true;
    else if (!busy.value) void confirmWith([draft]);
  };
  useEffect(() => {
    if (early.current && !open.loading) {
      early.current = false;
      confirm();
    }
  }, [open.loading]);

  const remove = (): void => {
    void once(async () => {
      redraw(occ, null);
      const done = await cancel(occ!.room, occ!.name, { scope, recurrence: occ!.recurrence, etag: booking!.etag, ...(open.reason ? { reason: open.reason } : {}) }).catch((error: unknown) => {
        redraw(null, occ);
        throw error;
      });
      close();
      toast(say("removed"), done.undo);
    }, null);
  };

  /** The same part of a way out has the same token each time it is pressed: it books once. */
  const tokens = useRef(new Map<string, string>());
  const tokenOf = (one: Draft): string => {
    const key = matter(one);
    if (!tokens.current.has(key)) tokens.current.set(key, newToken());
    return tokens.current.get(key)!;
  };

  /** A way out: booked at once where a note stands or Confirm was tried; otherwise the slot moves there and the note is asked for. */
  const takeWay = (way: Way): void => {
    const drafts = way.drafts.map((one, index) => ({
      ...one, title: draft.title || one.title, description: draft.description || one.description, private: draft.private, on_behalf_of: draft.on_behalf_of,
      token: index === 0 ? draft.token : tokenOf(one),
    }));
    if (!drafts.length) return;
    if (drafts.length === 1 && !booking && !draft.title.trim() && !tried.value) {
      edit(drafts[0]!);
      note.current?.focus({ preventScroll: true });
    } else {
      if (drafts.length === 1) edit(drafts[0]!);
      void confirmWith(drafts);
    }
  };

  const setScope = (next: Scope): void => {
    if (open.change) dialog.value = { ...open, change: { ...open.change, scope: next }, refusal: null };
  };

  const seeCurrent = async (): Promise<void> => {
    if (!occ) return;
    try {
      const current = await getBooking(occ);
      dialog.value = openedFrom({ ...occ, ...current }, current);
      trouble.value = null;
    } catch (error) {
      failed(error);
    }
  };

  const keepMine = (etag: string): void => {
    if (!booking || !etag) return;
    trouble.value = null;
    dialog.value = { ...open, booking: { ...booking, etag } };
    void Promise.resolve().then(() => confirmAgain(etag));
  };
  const confirmAgain = (etag: string): Promise<void> =>
    once(async () => {
      const done = await change(occ!.room, occ!.name, { scope, recurrence: occ!.recurrence, etag, draft, ...(open.reason ? { reason: open.reason } : {}) });
      close();
      toast(say("changed"), done.undo);
    }, null);

  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") {
      const stops = [...box.current!.querySelectorAll<HTMLElement>("a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled])")].filter((one) => one.offsetParent !== null);
      const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
      if (document.activeElement === edge) {
        event.preventDefault();
        (event.shiftKey ? stops[stops.length - 1] : stops[0])?.focus();
      }
    }
  };

  const warning = sensitive(draft.title);
  const title = booking ? (readOnly ? booking.title || say("reserved") : say("changeBooking")) : bookTitle(roomName(draft.room));
  const when = `${longDate(draft.date)} · ${span(start, end)}${end > start ? ` · ${duration(end - start)}` : ""}`;

  return (
    <div
      ref={box} class={`dialog${narrow.value ? " sheet" : ""}${drawing.value ? " aside" : ""}`} role="dialog" aria-labelledby={`${id}-title`} aria-describedby={`${id}-when`}
      onKeyDown={pressed} data-dialog
    >
      <form
        class="inside" noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!readOnly) confirm();
        }}
      >
        <h2 id={`${id}-title`}>{title}</h2>
        <p class="when" id={`${id}-when`}>
          {readOnly && <>{roomName(draft.room)}<br /></>}
          {when}
          {draft.also.length > 0 && <><br />+ {draft.also.map((day) => longDate(day, false)).join(", ")}</>}
        </p>
        {readOnly ? (
          <Reading open={open} />
        ) : (
          <>
            <div class="field">
              <label for={`${id}-note`}>{say("note")}</label>
              <input
                ref={note} id={`${id}-note`} type="text" maxLength={250} autocomplete="off" value={draft.title} aria-describedby={`${id}-hint`}
                onInput={(event) => edit({ title: event.currentTarget.value })}
              />
              <p class={`hint${warning ? " soft" : ""}`} id={`${id}-hint`} aria-live="polite">
                {warning ? say({ number: "sensitiveNumber", phone: "sensitivePhone", mail: "sensitiveMail", health: "sensitiveHealth" }[warning] as "sensitivePhone") : draft.private ? say("privateHint") : say("hint")}
              </p>
            </div>
            <div class="slot-fields">
              <div class="field">
                <label for={`${id}-room`}>{say("room")}</label>
                <select id={`${id}-room`} value={draft.room} onChange={(event) => edit({ room: event.currentTarget.value })}>
                  {rooms.value.map((one) => <option key={one.slug} value={one.slug}>{one.name}</option>)}
                </select>
              </div>
              <div class="field">
                <label for={`${id}-date`}>{say("date")}</label>
                <input id={`${id}-date`} type="date" value={draft.date} onInput={(event) => isDay(event.currentTarget.value) && edit({ date: event.currentTarget.value })} />
              </div>
              <TimeField
                label={say("start")} value={draft.start} grid={room?.hours.grid ?? 15} from={room ? minutes(room.hours.opens) : 480} to={room ? minutes(room.hours.closes) - room.hours.grid : 1185}
                onValue={(value) => {
                  const closes = room ? minutes(room.hours.closes) : 1200;
                  const length = Math.max(end - start, 15);
                  const moved = minutes(value) + length;
                  edit({ start: value, end: moved <= Math.max(closes, minutes(value) + 15) ? clock(moved) : clock(Math.max(closes, minutes(value) + 15)) });
                }}
              />
              <TimeField
                label={say("end")} value={draft.end} grid={room?.hours.grid ?? 15} since={start} from={start + (room?.hours.grid ?? 15)} to={room ? minutes(room.hours.closes) : 1200}
                onValue={(value) => edit({ end: value })}
              />
            </div>
            {series && (
              <fieldset class="scope">
                <legend>{say("scope")}</legend>
                {(["this", "following", "all"] as const).map((one) => (
                  <label key={one}>
                    <input type="radio" name={`${id}-scope`} checked={scope === one} onChange={() => setScope(one)} />
                    {say(one === "this" ? "scopeThis" : one === "following" ? "scopeFollowing" : "scopeAll")}
                  </label>
                ))}
              </fieldset>
            )}
            <button
              type="button" class="plain more" aria-expanded={wide.value} aria-controls={`${id}-more`}
              onClick={() => {
                wide.value = !wide.value;
                sessionStorage.setItem(ADVANCED, wide.value ? "1" : "0");
              }}
            >
              <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"><path d="m3 4.5 3 3 3-3" /></svg>
              {say("advanced")}
            </button>
            <div id={`${id}-more`} class="advanced" hidden={!wide.value}>
              {booking?.custom ? (
                <p class="hint">{booking.rule ? say("keepsRule", { rule: booking.rule }) : ""} {say("customRule")}</p>
              ) : (
                !(series && scope === "this") && <Repeat draft={draft} edit={edit} />
              )}
              {series && scope === "this" && booking?.rule && <p class="hint">{say("keepsRule", { rule: booking.rule })}</p>}
              <div class="field">
                <label for={`${id}-text`}>{say("description")}</label>
                <textarea id={`${id}-text`} rows={2} value={draft.description} onInput={(event) => edit({ description: event.currentTarget.value })} />
              </div>
              <div class="tick">
                <input id={`${id}-private`} type="checkbox" checked={draft.private} disabled={another} onChange={(event) => edit({ private: event.currentTarget.checked })} />
                <label for={`${id}-private`}>{say("private")}</label>
              </div>
              {me.value.manager && !booking && <People value={draft.on_behalf_of} onValue={(email) => edit({ on_behalf_of: email })} />}
            </div>
            {another && (
              <div class="field">
                <p class="hint">{say("bookingOf", { name: booking.organiser })}</p>
                <label for={`${id}-reason`}>{say("reason")}</label>
                <input id={`${id}-reason`} type="text" value={open.reason ?? ""} maxLength={500} onInput={(event) => (dialog.value = { ...dialog.value!, reason: event.currentTarget.value })} />
              </div>
            )}
          </>
        )}
        <div class="bottom">
        {!readOnly && <Answer told={told.value} busy={busy.value} onWay={takeWay} />}
        {trouble.value && (
          <div class="say warn" role="alert">
            {trouble.value.kind === "text" && <p>{trouble.value.text}</p>}
            {trouble.value.kind === "signedOut" && (
              <>
                <p>{say("signInAgain")}</p>
                <div class="ways"><button type="button" onClick={signInAgain}>{say("signIn")}</button></div>
              </>
            )}
            {trouble.value.kind === "overtaken" && (
              <>
                <b>{say("changedMeanwhile")}</b>
                <ul>{trouble.value.differences.map((one) => <li key={one}>{one}</li>)}</ul>
                <div class="ways">
                  <button type="button" onClick={() => void seeCurrent()}>{say("seeCurrent")}</button>
                  {trouble.value.etag && <button type="button" onClick={() => trouble.value?.kind === "overtaken" && keepMine(trouble.value.etag)}>{say("applyAnyway")}</button>}
                </div>
              </>
            )}
          </div>
        )}
        <div class="foot-row">
          {booking && !readOnly && (
            <button type="button" class="danger" disabled={busy.value || open.loading} onClick={remove}>{say("remove")}</button>
          )}
          <span class="grow" />
          <button type="button" onClick={close} data-close>{say("close")}</button>
          {!readOnly && (
            <button type="submit" class="main" aria-disabled={busy.value ? "true" : undefined}>{busy.value ? say("saving") : say("confirm")}</button>
          )}
        </div>
        </div>
      </form>
    </div>
  );
}



/** What of a draft the rules speak about. */
const matter = (draft: Draft): string =>
  JSON.stringify([draft.room, draft.date, draft.start, draft.end, draft.repeat, draft.excluding, draft.also, draft.on_behalf_of]);

/** Is there anything in a change that the rules could speak about? */
function worth(booking: Draft | { room: string; date: string; start: string; end: string; repeat: Draft["repeat"] }, draft: Draft, scope: Scope | undefined): boolean {
  return booking.room !== draft.room || booking.date !== draft.date || booking.start !== draft.start || booking.end !== draft.end ||
    (scope !== "this" && JSON.stringify(booking.repeat) !== JSON.stringify(draft.repeat));
}

function Answer({ told, busy, onWay }: { told: Told2; busy: boolean; onWay: (way: Way) => void }) {
  if (told.kind === "nothing") return null;
  const verdict = told.kind === "told" ? told.verdict : told.before;
  const stale = told.kind === "asking" ? " stale" : "";
  if (!verdict) return <div class="say asking">{say("examining")}</div>;
  if (verdict.refusal) {
    return <div class={`answer${stale}`}><Refusal refusal={verdict.refusal as Told} heading={verdict.sentence} onWay={onWay} busy={busy} /></div>;
  }
  if (!verdict.ok) return <div class={`answer${stale}`}><div class="say warn"><b>{verdict.sentence || say("failed")}</b></div></div>;
  return (
    <div class={`answer${stale}`}>
      <div class="say good">
        <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="m2.5 7.5 3 3 6-7" /></svg>
        {verdict.sentence || say("ok")}
      </div>
    </div>
  );
}

/** Another's booking, to be read. */
function Reading({ open }: { open: { booking: import("../types.ts").Booking | null } }) {
  const booking = open.booking!;
  return (
    <dl class="pairs">
      <dt>{say("organiser")}</dt>
      <dd>{booking.email ? <a href={`mailto:${booking.email}`} title={say("writeTo", { name: booking.organiser })}>{booking.organiser}</a> : booking.organiser}</dd>
      {booking.rule && (<><dt>{say("series")}</dt><dd>{capitalised(booking.rule)}</dd></>)}
      {booking.description && (<><dt>{say("description")}</dt><dd class="pre">{booking.description}</dd></>)}
      {booking.next.length > 1 && (<><dt>{say("when")}</dt><dd>{booking.next.slice(0, 4).map((day) => shortDate(day)).join(", ")}</dd></>)}
    </dl>
  );
}

