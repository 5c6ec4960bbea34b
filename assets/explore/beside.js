// Two explorers on one page, side by side: they tell each other, and the columns above them, what
// they show, so that words are stepped through together and looked at in the same way.

const pane = element.closest("#second") ? "second" : "first";
let beside = null; // texts of the other explorer's words, while there is one
let besidePhoto = null;

parts.push({
  show: tellCaption,
  choose() { tellBeside("word", { chosen }); },
  clear() { tellBeside("caption", { texts: null }); },
});

function tellBeside(what, detail) {
  document.dispatchEvent(new CustomEvent("explorer", { detail: { pane, what, ...detail } }));
}

// The word here that belongs with a word there; both sides look it up in the same pairs, or they
// could send each other on for ever.
function partnerOf(theirs) {
  const mine = pane === "first" ? 0 : 1;
  const pairs = mine ? align(beside, texts(shown)) : align(texts(shown), beside);
  return pairs.find((pair) => pair[1 - mine] === theirs)?.[mine] ?? null;
}

function tellCaption() {
  tellBeside("caption", { texts: texts(shown), photo: shown.photo, chosen });
}

const ownLook = () => tour?.before.look ?? look; // a tour only borrows it
const tellLook = () => tellBeside("look", { look: { ...ownLook() } });

const HEARD = {
  hello() {
    tellLook();
    tellHead();
    if (shown) tellCaption();
  },
  caption({ texts: theirs, photo: of }) {
    [beside, besidePhoto] = [theirs, of];
    // The second explorer captions the photo of the first.
    if (pane === "second" && beside && shown?.photo !== besidePhoto) trigger("wanted");
  },
  word({ chosen: theirs }) {
    const partner = shown && beside ? partnerOf(theirs) : null;
    if (partner !== null && partner !== chosen) choose(partner);
  },
  choose({ of, index }) { if (of === pane && shown) step(index); },
  look({ look: theirs }) {
    Object.assign(ownLook(), theirs);
    root.dataset.overlay = look.overlay;
    if (shown) tell("draw");
  },
  head({ height }) { root.style.setProperty("--head", `${height}px`); },
};

function onBeside({ detail }) {
  if (!root.isConnected) document.removeEventListener("explorer", onBeside);
  else if (detail.pane !== pane) HEARD[detail.what]?.(detail);
}
document.addEventListener("explorer", onBeside);
const greet = () => tellBeside("hello", {}); // once all of this script has run

// What stands above the stage is as high in both, so that their stages are at the same height.
const tellHead = () => tellBeside("head", { height: part("head").getBoundingClientRect().height });
new ResizeObserver(tellHead).observe(part("head"));
