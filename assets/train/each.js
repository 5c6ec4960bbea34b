// What each of several data sets scores: a small table below the curves, and how it is read.

const MEASURES = { pointing: "Pointing" }; // those that are not written as they are called

// each: {epoch, measures, rows: [{name, values}, ..]}, the last row the mean; null where there is
// one data set only.
function showEach(each) {
  const table = part("each");
  table.hidden = !each;
  part("about-scores").textContent = each ? "Scores on held-out photos, mean of the data sets" : "Scores on held-out photos";
  if (!each) return;
  const cell = (value) => make("td", {}, value === null ? "–" : score(value, 3));
  const heads = each.measures.map((name) => make("th", { scope: "col" }, MEASURES[name] || name));
  table.replaceChildren(
    make("caption", {}, `Each data set, after epoch ${each.epoch}`),
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Data"), ...heads)),
    make("tbody", {}, ...each.rows.map(({ name, values }) =>
      make("tr", {}, make("th", { scope: "row" }, name), ...values.map(cell)))),
  );
}
