import { rooms } from "../state.ts";
import { axisOf } from "../grid/axis.ts";
import { say, time } from "../words.ts";

export function Legend({ month = false }: { month?: boolean }) {
  const axis = axisOf(rooms.value, []);
  return (
    <p class="legend">
      <span><i class="m" />{say("mine")}</span>
      <span><i />{say("taken")}</span>
      {!month && <span><i class="p" />{say("privateLegend")}</span>}
      <span><i class="c" />{say("unavailable")}</span>
      {month ? <span class="last">{say("monthLegend", { from: time(axis.from), to: time(axis.to) })}</span> : <span class="last keys">{say("keysShort")}</span>}
    </p>
  );
}
