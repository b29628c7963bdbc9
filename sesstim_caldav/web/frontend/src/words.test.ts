import assert from "node:assert/strict";
import { test } from "node:test";
import { bookTitle, counted, duration, longDate, monthlyWords, say, shortDate, span, speak, typeset, weekdayName } from "./words.ts";

test("a first of the month is « 1er » in French", () => {
  speak("fr");
  assert.equal(longDate("2026-12-01"), "mardi\u00a01er décembre 2026");
  assert.equal(longDate("2026-12-02", false), "mercredi\u00a02 décembre");
  assert.equal(shortDate("2026-12-01"), "mar.\u00a01er\u00a0déc.");
});

test("English dates are written as English is", () => {
  speak("en-GB");
  assert.equal(longDate("2026-12-01"), "Tuesday\u00a01 December 2026");
  assert.deepEqual(monthlyWords("2026-12-22"), { date: "on the 22nd", weekday: "on the fourth Tuesday", last: "on the last Tuesday" });
});

test("French sentences have narrow no-break spaces before their high signs", () => {
  assert.equal(typeset("Pris : oui ? « Réservé » ! a ; b"), "Pris\u202f: oui\u202f? «\u202fRéservé\u202f»\u202f! a\u202f; b");
  speak("fr");
  assert.ok(!/ [:;!?»]/.test(say("offlineConfirm")));
  assert.equal(say("takenBy", { name: "Marie Dupont" }), "Pris par Marie Dupont");
});

test("both languages have every sentence, with the same facts in it", async () => {
  const source = await import("node:fs").then((fs) => fs.readFileSync(new URL("./words.ts", import.meta.url), "utf8"));
  const [french, english] = [/const FR = \{(.*?)\n\} as const/s, /const EN[^=]*= \{(.*?)\n\};/s].map((one) => one.exec(source)![1]!);
  const facts = (text: string): Map<string, string> =>
    new Map([...text.matchAll(/(\w+): "((?:[^"\\]|\\.)*)"/g)].map((found) => [found[1]!, [...found[2]!.matchAll(/\{\w+\}/g)].map(String).sort().join()]));
  const [fr, en] = [facts(french!), facts(english!)];
  assert.ok(fr.size > 150);
  assert.deepEqual([...fr.keys()].sort(), [...en.keys()].sort());
  for (const [key, named] of fr) assert.equal(en.get(key), named, key);
});

test("times and lengths", () => {
  assert.equal(span(570, 660), "09:30–11:00");
  assert.equal(duration(90), "1\u00a0h\u00a030");
  assert.equal(duration(45), "45\u00a0min");
  assert.equal(duration(120), "2\u00a0h");
});

test("the monthly choices are named by the day", () => {
  speak("fr");
  assert.deepEqual(monthlyWords("2026-12-01"), { date: "le 1er", weekday: "le premier mardi", last: "le dernier mardi" });
});

test("counting nought and one", () => {
  speak("fr");
  assert.equal(counted(1, "seats", "seatsMany"), "1 place");
  assert.equal(counted(12, "seats", "seatsMany"), "12 places");
  assert.equal(bookTitle("Salle Prado"), "Réserver la salle Prado");
  assert.equal(weekdayName(0), "lundi");
});
