// The list of requests: the last ten thousand, filtered, with the one that is held marked.

import { clear } from "./api.js";
import { button, find, h, icon } from "./dom.js";
import { moved, VirtualList } from "./list.js";
import { emit, isHeld, on, state } from "./store.js";
import { scopeValues } from "./values.js";

const ROW = 24;
/** As many as the tool keeps. */
const MOST = 10_000;

/** By number, the oldest first. */
let all = new Map();
let shown = [];
/** Their places in `shown`, by number. */
let places = new Map();
let selected = 0;
let kind = "all";
let terms = [];
/** The remote address of a replay: its request is picked when it comes in. */
let awaited = null;
let list;
let input;

export const requestOf = (number) => all.get(number);

const KINDS = { all: () => true, "2xx": by(2), "3xx": by(3), "4xx": by(4), "5xx": by(5), open: (request) => request.status === null && !request.lost };

function by(hundreds) {
  return (request) => request.status !== null && Math.floor(request.status / 100) === hundreds;
}

export function panel() {
  const host = h("div", { class: "requests-list" });
  list = new VirtualList(host, { height: ROW, render, label: "Requests" });
  host.addEventListener("click", (event) => {
    const row = event.target.closest(".request");
    if (row) select(Number(row.dataset.number));
  });
  host.addEventListener("dblclick", (event) => {
    const request = all.get(Number(event.target.closest(".request")?.dataset.number));
    if (request?.file) emit("open", { path: request.file, line: request.line });
  });
  host.addEventListener("keydown", pressed);
  input = h("input", { type: "search", id: "request-filter", placeholder: "Filter: /users POST 5xx >100ms", "aria-label": "Filter requests", spellcheck: "false", oninput: filtered });
  input.addEventListener("keydown", (event) => event.key === "ArrowDown" && host.focus());
  const chips = h("div", { class: "chips", role: "radiogroup", "aria-label": "Status" }, Object.keys(KINDS).map((name) => h("button", {
    type: "button", role: "radio", "aria-checked": String(name === kind), data: { kind: name }, onclick: () => choose(chips, name),
  }, name === "all" ? "All" : name)));
  const count = h("span", { class: "muted", id: "request-count" });
  on("requests-shown", () => { count.textContent = shown.length === all.size ? `${all.size.toLocaleString("en")} requests` : `${shown.length.toLocaleString("en")} of ${all.size.toLocaleString("en")}`; });
  const head = h("div", { class: "request head", "aria-hidden": "true" }, ["", "Method", "Path", "Status", "Handler", "Size", "Time"].map((name) => h("span", {}, name)));
  emit("requests-shown");
  return h("div", { class: "column requests" },
    h("div", { class: "bar-row" }, h("div", { class: "search" }, icon("search"), input), chips, h("span", { class: "grow" }), count, button("trash", "Forget all requests", clear)),
    head, host);
}

export function start() {
  on("told:requests", add);
  on("told:cleared", reset);
  on("told:hello", reset);
  on("told:replaying", ({ remote }) => { awaited = remote; });
  on("told:replayed", ({ error }) => error && emit("toast", error));
  on("frame", findHeld);
  on("status", () => !isHeld() && findHeld());
  on("held", () => list.refresh());
}

function reset() {
  all = new Map();
  selected = 0;
  emit("request", null);
  apply();
}

function add(requests) {
  const follows = list.isAtEnd;
  let later = true;
  for (const request of requests) {
    const known = all.has(request.number);
    all.set(request.number, request);
    if (request.remote && request.remote === awaited) {
      awaited = null;
      selected = request.number;
      emit("request", request);
    }
    if (known || !later) {
      // What has been shown may not fit the filter any more, or now fits.
      const at = places.get(request.number);
      if (at === undefined ? fits(request) : !fits(request)) later = false;
      else if (at !== undefined) {
        shown[at] = request;
        list.redraw(at);
      }
    } else if (fits(request)) {
      places.set(request.number, shown.length);
      shown.push(request);
    }
    if (request.number === selected) emit("request", request);
  }
  while (all.size > MOST) {
    all.delete(all.keys().next().value);
    later = false;
  }
  if (!later) apply();
  list.setCount(shown.length);
  follows ? list.toEnd() : list.draw();
  emit("requests-shown");
  if (isHeld() && !state.held) findHeld();
}

const fits = (request) => KINDS[kind](request) && terms.every((term) => term(request));

