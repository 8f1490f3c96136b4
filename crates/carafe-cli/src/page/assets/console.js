// The console: what the app and the tool say, and expressions to evaluate.

import { dap } from "./api.js";
import { button, find, h } from "./dom.js";
import { isHeld, on, state } from "./store.js";

/** The most pieces that are shown. */
const MOST = 2000;
const history = [];
let at = 0;
let log;
let input;

export function panel() {
  log = h("div", { class: "console-log mono", role: "log", "aria-label": "Console", tabindex: "0" });
  input = h("input", { type: "text", class: "mono", id: "console-input", "aria-label": "Evaluate", spellcheck: "false", autocomplete: "off", onkeydown: pressed });
  const form = h("form", { class: "console-line", onsubmit: (event) => { event.preventDefault(); evaluate(); } },
    h("span", { class: "prompt", "aria-hidden": "true" }, "›"), input, button("trash", "Clear the console", () => log.replaceChildren(), { tabindex: "-1" }));
  on("told:hello", ({ output }) => {
    log.replaceChildren();
    for (const each of output ?? []) write(each.category, each.output);
  });
  on("told:output", ({ category, output }) => write(category, output));
  on("status", placeholder);
  on("session", placeholder);
  placeholder();
  return h("div", { class: "column console" }, log, form);
}

function placeholder() {
  input.disabled = !state.session;
  input.placeholder = !state.session ? "the app runs without a debugger" : isHeld() ? "user.tags.len()    (> before it: a command of the debugger's own)" : "expressions can be evaluated while the app is held";
}

let unread = 0;

/** Adds output; stays at the end if it was there. */
function write(category, text, kind = "") {
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 24;
  const last = log.lastElementChild;
  const name = `out c-${category ?? "console"} ${kind}`;
  if (last?.className === name && !last.textContent.endsWith("\n")) last.append(...coloured(text));
  else log.append(h("div", { class: name }, coloured(text)));
  while (log.childElementCount > MOST) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
  const count = find("console-count");
  // What cargo says of its progress is no news.
  if (count && log.offsetParent === null && category !== "console") count.textContent = String(++unread);
}

export function seen() {
  unread = 0;
  find("console-count")?.replaceChildren();
  log.scrollTop = log.scrollHeight;
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** The terminal's colours (ECMA-48, SGR) as elements. */
export function coloured(text) {
  const pieces = [];
  let classes = new Set();
  for (const part of text.split(/(\x1b\[[\d;]*[A-Za-z])/)) {
    const escape = /^\x1b\[([\d;]*)([A-Za-z])$/.exec(part);
    if (!escape) {
      if (part) pieces.push(classes.size ? h("span", { class: [...classes].join(" ") }, part) : part);
      continue;
    }
    if (escape[2] !== "m") continue;
    const codes = escape[1].split(";").map(Number);
    while (codes.length) {
      const code = codes.shift();
      const foreground = () => { classes = new Set([...classes].filter((name) => !name.startsWith("a-"))); };
      if (code === 0) classes = new Set();
      else if (code === 1) classes.add("a-bold"), classes.add("bold");
      else if (code >= 30 && code <= 37) foreground(), classes.add("a-" + COLOURS[code - 30]);
      else if (code >= 90 && code <= 97) foreground(), classes.add("a-" + COLOURS[code - 90]);
      else if (code === 38 && codes[0] === 5) codes.shift(), foreground(), classes.add("a-" + COLOURS[codes.shift() % 8]);
      else if (code === 39) foreground();
    }
  }
  return pieces;
}

async function evaluate() {
  const text = input.value.trim();
  if (!text) return;
  history.push(text);
  at = history.length;
  input.value = "";
  write("console", `› ${text}\n`, "asked");
  const own = text.startsWith(">");
  const args = { expression: own ? text.slice(1).trim() : text, context: own ? "repl" : "watch", frameId: state.frame?.id };
  try {
    const { result } = await dap("evaluate", args);
    write("console", `${result ?? ""}\n`, "answer");
  } catch (error) {
    write("stderr", `${error.message}\n`, "answer");
  }
  log.scrollTop = log.scrollHeight;
}

function pressed(event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !history.length) return;
  event.preventDefault();
  at = Math.min(history.length, Math.max(0, at + step));
  input.value = history[at] ?? "";
}
