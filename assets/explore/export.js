// What can be saved: pictures and the result itself; and opening a saved result again.

import { download, downloadText, make } from "../shared/elements.js";
import { addPhotoInput } from "./photo/photo_input.js";

const OF_RESULT = ["caption", "confidence", "milliseconds", "words", "chosen", "grid", "vectors", "settings",
  "forced", "covered", "attends"];
const OF_PHOTO = ["format", "checkpoint", "photo", "width", "height", "seen"];
const LARGEST = 12e6; // characters of a result; the server refuses more

export function addExport(explorer) {
  const { root, part, look, queries } = explorer;
  const menu = part("saving");
  const input = make("input", { type: "file", accept: ".json,application/json", hidden: "" });
  root.append(input);

  async function exported() {
    return picked({ ...explorer.shown, seen: await queries.seen() }, [...OF_PHOTO, ...OF_RESULT]);
  }

  function fileName(ending) {
    const words = explorer.shown.caption.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60);
    return `${words.replace(/^-|-$/g, "") || "caption"}.${ending}`;
  }

  function saveResult() {
    return queries.attempt(async () => {
      downloadText(fileName("json"), "application/json", JSON.stringify(await exported()));
    });
  }

  function savePicture(kind, format) {
    const { overlay: style, palette, strength, smooth, common } = look;
    const scale = common ? "common" : "own";
    const name = fileName(format);
    return queries.attempt(async () => {
      const { shown } = explorer;
      const words = explorer.words.map(({ heads, self_attention: links, ...word }) => word); // maps of the chosen head
      const value = picked({ ...shown, words }, OF_RESULT);
      const details = { value, key: shown.keys?.photo, look: { style, palette, strength, smooth, scale }, format };
      const whole = () => ({ value: { ...value, photo: shown.photo } });
      explorer.report(kind === "gif" ? "Making the animation …" : "Making the picture …");
      const { file } = await queries.query(kind, details, { whole });
      explorer.report("");
      download(name, file);
    });
  }

  async function openResult(file) {
    if (!file) return;
    if (file.size > LARGEST) {
      part("error").textContent = "This file is too large to be a result saved by this page.";
      explorer.setState("error");
      return;
    }
    explorer.trigger("open", { text: await file.text() });
  }

  part("save-menu").append(...[
    ["strip", "Picture strip", "PNG, every word on its map", () => savePicture("strip", "png")],
    ["svg", "Picture strip for the web", "SVG, scales without loss", () => savePicture("strip", "svg")],
    ["pdf", "Picture strip for print", "PDF, scales without loss", () => savePicture("strip", "pdf")],
    ["gif", "Animation", "GIF, word by word", () => savePicture("gif", "gif")],
    ["json", "This result", "JSON, can be opened here again", saveResult],
    ["open", "Open a saved result …", "", () => input.click()],
  ].map(([name, label, kind, act]) => {
    const button = make("button", { type: "button", "data-save": name }, label, make("small", {}, kind));
    button.addEventListener("click", () => {
      menu.open = false;
      act();
    });
    return button;
  }));

  part("open-saved").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    openResult(input.files[0]);
    input.value = "";
  });
  if (explorer.pane === "first") addPhotoInput(explorer, openResult);

  document.addEventListener("click", function onOutside(event) {
    if (!root.isConnected) document.removeEventListener("click", onOutside);
    else if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

const picked = (value, fields) => Object.fromEntries(fields.map((field) => [field, value[field]]));
