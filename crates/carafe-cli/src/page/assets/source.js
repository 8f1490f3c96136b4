// The source: open files, lines with their breakpoints, where the program is held, values under the pointer.

import { file as readFile } from "./api.js";
import { find, h, icon, roving } from "./dom.js";
import { moved, VirtualList } from "./list.js";
import { edit, pointsAt, toggle } from "./points.js";
import { plain, rust } from "./rust.js";
import { baseName, emit, isHeld, on, shortPath, state } from "./store.js";
import { hideHover, hover } from "./values.js";

const LINE = 20;
/** How long the pointer rests before a value is asked for, in milliseconds. */
const REST = 250;

/** Path to `{path, lines, cursor, scroll}`; the order is that of the tabs. */
const open = new Map();
let current = null;
let list;

export function start() {
  const host = find("source");
  list = new VirtualList(host, { height: LINE, render, label: "Source" });
  host.addEventListener("click", clicked);
  host.addEventListener("contextmenu", (event) => {
    const line = lineOf(event.target);
    if (!line) return;
    event.preventDefault();
    edit(current.path, line, event.target.closest(".code-line"));
  });
  host.addEventListener("keydown", pressed);
  watchPointer(host);
  roving(find("files"), ".file-tab", "ArrowLeft", "ArrowRight");
  on("points", () => list.refresh());
  on("status", () => list.refresh());
  on("frame", () => {
    list.refresh();
    if (state.frame?.path) show(state.frame.path, state.frame.line, { quiet: true });
  });
  on("hello", () => {
    if (current) reload(current.path);
  });
  on("status", () => {
    // What was rebuilt may have been edited.
    if (state.status.mode === "starting") for (const path of open.keys()) reload(path);
  });
  empty();
}

function empty() {
  if (current) return;
  const keys = [["Ctrl+P", "open a file"], ["F9", "set a breakpoint on the line"], ["?", "all keys"]];
  find("source").dataset.empty = "";
  find("files").replaceChildren();
  list.setCount(0);
  list.refresh();
  if (!find("welcome")) {
    find("editor").append(h("div", { id: "welcome", class: "hint" },
      h("p", {}, "Pick a route or a file, and click beside a line to stop there."),
      h("dl", {}, keys.flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)]))));
  }
}

async function load(path) {
  const { text, path: whole } = await readFile(path);
  const lines = whole.endsWith(".rs") ? rust(text) : plain(text, whole);
  return { path: whole, lines, cursor: 1, scroll: 0 };
}

async function reload(path) {
  const known = open.get(path);
  try {
    const { lines } = await load(path);
    known.lines = lines;
    if (current === known) {
      list.setCount(lines.length);
      list.refresh();
    }
  } catch {
    // It stays as it was.
  }
}

/** Shows a file, at a line. */
export async function show(path, line = 0, { quiet = false } = {}) {
  let known = open.get(path);
  if (!known) {
    try {
      known = await load(path);
    } catch (error) {
      if (!quiet) emit("toast", error.message);
      return;
    }
    known = open.get(known.path) ?? known;
    open.set(known.path, known);
  }
  if (current && current !== known) current.scroll = find("source").scrollTop;
  const changed = current !== known;
  current = known;
  delete find("source").dataset.empty;
  find("welcome")?.remove();
  if (changed) {
    list.setCount(known.lines.length);
    find("source").scrollTop = known.scroll;
    list.refresh();
    tabsChanged();
  }
  if (line > 0) goTo(line);
}

export const currentPath = () => current?.path ?? null;

function goTo(line, how = "reveal") {
  const before = current.cursor;
  current.cursor = Math.min(Math.max(1, line), current.lines.length);
  list[how](current.cursor - 1);
  list.redraw(before - 1);
  list.redraw(current.cursor - 1);
  list.activate(current.cursor - 1, "source-line");
}

function close(path) {
  const paths = [...open.keys()];
  const at = paths.indexOf(path);
  open.delete(path);
  if (current?.path === path) {
    current = null;
    const next = paths[at + 1] ?? paths[at - 1];
    if (next) show(next);
    else empty();
  }
  tabsChanged();
}

