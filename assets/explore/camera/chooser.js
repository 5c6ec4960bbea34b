// The device's own dialogs for a photo: choosing a file, or on a phone its camera app, which takes better photos
// than a page can, also where the page is not served over https.

import { make } from "../../shared/elements.js";
import { givePhoto } from "../photo/photo_input.js";

let input = null; // of the dialog that is open: browsers forget one that nothing refers to

export const hasCameraApp = () => matchMedia("(pointer: coarse)").matches;

export function choosePhoto() {
  open();
}

export function takePhotoWithApp() {
  open({ capture: "environment" });
}

function open(attributes = {}) {
  input = make("input", { type: "file", accept: "image/*", ...attributes });
  input.addEventListener("change", () => givePhoto(input.files));
  input.click();
}
