// Uses the extension as a person does, in a real VS Code in a real browser: F9, F5, the values at a stop,
// F10, continue, Shift+F5, then Ctrl+F5 with the breakpoint still set.
//
// The test `vscode` of carafe-cli starts it, with everything it needs to know in variables, and reads the
// last line: a JSON object with what was seen.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";

const { EDITOR_URL, WORKSPACE, APP, CHROMIUM, SCREENSHOTS } = process.env;
/** How long one thing may take; building the app has its own. */
const LIMIT = 40_000;
const BUILD_LIMIT = 300_000;

const started = Date.now();
const said = (words) => console.log(`${((Date.now() - started) / 1000).toFixed(1)} s: ${words}`);

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
page.setDefaultTimeout(LIMIT);
page.on("pageerror", (error) => console.log(`page: ${error.message}`));

const seen = {};
try {
  await open();
  await breakpoint("let entry = store.entry");
  await debug();
  await run();
  console.log(JSON.stringify(seen));
} catch (error) {
  await shot("failed").catch(() => {});
  console.log(String(error.stack ?? error));
  console.log((await texts()).slice(0, 4000));
  process.exitCode = 1;
} finally {
  await browser.close();
}

// ---- the steps ----

async function open() {
  // Quick Open finds no files where the editor's packages were installed without their scripts.
  const file = `vscode-remote://${new URL(EDITOR_URL).host}${WORKSPACE}/src/views.rs`;
  const query = new URLSearchParams({ folder: WORKSPACE, payload: JSON.stringify([["openFile", file]]) });
  await page.goto(`${EDITOR_URL}/?${query}`);
  await page.locator(".monaco-workbench").waitFor();
  await until("the explorer shows the app", async () => (await page.locator(".explorer-folders-view .monaco-list-row").count()) > 0);
  await until("the editor shows the handlers", async () => (await texts()).includes("pub(crate)"));
  said("the editor is open");
}

/** Sets a breakpoint on the line with this text by F9. */
async function breakpoint(text) {
  const lines = fs.readFileSync(path.join(WORKSPACE, "src/views.rs"), "utf8").split("\n");
  const line = lines.findIndex((content) => content.includes(text)) + 1;
  await until("F9 sets a breakpoint", async () => {
    await quickly(`:${line}`);
    if ((await page.locator(".codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified").count()) > 0) return true;
    await page.locator(".editor-instance .view-lines").first().focus().catch(() => {});
    await page.keyboard.press("F9");
    await sleep(500);
    return (await page.locator(".margin .codicon-debug-breakpoint, .glyph-margin-widgets .codicon-debug-breakpoint").count()) > 0;
  });
  await shot("1-breakpoint");
  said(`a breakpoint is on line ${line}`);
}

async function debug() {
  await page.keyboard.press("F5");
  const app = await until("F5 starts the app", () => appThatRuns(), BUILD_LIMIT);
  said(`the app runs at ${app.url} as ${app.pid}`);
  seen.debugTracer = tracer(app.pid);
  // The first entry, so that there is one to ask for.
  await post(`${app.url}/`, "name=Ada&message=Hello");
  const answer = get(`${app.url}/entries/1?from=test`);
  await until("the app stops", async () => (await page.locator(".debug-top-stack-frame-line").count()) > 0);
  said("stopped");
  await until("the variables are shown", async () => {
    await unfold("Locals");
    return (await variable("id")) !== undefined;
  });
  seen.id = await variable("id");
  await unfold("Request");
  await until("the request is shown", async () => (await variable("method")) !== undefined);
  seen.request = Object.fromEntries(
    await Promise.all(["method", "url", "rule"].map(async (name) => [name, await variable(name)])),
  );
  await shot("2-stopped");
  const before = await stoppedLine();
  await page.keyboard.press("F10");
  await until("F10 goes one line on", async () => {
    const now = await stoppedLine();
    return now !== undefined && now !== before;
  });
  seen.step = [before, await stoppedLine()];
  await until("values stand beside the lines", async () => (await texts()).includes("id = 1"));
  await shot("3-stepped");
  await page.keyboard.press("F5");
  const { status } = await within("the answer comes", answer);
  seen.debugStatus = status;
  await page.keyboard.press("Shift+F5");
  await until("Shift+F5 ends the app", () => !isAlive(app.pid));
  await until("the debug bar goes away", async () => (await page.locator(".debug-toolbar:visible").count()) === 0);
  said("stopped debugging");
}

async function run() {
  seen.breakpointStays = (await page.locator(".codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified").count()) > 0;
  // It has to work without the file, too: the extension finds the app.
  fs.rmSync(path.join(WORKSPACE, ".vscode/launch.json"));
  await until("the editor knows that launch.json is gone", async () => (await texts()).includes("No Configurations"));
  await page.keyboard.press("Control+F5");
  const app = await until("Ctrl+F5 starts the app", () => appThatRuns(), BUILD_LIMIT);
  said(`the app runs at ${app.url} as ${app.pid}`);
  seen.runTracer = tracer(app.pid);
  seen.runParent = parent(app.pid);
  // Until the app is ready, the tool answers in its place.
  const entry = `${app.url}/entries/1`;
  seen.runStatus = await until("the app answers", async () => (await get(entry)).body.includes("Ada") && 200);
  seen.runStops = await page.locator(".debug-top-stack-frame-line").count();
  seen.runTracerAfter = tracer(app.pid);
  await shot("4-running");
  const template = path.join(WORKSPACE, "templates/entry.html");
  fs.writeFileSync(template, `${fs.readFileSync(template, "utf8").replace("{% endblock %}", "<p>saved</p>{% endblock %}")}`);
  await until("a saved template shows", async () => (await get(entry)).body.includes("<p>saved</p>"));
  await page.keyboard.press("Shift+F5");
  await until("Shift+F5 ends the app", () => !isAlive(app.pid));
  await until("its port is free", () => get(app.url).then(() => false, (error) => error.code === "ECONNREFUSED"));
  said("done");
}

