// The keys: those of VS Code where it has one.

import { act } from "./api.js";
import { closeBox } from "./points.js";
import { openHelp, openPalette } from "./palette.js";
import { focusFilter, focusList } from "./requests.js";
import { focusPart } from "./shell.js";
import { closeHere, editHere, toggleHere } from "./source.js";
import { isGone, isHeld, state } from "./store.js";
import { hideHover } from "./values.js";

export const KEYS = [
  ["F5", "continue; start again when the app has ended"],
  ["F6", "pause"],
  ["F10", "step over"],
  ["F11", "step into"],
  ["Shift+F11", "step out"],
  ["Ctrl+Shift+F5", "build and start again"],
  ["Shift+F5", "end the app"],
  ["F9", "breakpoint on the line"],
  ["Shift+F9", "its condition, hits, log message"],
  ["Ctrl+P", "open a file or a route"],
  ["Alt+W", "close the file"],
  ["1 2 3", "routes, files, breakpoints"],
  ["4 5 6", "source, variables, call stack"],
  ["7 8", "requests, console"],
  ["/", "filter the requests"],
  ["↑ ↓ ← →", "move within a panel; open and close values"],
  ["Enter F2", "change a value"],
  ["Escape", "close what is open"],
  ["?", "this list"],
];

const step = (command) => isHeld() && act(command, { threadId: state.frame?.thread ?? state.status.stop?.threadId });

export const actions = {
  go: () => isGone() ? act("restart") : step("continue"),
  pause: async () => {
    const { threads = [] } = (await act("threads")) ?? {};
    await act("pause", { threadId: threads[0]?.id ?? 0 });
  },
  over: () => step("next"),
  into: () => step("stepIn"),
  out: () => step("stepOut"),
  restart: () => act("restart"),
  stop: () => act("terminate"),
};

/** By the keys that are held down, in the order Ctrl, Alt, Shift. */
const DEBUGGER = {
  F5: actions.go,
  F6: actions.pause,
  F10: actions.over,
  F11: actions.into,
  "Shift+F11": actions.out,
  "Shift+F5": actions.stop,
  "Ctrl+Shift+F5": actions.restart,
  F9: toggleHere,
  "Shift+F9": editHere,
};

const PAGE = { "Ctrl+P": openPalette, "Alt+W": closeHere, "Ctrl+`": () => focusPart("console") };

const BARE = {
  "?": openHelp,
  "/": focusFilter,
  1: () => focusPart("routes"),
  2: () => focusPart("files"),
  3: () => focusPart("points"),
  4: () => focusPart("source"),
  5: () => focusPart("variables"),
  6: () => focusPart("stack"),
  7: focusList,
  8: () => focusPart("console"),
};

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      hideHover();
      if (closeBox()) event.preventDefault();
      return;
    }
    const name = [(event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt", event.shiftKey && event.key !== "?" && "Shift", event.key.length === 1 ? event.key.toUpperCase() : event.key].filter(Boolean).join("+");
    const typing = event.target.matches("input, textarea, select") || document.querySelector("dialog[open]");
    const run = (state.session && DEBUGGER[name]) || PAGE[name] || (!typing && BARE[name]);
    if (!run) return;
    event.preventDefault();
    run();
  });
}
