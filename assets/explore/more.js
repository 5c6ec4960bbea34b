// More ways to look: panels behind tabs, of which one is open or none. A panel's part of the page
// is `more[name]`, with open(): it is on show now, or another caption came while it was.

const more = {};
let opened = null; // name of the open panel

parts.push({ show: openAgain, clear() { toggleMore(null); } });

function toggleMore(name) {
  opened = name;
  for (const tab of root.querySelectorAll("[data-more]")) {
    const isOpen = tab.dataset.more === opened;
    tab.setAttribute("aria-expanded", isOpen);
    part(`more-${tab.dataset.more}`).hidden = !isOpen;
  }
  openAgain();
}

function openAgain() {
  if (!opened || !shown) return;
  if (shown.silent && root.querySelector(`[data-more="${opened}"]`).matches(".asks")) toggleMore(null);
  else more[opened].open();
}

root.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-more]");
  if (tab) toggleMore(opened === tab.dataset.more ? null : tab.dataset.more);
});
