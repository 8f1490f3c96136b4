// What the extension decides without VS Code: which `carafe` to start, which app is meant, which names
// in a function have values to show. Tested by `test/core.test.js`.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

/** The command that installs the tool. */
const INSTALL = "cargo install --locked carafe-cli";

/** Where the tool may be, best first. */
function placesOfTool({ setting, env, home, folders, platform }) {
  const name = platform === "win32" ? "carafe.exe" : "carafe";
  const cargo = cargoBin({ env, home });
  const onPath = (env.PATH ?? env.Path ?? "").split(platform === "win32" ? ";" : ":");
  const built = folders.flatMap((folder) =>
    ["release", "debug"].map((profile) => path.join(folder, "target", profile)),
  );
  const places = [...onPath.filter(Boolean), cargo, ...built].map((folder) => path.join(folder, name));
  return setting ? [expanded(setting, home)] : places;
}

function expanded(setting, home) {
  return setting.startsWith("~/") ? path.join(home, setting.slice(2)) : setting;
}

function cargoBin({ env, home }) {
  return path.join(env.CARGO_HOME || path.join(home, ".cargo"), "bin");
}

/** The first place that holds a program; undefined when none does. */
function firstProgram(places) {
  return places.find((place) => {
    try {
      fs.accessSync(place, fs.constants.X_OK);
      return fs.statSync(place).isFile();
    } catch {
      return false;
    }
  });
}

/**
 * The environment of what the extension starts. An editor that was not started from a terminal may not
 * know of `~/.cargo/bin`, where cargo is.
 */
function environment({ env, home, platform }) {
  const bin = cargoBin({ env, home });
  const separator = platform === "win32" ? ";" : ":";
  const key = env.Path !== undefined && env.PATH === undefined ? "Path" : "PATH";
  const known = (env[key] ?? "").split(separator).filter(Boolean);
  return known.includes(bin) ? {} : { [key]: [...known, bin].join(separator) };
}

/** The programs of packages that depend on carafe, from the output of `cargo metadata`. */
function appsIn(metadata) {
  return metadata.packages.flatMap((package_) => {
    const isApp = package_.dependencies.some(({ name, kind }) => name === "carafe" && !kind);
    const bins = isApp ? package_.targets.filter(({ kind }) => kind.includes("bin")) : [];
    return bins.map(({ name: bin }) => ({
      package: package_.name,
      bin,
      name: bins.length === 1 ? package_.name : bin,
      isOnlyBin: bins.length === 1,
      isDefault: package_.default_run === bin,
      folder: path.dirname(package_.manifest_path),
    }));
  });
}

/**
 * The apps that may be meant, with a file in view: those of the nearest package around it, else those
 * of the folder itself, else all. One is an answer, several are a question.
 */
function candidates(apps, file, folder) {
  const contains = (outer, inner) => inner === outer || inner.startsWith(outer + path.sep);
  const around = file ? apps.filter((app) => contains(app.folder, file)) : [];
  const deepest = Math.max(...around.map((app) => app.folder.length));
  const nearest = around.filter((app) => app.folder.length === deepest);
  const here = apps.filter((app) => app.folder === folder);
  const found = [nearest, here].find((apps) => apps.length > 0) ?? apps;
  const preferred = found.filter((app) => app.isDefault);
  return preferred.length === 1 ? preferred : found;
}

/** The configuration that debugs an app. */
function configurationOf(app, folder) {
  const below = folder ? path.relative(folder, app.folder).split(path.sep).join("/") : "..";
  const isOutside = below.startsWith("..") || path.isAbsolute(below);
  const inside = below ? `\${workspaceFolder}/${below}` : "${workspaceFolder}";
  return {
    name: app.name,
    type: "carafe",
    request: "launch",
    cargo: app.isOnlyBin ? { package: app.package } : { package: app.package, bin: app.bin },
    cwd: isOutside ? app.folder : inside,
  };
}

/** The name of a function breakpoint for each route, from the output of `routes --json`. */
function routeNames(routes) {
  return routes.map((route) => {
    const methods = route.methods.filter((method) => method !== "HEAD" && method !== "OPTIONS");
    const name = methods.length === 1 ? `${methods[0]} ${route.rule}` : route.rule;
    return { name, handler: route.handler, methods: methods.join(", ") };
  });
}

/** Words that look like a variable's name and are none. */
const KEYWORDS = new Set(
  ("bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize " +
    "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match " +
    "mod move mut pub ref return static struct super trait true type unsafe use where while Ok Err Some None").split(" "),
);

/**
 * The names in some lines of Rust that may be variables, each where it last stands in a line: names of
 * functions, macros, types, fields and paths are left out, as are texts and comments.
 */
function variablesIn(lines) {
  const found = [];
  let depth = 0;
  for (const [line, text] of lines.entries()) {
    const blanked = withoutTexts(text, depth);
    depth = blanked.depth;
    const last = new Map();
    for (const match of blanked.text.matchAll(/(?<![\w.:#'])([a-z_][a-z0-9_]*)(?!\s*(?:!|\(|::)|\w)/g)) {
      if (!KEYWORDS.has(match[1]) && match[1] !== "_" && !isField(blanked.text, match)) {
        last.set(match[1], match.index);
      }
    }
    for (const [name, start] of last) {
      found.push({ line, start, end: start + name.length, name });
    }
  }
  return found;
}

/** `name: value` in a struct's literal or a call of a macro; `name: Type` after `let` or in a signature is none. */
function isField(text, match) {
  const after = text.slice(match.index + match[1].length);
  return /^\s*:\s*(?:[a-z_&*"0-9]|$)/.test(after) && !/\blet\s+(?:mut\s+)?$|[(,]\s*(?:mut\s+)?$/.test(text.slice(0, match.index));
}

/** The line with texts, characters and comments blanked; `depth` counts block comments that are open. */
function withoutTexts(text, depth) {
  const pattern = /\/\*|\*\/|\/\/.*|r(#*)".*?"\1|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])'/g;
  let result = "";
  let at = 0;
  const take = (to) => {
    const piece = text.slice(at, to);
    result += depth > 0 ? " ".repeat(piece.length) : piece;
    at = to;
  };
  for (const match of text.matchAll(pattern)) {
    if (match.index < at) continue;
    take(match.index);
    if (match[0] === "/*") depth += 1;
    if (match[0] === "*/") depth = Math.max(0, depth - 1);
    // A comment's inside is no text: only its marks are passed.
    const length = depth > 0 || match[0] === "*/" ? Math.min(2, match[0].length) : match[0].length;
    result += " ".repeat(length);
    at += length;
  }
  take(text.length);
  return { text: result, depth };
}

module.exports = {
  INSTALL,
  appsIn,
  candidates,
  configurationOf,
  environment,
  firstProgram,
  placesOfTool,
  routeNames,
  variablesIn,
};
