/* For a manager: whose booking it is to be. */

import { useEffect, useId, useState } from "preact/hooks";
import { getPeople } from "../api.ts";
import { say } from "../words.ts";

export function People({ value, onValue }: { value: string | null; onValue: (email: string | null) => void }) {
  const id = useId();
  const [text, setText] = useState(value ?? "");
  const [people, setPeople] = useState<{ name: string; email: string }[]>([]);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  useEffect(() => {
    if (!open || text.trim().length < 2) return setPeople([]);
    const timer = setTimeout(() => {
      getPeople(text.trim()).then((answer) => setPeople(answer.people.slice(0, 8)), () => setPeople([]));
    }, 150);
    return () => clearTimeout(timer);
  }, [text, open]);
  const choose = (person: { name: string; email: string }): void => {
    setText(person.email);
    onValue(person.email);
    setOpen(false);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setActive(Math.max(0, Math.min(people.length - 1, active + (event.key === "ArrowDown" ? 1 : -1))));
    } else if (event.key === "Enter" && open && people[active]) {
      event.preventDefault();
      choose(people[active]);
    } else if (event.key === "Escape" && open && people.length) {
      event.stopPropagation();
      setOpen(false);
    }
  };
  const shown = open && people.length > 0;
  return (
    <div class="field time-field">
      <label for={id}>{say("behalf")}</label>
      <input
        id={id} type="text" role="combobox" autocomplete="off" aria-expanded={shown} aria-controls={shown ? `${id}-list` : undefined} aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
        placeholder={say("me")} value={text} onKeyDown={pressed} onBlur={() => setOpen(false)}
        onInput={(event) => {
          const written = event.currentTarget.value;
          setText(written);
          setOpen(true);
          setActive(-1);
          onValue(written.includes("@") ? written.trim() : null);
        }}
      />
      {shown && <ul id={`${id}-list`} role="listbox" aria-label={say("organiser")} class="times" onMouseDown={(event) => event.preventDefault()}>
        {people.map((person, index) => (
          <li key={person.email} id={`${id}-${index}`} role="option" aria-selected={index === active} class={index === active ? "active" : ""} onClick={() => choose(person)}>
            {person.name}<small>{person.email}</small>
          </li>
        ))}
      </ul>}
    </div>
  );
}
