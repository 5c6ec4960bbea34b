// How far the training is: its stage, time left, speed, device and memory; how it ended.

// How a run that has ended is spoken of: in one word, and what that means.
const ENDS = {
  stopped: ["Stopped", "All that it has learnt is kept: it can go on."],
  finished: ["Finished", ""],
  failed: ["Failed", "It can go on once that is mended."],
  died: ["Died", "Its process has ended without a word. It can go on from what was saved last."],
};

function countOf(status) {
  const { done, total, unit, rate, seconds_left: left } = status;
  const words = [];
  if (total > 0) words.push(`${whole.format(done)} of ${whole.format(total)} ${unit}`);
  if (rate) words.push(`${few(rate)} a second`);
  if (left) words.push(`${duration(left)} left`);
  return words.join(" · ");
}

function factsOf(status) {
  const { epoch, epochs, captions_per_second: speed, device, memory } = status;
  const facts = [];
  if (epochs) facts.push(`${epoch} of ${epochs} epochs done`);
  if (speed) facts.push(`${whole.format(Math.round(speed))} captions a second`);
  if (device) facts.push(device);
  if (memory > 5e7) facts.push(`${(memory / 1e9).toFixed(1)} GB of memory`);
  return facts.join(" · ");
}

function showStatus() {
  const status = props.status;
  root.dataset.state = status ? status.state : "empty";
  if (!status) return;
  const [ended, meaning] = ENDS[status.state] || [];
  const stage = status.state === "stopping" ? "stopping" : status.stage;
  part("stage").textContent = ended || stage[0].toUpperCase() + stage.slice(1);
  const share = status.state === "finished" ? 1 : status.total ? status.done / status.total : 0;
  part("track").style.setProperty("--share", share);
  part("track").setAttribute("aria-valuenow", Math.round(100 * share));
  part("count").textContent = ended ? meaning : countOf(status);
  part("facts").textContent = factsOf(status);
  part("message").textContent = status.message || "";
  part("message").hidden = !status.message;
  part("last").textContent = status.log || "";
  part("last").hidden = !status.log;
}
