// Values: the scopes of a frame as a tree, watches, and the box under the pointer.

import { act, dap } from "./api.js";
import { button, h, icon } from "./dom.js";
import { emit, isHeld, on, state } from "./store.js";

/** What is open, by path: `Locals/user/tags`. Stays open from stop to stop. */
const expanded = new Set(["Locals", "Request"]);
/** What each path had at the last stop, and at this one, in each function. */
let before = new Map();
let now = new Map();
let turn = 0;

/** The panel of variables, and that of watches. */
export function panels() {
  const variables = h("div", { class: "tree values", role: "tree", "aria-label": "Variables" });
  const watches = h("div", { class: "tree values", role: "tree", "aria-label": "Watches" });
  const input = h("input", { type: "text", class: "mono", placeholder: "Add an expression: tags.len()", "aria-label": "Add a watch", spellcheck: "false", autocomplete: "off" });
  const form = h("form", { class: "add-watch", onsubmit: (event) => {
    event.preventDefault();
    const expression = input.value.trim();
    if (expression && !state.watches.includes(expression)) setWatches([...state.watches, expression]);
    input.value = "";
  } }, input);
  on("frame", () => {
    drawScopes(variables);
    drawWatches(watches);
  });
  let shown = "";
  on("points", () => {
    const wanted = JSON.stringify(state.watches);
    if (wanted !== shown) drawWatches(watches);
    shown = wanted;
  });
  let stops = 0;
  on("status", () => {
    if (!isHeld() || state.status.stops === stops) return;
    // A new stop: what was seen at the last one is what is compared with.
    stops = state.status.stops;
    before = new Map([...before, ...now]);
    now = new Map();
  });
  for (const tree of [variables, watches]) tree.addEventListener("keydown", pressed);
  drawScopes(variables);
  drawWatches(watches);
  return { variables, watches: h("div", {}, watches, form) };
}

const setWatches = (watches) => act("carafe/setWatches", { watches });

async function drawScopes(tree) {
  const mine = ++turn;
  hideHover();
  if (!state.frame) {
    tree.replaceChildren(h("p", { class: "empty" }, "Values are shown while the app is held."));
    return;
  }
  const body = await dap("scopes", { frameId: state.frame.id }).catch((error) => ({ error }));
  if (mine !== turn) return;
  if (body.error) {
    tree.replaceChildren(h("p", { class: "empty" }, body.error.message));
    return;
  }
  const fresh = h("div", {});
  const scopes = body.scopes ?? [];
  await Promise.all(scopes.map((scope) => {
    const node = { name: scope.name, ref: scope.variablesReference, path: scope.name, level: 1, scope: true };
    const place = h("div", { role: "none" });
    fresh.append(place);
    return drawNode(place, node);
  }));
  if (mine !== turn) return;
  const at = focusPath(tree);
  tree.replaceChildren(...fresh.childNodes);
  refocus(tree, at);
}

const focusPath = (tree) => tree.contains(document.activeElement) ? document.activeElement.dataset.path : null;
const refocus = (tree, path) => path && tree.querySelector(`[data-path="${CSS.escape(path)}"]`)?.focus();

/** A row and, where it is open, what is in it. */
async function drawNode(place, node) {
  const is = node.ref > 0 && expanded.has(node.path);
  const children = h("div", { role: "group" });
  const row = valueRow(node, is, () => {
    expanded.has(node.path) ? expanded.delete(node.path) : expanded.add(node.path);
    drawNode(place, node).then(() => place.firstChild.focus());
  });
  if (is) await fill(children, node);
  place.replaceChildren(row, children);
}

async function fill(host, node) {
  const body = await dap("variables", { variablesReference: node.ref }).catch((error) => ({ error }));
  if (body.error) {
    host.replaceChildren(note(node, body.error.message));
    return;
  }
  const all = body.variables ?? [];
  if (!all.length) {
    host.replaceChildren(note(node, node.scope ? "nothing" : "empty"));
    return;
  }
  await Promise.all(all.map((variable) => {
    const place = h("div", { role: "none" });
    host.append(place);
    return drawNode(place, {
      name: variable.name, value: variable.value, type: variable.type, ref: variable.variablesReference ?? 0,
      path: `${node.path}/${variable.name}`, level: node.level + 1, parent: node.ref, evaluate: variable.evaluateName,
    });
  }));
}

function note(node, words) {
  const row = h("div", { class: "value-row note" }, words);
  row.style.paddingLeft = 8 + node.level * 14 + 18 + "px";
  return row;
}

function hasChanged(node) {
  // How long a request runs is another time at each stop.
  if (node.scope || node.value === undefined || node.path.startsWith("hover/") || node.path === "Request/running") return false;
  const key = `${state.frame?.name}\n${node.path}`;
  now.set(key, node.value);
  // What is new is no change, unless its scope was seen before.
  return before.has(key) && before.get(key) !== node.value;
}

function valueRow(node, is, flip) {
  const opens = node.ref > 0;
  const value = h("span", { class: "value v-" + kind(node.value ?? "") }, node.value ?? "");
  const row = h("div", {
    class: node.scope ? "value-row scope" : "value-row", role: "treeitem", tabindex: "-1", "aria-level": String(node.level), "aria-expanded": opens ? String(is) : null,
    data: { path: node.path }, title: node.scope ? null : [node.type, node.value].filter(Boolean).join("\n"),
    onclick: (event) => {
      row.focus();
      if (opens && !event.target.closest("button, input") && getSelection().isCollapsed) flip();
    },
    ondblclick: () => node.parent && !opens && change(row, node, value),
  },
  opens ? icon("chevron") : h("span", { class: "no-icon" }),
  h("span", { class: "name" }, node.name), node.scope ? null : h("span", { class: "equals" }, "="), value, node.extra ?? null);
  row.style.paddingLeft = 8 + (node.level - 1) * 14 + "px";
  if (hasChanged(node)) row.classList.add("changed");
  row.flip = opens ? flip : null;
  row.change = node.parent && !opens ? () => change(row, node, value) : null;
  return row;
}

