// The progress of a run: its stage, rate and time left, device and memory; how it ended.

import { duration, grouped } from "../shared/format.js";

// The title of a run that has ended, and what it means.
const ENDS = {
  stopped: ["Stopped", "Its progress is saved: the run can be resumed."],
  finished: ["Finished", ""],
  failed: ["Failed", "It can be resumed when the cause is fixed."],
  died: ["Stopped unexpectedly", "Its process ended without a message. Resume continues from the last save."],
};

export function writeStatus(root, part, status) {
  root.dataset.state = status ? status.state : "empty";
  if (!status) return;
  const { state, message, log } = status;
  const [title, meaning] = ENDS[state] || [];
  const stage = state === "stopping" ? "stopping" : status.stage;
  part("stage").textContent = title || stage[0].toUpperCase() + stage.slice(1);
  const share = state === "finished" ? 1 : status.total ? status.done / status.total : 0;
  part("track").style.setProperty("--share", share);
  part("track").setAttribute("aria-valuenow", Math.round(100 * share));
  part("count").textContent = title ? meaning : countText(status);
  part("facts").textContent = factsText(status);
  part("message").textContent = message || "";
  part("message").hidden = !message;
  part("last").textContent = log || "";
  part("last").hidden = !log;
}

function countText({ stage, done, total, unit, rate, seconds_left: inStage, run_seconds_left: inAll }) {
  if (stage === "starting") return "Loading the libraries takes some seconds.";
  const facts = [];
  if (total > 0) facts.push(`${grouped(done)} of ${grouped(total)} ${unit}`);
  if (rate) facts.push(`${rate >= 10 ? grouped(Math.round(rate)) : rate.toFixed(1)} a second`);
  if (inAll) facts.push(`about ${duration(inAll)} left`);
  else if (inStage) facts.push(`about ${duration(inStage)} left in this step`);
  return facts.join(" · ");
}

function factsText({ epoch, epochs, device, memory }) {
  const facts = [];
  if (epochs) facts.push(`${epoch} of ${epochs} epochs done`);
  if (device) facts.push(device);
  if (memory > 5e7) facts.push(`${(memory / 1e9).toFixed(1)} GB of memory`);
  return facts.join(" · ");
}
