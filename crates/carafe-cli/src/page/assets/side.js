// The panel on the left: routes with a switch each, files, breakpoints.

import { act, files as listFiles } from "./api.js";
import { find, h, icon, tabs } from "./dom.js";
import { editNamed, panel as pointsPanel } from "./points.js";
import { emit, on, state } from "./store.js";

export let showSide = () => {};

export function start() {
  const count = h("span", { class: "count" });
  on("points", () => { count.textContent = state.points.filter((point) => !point.once).length || ""; });
  showSide = tabs(find("side-tabs"), find("side-body"), [
    { id: "routes", name: "Routes", panel: routesPanel() },
    { id: "files", name: "Files", panel: filesPanel() },
    { id: "points", name: "Breakpoints", panel: pointsPanel(), count },
  ], (id) => id === "files" && emit("files-shown"));
}

// ---- routes ----

function routesPanel() {
  const list = h("div", { class: "rows", role: "list" });
  const input = h("input", { type: "search", placeholder: "Filter routes", "aria-label": "Filter routes" });
  const draw = () => {
    const wanted = input.value.toLowerCase();
    const shown = routes().filter((route) => (route.name + " " + route.endpoint).toLowerCase().includes(wanted));
    list.replaceChildren(...shown.map(routeRow));
    if (!shown.length) list.append(h("p", { class: "empty" }, wanted ? "No route is like that." : "The routes are known when the app has started."));
  };
  input.addEventListener("input", draw);
  on("points", draw);
  on("app", draw);
  on("session", draw);
  draw();
  return h("div", { class: "column" }, h("div", { class: "search" }, icon("search"), input), h("div", { class: "scroll" }, list));
}

/** Those of the debugger, which knows breakpoints; else what the app said of itself. */
function routes() {
  if (state.routes.length) return state.routes;
  return (state.app?.routes ?? []).map((route) => ({ ...route, name: `${route.methods?.[0] ?? ""} ${route.rule}`.trim() }));
}

function routeRow(route) {
  const point = state.points.find((other) => other.id === route.point);
  const method = route.name.includes(" ") ? route.name.split(" ")[0] : (route.methods?.[0] ?? "");
  const is = Boolean(point?.enabled);
  const toggle = h("button", {
    type: "button", role: "switch", class: "switch", "aria-checked": String(is), "aria-label": `Stop at ${route.name}`, title: is ? "Does not stop here any more" : "Stop at the first line of its handler",
    disabled: !state.session, onclick: () => is ? act("carafe/clearPoint", { name: route.name }) : act("carafe/setPoint", { name: route.name, enabled: true }),
    oncontextmenu: (event) => { event.preventDefault(); editNamed(route.name, toggle); },
  });
  const open = h("button", { type: "button", class: "row-text", title: `${route.endpoint} (${route.file}:${route.line})`, onclick: () => emit("open", { path: route.file, line: route.body ?? route.line }) },
    h("span", { class: "ellipsis mono" }, h("b", { class: "method m-" + method.toLowerCase() }, method), rule(route.rule)),
    h("small", { class: "ellipsis" }, point?.condition ? `if ${point.condition}` : (route.handler ?? route.endpoint)));
  return h("div", { class: "row-item", role: "listitem", data: { route: route.name } }, open, toggle);
}

/** A rule with its values set apart. */
function rule(text) {
  return text.split(/(<[^>]*>)/).map((part) => part.startsWith("<") ? h("span", { class: "value-part" }, part) : part);
}

// ---- files ----

let known = null;

/** All files of the workspace; asked for once in a while. */
export async function allFiles() {
  known ??= await listFiles().catch(() => []);
  setTimeout(() => { known = null; }, 5000);
  return known;
}

function filesPanel() {
  const tree = h("div", { class: "tree scroll", role: "tree", "aria-label": "Files" });
  const expanded = new Set(["", "src"]);
  const draw = async () => {
    const root = new Map();
    for (const path of await allFiles()) {
      let folder = root;
      const parts = path.split("/");
      for (const part of parts.slice(0, -1)) folder = folder.get(part) ?? folder.set(part, new Map()).get(part);
      folder.set(parts.at(-1), path);
    }
    tree.replaceChildren(...branch(root, "", 0));
  };
  const branch = (folder, path, depth) => [...folder]
    .sort(([a, x], [b, y]) => (y instanceof Map) - (x instanceof Map) || a.localeCompare(b))
    .flatMap(([name, inside]) => {
      const whole = path ? `${path}/${name}` : name;
      const isFolder = inside instanceof Map;
      const is = isFolder && expanded.has(whole);
      const act = () => {
        if (!isFolder) return emit("open", { path: whole, line: 0 });
        is ? expanded.delete(whole) : expanded.add(whole);
        draw().then(() => tree.querySelector(`[data-path="${CSS.escape(whole)}"]`)?.focus());
      };
      const item = h("button", { type: "button", role: "treeitem", class: "tree-item", "aria-level": depth + 1 + "", "aria-expanded": isFolder ? String(is) : null, data: { path: whole }, onclick: act },
        isFolder ? icon("chevron") : icon("file"), h("span", { class: "ellipsis" }, name));
      item.style.paddingLeft = 8 + depth * 14 + "px";
      return [item, ...(is ? branch(inside, whole, depth + 1) : [])];
    });
  tree.addEventListener("keydown", (event) => {
    const all = [...tree.querySelectorAll(".tree-item")];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    const opens = { ArrowRight: "false", ArrowLeft: "true" }[event.key];
    if (to !== undefined) all[Math.min(Math.max(to, 0), all.length - 1)]?.focus();
    else if (opens && document.activeElement.getAttribute("aria-expanded") === opens) document.activeElement.click();
    else return;
    event.preventDefault();
  });
  on("files-shown", draw);
  return tree;
}
