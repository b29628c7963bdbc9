import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDays, addMonths, clock, dayNumber, dayOf, daysFrom, daysInMonth, isDay, minutes, monday, ordinalInMonth, readClock, weekday, weeksOfMonth,
} from "./time.ts";

test("a day and its number are the same day, whatever zone the browser is in", () => {
  for (const zone of ["America/New_York", "Asia/Tokyo", "Europe/Paris", "Pacific/Kiritimati"]) {
    process.env["TZ"] = zone;
    for (const day of ["2026-12-01", "2027-03-28", "2027-03-29", "2024-02-29", "1999-12-31"]) assert.equal(dayOf(dayNumber(day)), day);
  }
});

test("the day after the clocks have changed is the next day", () => {
  process.env["TZ"] = "Europe/Paris";
  assert.equal(addDays("2027-03-27", 1), "2027-03-28");
  assert.equal(addDays("2027-03-28", 1), "2027-03-29");
  assert.equal(addDays("2026-10-25", 1), "2026-10-26");
  assert.deepEqual(daysFrom("2027-03-26", "2027-03-29"), ["2027-03-26", "2027-03-27", "2027-03-28", "2027-03-29"]);
});

test("the week starts on Monday", () => {
  assert.equal(weekday("2026-11-30"), 0);
  assert.equal(weekday("2026-12-06"), 6);
  assert.equal(monday("2026-12-06"), "2026-11-30");
  assert.equal(monday("2026-11-30"), "2026-11-30");
});

test("a month shows the whole weeks that it touches", () => {
  const weeks = weeksOfMonth("2026-12-17");
  assert.equal(weeks.length, 5);
  assert.equal(weeks[0]![0], "2026-11-30");
  assert.equal(weeks[4]![6], "2027-01-03");
  assert.equal(weeksOfMonth("2027-02-10").length, 4);
});

test("a month later is the same day, or the month's last", () => {
  assert.equal(addMonths("2027-01-31", 1), "2027-02-28");
  assert.equal(addMonths("2026-12-01", -1), "2026-11-01");
  assert.equal(addMonths("2026-12-15", 13), "2028-01-15");
  assert.equal(daysInMonth("2028-02-01"), 29);
});

test("times as people type them", () => {
  const typed: [string, number | null][] = [
    ["9", 540], ["9h", 540], ["9h30", 570], ["9:30", 570], ["09:30", 570], ["930", 570], ["0930", 570], ["9.30", 570], ["9 30", 570], ["2:30 pm", 870],
    ["12 am", 0], ["20", 1200], ["24:00", 1440], ["24:15", null], ["9:75", null], ["", null], ["midi", null], ["13 pm", null],
  ];
  for (const [text, minute] of typed) assert.equal(readClock(text), minute, text);
});

test("a time and its minutes are the same", () => {
  for (let minute = 0; minute < 1440; minute += 15) assert.equal(minutes(clock(minute)), minute);
});

test("what is a day and what is not", () => {
  assert.ok(isDay("2028-02-29"));
  for (const text of ["2027-02-29", "2026-13-01", "2026-1-1", "", "2026-00-10", null]) assert.ok(!isDay(text), String(text));
});

test("which Tuesday of its month a day is", () => {
  assert.deepEqual(ordinalInMonth("2026-12-01"), { ordinal: 1, last: false });
  assert.deepEqual(ordinalInMonth("2026-12-29"), { ordinal: 5, last: true });
  assert.deepEqual(ordinalInMonth("2027-02-23"), { ordinal: 4, last: true });
});
