/* Where the dialog stands: beside its slot, never on it. */

import { selection } from "../state.ts";
import type { Occ } from "../types.ts";

const GAP = 12;
const EDGE = 12;

/** The element that the dialog speaks of: the drawn slot, or the booking. */
export function subject(occ: Occ | null): HTMLElement | null {
  const slot = selection.value ? document.querySelector<HTMLElement>("[data-slot]") : null;
  if (slot || !occ) return slot;
  return [...document.querySelectorAll<HTMLElement>("[data-booking]")].find(
    (one) => one.dataset["name"] === occ.name && one.dataset["room"] === occ.room && (one.dataset["recurrence"] ?? "") === (occ.recurrence ?? ""),
  ) ?? null;
}

/** Put the dialog right or left of the slot; where neither has room, below or above, as tall as there is room. */
export function stand(box: HTMLElement, anchor: DOMRect | null): void {
  const width = box.offsetWidth;
  const style = box.style;
  style.maxHeight = "";
  const height = Math.min(box.scrollHeight + 2, innerHeight - 2 * EDGE);
  const within = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, Math.max(low, high)));
  if (!anchor || anchor.bottom < 0 || anchor.top > innerHeight) {
    style.left = `${(document.documentElement.clientWidth - width) / 2}px`;
    style.top = `${within((innerHeight - height) / 3, EDGE, innerHeight)}px`;
    style.maxHeight = `${innerHeight - 2 * EDGE}px`;
    return;
  }
  const room = document.documentElement.clientWidth;
  const right = room - anchor.right - GAP - EDGE;
  const left = anchor.left - GAP - EDGE;
  if (right >= width || left >= width) {
    style.left = `${right >= width ? anchor.right + GAP : anchor.left - GAP - width}px`;
    style.top = `${within(anchor.top - 40, EDGE, innerHeight - EDGE - height)}px`;
    style.maxHeight = `${innerHeight - 2 * EDGE}px`;
    return;
  }
  const below = innerHeight - anchor.bottom - GAP - EDGE;
  const above = anchor.top - GAP - EDGE;
  style.left = `${within(anchor.left + anchor.width / 2 - width / 2, EDGE, room - width - EDGE)}px`;
  if (below >= height || below >= above) {
    style.top = `${anchor.bottom + GAP}px`;
    style.maxHeight = `${Math.max(below, 160)}px`;
  } else {
    const tall = Math.min(height, above);
    style.top = `${anchor.top - GAP - tall}px`;
    style.maxHeight = `${above}px`;
  }
}

/** The sheet of a phone covers the lower part: bring the slot above it. */
export function liftAbove(box: HTMLElement, anchor: HTMLElement | null): void {
  box.style.left = box.style.top = box.style.maxHeight = "";
  if (!anchor) return;
  const top = innerHeight - box.offsetHeight; // not where it is while it still slides in
  const rect = anchor.getBoundingClientRect();
  if (rect.bottom > top - GAP) scrollBy({ top: rect.bottom - top + GAP * 2 });
}
