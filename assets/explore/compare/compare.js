// Two explorers side by side: they send each other, and the columns above them, what they show, so that
// words are stepped through together and overlays look the same. Messages are "explorer" events of the
// document: {pane: sender, what, ...}.

import { align } from "./alignment.js";

export function addCompare(explorer) {
  const { root, part, pane, look } = explorer;
  // The opening result has a smaller copy of the example that others have.
  const photoOf = ({ example, photo }) => example ?? photo;
  const head = part("head");
  let others = null; // texts of the other explorer's words, while there is one
  let othersPhoto = null;

  explorer.add({
    show: sendCaption,
    choose() { send("word", { chosen: explorer.chosen }); },
    clear() { send("caption", { texts: null }); },
  });

  function send(what, detail = {}) {
    document.dispatchEvent(new CustomEvent("explorer", { detail: { pane, what, ...detail } }));
  }

  function sendCaption() {
    const { texts, shown, chosen, grid, photo: image } = explorer;
    const maps = explorer.blind ? null : explorer.maps;
    send("caption", { texts, photo: photoOf(shown), chosen, maps, grid, image });
  }

  // The word here that corresponds to a word there. Both sides look it up in the same pairs: otherwise
  // they could send each other on for ever.
  function partnerOf(index) {
    const mine = pane === "first" ? 0 : 1;
    const pairs = mine ? align(others, explorer.texts) : align(explorer.texts, others);
    return pairs.find((pair) => pair[1 - mine] === index)?.[mine] ?? null;
  }

  const ownLook = () => explorer.tour.lookBefore() ?? look; // a tour only borrows the look
  const sendLook = () => send("look", { look: { ...ownLook() } });
  // What stands above the photo has the same height in both, so that the photos are side by side.
  const sendHeight = () => send("head", { height: head.getBoundingClientRect().height });

  const receive = {
    hello() {
      sendLook();
      sendHeight();
      if (explorer.shown) sendCaption();
    },
    caption({ texts, photo }) {
      [others, othersPhoto] = [texts, photo];
      // The second explorer captions the photo of the first.
      const isOther = !explorer.shown || photoOf(explorer.shown) !== othersPhoto;
      if (pane === "second" && others && isOther) explorer.photoAgain.want();
    },
    word({ chosen }) {
      const partner = explorer.shown && others ? partnerOf(chosen) : null;
      if (partner !== null && partner !== explorer.chosen) explorer.choose(partner);
    },
    choose({ of, index }) { if (of === pane && explorer.shown) explorer.playback.step(index); },
    look({ look: theirs }) {
      const before = explorer.shown && explorer.head;
      Object.assign(ownLook(), theirs);
      if (!explorer.shown) return;
      explorer.notify("draw");
      if (before !== explorer.head) explorer.heads.refresh();
    },
    head({ height }) { root.style.setProperty("--head", `${height}px`); },
  };

  document.addEventListener("explorer", function onMessage({ detail }) {
    if (!root.isConnected) document.removeEventListener("explorer", onMessage);
    else if (detail.pane !== pane) receive[detail.what]?.(detail);
  });
  new ResizeObserver(sendHeight).observe(head);

  return { greet: () => send("hello"), sendLook };
}
