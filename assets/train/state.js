// How the training view looks and how fast it plays. `props` and `watch` are given by gr.HTML.

const LOOK = { overlay: "spotlight", palette: "inferno", smooth: true, strength: 0.9 };
const PACE = 900; // milliseconds a moment is on show while playing

function few(value) {
  return value >= 10 ? whole.format(Math.round(value)) : value.toFixed(1);
}
