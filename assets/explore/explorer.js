// The explorer of one caption: what it is given, and which of its states is on show.
//
// `props.value` is nothing, {error: sentence}, or a caption: {photo, width, height, seen, caption,
// confidence, milliseconds, words: [{text, probability, attention, alternatives}], grid: {x, y},
// vectors, settings, forced, covered}; one that was saved may have `silent`, a sentence that says why
// nobody can be asked about it. `props.captioner` is "loading", "ready" or a sentence that says why
// there is none. Words come from outside: they only ever become text.

let update = 0; // counts values, so that a photo decoded late does not replace a newer one

const failed = () => !["loading", "ready"].includes(props.captioner);

function refresh() {
  const value = props.value || null;
  const error = value ? value.error : failed() && props.captioner;
  if (error) {
    part("error").textContent = error;
    put("error");
  } else if (value) {
    show(value);
  } else {
    put("empty");
  }
}

function refreshCaptioner() {
  root.dataset.captioner = failed() ? "failed" : props.captioner;
  if (!shown) refresh();
}

function put(state) {
  update += 1;
  if (state !== "caption") {
    forgetAsks();
    tell("clear");
    shown = photo = null;
    chosen = 0;
  }
  root.dataset.state = state;
}

async function show(value) {
  const mine = ++update;
  let image = photo;
  if (!image || image.src !== value.photo) {
    image = new Image();
    image.src = value.photo;
    await image.decode();
    if (mine !== update) return;
    region = null;
  }
  photo = image;
  forgetAsks();
  begin(value);
  present(value);
  say("");
}

// Puts a caption on show, of the page or out of the history.
function present(value, at = chosen) {
  shown = value;
  chosen = Math.min(at, value.words.length - 1);
  put("caption");
  root.toggleAttribute("data-silent", Boolean(shown.silent));
  tell("show");
  choose(chosen);
}

root.addEventListener("input", (event) => {
  const { name, value, checked } = event.target;
  if (name === "overlay") look.overlay = value;
  else if (name === "palette") look.palette = value;
  else if (name === "detail") look.smooth = value === "smooth";
  else if (name === "scale") look.common = value === "common";
  else if (name === "whose") look.sentence = value === "sentence";
  else if (name === "cells") look.cells = checked;
  else if (name === "strength") look.strength = value / 100;
  else return;
  root.dataset.overlay = look.overlay;
  tell("draw");
  tellLook();
});

for (const form of root.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => event.preventDefault());
}

watch("value", refresh);
watch("captioner", refreshCaptioner);
refreshCaptioner();
greet();
