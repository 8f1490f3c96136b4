// The frame around the panels: the state bar, its buttons, splitters, messages.

import { debug } from "./api.js";
import { panel as consolePanel, coloured, seen } from "./console.js";
import { panel as detailPanel } from "./detail.js";
import { button, find, h, icon, roving, tabs } from "./dom.js";
import { actions } from "./keys.js";
import { openHelp, openPalette } from "./palette.js";
import { focusList, panel as requestsPanel, requestOf, select } from "./requests.js";
import { showSide } from "./side.js";
import { panels as stackPanels } from "./stack.js";
import { baseName, emit, isGone, isHeld, kept, on, state } from "./store.js";
import { panels as valuePanels } from "./values.js";

let showDock;

export function start() {
  controls();
  inspect();
  showDock = tabs(find("dock-tabs"), find("dock-body"), [
    { id: "requests", name: "Requests", panel: h("div", { class: "split" }, requestsPanel(), detailPanel()) },
    { id: "console", name: "Console", panel: consolePanel(), count: h("span", { class: "count", id: "console-count" }) },
  ], (id) => id === "console" && seen());
  splitters();
  find("tools").append(button("search", "Open a file or a route (Ctrl+P)", openPalette), button("help", "All keys (?)", openHelp));
  for (const name of ["status", "session", "app", "connection", "frame", "held", "hello"]) on(name, draw);
  on("told:saved", ({ file }) => notice(file));
  on("status", () => state.status.mode === "building" && notice(null));
  on("told:failed", ({ error }) => toast(error));
  on("told:panic", ({ message, file, line }) => toast(`the app panicked: ${message}${file ? ` (${file}:${line})` : ""}`));
  on("toast", toast);
  draw();
}

// ---- the bar ----

let buttons;

function controls() {
  const all = [
    ["go", "continue", "Continue (F5)", actions.go], ["pause", "pause", "Pause (F6)", actions.pause],
    ["over", "over", "Step over (F10)", actions.over], ["into", "into", "Step into (F11)", actions.into], ["out", "out", "Step out (Shift+F11)", actions.out],
    ["restart", "restart", "Build and start again (Ctrl+Shift+F5)", actions.restart], ["stop", "stop", "End the app (Shift+F5)", actions.stop],
  ];
  buttons = Object.fromEntries(all.map(([id, name, title, run]) => [id, button(name, title, run, { id: "do-" + id })]));
  buttons.debug = h("button", { type: "button", class: "primary", id: "do-debug", onclick: debug }, icon("bug"), "Debug");
  find("controls").append(...Object.values(buttons));
  roving(find("controls"), "button", "ArrowLeft", "ArrowRight");
}

const WORDS = { none: "Not started", building: "Building…", starting: "Starting under the debugger…", running: "Running", held: "Held", ended: "Ended", failed: "Not started" };
const REASONS = { breakpoint: "at a breakpoint", "function breakpoint": "at a breakpoint", step: "after a step", pause: "paused", exception: "at an exception", entry: "at its entry" };

