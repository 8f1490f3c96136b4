// Breakpoints: which there are, and their conditions, counts and log messages.

import { act } from "./api.js";
import { button, h } from "./dom.js";
import { baseName, emit, on, shortPath, state } from "./store.js";

/** Those that stand on a line; the line's own first. */
export function pointsAt(path, line) {
  const here = state.points.filter((point) => !point.once && point.file === path && point.line === line);
  return here.sort((a, b) => (a.kind === "line" ? 0 : 1) - (b.kind === "line" ? 0 : 1));
}

/** A click beside a line: a breakpoint comes or goes. */
export function toggle(path, line) {
  const point = pointsAt(path, line)[0];
  return point ? act("carafe/clearPoint", { id: point.id }) : act("carafe/setPoint", { file: path, line });
}

const FIELDS = [
  ["condition", "Condition", "id == 7 && name.len() > 3", "Stops only where this is true."],
  ["hitCondition", "Hits", ">= 10", "Stops only at these hits: 5, > 3, >= 10, % 2."],
  ["logMessage", "Log message", "user {id} has {tags.len()} tags", "Writes this to the console and does not stop."],
];

let box = null;

export function closeBox() {
  if (!box) return false;
  const { element, back } = box;
  box = null;
  element.remove();
  back?.focus();
  return true;
}

/** The box with a breakpoint's rules, below its line. */
export function edit(path, line, beside) {
  openBox(pointsAt(path, line)[0], { file: path, line }, beside, `${baseName(path)}:${line}`);
}

/** As `edit`, for a breakpoint that has no line, such as a route's. */
export function editNamed(name, beside) {
  openBox(state.points.find((point) => point.name === name), { name }, beside, name);
}

function openBox(point, place, beside, title) {
  closeBox();
  const inputs = FIELDS.map(([name, label, example, words]) => {
    const input = h("input", { type: "text", id: "rule-" + name, placeholder: example, spellcheck: "false", autocomplete: "off", "aria-describedby": "about-" + name });
    input.value = point?.[name] ?? "";
    return { name, input, row: h("div", { class: "field" }, h("label", { for: "rule-" + name }, label), input, h("small", { id: "about-" + name }, words)) };
  });
  const enabled = h("input", { type: "checkbox", id: "rule-enabled" });
  enabled.checked = point?.enabled ?? true;
  const save = async (event) => {
    event.preventDefault();
    const wish = point ? { id: point.id } : { ...place };
    for (const { name, input } of inputs) wish[name] = input.value.trim() || null;
    wish.enabled = enabled.checked;
    if (await act("carafe/setPoint", wish)) closeBox();
  };
  const remove = point && h("button", { type: "button", class: "danger", onclick: () => act("carafe/clearPoint", { id: point.id }).then(closeBox) }, "Remove");
  const element = h("form", { class: "popover", role: "dialog", "aria-label": "Breakpoint at " + title, onsubmit: save },
    h("header", {}, h("strong", {}, title), button("close", "Close (Escape)", closeBox)),
    inputs.map(({ row }) => row),
    h("div", { class: "row" }, h("label", { class: "check" }, enabled, "On"), h("span", { class: "grow" }), remove, h("button", { class: "primary" }, "Save")));
  document.body.append(element);
  const at = beside?.getBoundingClientRect() ?? { left: 200, bottom: 200, top: 180 };
  const below = at.bottom + element.offsetHeight < innerHeight;
  element.style.left = Math.max(8, Math.min(at.left + 48, innerWidth - element.offsetWidth - 8)) + "px";
  element.style.top = Math.max(8, below ? at.bottom + 2 : at.top - element.offsetHeight - 2) + "px";
  box = { element, back: document.activeElement };
  inputs[0].input.focus();
}

/** The panel that lists them. */
export function panel() {
  const list = h("div", { class: "rows", role: "list" });
  const filters = h("fieldset", { class: "filters" }, h("legend", {}, "Stop at"),
    [["panic", "panics"], ["5xx", "answers of 5xx"]].map(([filter, words]) => {
      const input = h("input", { type: "checkbox", data: { filter }, onchange: () => setFilter(filter, input.checked) });
      return h("label", { class: "check" }, input, words);
    }));
  const draw = () => {
    for (const input of filters.querySelectorAll("input")) {
      input.checked = state.filters.includes(input.dataset.filter);
      input.disabled = !state.session;
    }
    const shown = state.points.filter((point) => !point.once);
    list.replaceChildren(...shown.map(row));
    if (!shown.length) list.append(h("p", { class: "empty" }, "No breakpoints. Click beside a line of source, or switch on a route."));
  };
  on("points", draw);
  on("session", draw);
  draw();
  return h("div", { class: "scroll" }, filters, list);
}

function row(point) {
  const on = h("input", { type: "checkbox", "aria-label": "On", onchange: () => act("carafe/setPoint", { id: point.id, enabled: on.checked }) });
  on.checked = point.enabled;
  const place = point.kind === "line" ? `${shortPath(point.file)}:${point.line}` : point.name;
  const rules = [point.condition && `if ${point.condition}`, point.hitCondition && `hits ${point.hitCondition}`, point.logMessage && `logs “${point.logMessage}”`].filter(Boolean).join(" · ");
  const words = rules || (point.enabled && !point.verified ? point.message : "") || "";
  const open = h("button", { type: "button", class: "row-text", onclick: () => point.file && emit("open", { path: point.file, line: point.line }) }, h("span", { class: "mono ellipsis" }, place), words ? h("small", { class: "ellipsis" }, words) : null);
  const change = (event) => point.kind === "line" ? edit(point.file, point.line, event.currentTarget) : editNamed(point.name, event.currentTarget);
  return h("div", { class: "row-item", role: "listitem" }, on, open, button("edit", "Condition, hits, log message", change), button("close", "Remove", () => act("carafe/clearPoint", { id: point.id })));
}

function setFilter(filter, is) {
  const filters = state.filters.filter((other) => other !== filter);
  if (is) filters.push(filter);
  act("setExceptionBreakpoints", { filters });
}
