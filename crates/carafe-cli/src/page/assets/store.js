// What the page knows, and who wants to hear of changes.

export const state = {
  connected: false,
  /** `mode`: none, building, starting, running, held, ended, failed; `words`, `stop`, `diagnostics`. */
  status: { mode: "none", words: "", stop: null, diagnostics: null },
  /** Whether there is a debugger, and whether there could be one. */
  session: false,
  canDebug: false,
  app: null,
  root: "",
  points: [],
  routes: [],
  filters: [],
  watches: [],
  /** The frame that is looked at: `id`, `name`, `path`, `line`, `thread`. */
  frame: null,
  /** The number of the request that is held; 0 for none. */
  held: 0,
};

const hearers = new Map();

export function on(name, hear) {
  hearers.set(name, [...(hearers.get(name) ?? []), hear]);
}

export function emit(name, detail) {
  for (const hear of hearers.get(name) ?? []) hear(detail);
}

export const isHeld = () => state.status.mode === "held";
export const isGone = () => ["ended", "failed", "none"].includes(state.status.mode);

/** A path as people read it: inside the workspace, from its root on. */
export function shortPath(path) {
  const root = state.root + "/";
  return path?.startsWith(root) ? path.slice(root.length) : (path ?? "");
}

export const baseName = (path) => (path ?? "").split("/").pop();

/** What is kept in this browser between visits: sizes and tabs, nothing of the app. */
export function kept(name, value) {
  try {
    if (value === undefined) return localStorage.getItem("carafe." + name);
    localStorage.setItem("carafe." + name, value);
  } catch {
    // Some browsers keep nothing.
  }
  return value ?? null;
}
