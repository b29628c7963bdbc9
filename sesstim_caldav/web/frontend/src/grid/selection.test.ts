import assert from "node:assert/strict";
import { test } from "node:test";
import { begun, carried, clicked, drawn, keyed, pulled, type Bounds, type Cursor } from "./selection.ts";

const OPEN: Bounds = { from: 480, to: 1200 };

test("a slot goes from the quarter hour pressed to the one reached, in either direction", () => {
  assert.deepEqual(drawn(602, 668, OPEN, 15), { start: 600, end: 675 });
  assert.deepEqual(drawn(668, 602, OPEN, 15), { start: 600, end: 675 });
  assert.deepEqual(drawn(600, 660, OPEN, 15), { start: 600, end: 660 });
  assert.deepEqual(drawn(600, 600, OPEN, 15), { start: 600, end: 615 });
});

test("a hand on a line of the grid means the line", () => {
  assert.deepEqual(drawn(539.8, 600.3, OPEN, 15), { start: 540, end: 600 });
  assert.deepEqual(drawn(600.3, 539.8, OPEN, 15), { start: 540, end: 600 });
  assert.deepEqual(drawn(479.5, 540.2, OPEN, 15), { start: 480, end: 540 });
  assert.deepEqual(drawn(546, 594, OPEN, 15), { start: 540, end: 600 });
  assert.deepEqual(clicked(613, OPEN, 15, []), { start: 600, end: 660 });
});

test("a slot stops at the hours that are open", () => {
  assert.deepEqual(drawn(1100, 1400, OPEN, 15), { start: 1095, end: 1200 });
  assert.deepEqual(drawn(500, 10, OPEN, 15), { start: 480, end: 510 });
});

test("nothing is drawn from where nothing can be booked", () => {
  assert.equal(drawn(470, 600, OPEN, 15), null);
  assert.equal(drawn(1200, 1230, OPEN, 15), null);
  assert.equal(drawn(600, 700, null, 15), null);
});

test("a click is an hour, or what is free of it", () => {
  assert.deepEqual(clicked(601, OPEN, 15, []), { start: 600, end: 660 });
  assert.deepEqual(clicked(601, OPEN, 15, [{ start: 645, end: 700 }]), { start: 600, end: 645 });
  assert.deepEqual(clicked(1190, OPEN, 15, []), { start: 1185, end: 1200 });
});

test("a booking that is carried keeps its length and stays inside", () => {
  assert.deepEqual(carried({ start: 600, end: 690 }, 707, OPEN, 15), { start: 705, end: 795 });
  assert.deepEqual(carried({ start: 600, end: 690 }, 1190, OPEN, 15), { start: 1110, end: 1200 });
  assert.equal(carried({ start: 480, end: 1200 }, 480, { from: 600, to: 1200 }, 15), null);
});

test("an edge that is pulled leaves a quarter of an hour at least", () => {
  assert.deepEqual(pulled({ start: 600, end: 690 }, "end", 730, OPEN, 15), { start: 600, end: 735 });
  assert.deepEqual(pulled({ start: 600, end: 690 }, "end", 500, OPEN, 15), { start: 600, end: 615 });
  assert.deepEqual(pulled({ start: 600, end: 690 }, "start", 900, OPEN, 15), { start: 675, end: 690 });
  assert.deepEqual(pulled({ start: 600, end: 690 }, "start", 0, OPEN, 15), { start: 480, end: 690 });
  assert.deepEqual(pulled({ start: 600, end: 690 }, "end", 2000, OPEN, 15), { start: 600, end: 1200 });
});

const right = (key: string, shift = false) => ({ key, shift, sideways: true });

test("the keyboard begins with the first hour that can be booked", () => {
  assert.deepEqual(begun([null, { from: 645, to: 1200 }], 0, 15), { lane: 1, start: 645, end: 705 });
  assert.equal(begun([null, null], 0, 15), null);
});

test("arrows move the slot, Shift makes it longer and shorter", () => {
  const at: Cursor = { lane: 0, start: 600, end: 660 };
  assert.deepEqual(keyed(at, right("ArrowRight"), [OPEN], 15), { lane: 0, start: 615, end: 675 });
  assert.deepEqual(keyed(at, right("ArrowLeft"), [OPEN], 15), { lane: 0, start: 585, end: 645 });
  assert.deepEqual(keyed(at, right("ArrowRight", true), [OPEN], 15), { lane: 0, start: 600, end: 675 });
  assert.deepEqual(keyed({ lane: 0, start: 600, end: 615 }, right("ArrowLeft", true), [OPEN], 15), { lane: 0, start: 600, end: 615 });
  assert.deepEqual(keyed(at, right("End"), [OPEN], 15), { lane: 0, start: 1140, end: 1200 });
  assert.deepEqual(keyed({ lane: 0, start: 1140, end: 1200 }, right("ArrowRight"), [OPEN], 15), { lane: 0, start: 1140, end: 1200 });
});

test("across the lanes the keyboard skips those that are shut", () => {
  const at: Cursor = { lane: 0, start: 600, end: 660 };
  assert.deepEqual(keyed(at, right("ArrowDown"), [OPEN, null, { from: 645, to: 1200 }], 15), { lane: 2, start: 645, end: 705 });
  assert.deepEqual(keyed(at, right("ArrowUp"), [OPEN, OPEN], 15), at);
  assert.deepEqual(keyed(at, { key: "ArrowRight", shift: false, sideways: false }, [OPEN, OPEN], 15), { ...at, lane: 1 });
});
