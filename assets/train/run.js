// The view of a run. `props.status` says how far it is, `props.curves` and `props.value` are JSON texts:
// its curves, and what it says about a few photos at each snapshot. The event "advance" says that it is at
// another stage, or another run is on show.

import { partsOf } from "../shared/elements.js";
import { makeCurves } from "./curves.js";
import { addSaving } from "./saving.js";
import { writeStatus } from "./status.js";
import { makeTimeline } from "./timeline.js";

export function mount({ element, props, watch, trigger, server, style }) {
  const root = element.querySelector("[data-state]");
  const part = partsOf(root);
  const writeCurves = makeCurves(part);
  const writeSamples = makeTimeline(root, part, style);
  const parsed = (text) => (text ? JSON.parse(text) : null);
  let stage = null; // of the run on show
  const refresh = {
    status: () => {
      writeStatus(root, part, props.status);
      const { name, state, stage: doing } = props.status ?? {};
      const now = [name, state, doing].join();
      if (stage !== null && now !== stage) trigger("advance");
      stage = now;
    },
    value: () => writeSamples(parsed(props.value)),
    curves: () => writeCurves(parsed(props.curves)),
  };
  addSaving(root, part, server, () => parsed(props.curves).runs);
  for (const [name, write] of Object.entries(refresh)) {
    watch(name, write);
    write();
  }
}
