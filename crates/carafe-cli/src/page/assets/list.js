// A list of which only the visible rows exist, so that ten thousand cost what thirty do.

import { h } from "./dom.js";

/** Rows beyond the visible ones, above and below. */
const SPARE = 6;

export class VirtualList {
  /** `render(index)` gives a row's element; `height` is that of a row in pixels. */
  constructor(host, { height, render, label }) {
    this.host = host;
    this.height = height;
    this.render = render;
    this.count = 0;
    this.rows = new Map();
    this.space = h("div", { class: "virtual-space" });
    host.classList.add("virtual");
    host.tabIndex = 0;
    host.setAttribute("role", "listbox");
    host.setAttribute("aria-label", label);
    host.append(this.space);
    host.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(host);
  }

  setCount(count) {
    this.count = count;
    this.space.style.height = count * this.height + "px";
  }

  /** Draws the visible rows anew. */
  refresh() {
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.draw();
  }

  /** Draws what has come into sight, and removes what has left it. */
  draw() {
    const { scrollTop, clientHeight } = this.host;
    const first = Math.max(0, Math.floor(scrollTop / this.height) - SPARE);
    const last = Math.min(this.count, Math.ceil((scrollTop + clientHeight) / this.height) + SPARE);
    for (const [index, row] of this.rows) {
      if (index < first || index >= last) {
        row.remove();
        this.rows.delete(index);
      }
    }
    const added = [];
    for (let index = first; index < last; index++) {
      if (this.rows.has(index)) continue;
      const row = this.render(index);
      row.style.top = index * this.height + "px";
      row.style.height = this.height + "px";
      row.setAttribute("role", "option");
      row.setAttribute("aria-posinset", index + 1);
      row.setAttribute("aria-setsize", this.count);
      this.rows.set(index, row);
      added.push(row);
    }
    this.space.append(...added);
  }

  /** Draws one row anew, if it is in sight. */
  redraw(index) {
    const row = this.rows.get(index);
    if (!row) return;
    row.remove();
    this.rows.delete(index);
    this.draw();
  }

  /** Names the row that the keyboard is at. */
  activate(index, id) {
    const row = this.rows.get(index);
    if (!row) return;
    row.id = id;
    this.host.setAttribute("aria-activedescendant", id);
  }

  get page() {
    return Math.max(1, Math.floor(this.host.clientHeight / this.height) - 1);
  }

  get isAtEnd() {
    return this.host.scrollTop + this.host.clientHeight >= this.space.offsetHeight - this.height;
  }

  /** Brings a row into sight, to the middle if it was not. */
  reveal(index) {
    const { scrollTop, clientHeight } = this.host;
    const top = index * this.height;
    if (top < scrollTop || top + this.height > scrollTop + clientHeight) {
      this.host.scrollTop = top - (clientHeight - this.height) / 2;
    }
    this.draw();
  }

  /** Brings a row into sight with as little movement as possible. */
  nudge(index) {
    const { scrollTop, clientHeight } = this.host;
    const top = index * this.height;
    if (top < scrollTop) this.host.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) this.host.scrollTop = top + this.height - clientHeight;
    this.draw();
  }

  toEnd() {
    this.host.scrollTop = this.space.offsetHeight;
    this.draw();
  }
}

/** Where an arrow key leads from a row; `null` for other keys. */
export function moved(key, at, count, page) {
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: count - 1 }[key];
  return to === undefined || count === 0 ? null : Math.min(count - 1, Math.max(0, to));
}
