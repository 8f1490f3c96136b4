// Ctrl+P: opens a file or a route by a few of its letters; `?`: all keys.

import { h, icon } from "./dom.js";
import { KEYS } from "./keys.js";
import { allFiles } from "./side.js";
import { emit, state } from "./store.js";

const MOST = 60;

function dialog(label, ...children) {
  const element = h("dialog", { class: "palette", "aria-label": label, onclose: () => element.remove() }, ...children);
  element.addEventListener("click", (event) => event.target === element && element.close());
  document.body.append(element);
  element.showModal();
  return element;
}

/** Letters in order, better where they stand together or begin a word; 0 for no match. */
export function score(text, wanted) {
  let [at, points] = [0, 1];
  const lower = text.toLowerCase();
  for (const letter of wanted.toLowerCase()) {
    if (letter === " ") continue;
    const found = lower.indexOf(letter, at);
    if (found < 0) return 0;
    points += found === at ? 8 : /[\W_]/.test(lower[found - 1] ?? "/") ? 6 : 1;
    at = found + 1;
  }
  return points - text.length / 100;
}

export async function openPalette() {
  const files = (await allFiles()).map((path) => ({ text: path, kind: "file", open: { path, line: 0 } }));
  const routes = state.routes.map((route) => ({ text: route.name, kind: "route", open: { path: route.file, line: route.body } }));
  const all = [...routes, ...files];
  const list = h("div", { class: "rows", role: "listbox", id: "palette-list" });
  let [found, at] = [[], 0];
  const input = h("input", { type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-label": "Open a file or a route", placeholder: "Open a file or a route; :12 goes to a line", spellcheck: "false", autocomplete: "off" });
  const element = dialog("Open", h("div", { class: "search" }, icon("search"), input), list);
  const go = () => {
    const line = Number(/:(\d+)$/.exec(input.value)?.[1] ?? 0);
    element.close();
    if (found[at]) emit("open", { ...found[at].open, line: line || found[at].open.line });
  };
  const draw = () => {
    list.replaceChildren(...found.map((entry, index) => {
      const row = h("div", { class: "row-item", role: "option", id: "palette-" + index, "aria-selected": String(index === at), onclick: () => { at = index; go(); } }, icon(entry.kind), h("span", { class: "mono ellipsis" }, entry.text));
      return row;
    }));
    if (!found.length) list.append(h("p", { class: "empty" }, "Nothing is like that."));
    input.setAttribute("aria-activedescendant", "palette-" + at);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const search = () => {
    const wanted = input.value.replace(/:\d*$/, "");
    found = all.map((entry) => ({ ...entry, score: wanted ? score(entry.text, wanted) : 1 })).filter((entry) => entry.score > 0).sort((a, b) => b.score - a.score).slice(0, MOST);
    at = 0;
    draw();
  };
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = Math.min(found.length - 1, Math.max(0, at + step));
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      go();
    }
  });
  search();
}

export function openHelp() {
  dialog("Keys", h("h2", {}, "Keys"), h("dl", { class: "keys" }, KEYS.flatMap(([key, words]) => [h("dt", {}, key.split(" ").map((part) => h("kbd", {}, part))), h("dd", {}, words)])));
}
