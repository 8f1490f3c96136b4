// The Carafe extension: starts `carafe dap` for VS Code, and finds out which app F5 means.
//
// What can be decided without VS Code is in `core.js`.
"use strict";

const { execFile } = require("node:child_process");
const os = require("node:os");
const path = require("node:path");
const { promisify } = require("node:util");
const vscode = require("vscode");

const core = require("./core");

const TYPE = "carafe";

function activate(context) {
  const add = (...disposables) => context.subscriptions.push(...disposables);
  const { Initial, Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
  add(
    vscode.debug.registerDebugConfigurationProvider(TYPE, { provideDebugConfigurations, resolveDebugConfiguration }, Initial),
    vscode.debug.registerDebugConfigurationProvider(TYPE, { provideDebugConfigurations }, Dynamic),
    vscode.debug.registerDebugAdapterDescriptorFactory(TYPE, { createDebugAdapterDescriptor }),
    vscode.languages.registerInlineValuesProvider({ language: "rust" }, { provideInlineValues }),
    vscode.commands.registerCommand("carafe.debug", () => start(false)),
    vscode.commands.registerCommand("carafe.run", () => start(true)),
    vscode.commands.registerCommand("carafe.breakOnRoute", breakOnRoute),
    vscode.commands.registerCommand("carafe.openPage", openPage),
    vscode.commands.registerCommand("carafe.install", install),
  );
}

// ---- the tool ----

function machine() {
  return {
    setting: vscode.workspace.getConfiguration("carafe").get("path", "").trim(),
    env: process.env,
    home: os.homedir(),
    folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    platform: process.platform,
  };
}

/** The program `carafe`; when there is none, what to do is said, and nothing is given. */
async function tool() {
  const here = machine();
  const program = core.firstProgram(core.placesOfTool(here));
  if (program) return program;
  const [words, choices] = here.setting
    ? [`No program \`${here.setting}\`, as \`carafe.path\` says.`, ["Open Settings"]]
    : [`The tool \`carafe\` was not found. Install it with: ${core.INSTALL}`, ["Install", "Open Settings"]];
  const choice = await vscode.window.showErrorMessage(words, ...choices);
  if (choice === "Install") install();
  if (choice === "Open Settings") vscode.commands.executeCommand("workbench.action.openSettings", "carafe.path");
  return undefined;
}

function install() {
  inTerminal("Install carafe", undefined, core.INSTALL);
}

function inTerminal(name, cwd, command) {
  const terminal = vscode.window.createTerminal({ name, cwd, env: core.environment(machine()) });
  terminal.show();
  terminal.sendText(command);
}

// ---- the app ----

/** Asks cargo for the apps around a folder. */
async function appsOf(folder) {
  const { env, home, platform } = machine();
  const options = {
    cwd: folder,
    env: { ...env, ...core.environment({ env, home, platform }) },
    maxBuffer: 64 << 20,
    timeout: 30_000,
  };
  const arguments_ = ["metadata", "--no-deps", "--format-version=1"];
  const { stdout } = await promisify(execFile)("cargo", arguments_, options);
  return core.appsIn(JSON.parse(stdout));
}

function fileInView() {
  const document = vscode.window.activeTextEditor?.document;
  return document?.uri.scheme === "file" ? document.uri.fsPath : undefined;
}

/** The app that is meant; where several may be, the user is asked. Nothing when there is none. */
async function chooseApp(folder) {
  const file = fileInView();
  const from = folder?.uri.fsPath ?? (file && path.dirname(file));
  if (!from) {
    vscode.window.showErrorMessage("Open the folder of a Carafe app, or one of its files.");
    return undefined;
  }
  let apps;
  try {
    apps = await appsOf(from);
  } catch (error) {
    // The folder may hold no package, but the file's folder does.
    apps = file ? await appsOf(path.dirname(file)).catch(() => []) : [];
    if (apps.length === 0) {
      const said = String(error.stderr || error.message).trim().replace(/^error: /, "");
      vscode.window.showErrorMessage(`No app was found: ${said}`);
      return undefined;
    }
  }
  const found = core.candidates(apps, file, from);
  if (found.length === 0) {
    vscode.window.showErrorMessage(`No Carafe app in ${from}: no package depends on \`carafe\` and has a program.`);
    return undefined;
  }
  if (found.length === 1) return found[0];
  const items = found.map((app) => ({ label: app.name, description: vscode.workspace.asRelativePath(app.folder), app }));
  return (await vscode.window.showQuickPick(items, { placeHolder: "Which app?" }))?.app;
}

// ---- configurations ----

async function provideDebugConfigurations(folder) {
  const from = folder?.uri.fsPath;
  if (!from) return [];
  const apps = await appsOf(from).catch(() => []);
  return apps.map((app) => core.configurationOf(app, from));
}

/**
 * Fills in what a configuration leaves open. Without a launch.json it is empty, but for `noDebug`
 * where Ctrl+F5 was pressed.
 */
async function resolveDebugConfiguration(folder, configuration) {
  if (configuration.request === "attach") return configuration;
  // Said before anything is built or asked.
  if (!(await tool())) return undefined;
  if (configuration.program || configuration.cargo) {
    return { cwd: folder?.uri.fsPath, ...configuration };
  }
  const app = await chooseApp(folder);
  if (!app) return undefined;
  return { ...core.configurationOf(app, undefined), ...configuration };
}

async function createDebugAdapterDescriptor(session) {
  const { request, port } = session.configuration;
  if (request === "attach") return new vscode.DebugAdapterServer(port, "127.0.0.1");
  const program = await tool();
  if (!program) throw new Error("the tool `carafe` was not found");
  const options = { env: core.environment(machine()), cwd: session.configuration.cwd };
  return new vscode.DebugAdapterExecutable(program, ["dap"], options);
}

async function start(noDebug) {
  const folder = folderInView();
  const configuration = { name: "Carafe", type: TYPE, request: "launch" };
  await vscode.debug.startDebugging(folder, configuration, { noDebug });
}

function folderInView() {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return (uri && vscode.workspace.getWorkspaceFolder(uri)) ?? vscode.workspace.workspaceFolders?.[0];
}

// ---- commands ----

/** Sets function breakpoints named after routes: they stop on the first line of the handler. */
async function breakOnRoute() {
  const app = await chooseApp(folderInView());
  if (!app) return;
  const routes = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Asking ${app.name} for its routes...`, cancellable: true },
    (_, token) => routesOf(app, token),
  );
  if (!routes) return;
  const known = new Set(vscode.debug.breakpoints.map((breakpoint) => breakpoint.functionName).filter(Boolean));
  const items = core
    .routeNames(routes)
    .filter((route) => !known.has(route.name))
    .map((route) => ({ label: route.name, description: route.handler }));
  const chosen = await vscode.window.showQuickPick(items, { canPickMany: true, placeHolder: "Stop when one of these is asked for" });
  vscode.debug.addBreakpoints((chosen ?? []).map((item) => new vscode.FunctionBreakpoint(item.label)));
}

/** The app lists its routes itself; it is built for that as Ctrl+F5 builds it. */
function routesOf(app, token) {
  const arguments_ = ["run", "--quiet", "--package", app.package, "--bin", app.bin, "--", "routes", "--json"];
  const env = { ...process.env, ...core.environment(machine()) };
  return new Promise((resolve) => {
    const child = execFile("cargo", arguments_, { cwd: app.folder, env, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        if (!token.isCancellationRequested) {
          const said = String(stderr || error).trim().split("\n").at(-1);
          vscode.window.showErrorMessage(`${app.name} did not list its routes: ${said}`);
        }
        resolve(undefined);
      }
    });
    token.onCancellationRequested(() => child.kill());
  });
}

/** The page joins the session that runs; without one, `carafe debug` starts its own and opens it. */
async function openPage() {
  const session = vscode.debug.activeDebugSession;
  if (session?.type === TYPE && !session.configuration.noDebug) {
    try {
      const { url } = await session.customRequest("carafe/page");
      await vscode.env.openExternal(vscode.Uri.parse(url));
    } catch (error) {
      vscode.window.showErrorMessage(`The debugger page: ${error.message}`);
    }
    return;
  }
  const program = await tool();
  const app = program && (await chooseApp(folderInView()));
  const bin = app && !app.isOnlyBin ? ` --bin ${app.bin}` : "";
  if (app) inTerminal("carafe debug", app.folder, `"${program}" debug${bin}`);
}

// ---- values beside the lines ----

function provideInlineValues(document, viewPort, context) {
  const isOn = vscode.workspace.getConfiguration("carafe").get("inlineValues", true);
  if (!isOn || vscode.debug.activeDebugSession?.type !== TYPE) return [];
  const first = Math.max(viewPort.start.line, functionStart(document, context.stoppedLocation.start.line));
  // The line that is stopped on has not run yet.
  const end = Math.min(viewPort.end.line, context.stoppedLocation.end.line);
  const lines = Array.from({ length: Math.max(0, end - first + 1) }, (_, at) => document.lineAt(first + at).text);
  return core.variablesIn(lines).map(({ line, start, end, name }) => {
    const range = new vscode.Range(first + line, start, first + line, end);
    return new vscode.InlineValueVariableLookup(range, name, true);
  });
}

/** The line of the `fn` around a line: names above it belong to other functions. */
function functionStart(document, line) {
  for (let at = line; at >= 0; at -= 1) {
    if (/^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const\s+|async\s+|unsafe\s+)*fn\s/.test(document.lineAt(at).text)) return at;
  }
  return 0;
}

function deactivate() {}

module.exports = { activate, deactivate };
