// The call stack with the framework's frames folded, and the threads.

import { dap } from "./api.js";
import { h, icon } from "./dom.js";
import { baseName, emit, isHeld, on, state } from "./store.js";

let frames = [];
let threads = [];
let thread = 0;
/** Which folded groups are open, by the index of their first frame. */
const opened = new Set();
/** Counts stops, so that a late answer of an earlier one is passed over. */
let turn = 0;

export function panels() {
  const stack = h("div", { class: "rows", role: "listbox", "aria-label": "Call stack" });
  const list = h("div", { class: "rows", role: "listbox", "aria-label": "Threads" });
  on("status", () => {
    clearTimeout(leaving);
    if (isHeld()) stopped(state.status);
    else leaving = setTimeout(gone, BETWEEN);
  });
  on("stack", () => {
    stack.replaceChildren(...drawFrames());
    list.replaceChildren(...drawThreads());
  });
  for (const host of [stack, list]) {
    host.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const all = [...host.querySelectorAll("button")];
      all[Math.min(all.length - 1, Math.max(0, all.indexOf(document.activeElement) + step))]?.focus();
    });
  }
  emit("stack");
  return { stack, threads: list };
}

/** What was seen stays for so long while the app runs, in milliseconds: a step is mostly shorter. */
const BETWEEN = 300;
let leaving = 0;
let known = 0;

async function stopped({ stop, stops }) {
  if (!stop || stops === known) return;
  known = stops;
  await look(stop.threadId);
  const mine = turn;
  const body = await dap("threads").catch(() => ({}));
  if (mine !== turn) return;
  threads = body.threads ?? [];
  emit("stack");
}

function gone() {
  turn++;
  if (!frames.length && !state.frame) return;
  frames = [];
  threads = [];
  state.frame = null;
  emit("stack");
  emit("frame");
}

/** Shows a thread's stack, and picks its first frame of the app. */
async function look(id) {
  const mine = ++turn;
  thread = id;
  const body = await dap("stackTrace", { threadId: id, startFrame: 0, levels: 0 }).catch((error) => ({ error }));
  if (mine !== turn) return;
  frames = body.stackFrames ?? [];
  opened.clear();
  const own = frames.findIndex((frame) => isOwn(frame));
  pick(Math.max(0, own));
}

const isOwn = (frame) => frame.presentationHint !== "subtle" && frame.source?.path;

function pick(index) {
  const frame = frames[index];
  const top = frames.findIndex(isOwn);
  state.frame = frame ? { id: frame.id, name: frame.name, path: frame.source?.path ?? null, line: frame.line, thread, index, top: index <= Math.max(0, top) } : null;
  emit("stack");
  emit("frame");
}

function drawFrames() {
  if (!frames.length) return [h("p", { class: "empty" }, isHeld() ? "Reading the stack…" : "The stack is shown while the app is held.")];
  const rows = [];
  for (let index = 0; index < frames.length; ) {
    if (isOwn(frames[index])) {
      rows.push(frameRow(index++));
      continue;
    }
    let end = index;
    while (end < frames.length && !isOwn(frames[end])) end++;
    const [first, count] = [index, end - index];
    const is = opened.has(first);
    const flip = () => {
      is ? opened.delete(first) : opened.add(first);
      emit("stack");
    };
    rows.push(h("button", { type: "button", class: "row-item fold", "aria-expanded": String(is), onclick: flip }, icon("chevron"), `${count} ${count === 1 ? "frame" : "frames"} of the framework`));
    if (is) for (let at = index; at < end; at++) rows.push(frameRow(at));
    index = end;
  }
  return rows;
}

function frameRow(index) {
  const frame = frames[index];
  const is = state.frame?.index === index;
  const place = frame.source?.path ? `${baseName(frame.source.path)}:${frame.line}` : "";
  return h("button", { type: "button", role: "option", class: isOwn(frame) ? "row-item frame" : "row-item frame subtle", "aria-selected": String(is), title: frame.name, onclick: () => pick(index) },
    h("span", { class: "ellipsis mono" }, frame.name), h("small", { class: "mono" }, place));
}

function drawThreads() {
  if (!threads.length) return [h("p", { class: "empty" }, "Threads are shown while the app is held.")];
  return threads.map((each) => h("button", { type: "button", role: "option", class: "row-item frame", "aria-selected": String(each.id === thread), onclick: () => look(each.id) },
    h("span", { class: "ellipsis" }, each.name || "thread"), h("small", { class: "mono" }, each.id === state.status.stop?.threadId ? `${each.id} · held here` : String(each.id))));
}
