// The photo in the page's input, which the server captions. A stored or saved result is on show without it, and
// after a restart the server does not have its file any more: then the page gives it again by itself.

import { givePhoto } from "../photo/photo_input.js";

const panes = {}; // pane -> its explorer
let coming = null; // {name, isQuiet} of the photo that is on its way; if quiet, it belongs to the result on show
let overtaken = null; // name of one that was still on its way when the visitor gave another photo
let isDropped = false; // the photo in the input goes, and the result on show stays
let count = 0;
let file = null; // the last one that the visitor gave to the input

const hasPhoto = () => document.querySelector("#photo img") !== null;

// Empties the input: a stored or saved result of another photo comes on show.
export function dropPhoto() {
  const button = document.querySelector('#photo [aria-label="Remove Image"]');
  isDropped = button !== null;
  button?.click();
}

// A file that neither the captioner nor the browser can read leaves the input, which asks for another photo.
export function dropUnreadable() {
  const image = document.querySelector("#photo img");
  if (image?.complete && !image.naturalWidth) dropPhoto();
}

function notice(event) {
  if (event.target.closest?.("#photo")) file = (event.dataTransfer ?? event.target).files?.[0] ?? file;
}
document.addEventListener("change", notice, true);
document.addEventListener("drop", notice, true);

// Called by the page when the photo in the input is another one, or none; returns the values of both explorers.
export function given(photo) {
  const { first, second } = panes;
  const names = photo && [photo.orig_name, photo.path.split(/[\\/]/).at(-1)];
  const isStaying = isDropped && !photo;
  isDropped = false;
  if (isStaying) return [];
  if (file && overtaken !== null && names?.includes(overtaken)) { // it came last, and the visitor's photo counts
    overtaken = null;
    givePhoto([file]);
    return [];
  }
  const isComing = coming !== null && (!names || names.includes(coming.name));
  const isQuiet = isComing && coming.isQuiet;
  if (photo) {
    overtaken = isComing ? null : coming?.name ?? null;
    coming = null;
  }
  if (isQuiet) { // the results stay
    if (photo && second?.root.isConnected) second.trigger("wanted");
    return [];
  }
  if (photo) {
    first.stored.welcome(file?.name === photo.orig_name ? file : null);
    first.trigger("wanted");
  }
  return [null, null]; // the previous results are not those of this photo
}

// Called by the page when another captioner was chosen for a pane. With a photo in the input it captions that.
export async function otherCaptioner(pane, model) {
  const { first, second } = panes;
  if (hasPhoto() || !isShown(first)) return;
  if (pane === "second") second?.photoAgain.want();
  else if (model !== first.shown.checkpoint && !(await first.recaption.captionBy(model))) giveAgain(false);
}

// Whether an explorer shows a result, and no other one is about to come.
const isShown = ({ shown, root }) => shown !== null && !root.hasAttribute("data-awaiting");

// Gives the photo of the result on show to the page's input; `isQuiet`: without another caption of it.
async function giveAgain(isQuiet) {
  const { first } = panes;
  const { example, photo } = first.shown;
  if (example) {
    coming = { name: example, isQuiet };
    first.trigger("choose", { example });
    return;
  }
  const content = await first.stored.file() ?? contentOf(photo);
  const again = new File([content], `again-${count += 1}.${content.type.split("/")[1]}`, { type: content.type });
  coming = { name: again.name, isQuiet };
  givePhoto([again]);
}

function contentOf(dataUrl) {
  const [, type, data] = dataUrl.match(/^data:(image\/\w+);base64,(.*)$/s);
  return new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], { type });
}

export function addPhotoAgain(explorer) {
  panes[explorer.pane] = explorer;
  const isQuiet = explorer.pane === "second";

  // Requests a caption of the photo in the input.
  function want() {
    if (hasPhoto()) explorer.trigger("wanted");
    else if (isShown(panes.first)) giveAgain(isQuiet);
  }

  // The server does not have its file any more. Returns whether the page has the photo.
  function replace() {
    if (!panes.first.shown) return false;
    giveAgain(isQuiet);
    return true;
  }

  return { want, replace };
}
