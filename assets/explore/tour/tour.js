// How the chosen word came about: six steps from the photo to the word. The photo shows what each step
// is about; afterwards everything is as it was.

import { make } from "../../shared/elements.js";
import { readText, storeText } from "../../shared/storage.js";
import { halfHolding, RECURRENT } from "./pages.js";
import { TRANSFORMER } from "./transformer_pages.js";

const STORAGE_KEY = "where-words-look-tour"; // in localStorage: this visitor knows the tour
const LAST = RECURRENT.length - 1; // a transformer has as many

const pagesOf = ({ shown }) => (shown.words[0].heads ? TRANSFORMER : RECURRENT);

export function addTour(explorer) {
  const { root, part, look, sentence, occlusion } = explorer;
  let tour = null; // while it is on: {word, at: step, onPhoto: word, before: what to go back to}
  let isKnown = remembers();

  const opener = part("tour");
  const { card, name, pages, dots, back, next } = makeCard();
  const invitation = makeInvitation();
  root.querySelector(".body").append(card);
  part("head").append(invitation);

  explorer.add({
    show() { // another caption came: the tour was about the last one
      if (tour) restore(leave());
      invitation.hidden = isKnown || explorer.pane !== "first";
    },
    choose() { if (tour && explorer.chosen !== tour.onPhoto) writeAbout(explorer.chosen); },
    clear() { if (tour) leave(); },
  });

  function start(fromButton) {
    explorer.playback.pause();
    const { region, photo } = explorer;
    tour = { before: { look: { ...look }, region, photo, occlusion: occlusion.isWanted(), fromButton } };
    if (occlusion.isWanted()) occlusion.toggle();
    invitation.hidden = true;
    card.hidden = false;
    root.toggleAttribute("data-tour-on", true);
    disableRest(true);
    writeAbout(explorer.chosen);
    sentence.scrollIntoView({ block: "nearest" });
    card.scrollIntoView({ block: "nearest" });
    card.focus({ preventScroll: true });
  }

  // Disables what would change the photo.
  function disableRest(isDisabled) {
    for (const node of root.querySelectorAll(".stage, .history, .transport, .decoding, .options, .more")) node.inert = isDisabled;
  }

  // Writes the pages about a word and shows the first, or stays at the one on show.
  function writeAbout(word) {
    tour.word = word;
    name.textContent = `How “${explorer.words[word].text}” came about`;
    card.setAttribute("aria-label", name.textContent);
    look.head = explorer.defaultLook.head; // the pages are about the mean of all heads
    dots.forEach((dot, at) => { dot.title = pagesOf(explorer)[at].title; });
    pages.replaceChildren(...pagesOf(explorer).map(({ title, write }, at) => make("div", {},
      make("h3", {}, make("span", {}, `${at + 1}`), title), ...write(explorer, word))));
    goTo(tour.at < LAST ? tour.at : 0);
  }

  function goTo(at) {
    const page = pagesOf(explorer)[at];
    const { word, before } = tour;
    const ofSentence = Boolean(page.next) && word === explorer.words.length - 1;
    tour.at = at;
    tour.onPhoto = page.next && !ofSentence ? word + 1 : word;
    Object.assign(look, before.look, explorer.defaultLook, { palette: before.look.palette }, page.look,
      { sentence: ofSentence });
    explorer.region = null;
    if (page.outlined) {
      explorer.region = explorer.noCells();
      for (const [r, c] of halfHolding(explorer.words[word])) explorer.region[r][c] = true;
    }
    explorer.choose(tour.onPhoto);
    explorer.notify("draw");
    [...pages.children].forEach((node, i) => node.toggleAttribute("data-on-show", i === at));
    dots.forEach((dot, i) => dot.setAttribute("aria-current", i === at ? "step" : "false"));
    if (at === 0 && document.activeElement === back) next.focus();
    back.disabled = at === 0;
    next.textContent = at === LAST ? "Done" : "Next";
    explorer.announce(`Step ${at + 1} of ${LAST + 1}, ${page.title}. ` +
      [...pages.children[at].children].slice(1).map((node) => node.innerText).join(" "));
  }

  function leave() {
    const { before } = tour;
    const hadFocus = card.contains(document.activeElement);
    tour = null;
    card.hidden = true;
    pages.replaceChildren();
    root.toggleAttribute("data-tour-on", false);
    disableRest(false);
    Object.assign(look, before.look);
    remember();
    if (hadFocus) opener.focus({ preventScroll: !before.fromButton });
    return before;
  }

  function close() {
    const { word } = tour;
    const before = leave();
    explorer.choose(word);
    restore(before);
  }

  function restore(before) {
    explorer.pick(before.photo === explorer.photo && explorer.regions.fitsGrid(before.region) ? before.region : null);
    if (before.occlusion && occlusion.isKnown()) occlusion.toggle();
    explorer.photoView.layOut();
    explorer.notify("draw");
  }

  function remember() {
    isKnown = true;
    invitation.hidden = true;
    storeText("localStorage", STORAGE_KEY, "seen"); // else the next visit invites again
  }

  root.addEventListener("click", (event) => {
    const { tour: act, tourStep, part: partName } = event.target.closest("button")?.dataset ?? {};
    if (!explorer.shown) return;
    if (act === "start" || partName === "tour") start(partName === "tour");
    else if (act === "decline") remember();
    else if (act === "back") goTo(tour.at - 1);
    else if (act === "close" || (act === "next" && tour.at === LAST)) close();
    else if (act === "next") goTo(tour.at + 1);
    else if (tourStep) goTo(Number(tourStep));
  });

  // Before other listeners: within the card, arrow keys go from step to step.
  document.addEventListener("keydown", function onKey(event) {
    if (!root.isConnected) return document.removeEventListener("keydown", onKey, true);
    const { key, target } = event;
    const isHere = root.contains(target) || target === document.body;
    if (!tour || !isHere || event.ctrlKey || event.metaKey || event.altKey) return;
    const goal = card.contains(target) ? {
      ArrowLeft: Math.max(0, tour.at - 1), ArrowRight: Math.min(LAST, tour.at + 1), Home: 0, End: LAST,
    }[key] : undefined;
    if (key === "Escape") close();
    else if (goal !== undefined) goTo(goal);
    else if (key !== " " || target.matches("button, input")) return; // nothing plays meanwhile
    event.preventDefault();
  }, true);

  return { lookBefore: () => tour?.before.look };
}

