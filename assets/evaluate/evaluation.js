// Puts the parts together. `props`, `watch` and `trigger` are given by gr.HTML.

let shownText = null;

function showState() {
  const shown = props.value ? JSON.parse(props.value) : { columns: [], kept: 0 };
  const any = shown.columns.length > 0;
  root.dataset.state = any || shown.kept || props.status.doing ? "results" : props.value ? "empty" : "waiting";
  part("results").hidden = !any;
  part("nothing").hidden = any || !shown.kept;
  showProgress();
  if (!any || props.value === shownText) return;
  shownText = props.value;
  part("note").hidden = !shown.note;
  part("note").textContent = shown.note;
  showCharts(shown);
  showTable(shown);
  showPhotos(shown);
}

part("begin").textContent = `Evaluate “${props.first}” on 200 scenes`;
part("begin").onclick = () => trigger("begin", {});
part("begin").hidden = part("hint").hidden = !props.permitted;
watch("status", showState);
watch("value", showState);
showState();
