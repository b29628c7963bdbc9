import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { attach, type Grid } from "../grid/pointer.ts";
import type { Axis } from "../grid/axis.ts";
import { openBooking } from "../dialog/opening.ts";
import { carryTo } from "../dialog/moving.ts";
import { pullSlot, takeSlot } from "../state.ts";

/** The hand on a grid's element. */
export function useGrid<T extends HTMLElement>(axis: Axis, sideways: boolean): RefObject<T | null> {
  const root = useRef<T>(null);
  const grid = useRef<Grid>({ axis, sideways, onDrawn: takeSlot, onPulled: pullSlot, onCarried: (occ, slot) => void carryTo(occ, slot), onOpened: (occ) => void openBooking(occ) });
  grid.current.axis = axis;
  grid.current.sideways = sideways;
  useEffect(() => (root.current ? attach(root.current, () => grid.current) : undefined), []);
  return root;
}
