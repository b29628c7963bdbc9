/* All rooms: the day, the week, the month; on a phone, the day as a list. */

import { narrow, place, shownDay, today, type Place, type View } from "../state.ts";
import { monday } from "../time.ts";
import { capitalised, longDate, monthTitle, plainDate, say } from "../words.ts";
import { Day } from "./Day.tsx";
import { Header } from "./Header.tsx";
import { Legend } from "./Legend.tsx";
import { Month } from "./Month.tsx";
import { Phone } from "./Phone.tsx";
import { Week } from "./Week.tsx";

export function Dashboard() {
  const here = place.value;
  if (here.page !== "dashboard") return null;
  const day = shownDay.value;
  const title = here.view === "month" ? monthTitle(day) : here.view === "week" ? say("weekOf", { day: plainDate(monday(day)) }) : longDate(day);
  const to = (view: View): Place => ({ ...here, view, date: day === today.value ? null : day });
  return (
    <>
      <Header title={capitalised(title)} step={here.view === "day" && narrow.value ? null : here.view} view={here.view} to={to} />
      {here.view === "month" ? <Month /> : here.view === "week" ? <Week /> : narrow.value ? <Phone /> : <Day />}
      {!(here.view === "day" && narrow.value) && <Legend month={here.view === "month"} />}
    </>
  );
}
