// The visitor's place in the queue. The server tells Gradio, which writes it into its own status of
// the component and passes it on to nobody; so it is read there.

import { ordinal } from "../../shared/format.js";

const POSITION = /queue: (\d+)\/(\d+)/;
const DELAY = 400; // milliseconds before it is shown

export function watchQueue(explorer) {
  const { root } = explorer;
  let status = null;
  let timer = null;
  let written = "";

  function read() {
    const [, place, length] = status.textContent.match(POSITION) ?? [];
    if (!place) {
      clearTimeout(timer);
      timer = null;
      root.toggleAttribute("data-queued", false);
      return;
    }
    const text = place === "1" ? "You are next in the queue"
      : `You are ${ordinal(Number(place))} of ${length} in the queue`;
    if (text !== written) {
      written = text;
      for (const line of root.querySelectorAll(".queued")) line.textContent = text;
    }
    timer ??= setTimeout(() => root.toggleAttribute("data-queued", true), DELAY);
  }

  function connect() {
    status = explorer.element.closest(".block")?.querySelector(":scope > [data-testid=status-tracker]");
    if (status) new MutationObserver(read).observe(status, { childList: true, characterData: true, subtree: true });
  }
  explorer.add({ connect });
}
