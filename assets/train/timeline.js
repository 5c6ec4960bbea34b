// The timeline: moments of a training, from noise to looking at the right thing.

const slider = root.querySelector("[data-moment]");
let pictures = [];
let learnt = null; // {run, photos, grid, moments}
let at = 0;
let playing = null;

function nameOf(moment) {
  if (moment.step === 0) return "before the first step";
  const epoch = Number.isInteger(moment.epoch) ? moment.epoch : moment.epoch.toFixed(2);
  return `after ${whole.format(moment.step)} steps, epoch ${epoch}`;
}

function go(moment) {
  at = Math.min(Math.max(moment, 0), learnt.moments.length - 1);
  slider.value = at;
  slider.style.setProperty("--share", learnt.moments.length > 1 ? at / (learnt.moments.length - 1) : 1);
  const name = nameOf(learnt.moments[at]);
  slider.setAttribute("aria-valuetext", name);
  part("moment").textContent = name;
  pictures.forEach((picture, i) => picture.show(learnt.moments[at].captions[i], learnt.grid));
}

function stop() {
  clearInterval(playing);
  playing = null;
  delete root.dataset.playing;
  part("play").setAttribute("aria-label", "Play from the beginning");
}

function play() {
  if (playing) return stop();
  if (at === learnt.moments.length - 1) go(0);
  root.dataset.playing = "";
  part("play").setAttribute("aria-label", "Pause");
  playing = setInterval(() => {
    if (at + 1 < learnt.moments.length) go(at + 1);
    else stop();
  }, PACE);
}

function showLearnt() {
  const given = props.value ? JSON.parse(props.value) : null;
  const any = Boolean(given && given.moments.length);
  part("learnt").hidden = !any;
  if (!any) {
    stop();
    learnt = null;
    return;
  }
  const another = !learnt || learnt.run !== given.run || learnt.photos.length !== given.photos.length;
  const newest = !another && at === learnt.moments.length - 1 && !playing;
  learnt = given;
  slider.max = learnt.moments.length - 1;
  part("learnt-title").textContent = learnt.attends ? "What it says, and where it looks"
    : "What it says; it has no attention";
  part("newest").textContent = nameOf(learnt.moments[learnt.moments.length - 1]);
  if (another) {
    stop();
    pictures = learnt.photos.map((photo, i) => new Picture(photo, i));
    part("pictures").replaceChildren(...pictures.map((picture) => picture.item));
  }
  // Whoever looks at the newest moment sees the next one when it comes; others stay where they are.
  go(another || newest ? learnt.moments.length - 1 : at);
}

slider.oninput = () => {
  stop();
  go(Number(slider.value));
};
part("play").onclick = play;
watch("status", showStatus);
watch("value", showLearnt);
watch("curves", showCurves);
showStatus();
showLearnt();
showCurves();
