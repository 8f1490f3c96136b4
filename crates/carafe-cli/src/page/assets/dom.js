// Elements. Text is always set as text: nothing that an app says becomes markup.

import { paths } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners (`onclick: f` is added as a listener) and children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** One of our icons. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon icon-" + name);
  svg.setAttribute("aria-hidden", "true");
  for (const [data, fill] of paths[name] ?? []) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", data);
    path.setAttribute("class", fill ? "fill" : "line");
    svg.append(path);
  }
  return svg;
}

/** A button that shows an icon, with its name and key for whoever asks. */
export function button(name, title, onclick, extra = {}) {
  return h("button", { type: "button", class: "icon-button", title, "aria-label": title, onclick, ...extra }, icon(name));
}

export const find = (id) => document.getElementById(id);

/** Moves the focus along a row or column of elements by the arrow keys. */
export function roving(host, selector, previous, next) {
  host.addEventListener("keydown", (event) => {
    if (event.key !== previous && event.key !== next) return;
    const all = [...host.querySelectorAll(selector)].filter((element) => element.offsetParent !== null);
    const at = all.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    all[(at + (event.key === next ? 1 : all.length - 1)) % all.length].focus();
  });
}

/** Tabs over panels; gives a function that shows one. */
export function tabs(list, body, panels, chosen = () => {}) {
  const parts = panels.map(({ id, name, panel, count }) => {
    const tab = h("button", { type: "button", role: "tab", id: "tab-" + id, "aria-controls": "panel-" + id, onclick: () => show(id) }, name);
    if (count) tab.append(count);
    panel.id = "panel-" + id;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    return { id, tab, panel };
  });
  list.append(...parts.map((part) => part.tab));
  body.append(...parts.map((part) => part.panel));
  roving(list, "[role=tab]", "ArrowLeft", "ArrowRight");
  function show(id) {
    for (const part of parts) {
      const is = part.id === id;
      part.tab.setAttribute("aria-selected", String(is));
      part.tab.tabIndex = is ? 0 : -1;
      part.panel.hidden = !is;
    }
    chosen(id);
  }
  show(parts[0].id);
  return show;
}