function makeCard() {
  const name = make("p", { class: "tour-name" });
  const pages = make("div", { class: "tour-pages" });
  const dots = RECURRENT.map(({ title }, at) => make("button", {
    type: "button", class: "tour-dot", "data-tour-step": at, "aria-label": `Step ${at + 1}`, title,
  }));
  const back = make("button", { type: "button", "data-tour": "back" }, "Back");
  const next = make("button", { type: "button", "data-tour": "next" });
  const card = make("section", { class: "tour", role: "dialog", tabindex: -1, hidden: "" },
    make("div", { class: "tour-top" }, name,
      make("button", { type: "button", "data-tour": "close", "aria-label": "Close the tour", title: "Close (Escape)" }, "✕")),
    pages,
    make("div", { class: "tour-steps" }, back, make("div", { class: "tour-dots" }, ...dots), next));
  return { card, name, pages, dots, back, next };
}

function makeInvitation() {
  const decline = "No, do not ask again";
  return make("div", { class: "tour-invitation", hidden: "" },
    make("p", {}, "New here? See how this word came about in six steps."),
    make("button", { type: "button", "data-tour": "start" }, "Start"),
    make("button", { type: "button", "data-tour": "decline", "aria-label": decline, title: decline }, "✕"));
}

// False where the browser stores nothing, for example in private mode.
const remembers = () => readText("localStorage", STORAGE_KEY) !== null;
