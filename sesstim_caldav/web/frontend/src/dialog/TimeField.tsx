/* A time: typed as people type it (9, 9h30, 930), or chosen from the quarter hours. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { clock, readClock } from "../time.ts";
import { duration, say, time } from "../words.ts";

export function TimeField({ label, value, from, to, grid, since, onValue }: {
  label: string;
  value: string;
  from: number;
  to: number;
  grid: number;
  since?: number; // the start, for an end: the length is told beside each time
  onValue: (value: string) => void;
}) {
  const id = useId();
  const [text, setText] = useState(value);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const list = useRef<HTMLUListElement>(null);
  const typing = useRef(false);
  useEffect(() => {
    if (!typing.current || readClock(text) === null || clock(readClock(text)!) !== value) setText(value);
  }, [value]);
  const options = Array.from({ length: Math.floor((to - from) / grid) + 1 }, (_, index) => from + index * grid);
  const bad = readClock(text) === null;
  const show = (): void => {
    setOpen(true);
    setActive(options.findIndex((one) => clock(one) === value));
  };
  useEffect(() => {
    const box = list.current;
    const item = box?.children[Math.max(active, 0)] as HTMLElement | undefined;
    if (open && box && item) box.scrollTop = item.offsetTop - box.clientHeight / 2 + item.offsetHeight / 2;
  }, [open, active]);
  const choose = (minute: number): void => {
    typing.current = false;
    setText(clock(minute));
    onValue(clock(minute));
    setOpen(false);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return show();
      setActive(Math.max(0, Math.min(options.length - 1, active + (event.key === "ArrowDown" ? 1 : -1))));
    } else if (event.key === "Enter" && open && active >= 0) {
      event.preventDefault();
      choose(options[active]!);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <div class={`field time-field${bad ? " bad" : ""}`}>
      <label for={id}>{label}</label>
      <input
        id={id} type="text" inputMode="numeric" autocomplete="off" role="combobox" aria-expanded={open} aria-controls={open ? `${id}-list` : undefined} aria-autocomplete="none"
        aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined} aria-invalid={bad ? "true" : undefined} aria-describedby={bad ? `${id}-bad` : undefined}
        value={text} onKeyDown={pressed} onClick={show}
        onInput={(event) => {
          typing.current = true;
          const written = event.currentTarget.value;
          setText(written);
          const minute = readClock(written);
          if (minute !== null) onValue(clock(minute));
          setOpen(false);
        }}
        onBlur={() => {
          typing.current = false;
          setOpen(false);
          setText(value);
        }}
      />
      {open && <ul id={`${id}-list`} role="listbox" aria-label={say("times")} ref={list} class="times" onMouseDown={(event) => event.preventDefault()}>
        {options.map((minute, index) => (
          <li key={minute} id={`${id}-${index}`} role="option" aria-selected={clock(minute) === value} class={index === active ? "active" : ""} onClick={() => choose(minute)}>
            {time(minute)}
            {since !== undefined && minute > since && <small>{duration(minute - since)}</small>}
          </li>
        ))}
      </ul>}
      {bad && <p class="error" id={`${id}-bad`}>{say("timeInvalid")}</p>}
    </div>
  );
}
