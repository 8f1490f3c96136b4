// A picture of where a request's time went: a bar for each part, along one axis of time.

import { h } from "./dom.js";
import { time } from "./requests.js";
import { emit } from "./store.js";

const TICKS = 4;

/** The picture, or words where nothing is known. */
export function waterfall(request) {
  const spans = [...request.spans].sort((a, b) => a.start - b.start || b.took - a.took);
  const total = Math.max(request.micros ?? 0, ...spans.map((span) => span.start + span.took), 1);
  if (!spans.length) return h("p", { class: "empty" }, request.status === null ? "Where its time goes is shown with the answer." : "The app told no parts of it.");
  const percent = (micros) => `${(100 * micros) / total}%`;
  const axis = h("div", { class: "fall-axis", "aria-hidden": "true" }, Array.from({ length: TICKS + 1 }, (_, at) => {
    const tick = h("span", {}, at === 0 ? "0" : time(Math.round((total * at) / TICKS)));
    tick.style.left = percent((total * at) / TICKS);
    return tick;
  }));
  const rows = nested(spans).map(({ span, depth }) => {
    const bar = h("i", { class: "fall-bar k-" + span.kind });
    bar.style.left = percent(span.start);
    bar.style.width = `max(2px, ${percent(span.took)})`;
    const name = h("span", { class: "fall-name ellipsis" }, h("i", { class: "key k-" + span.kind }), label(span));
    name.style.paddingLeft = depth * 10 + "px";
    const took = span.kind === "log" ? "" : time(span.took);
    const row = h(span.file ? "button" : "div", {
      class: "fall-row", role: "listitem", title: `${span.kind}: ${label(span)}\nfrom ${time(span.start)}, took ${time(span.took)}`,
      onclick: () => span.file && emit("open", { path: span.file, line: span.line }),
    }, name, h("span", { class: "fall-track" }, bar), h("span", { class: "figure" }, took));
    return row;
  });
  const kinds = [...new Set(spans.map((span) => span.kind))];
  return h("div", { class: "fall" },
    h("div", { class: "fall-row fall-head" }, h("span", { class: "fall-name legend" }, kinds.map((kind) => h("span", {}, h("i", { class: "key k-" + kind }), kind))), axis, h("span", {})),
    h("div", { role: "list", "aria-label": "Where the time went" }, rows));
}

function label(span) {
  if (span.kind === "log") return span.detail?.message ?? span.name;
  if (span.kind === "query") return span.detail?.sql ?? span.name;
  return span.name || span.kind;
}

/** Each with how many others it lies in. */
function nested(spans) {
  const around = [];
  return spans.map((span) => {
    while (around.length && around.at(-1).start + around.at(-1).took < span.start + span.took) around.pop();
    const depth = around.length;
    if (span.kind !== "log") around.push(span);
    return { span, depth };
  });
}
