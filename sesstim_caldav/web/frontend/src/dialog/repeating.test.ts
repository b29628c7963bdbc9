import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf, repeatOf, shifted } from "./repeating.ts";

test("every two weeks is a weekly rule of interval two", () => {
  const rule = repeatOf("fortnightly", "2026-12-01", null)!;
  assert.equal(rule.frequency, "weekly");
  assert.equal(rule.interval, 2);
  assert.deepEqual(rule.weekdays, [1]);
  assert.equal(kindOf(rule), "fortnightly");
});

test("a repetition begins with an end", () => {
  assert.equal(repeatOf("never", "2026-12-01", null), null);
  assert.equal(repeatOf("weekly", "2026-12-01", null)!.until, "2027-02-16");
  assert.equal(repeatOf("monthly", "2026-12-01", null)!.until, "2027-11-01");
});

test("what was chosen for the end stays as the kind changes", () => {
  const endless = { ...repeatOf("weekly", "2026-12-01", null)!, until: null };
  assert.equal(repeatOf("monthly", "2026-12-01", endless)!.until, null);
  const counted = { ...endless, count: 5 };
  const monthly = repeatOf("monthly", "2026-12-01", counted)!;
  assert.equal(monthly.count, 5);
  assert.equal(monthly.until, null);
});

test("a series on one weekday goes with its first day", () => {
  const rule = repeatOf("weekly", "2026-12-01", null);
  assert.deepEqual(shifted(rule, "2026-12-01", "2026-12-03")!.weekdays, [3]);
  assert.deepEqual(shifted({ ...rule!, weekdays: [1, 3] }, "2026-12-01", "2026-12-04")!.weekdays, [1, 3]);
  assert.equal(shifted(rule, "2026-12-01", "2027-06-01")!.until, "2027-06-01");
});