function draw() {
  const { mode, words, stop } = state.status;
  const [held, gone] = [isHeld(), isGone()];
  document.body.dataset.mode = state.connected ? mode : "lost";
  document.body.classList.toggle("no-session", !state.session);
  const can = { go: held || (gone && mode !== "none"), pause: mode === "running", over: held, into: held, out: held, restart: !["building", "starting"].includes(mode), stop: !gone };
  for (const [id, is] of Object.entries(can)) buttons[id].disabled = !is;
  for (const id of Object.keys(can)) buttons[id].hidden = !state.session;
  buttons.go.hidden ||= mode === "running";
  buttons.pause.hidden = !state.session || mode !== "running";
  buttons.debug.hidden = state.session || !state.canDebug;
  const said = [h("b", { class: "pill" }, h("i", { class: "lamp" }), !state.connected ? "No connection" : state.session ? WORDS[mode] : "Running without a debugger")];
  if (!state.connected) said.push("the tool has ended; start it again and open the URL that it shows");
  else if (held) said.push(...heldWords(stop));
  else if (words) said.push(words.split("\n")[0]);
  find("status").replaceChildren(...said.map((part) => typeof part === "string" ? h("span", { class: "ellipsis" }, part) : part));
  find("app-name").textContent = state.app?.name || "Carafe";
  document.title = `${held ? "● " : ""}${state.app?.name || "Carafe"}${held ? " – held" : ""}`;
  const url = state.app?.urls?.find((each) => each.startsWith("http"));
  Object.assign(find("app-url"), { hidden: !url || gone, href: url ?? "", textContent: url?.replace(/^http:\/\//, "").replace(/\/$/, "") ?? "" });
  failure();
}

function heldWords(stop) {
  const said = [stop?.description && stop.reason === "exception" ? stop.description : (REASONS[stop?.reason] ?? stop?.reason ?? "")];
  if (state.frame?.path) said.push(h("button", { type: "button", class: "link mono ellipsis", onclick: () => emit("open", { path: state.frame.path, line: state.frame.line }) }, `${baseName(state.frame.path)}:${state.frame.line}`));
  const request = requestOf(state.held);
  if (request) said.push(h("button", { type: "button", class: "link ellipsis", onclick: () => { showDock("requests"); select(request.number, true); } }, `${request.method} ${request.target}`));
  return said;
}

/** Why there is no program, in the place of the source. */
function failure() {
  const host = find("failure");
  const { mode, words, diagnostics } = state.status;
  const compiles = !diagnostics?.length;
  host.hidden = compiles && mode !== "failed";
  if (host.hidden) return;
  const [first, ...hints] = (words || "the app does not compile").split("\n").filter(Boolean);
  const shown = compiles ? null : diagnostics.slice(0, 20).map((each) => h("article", { class: "diagnostic d-" + each.level },
    h("header", {}, h("b", {}, each.level), h("span", {}, each.message), each.file ? h("button", { type: "button", class: "link mono", onclick: () => emit("open", { path: each.file, line: each.line }) }, `${each.file}:${each.line}`) : null),
    each.rendered ? h("pre", { class: "mono" }, coloured(each.rendered)) : null));
  host.replaceChildren(h("h2", {}, first), ...hints.map((hint) => h("p", { class: "mono" }, hint)), ...(shown ?? []),
    h("p", { class: "row" }, h("button", { type: "button", class: "primary", onclick: actions.restart }, icon("restart"), "Build and start again")));
}

function notice(file) {
  find("notices").replaceChildren(...(file && state.session ? [h("button", { type: "button", class: "primary", id: "rebuild", title: "Ctrl+Shift+F5; breakpoints stay", onclick: actions.restart }, icon("restart"), `${baseName(file)} changed: rebuild and restart`)] : []));
}

function toast(words) {
  const element = h("div", { class: "toast" }, h("span", {}, words), button("close", "Close", () => element.remove()));
  find("toasts").append(element);
  setTimeout(() => element.remove(), 8000);
}

// ---- panels ----

function inspect() {
  const { variables, watches } = valuePanels();
  const { stack, threads } = stackPanels();
  const parts = [["variables", "Variables", variables], ["watch", "Watch", watches], ["stack", "Call stack", stack], ["threads", "Threads", threads]];
  find("inspect").append(...parts.map(([id, name, content]) => {
    const part = h("details", { class: "part part-" + id, open: kept("part." + id) !== "shut" && id !== "threads" || kept("part." + id) === "open" }, h("summary", {}, icon("chevron"), name), h("div", { class: "part-body" }, content));
    part.addEventListener("toggle", () => kept("part." + id, part.open ? "open" : "shut"));
    part.id = "part-" + id;
    return part;
  }));
}

/** Brings the focus into a panel. */
export function focusPart(id) {
  if (["routes", "files", "points"].includes(id)) {
    showSide(id);
    find("panel-" + id).querySelector("button.row-text, .tree-item, input")?.focus();
  } else if (id === "source") find("source").focus();
  else if (id === "console") {
    showDock("console");
    find("console-input").disabled ? document.querySelector(".console-log").focus() : find("console-input").focus();
  } else {
    const part = find("part-" + id);
    part.open = true;
    (part.querySelector("[role=treeitem], [role=option]") ?? part.querySelector("summary")).focus();
  }
}

export function showRequests() {
  showDock("requests");
  focusList();
}

const SIZES = [["split-side", "--side", 1, "x", 250], ["split-inspect", "--inspect", -1, "x", 340], ["split-dock", "--dock", -1, "y", 300]];

/** Splitters: by the pointer, and by the arrow keys. */
function splitters() {
  for (const [id, name, sign, axis, first] of SIZES) {
    const element = find(id);
    let size = Number(kept(name)) || first;
    const set = (to) => {
      const most = (axis === "x" ? innerWidth : innerHeight) * 0.6;
      size = Math.round(Math.min(most, Math.max(120, to)));
      document.documentElement.style.setProperty(name, size + "px");
      element.setAttribute("aria-valuenow", size);
      kept(name, String(size));
    };
    set(size);
    element.addEventListener("pointerdown", (event) => {
      const [from, began] = [axis === "x" ? event.clientX : event.clientY, size];
      element.setPointerCapture(event.pointerId);
      const move = (now) => set(began + sign * ((axis === "x" ? now.clientX : now.clientY) - from));
      element.addEventListener("pointermove", move);
      element.addEventListener("pointerup", () => element.removeEventListener("pointermove", move), { once: true });
    });
    element.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -16, ArrowUp: -16, ArrowRight: 16, ArrowDown: 16 }[event.key];
      if (!by) return;
      event.preventDefault();
      set(size + sign * by);
    });
  }
}
