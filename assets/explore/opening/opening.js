// The page until Gradio's is there: the opening result can be explored at once, and what else the visitor
// does is done as soon as it can be.

import { present } from "../../shared/elements.js";
import { mount as mountTheme } from "../../shared/theme.js";
import { hasCameraApp, takePhotoWithApp } from "../camera/chooser.js";
import { startEarly } from "../explorer.js";
import { givePhoto } from "../photo/photo_input.js";

// given: {result, seconds: until the captioner is loaded, if that is known, style, usual}
export function open({ result, seconds, style, usual }) {
  const page = document.querySelector("#opening");
  const asked = []; // queries for the component
  let wanted = null; // selector of what is to be clicked on Gradio's page

  mountTheme({ element: page });
  const explorer = startEarly(page.querySelector(".explorer"), { style, usual }, {
    props: { value: result, captioner: seconds === 0 ? "ready" : seconds ?? "loading" },
    trigger: (...event) => asked.push(event),
    server: { suggest: async () => ({ words: [] }) },
  });
  explorer.add({ connect });
  delete page.dataset.awaiting; // the explorer knows better

  page.querySelector("input[type=file]").addEventListener("change", ({ target }) => givePhoto(target.files));
  page.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-then], [data-way]");
    if (!button) return;
    const { then, way } = button.dataset;
    if (way === "take" && hasCameraApp()) return takePhotoWithApp();
    wanted = then ?? `#camera [data-way=${way}]`;
    button.setAttribute("aria-busy", "true");
  });

  // The component is there; the rest of Gradio's page may follow later.
  async function connect() {
    for (const event of asked) explorer.trigger(...event);
    await Promise.all(["#photo input[type=file]", "#camera .entries"].map(present)); // what is above the result
    const [focused, top] = [document.activeElement, scrollY];
    explorer.element.querySelector(".explorer-scope").replaceWith(explorer.root.parentElement);
    if (explorer.root.contains(focused)) focused.focus({ preventScroll: true });
    page.remove();
    document.head.append(document.querySelector("#page-style")); // after Gradio's styles, which it corrects
    explorer.photoView.layOut();
    scrollTo({ top, behavior: "instant" });
    if (wanted) (await present(wanted)).click();
  }
}
