// One request: where its time went, its headers, body, templates, queries and log lines.

import { replay, request as readRequest } from "./api.js";
import { button, h, icon, tabs } from "./dom.js";
import { select, size, time } from "./requests.js";
import { emit, on, shortPath, state } from "./store.js";
import { waterfall } from "./waterfall.js";

const PARTS = [
  ["overview", "Overview", overview],
  ["headers", "Headers", headers],
  ["body", "Body", body],
  ["templates", "Templates", templates],
  ["queries", "Queries", queries],
  ["logs", "Log", logs],
];

let chosen = "overview";
let shown = null;
let turn = 0;

export function panel() {
  const element = h("section", { class: "detail column", "aria-label": "Request" });
  element.hidden = true;
  on("request", async (request) => {
    const mine = ++turn;
    element.hidden = !request;
    document.body.classList.toggle("has-request", Boolean(request));
    if (!request) return;
    const full = await readRequest(request.number).catch((error) => ({ error }));
    if (mine !== turn) return;
    if (full.error) {
      element.replaceChildren(h("p", { class: "empty" }, full.error.message));
      return;
    }
    const scroll = shown?.number === full.number ? element.querySelector(".body")?.scrollTop : 0;
    shown = full;
    draw(element, full);
    element.querySelector(".body").scrollTop = scroll ?? 0;
  });
  on("session", () => shown && !element.hidden && draw(element, shown));
  return element;
}

function draw(element, request) {
  const had = element.contains(document.activeElement) ? document.activeElement.id : null;
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": "Request" });
  const content = h("div", { class: "body" });
  const actions = h("div", { class: "actions" },
    h("button", { type: "button", class: "small", title: "Send the same request again", onclick: () => replay(request.number, false) }, icon("replay"), "Replay"),
    h("button", { type: "button", class: "small", title: "Send it again and stop in its handler", disabled: !state.session && !state.canDebug, onclick: () => replay(request.number, true) }, icon("bug"), "Debug"),
    button("close", "Close (Escape)", () => select(0)));
  element.replaceChildren(h("header", { class: "detail-head" },
    h("b", { class: "method m-" + request.method.toLowerCase() }, request.method), h("span", { class: "mono ellipsis", title: request.target }, request.target), h("span", { class: "grow" }), actions), list, content);
  const last = chosen;
  const show = tabs(list, content, PARTS.map(([id, name, make]) => {
    const [panel, number] = make(request);
    return { id, name, panel, count: number ? h("span", { class: "count" }, String(number)) : null };
  }), (id) => { chosen = id; });
  show(last);
  if (had) document.getElementById(had)?.focus();
}

const spans = (request, kind) => request.spans.filter((span) => span.kind === kind);
const nothing = (words) => [h("div", {}, h("p", { class: "empty" }, words)), 0];

/** A place in the source that opens. */
function place(file, line) {
  if (!file) return null;
  return h("button", { type: "button", class: "link mono", onclick: () => emit("open", { path: file, line }) }, `${shortPath(file)}:${line}`);
}

function overview(request) {
  const rows = [
    ["Status", request.status === null ? (request.lost ? "the app went away before it answered" : "not answered yet") : h("span", {}, h("b", { class: "status s-" + Math.floor(request.status / 100) }, String(request.status)), request.micros === null ? "" : ` in ${time(request.micros)}`, request.bytes === null ? "" : `, ${size(request.bytes)}`, request.type ? ` of ${request.type}` : "")],
    ["Handler", request.handler ? h("span", {}, h("span", { class: "mono" }, request.handler), " ", place(request.file, request.line)) : null],
    ["Rule", request.rule ? h("span", { class: "mono" }, request.rule) : null],
    ["Path values", request.values?.length ? pairs(request.values) : null],
    ["From", request.remote],
    ["At", new Date(request.at).toLocaleTimeString(undefined, { hour12: false, fractionalSecondDigits: 3 })],
    ["Cut", request.cut ? "more was recorded than the app could tell" : null],
  ];
  const panel = h("div", {},
    request.failure ? failure(request.failure) : null,
    waterfall(request),
    h("dl", { class: "facts" }, rows.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
  return [panel, 0];
}

function failure({ type, message, causes, file, line }) {
  return h("div", { class: "failure" },
    h("strong", {}, message || type), " ", place(file, line),
    causes?.length ? h("ol", {}, causes.map((cause) => h("li", {}, cause))) : null,
    type && message ? h("small", { class: "mono" }, type) : null);
}

const pairs = (list) => h("dl", { class: "pairs" }, list.flatMap(([name, value]) => [h("dt", { class: "mono" }, name), h("dd", { class: value === "(hidden)" ? "mono secret" : "mono" }, value)]));

function headers(request) {
  return [h("div", {}, pairs(request.headers ?? []), request.query?.length ? [h("h4", {}, "Query"), pairs(request.query)] : null), request.headers?.length ?? 0];
}

function body(request) {
  const body = request.body;
  if (!body) return nothing("The request had no body, or none that was read.");
  const shown = {
    form: () => pairs(body.fields),
    json: () => h("pre", { class: "mono" }, JSON.stringify(body.value, null, 2)),
    text: () => h("pre", { class: "mono" }, body.text),
    bytes: () => h("p", {}, `${size(body.length)} that are no text`),
  }[body.kind]();
  return [h("div", {}, request.bodyCut || body.cut ? h("p", { class: "muted" }, "Only the beginning was kept.") : null, shown), 0];
}

function templates(request) {
  const all = spans(request, "template");
  if (!all.length) return nothing("No template was rendered.");
  return [h("div", {}, all.map((span) => h("details", { open: true },
    h("summary", {}, h("span", { class: "mono" }, span.name), " ", h("small", {}, time(span.took))),
    variables(span.detail)))), all.length];
}

/** A template's variables; objects open. */
function variables(detail) {
  const entries = Array.isArray(detail) ? detail : Object.entries(detail ?? {});
  if (!entries.length) return h("p", { class: "empty" }, "It was given no variables.");
  return pairs(entries.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]));
}

function queries(request) {
  const all = spans(request, "query");
  if (!all.length) return nothing("No query was made.");
  return [h("table", { class: "queries" },
    h("thead", {}, h("tr", {}, ["Query", "Rows", "Time"].map((name) => h("th", {}, name)))),
    h("tbody", {}, all.map((span) => h("tr", {},
      h("td", { class: "mono" }, span.detail?.sql ?? span.name), h("td", { class: "figure" }, String(span.detail?.rows ?? "")), h("td", { class: "figure" }, time(span.took)))))), all.length];
}

function logs(request) {
  const all = spans(request, "log");
  if (!all.length) return nothing("Nothing was logged.");
  return [h("div", { class: "log-lines mono" }, all.map((span) => h("div", { class: "log-line" },
    h("span", { class: "muted" }, time(span.start)), h("b", { class: "level l-" + String(span.detail?.level ?? "info").toLowerCase() }, span.detail?.level ?? ""), h("span", { class: "muted" }, span.detail?.target ?? ""), h("span", {}, span.detail?.message ?? span.name)))), all.length];
}