/** What colour a value has. */
function kind(value) {
  if (/^-?\d/.test(value)) return "number";
  if (/^["'b]?["']/.test(value)) return "string";
  if (/^(true|false)\b/.test(value)) return "boolean";
  if (/^(None|\(\)|\(hidden\)|null)/.test(value)) return "nothing";
  return "other";
}

/** Lets a value be typed over. */
function change(row, node, value) {
  const input = h("input", { type: "text", class: "mono", "aria-label": "New value of " + node.name, spellcheck: "false" });
  input.value = node.value;
  let done = false;
  const finish = () => {
    // Taking away what has the focus makes it lose that, which ends here once more.
    if (done) return;
    done = true;
    input.replaceWith(value);
  };
  input.addEventListener("keydown", async (event) => {
    event.stopPropagation();
    if (event.key !== "Escape" && event.key !== "Enter") return;
    const wanted = input.value;
    finish();
    row.focus();
    if (event.key === "Escape") return;
    if (await act("setVariable", { variablesReference: node.parent, name: node.name, value: wanted })) emit("frame");
  });
  input.addEventListener("blur", finish);
  value.replaceWith(input);
  input.focus();
  input.select();
}

/** The keys of trees (WAI-ARIA practices). */
function pressed(event) {
  const row = event.target.closest("[role=treeitem]");
  if (!row || event.target.matches("input")) return;
  const all = [...event.currentTarget.querySelectorAll("[role=treeitem]")];
  const at = all.indexOf(row);
  const open = row.getAttribute("aria-expanded");
  const parent = () => all.slice(0, at).reverse().find((other) => Number(other.ariaLevel) < Number(row.ariaLevel));
  const acts = {
    ArrowDown: () => all[at + 1]?.focus(),
    ArrowUp: () => all[at - 1]?.focus(),
    Home: () => all[0].focus(),
    End: () => all.at(-1).focus(),
    ArrowRight: () => open === "false" ? row.flip() : open === "true" && all[at + 1]?.focus(),
    ArrowLeft: () => open === "true" ? row.flip() : parent()?.focus(),
    Enter: () => row.flip ? row.flip() : row.change?.(),
    " ": () => row.flip?.(),
    F2: () => row.change?.(),
    Delete: () => row.querySelector(".remove")?.click(),
  };
  if (!acts[event.key] || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  acts[event.key]();
}

// ---- watches ----

let watchTurn = 0;

async function drawWatches(tree) {
  const mine = ++watchTurn;
  const fresh = h("div", {});
  await Promise.all(state.watches.map(async (expression) => {
    const place = h("div", { role: "none" });
    fresh.append(place);
    const remove = button("close", "Remove this watch", () => setWatches(state.watches.filter((other) => other !== expression)), { class: "icon-button remove", tabindex: "-1" });
    const node = { name: expression, path: "watch/" + expression, level: 1, extra: remove, ref: 0, value: state.frame ? "…" : "" };
    if (state.frame) {
      const answer = await dap("evaluate", { expression, frameId: state.frame.id, context: "watch" }).catch((error) => ({ result: error.message.split("\n")[0], failed: true }));
      Object.assign(node, { value: answer.result, type: answer.type, ref: answer.variablesReference ?? 0 });
    }
    await drawNode(place, node);
  }));
  if (mine !== watchTurn) return;
  const at = focusPath(tree);
  tree.replaceChildren(...fresh.childNodes);
  refocus(tree, at);
}

// ---- under the pointer ----

let tip = null;

export function hideHover() {
  if (tip?.matches(":hover")) return;
  tip?.remove();
  tip = null;
}

/** Shows the value of a path below an element. */
export async function hover(expression, beside) {
  const frame = state.frame;
  const answer = await dap("evaluate", { expression, frameId: frame.id, context: "hover" }).catch(() => null);
  if (!answer?.result || frame !== state.frame || !beside.isConnected) return;
  tip?.remove();
  const tree = h("div", { class: "tree values tip", role: "tooltip", onmouseleave: () => setTimeout(hideHover, 100) });
  const place = h("div", { role: "none" });
  tree.append(place);
  expanded.add("hover/" + expression);
  await drawNode(place, { name: expression, value: answer.result, type: answer.type, ref: answer.variablesReference ?? 0, path: "hover/" + expression, level: 1 });
  document.body.append(tree);
  const at = beside.getBoundingClientRect();
  tree.style.left = Math.min(at.left, innerWidth - tree.offsetWidth - 8) + "px";
  tree.style.top = (at.bottom + tree.offsetHeight + 4 < innerHeight ? at.bottom + 2 : at.top - tree.offsetHeight - 2) + "px";
  tip = tree;
}

/** Finds the row of a scope by its name and then its rows' names: the request's own number. */
export async function scopeValues(name) {
  const { scopes = [] } = await dap("scopes", { frameId: state.frame.id }).catch(() => ({}));
  const scope = scopes.find((each) => each.name === name);
  if (!scope) return [];
  const { variables = [] } = await dap("variables", { variablesReference: scope.variablesReference }).catch(() => ({}));
  return variables;
}
