/* A dialog across a new sign-in: what was typed waits in the browser's session. */

import { mount } from "../api.ts";
import { dialog, selection, type Opened } from "../state.ts";
import { minutes } from "../time.ts";

const KEY = "sesstim-dialog";

export function keep(): void {
  if (dialog.value) sessionStorage.setItem(KEY, JSON.stringify({ ...dialog.value, anchor: null, refusal: null }));
}

export function signInAgain(): void {
  keep();
  const back = `/${location.pathname.slice(mount.length)}${location.search}`; // as the server sees it, where it is mounted
  location.assign(`${mount}login?next=${encodeURIComponent(back)}`);
}

/** Take up what was kept, once. */
export function restore(): void {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (!kept) return;
  try {
    const opened = JSON.parse(kept) as Opened;
    dialog.value = opened;
    const { room, date, start, end } = opened.draft;
    if (!opened.booking) selection.value = { room, date, start: minutes(start), end: minutes(end) };
  } catch {
    // something else's, or cut off: nothing to take up
  }
}