function apply() {
  shown = [...all.values()].filter(fits);
  places = new Map(shown.map((request, at) => [request.number, at]));
  list.setCount(shown.length);
  list.refresh();
  emit("requests-shown");
}

/** Each word is a part of the line, a status as `404` or `5xx`, or a time as `>100ms`. */
function term(word) {
  const status = /^([1-5])(xx|\d\d)$/.exec(word);
  if (status) return (request) => String(request.status ?? "").startsWith(status[2] === "xx" ? status[1] : word);
  const time = /^([<>])(\d+(?:\.\d+)?)(us|ms|s)?$/.exec(word);
  if (time) {
    const micros = Number(time[2]) * { us: 1, ms: 1e3, s: 1e6 }[time[3] ?? "ms"];
    return (request) => request.micros !== null && (time[1] === ">" ? request.micros > micros : request.micros < micros);
  }
  return (request) => `${request.method} ${request.target} ${request.rule} ${request.handler}`.toLowerCase().includes(word);
}

function filtered() {
  terms = input.value.toLowerCase().split(/\s+/).filter(Boolean).map(term);
  apply();
}

function choose(chips, name) {
  kind = name;
  for (const chip of chips.children) chip.setAttribute("aria-checked", String(chip.dataset.kind === name));
  apply();
}

function render(at) {
  const request = shown[at];
  const { number, method, target, status, handler, rule, bytes } = request;
  const held = number === state.held && status === null;
  const statusText = status ?? (request.lost ? "lost" : held ? "held" : "…");
  const row = h("div", { class: "request", data: { number }, "aria-selected": String(number === selected) },
    h("span", { class: "mark" }, held ? icon("here") : request.error ? h("i", { class: "error-dot" }) : null),
    h("span", { class: "method m-" + method.toLowerCase() }, method),
    h("span", { class: "ellipsis mono", title: target }, target),
    h("span", { class: "status s-" + (status === null ? (request.lost ? "lost" : "open") : Math.floor(status / 100)) }, String(statusText)),
    h("span", { class: "ellipsis muted", title: handler }, handler || rule),
    h("span", { class: "figure" }, bytes === null ? "" : size(bytes)),
    h("span", { class: "figure" }, duration(request)));
  if (held) row.classList.add("is-held");
  row.setAttribute("aria-label", `${method} ${target}, ${statusText}${request.micros === null ? "" : ", " + time(request.micros)}`);
  return row;
}

const duration = (request) => request.micros === null ? "" : time(request.micros);

export function time(micros) {
  if (micros < 1000) return `${micros} µs`;
  if (micros < 1e6) return `${(micros / 1000).toFixed(micros < 1e4 ? 2 : micros < 1e5 ? 1 : 0)} ms`;
  return `${(micros / 1e6).toFixed(2)} s`;
}

export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Picks a request and shows what is known of it. */
export function select(number, reveal = false) {
  const before = places.get(selected);
  selected = number;
  const at = places.get(number);
  if (before !== undefined) list.redraw(before);
  if (at !== undefined) {
    reveal ? list.reveal(at) : list.nudge(at);
    list.redraw(at);
    list.activate(at, "request-row");
  }
  emit("request", all.get(number) ?? null);
}

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const at = places.get(selected) ?? (event.key === "ArrowUp" ? shown.length : -1);
  const to = moved(event.key, at, shown.length, list.page);
  if (to !== null) {
    event.preventDefault();
    select(shown[to].number);
  } else if (event.key === "Escape" && selected) {
    select(0);
  } else if (event.key === "Enter" && selected) {
    find("tab-overview")?.focus();
  }
}

export const focusFilter = () => { input.focus(); input.select(); };
export const focusList = () => list.host.focus();

/** Which request the program is held in: its own number stands in the scope `Request`. */
async function findHeld() {
  if (!isHeld() || !state.frame) {
    if (state.held) {
      state.held = 0;
      emit("held");
    }
    return;
  }
  const rows = await scopeValues("Request");
  const value = (name) => rows.find((row) => row.name === name)?.value?.replace(/^"|"$/g, "");
  const id = Number(value("number"));
  const open = [...all.values()].filter((request) => request.status === null && !request.lost);
  const byId = id ? open.find((request) => request.id === id) : null;
  const url = value("url") ?? "";
  const likely = open.filter((request) => request.method === value("method") && url.endsWith(request.target));
  const found = byId ?? likely.find((request) => request.thread === state.frame?.thread) ?? likely.at(-1);
  const number = found?.number ?? 0;
  if (number !== state.held) {
    state.held = number;
    emit("held");
  }
}
