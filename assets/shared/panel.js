// What the views of a training and of evaluations share. `element` is given by gr.HTML.

const root = element.querySelector("[data-state]");
const part = (name) => root.querySelector(`[data-part="${name}"]`);

const whole = new Intl.NumberFormat("en");

function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
