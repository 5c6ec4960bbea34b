// The view of a run. `props.status` says how far it is, `props.curves` and `props.value` are JSON texts:
// its curves, and what it says about a few photos at each snapshot.

import { partsOf } from "../shared/elements.js";
import { makeCurves } from "./curves.js";
import { writeStatus } from "./status.js";
import { makeTimeline } from "./timeline.js";

export function mount({ element, props, watch, style }) {
  const root = element.querySelector("[data-state]");
  const part = partsOf(root);
  const writeCurves = makeCurves(part);
  const writeSamples = makeTimeline(root, part, style);
  const parsed = (text) => (text ? JSON.parse(text) : null);
  const refresh = {
    status: () => writeStatus(root, part, props.status),
    value: () => writeSamples(parsed(props.value)),
    curves: () => writeCurves(parsed(props.curves)),
  };
  for (const [name, write] of Object.entries(refresh)) {
    watch(name, write);
    write();
  }
}
