// The panels beneath the strip, behind tabs: one is open, or none.

import { bringIntoView } from "../in_view.js";

export function addPanels(explorer) {
  const { root, part } = explorer;
  const openers = {}; // name -> function, called when its panel opens or the caption changes meanwhile
  let current = null; // name of the open panel

  explorer.add({ show: refresh, clear() { toggle(null); } });

  function toggle(name) {
    current = name;
    for (const tab of root.querySelectorAll("[data-more]")) {
      const isOpen = tab.dataset.more === current;
      tab.setAttribute("aria-expanded", isOpen);
      part(`more-${tab.dataset.more}`).hidden = !isOpen;
    }
    refresh();
  }

  function refresh() {
    if (!current || !explorer.shown) return;
    const needsServer = root.querySelector(`[data-more="${current}"]`).matches(".asks");
    if (explorer.shown.silent && needsServer) toggle(null);
    else openers[current]();
  }

  root.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-more]");
    if (!tab) return;
    toggle(current === tab.dataset.more ? null : tab.dataset.more);
    if (current) bringPanelIntoView();
  });

  function bringPanelIntoView() {
    const panel = part(`more-${current}`);
    bringIntoView([panel.parentElement, panel], panel);
  }

  // Declares a panel; returns its element.
  function add(name, open) {
    openers[name] = open;
    return part(`more-${name}`);
  }

  return { add, isOpen: (name) => current === name, bringIntoView: bringPanelIntoView };
}
