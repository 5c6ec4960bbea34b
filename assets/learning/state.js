// What the parts of the training view share. `element`, `props` and `watch` are given by gr.HTML.

const root = element.querySelector(".learning");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const LOOK = { overlay: "spotlight", palette: "inferno", smooth: true, strength: 0.9 };
const PACE = 900; // milliseconds a moment is on show while playing

const whole = new Intl.NumberFormat("en");

function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function few(value) {
  return value >= 10 ? whole.format(Math.round(value)) : value.toFixed(1);
}