function tabsChanged() {
  find("files").replaceChildren(...[...open.keys()].map((path) => {
    const is = path === current?.path;
    const tab = h("button", {
      type: "button", class: "file-tab", role: "tab", title: shortPath(path), "aria-selected": String(is), tabindex: is ? "0" : "-1",
      onclick: () => show(path), onauxclick: () => close(path),
      onkeydown: (event) => event.key === "Delete" && close(path),
    }, baseName(path));
    const shut = h("button", { type: "button", class: "tab-close", tabindex: "-1", "aria-label": "Close " + baseName(path), onclick: () => close(path) }, icon("close"));
    return h("span", { class: "file", "aria-current": is ? "true" : null }, tab, shut);
  }));
  find("files").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** One line. */
function render(index) {
  const line = index + 1;
  const points = current ? pointsAt(current.path, line) : [];
  const frame = state.frame;
  const here = isHeld() && frame?.path === current?.path && frame?.line === line;
  const row = h("div", { class: "code-line", data: { line } },
    h("span", { class: "gutter", title: gutterTitle(points) }, mark(points), here ? h("span", { class: frame.top ? "here" : "here outer" }, icon("here")) : null),
    h("span", { class: "number" }, String(line)),
    h("span", { class: "code" }, (current?.lines[index] ?? []).map(([kind, text]) => h("span", { class: "t-" + kind }, text))));
  row.setAttribute("aria-label", `${line}${points.length ? ", breakpoint" : ""}${here ? ", held here" : ""}: ${row.lastChild.textContent}`);
  if (here) row.classList.add(frame.top ? "is-here" : "is-caller");
  if (current?.cursor === line) row.classList.add("is-cursor");
  return row;
}

function mark(points) {
  const point = points[0];
  if (!point) return h("span", { class: "dot ghost" });
  const kinds = ["dot"];
  if (!point.enabled) kinds.push("off");
  else if (!point.verified && !["none", "building", "starting", "failed", "ended"].includes(state.status.mode)) kinds.push("unverified");
  if (point.logMessage) kinds.push("log");
  else if (point.condition || point.hitCondition) kinds.push("conditional");
  if (point.kind === "route") kinds.push("of-route");
  return h("span", { class: kinds.join(" ") });
}

function gutterTitle(points) {
  if (!points.length) return "click: breakpoint; right click: condition, count or log message";
  return points.map((point) => [
    point.kind === "line" ? "breakpoint" : point.name,
    point.enabled ? null : "off",
    point.condition && `if ${point.condition}`,
    point.hitCondition && `hits ${point.hitCondition}`,
    point.logMessage && `logs ${point.logMessage}`,
    point.message,
  ].filter(Boolean).join(", ")).join("\n");
}

const lineOf = (target) => Number(target.closest(".code-line")?.dataset.line ?? 0);

function clicked(event) {
  const line = lineOf(event.target);
  if (!line) return;
  if (event.target.closest(".gutter, .number")) toggle(current.path, line);
  if (getSelection().isCollapsed) goTo(line, "nudge");
}

function pressed(event) {
  if (!current || event.ctrlKey || event.altKey || event.metaKey) return;
  const to = moved(event.key, current.cursor - 1, current.lines.length, list.page);
  if (to === null) return;
  event.preventDefault();
  goTo(to + 1, "nudge");
}

/** F9 and Shift+F9: at the line that the keyboard is at. */
export function toggleHere() {
  if (current) toggle(current.path, current.cursor);
}

export function editHere() {
  if (!current) return;
  list.nudge(current.cursor - 1);
  edit(current.path, current.cursor, list.rows.get(current.cursor - 1));
}

export function closeHere() {
  if (current) close(current.path);
}

// ---- values under the pointer ----

function watchPointer(host) {
  let timer = 0;
  let last = null;
  host.addEventListener("mousemove", (event) => {
    const token = event.target.closest(".t-variable, .t-keyword");
    if (token === last) return;
    last = token;
    clearTimeout(timer);
    const expression = token && isHeld() && state.frame ? expressionAt(token) : null;
    if (expression) timer = setTimeout(() => hover(expression, token), REST);
    else timer = setTimeout(hideHover, REST);
  });
  host.addEventListener("mouseleave", () => {
    clearTimeout(timer);
    last = null;
    timer = setTimeout(hideHover, 2 * REST);
  });
  host.addEventListener("scroll", hideHover, { passive: true });
}

/** The path that ends at a token: `user.name` where the pointer is at `name`. */
function expressionAt(token) {
  if (token.classList.contains("t-keyword") && token.textContent !== "self") return null;
  let path = token.textContent;
  let before = token.previousElementSibling;
  while (before?.textContent.endsWith(".") && !before.textContent.endsWith("..")) {
    const name = before.previousElementSibling;
    if (before.textContent !== "." || !name?.matches(".t-variable, .t-keyword")) return null;
    path = name.textContent + "." + path;
    before = name.previousElementSibling;
  }
  return path;
}