// ---- the editor ----

/** Opens what Quick Open finds for this text. */
async function quickly(text) {
  const input = page.locator(".quick-input-widget input.input");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+P");
  await input.waitFor({ state: "visible" });
  await input.fill(text);
  await page.locator(".quick-input-list .monaco-list-row").first().waitFor();
  await page.keyboard.press("Enter");
  await input.waitFor({ state: "hidden" });
}

async function texts() {
  return (await page.locator(".monaco-workbench").innerText()).replaceAll("\u00a0", " ");
}

/** Opens a scope or a value in the Variables pane, where it is folded. */
async function unfold(name) {
  const row = page.locator(".debug-variables .monaco-list-row[aria-expanded='false']", { hasText: name }).first();
  if ((await row.count()) > 0) await row.locator(".monaco-tl-twistie").click({ timeout: 2000 }).catch(() => {});
}

/** The value that the Variables pane shows for a name. */
async function variable(name) {
  const rows = page.locator(".debug-variables .monaco-list-row");
  for (const label of await rows.evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? row.innerText))) {
    const match = /^(.*?)(?:, type .*?)?, value (.*)$/s.exec(label);
    if (match && match[1] === name) return match[2];
  }
  return undefined;
}

/** The number of the line that the app stopped on, as the editor marks it. */
async function stoppedLine() {
  const mark = page.locator(".glyph-margin-widgets .codicon-debug-stackframe, .glyph-margin-widgets .codicon-debug-breakpoint-stackframe").first();
  if ((await mark.count()) === 0) return undefined;
  const top = (await mark.boundingBox({ timeout: 1000 }).catch(() => null))?.y;
  if (top === undefined) return undefined;
  const numbers = page.locator(".line-numbers");
  for (const number of await numbers.all()) {
    const box = await number.boundingBox({ timeout: 1000 }).catch(() => null);
    if (box && Math.abs(box.y - top) < 4) return Number(await number.innerText());
  }
  return undefined;
}

async function shot(name) {
  fs.mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOTS, `vscode-${name}.png`) });
}

// ---- the app ----

/**
 * The app of the workspace, as the system knows it: connecting to find out would hit the breakpoint. Its
 * socket may be held by the tool, which hands it from one build to the next.
 */
function appThatRuns() {
  for (const pid of fs.readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isApp(pid))) {
    const port = listens(pid);
    if (port) return { pid: Number(pid), url: `http://127.0.0.1:${port}` };
  }
}

/** The port on 127.0.0.1 that a process listens on by a socket of its own, or of its starter's. */
function listens(pid) {
  const linked = (fd) => {
    try {
      return fs.readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return undefined; // It has ended, or closed it.
    }
  };
  try {
    const own = new Set(fs.readdirSync(`/proc/${pid}/fd`).map(linked));
    const rows = fs.readFileSync("/proc/net/tcp", "utf8").trim().split("\n").map((row) => row.trim().split(/\s+/));
    const row = rows.find((row) => row[3] === "0A" && row[1].startsWith("0100007F:") && own.has(`socket:[${row[9]}]`));
    return row && parseInt(row[1].split(":")[1], 16);
  } catch {
    return undefined;
  }
}

function isApp(pid) {
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`) === WORKSPACE && path.basename(fs.readlinkSync(`/proc/${pid}/exe`)) === APP;
  } catch {
    return false;
  }
}

/** The command of the process that started another. */
function parent(pid) {
  const of = /^PPid:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1];
  return fs.readFileSync(`/proc/${of}/cmdline`, "utf8").split("\0").map((word) => path.basename(word)).join(" ").trim();
}

function tracer(pid) {
  return Number(/^TracerPid:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
}

function isAlive(pid) {
  return fs.existsSync(`/proc/${pid}`) && !/^State:\s*Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
}

function get(url) {
  return ask(url, { method: "GET" });
}

function post(url, body) {
  return ask(url, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } }, body);
}

function ask(url, options, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { ...options, agent: false, timeout: 120_000 }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode, body }));
    });
    request.on("timeout", () => request.destroy(new Error(`${url} did not answer`)));
    request.on("error", reject);
    request.end(body);
  });
}

// ---- waiting ----

async function until(what, ask, limit = LIMIT) {
  const deadline = Date.now() + limit;
  let last;
  while (Date.now() < deadline) {
    try {
      const found = await ask();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await sleep(150);
  }
  throw new Error(`waited ${limit / 1000} s in vain: ${what}${last ? ` (${last.message})` : ""}`);
}

function within(what, promise) {
  // Not waited for at the end.
  const late = sleep(LIMIT, undefined, { ref: false }).then(() => Promise.reject(new Error(`waited in vain: ${what}`)));
  return Promise.race([promise, late]);
}
