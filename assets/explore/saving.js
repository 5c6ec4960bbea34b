// What can be taken away: pictures, the result itself, an address; and a saved result opened again.

const KEPT = ["format", "checkpoint", "photo", "width", "height", "seen", "caption", "confidence",
  "milliseconds", "words", "grid", "vectors", "settings", "forced", "covered"];
const LARGEST = 12e6; // characters of a result; the server refuses more

const menu = part("saving");
const fileInput = make("input", { type: "file", accept: ".json,application/json", hidden: "" });
root.append(fileInput);

const exported = () => Object.fromEntries(KEPT.map((key) => [key, shown[key]]));

function download(name, url) {
  const link = make("a", { href: url, download: name });
  link.click();
}

function fileName(ending) {
  const words = shown.caption.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60);
  return `${words.replace(/^-|-$/g, "") || "caption"}.${ending}`;
}

function saveResult() {
  const url = URL.createObjectURL(new Blob([JSON.stringify(exported())], { type: "application/json" }));
  download(fileName("json"), url);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function savePicture(kind) {
  const style = look.overlay === "spotlight" ? "spotlight" : "heat";
  const scale = look.common ? "common" : "own";
  const { palette, smooth, strength } = look;
  const about = { value: exported(), look: { style, palette, strength, smooth, scale } };
  const name = fileName(kind === "gif" ? "gif" : "png");
  return trying(async () => {
    say(kind === "gif" ? "Making the animation …" : "Making the picture …");
    const { file } = await ask(kind, about);
    say("");
    download(name, file);
  });
}

async function copyAddress() {
  try {
    await navigator.clipboard.writeText(location.href);
    say("Copied. The address opens this page with the same settings; the photo stays with you.");
  } catch {
    say(`The browser does not let the page copy; the address is ${location.href}`);
  }
}

async function openResult(file) {
  if (!file) return;
  if (file.size > LARGEST) {
    part("error").textContent = "This file is too large to be a result saved by this page.";
    return put("error");
  }
  trigger("open", { text: await file.text() });
}

part("save-menu").append(...[
  ["strip", "Picture strip", "PNG of every word, fit for print", () => savePicture("strip")],
  ["gif", "Animation", "GIF, word by word", () => savePicture("gif")],
  ["json", "This result", "JSON, can be opened here again", saveResult],
  ["link", "Address with these settings", "to the clipboard", copyAddress],
  ["open", "Open a saved result …", "", () => fileInput.click()],
].map(([name, label, kind, act]) => {
  const button = make("button", { type: "button", "data-save": name }, label, make("small", {}, kind));
  button.addEventListener("click", () => { menu.open = false; act(); });
  return button;
}));

part("open-saved").addEventListener("click", () => fileInput.click());
fileInput.addEventListener("change", () => {
  openResult(fileInput.files[0]);
  fileInput.value = "";
});
root.addEventListener("dragover", (event) => event.preventDefault());
root.addEventListener("drop", (event) => {
  event.preventDefault();
  const { files } = event.dataTransfer;
  if (files[0]?.type.startsWith("image/")) givePhoto(files);
  else openResult(files[0]);
});

// A photo dropped on the explorer goes where photos are given.
async function givePhoto(files) {
  document.querySelector('#photo [aria-label="Remove Image"]')?.click();
  await new Promise(requestAnimationFrame);
  const input = document.querySelector("#photo input[type=file]");
  if (!input) return;
  input.files = files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", function onOutside(event) {
  if (!root.isConnected) document.removeEventListener("click", onOutside);
  else if (!menu.contains(event.target)) menu.open = false;
});
menu.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
