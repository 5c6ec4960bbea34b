// The switch of the sampler beside the photo: on a phone the page's own controls are screens below. It operates
// these, so that both agree.

import { present } from "../shared/elements.js";
import { randomSeed } from "../shared/settings.js";

export function addDecoding(explorer) {
  const { part } = explorer;
  const group = part("decoding");

  explorer.add({ show: () => mark(explorer.original?.settings?.sampler) });

  function mark(sampler) {
    for (const button of group.querySelectorAll("[data-sampler]")) {
      button.setAttribute("aria-pressed", button.dataset.sampler === sampler);
    }
    part("new-sample").hidden = sampler !== "sampling";
  }

  async function choose(sampler) {
    mark(sampler);
    const control = await present(`#settings-sampler input[value="${sampler}"]`);
    if (!control.checked) control.click();
    else explorer.recaption.request({ ...explorer.original.settings, sampler }); // a saved result has settings of its own
  }

  function sampleAnew() {
    const control = document.querySelector("#settings-another");
    if (control) control.click();
    else explorer.recaption.request({ ...explorer.original.settings, seed: randomSeed() });
  }

  group.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.sampler) choose(button.dataset.sampler);
    else if (button) sampleAnew();
  });
}
