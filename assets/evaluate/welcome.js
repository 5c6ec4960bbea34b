// What the view offers as long as there are no results: an evaluation, or ways to get data for one.
// `props.offer` is {begin, hint}; without `begin`, data are missing.

export function makeWelcome({ part, permitted, folders, trigger }) {
  for (const name of ["begin", "own", "download"]) part(name).onclick = () => trigger(name, {});
  part("own-how").textContent = folders ? "a folder on this machine, or a zip" : "a zip that you upload";
  part("ways").hidden = part("hint").hidden = !permitted;

  return function write({ begin, hint }) {
    part("begin").textContent = begin;
    part("begin").hidden = !begin;
    part("own").hidden = part("download").hidden = Boolean(begin);
    part("hint").textContent = hint;
  };
}
