// The page begins here: what the tool tells becomes what the page knows.

import { listen } from "./api.js";
import * as keys from "./keys.js";
import * as requests from "./requests.js";
import * as shell from "./shell.js";
import * as side from "./side.js";
import * as source from "./source.js";
import { emit, on, state } from "./store.js";

function points(told) {
  for (const name of ["points", "routes", "filters", "watches"]) state[name] = told?.[name] ?? state[name];
  emit("points");
}

on("told:hello", (known) => {
  state.connected = true;
  Object.assign(state, { status: known.status, session: known.session, canDebug: known.canDebug, app: known.app, root: known.root });
  points(known.points);
  for (const name of ["app", "session", "status", "hello"]) emit(name);
  linked();
});
on("told:status", (status) => {
  state.status = status;
  emit("status");
});
on("told:points", points);
on("told:session", (is) => {
  state.session = Boolean(is);
  if (!is) Object.assign(state, { points: [], routes: [], status: { mode: "none", words: "", stop: null, diagnostics: null } });
  emit("points");
  emit("session");
});
on("told:app", (app) => {
  state.app = app;
  emit("app");
});
on("told:gone", (number) => {
  if (state.app?.number === number) emit("app");
});
on("open", ({ path, line }) => source.show(path, line));
on("connection", () => emit("session"));

/** A link of an error page names the request that it began. */
function linked() {
  const number = Number(/^#request=(\d+)$/.exec(location.hash)?.[1]);
  if (!number) return;
  history.replaceState(null, "", location.pathname);
  setTimeout(() => requests.select(number, true), 300);
}

side.start();
shell.start();
source.start();
requests.start();
keys.start();
listen();
