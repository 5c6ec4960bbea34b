// How far an evaluation is. `props` is given by gr.HTML.

function showProgress() {
  const { doing, of, done, total, left } = props.status;
  part("progress").hidden = !doing;
  if (!doing) return;
  const title = doing[0].toUpperCase() + doing.slice(1);
  if (part("doing").textContent !== title) part("doing").textContent = title; // said once
  const share = total ? done / total : 0;
  part("track").style.setProperty("--share", share);
  part("track").setAttribute("aria-valuenow", Math.round(100 * share));
  const words = of ? [of] : [];
  if (total) words.push(`${whole.format(done)} of ${whole.format(total)}`);
  if (left) words.push(`${duration(left)} left`);
  part("count").textContent = words.join(" · ");
}
