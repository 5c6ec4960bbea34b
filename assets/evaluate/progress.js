// How far an evaluation is.

import { duration, grouped } from "../shared/format.js";

export function writeProgress(part, { doing, of, done, total, unit, left }) {
  part("progress").hidden = !doing;
  if (!doing) return;
  const title = doing[0].toUpperCase() + doing.slice(1);
  if (part("doing").textContent !== title) part("doing").textContent = title; // read out once
  const share = total ? done / total : 0;
  part("track").style.setProperty("--share", share);
  part("track").setAttribute("aria-valuenow", Math.round(100 * share));
  const facts = of ? [of] : [];
  if (total) facts.push(`${grouped(done)} of ${grouped(total)} ${unit ?? ""}`.trim());
  if (left) facts.push(`${duration(left)} left`);
  part("count").textContent = facts.join(" · ");
}
