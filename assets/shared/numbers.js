// Number fields of the page: what is out of its range, or empty where a slider needs a number, waits until
// the field is left; then it becomes the nearest that is allowed. Gradio would send it to the server at
// every key, which refuses it.

const isOut = ({ validity }) => validity.rangeOverflow || validity.rangeUnderflow;
const sliderOf = (field) => field.closest(".block")?.querySelector("input[type=range]");
const isHeldBack = (field) => isOut(field) || (field.value === "" && Boolean(sliderOf(field)));

export function keepInRange() {
  listen("input", (_, event) => event.stopImmediatePropagation());
  listen("change", (field) => {
    field.value = field.value === "" ? sliderOf(field).value : field.validity.rangeOverflow ? field.max : field.min;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// Before the listeners of the field itself.
function listen(name, act) {
  addEventListener(name, (event) => {
    const field = event.target;
    if (field.matches?.("input[type=number]") && isHeldBack(field)) act(field, event);
  }, true);
}
