// Questions to the tool, and its stream of events.

import { emit, state } from "./store.js";

/** Asks by POST; gives the body of the answer, or throws its words. */
async function post(path, body) {
  const response = await fetch("api/" + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return value(response);
}

async function value(response) {
  const answer = await response.json().catch(() => ({ error: "the tool gave no answer" }));
  if (answer.error) throw new Error(answer.error);
  return answer;
}

/** Asks the debugging session. */
export const dap = async (command, args = {}) => (await post("dap", { command, arguments: args })).body ?? {};

/** As `dap`, where a failure is for the person who asked. */
export async function act(command, args = {}) {
  try {
    return await dap(command, args);
  } catch (error) {
    emit("toast", error.message);
    return null;
  }
}

export const files = async () => value(await fetch("api/files"));
export const file = async (path) => value(await fetch("api/file?path=" + encodeURIComponent(path)));
export const request = async (number) => value(await fetch("api/requests/" + number));

async function order(path, body) {
  try {
    await post(path, body);
  } catch (error) {
    emit("toast", error.message);
  }
}

export const replay = (number, debug) => order("replay", { number, debug });
export const debug = () => order("debug", {});
export const clear = () => order("clear", {});

const EVENTS = ["hello", "status", "points", "session", "app", "gone", "requests", "cleared", "output", "saved", "replaying", "replayed", "failed", "panic"];

/** Listens; the browser connects again by itself, and everything begins with a new `hello`. */
export function listen() {
  const source = new EventSource("api/events");
  for (const name of EVENTS) {
    source.addEventListener(name, (event) => emit("told:" + name, JSON.parse(event.data)));
  }
  source.addEventListener("error", () => {
    state.connected = false;
    emit("connection", source.readyState !== EventSource.CLOSED);
  });
}
