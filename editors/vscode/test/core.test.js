// `node --test editors/vscode/test`: what the extension decides without VS Code.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const test = require("node:test");

const core = require("../core");

const linux = { setting: "", env: { PATH: "/a:/b" }, home: "/h", folders: ["/w"], platform: "linux" };

test("looks for the tool in the order that the settings name", () => {
  assert.deepEqual(core.placesOfTool(linux), [
    "/a/carafe",
    "/b/carafe",
    "/h/.cargo/bin/carafe",
    "/w/target/release/carafe",
    "/w/target/debug/carafe",
  ]);
  assert.deepEqual(core.placesOfTool({ ...linux, setting: "~/x/carafe" }), ["/h/x/carafe"]);
  const moved = core.placesOfTool({ ...linux, env: { PATH: "", CARGO_HOME: "/c" }, folders: [] });
  assert.deepEqual(moved, ["/c/bin/carafe"]);
});

test("takes only what can be started", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "carafe-core-"));
  const [plain, program] = ["plain", "program"].map((name) => path.join(folder, name));
  fs.writeFileSync(plain, "");
  fs.writeFileSync(program, "", { mode: 0o755 });
  const expected = process.getuid?.() === 0 && process.platform === "win32" ? plain : program;
  assert.equal(core.firstProgram([path.join(folder, "none"), folder, plain, program]), expected);
  assert.equal(core.firstProgram([]), undefined);
  fs.rmSync(folder, { recursive: true });
});

test("adds cargo's folder to the path once", () => {
  assert.deepEqual(core.environment(linux), { PATH: "/a:/b:/h/.cargo/bin" });
  assert.deepEqual(core.environment({ ...linux, env: { PATH: "/h/.cargo/bin:/a" } }), {});
  const windows = { env: { Path: "C:\\a" }, home: "/h", platform: "win32" };
  assert.match(core.environment(windows).Path, /^C:\\a;.*bin$/);
});

function metadata(...packages) {
  return {
    packages: packages.map(([name, folder, bins, dependencies = ["carafe"], default_run = null]) => ({
      name,
      default_run,
      manifest_path: path.join(folder, "Cargo.toml"),
      dependencies: dependencies.map((name) => ({ name, kind: null })),
      targets: bins.map((name) => ({ name, kind: ["bin"] })),
    })),
  };
}

test("finds the app that is meant", () => {
  const apps = core.appsIn(
    metadata(
      ["shop", "/w/shop", ["shop"]],
      ["blog", "/w/blog", ["blog"]],
      ["tool", "/w/tool", ["tool"], ["serde"]],
      ["lib", "/w/lib", []],
    ),
  );
  const names = (file, folder) => core.candidates(apps, file, folder).map((app) => app.name);
  assert.deepEqual(names("/w/blog/src/main.rs", "/w"), ["blog"]);
  assert.deepEqual(names(undefined, "/w/shop"), ["shop"]);
  assert.deepEqual(names("/w/tool/src/main.rs", "/w"), ["shop", "blog"]);
  assert.deepEqual(names("/w/blogger/x.rs", "/w"), ["shop", "blog"]);
});

test("knows programs of one package", () => {
  const two = core.appsIn(metadata(["two", "/w", ["a", "b"]]));
  assert.deepEqual(core.configurationOf(two[1], "/w"), {
    name: "b",
    type: "carafe",
    request: "launch",
    cargo: { package: "two", bin: "b" },
    cwd: "${workspaceFolder}",
  });
  const preferred = core.appsIn(metadata(["two", "/w", ["a", "b"], ["carafe"], "b"]));
  assert.deepEqual(core.candidates(preferred, undefined, "/w").map((app) => app.name), ["b"]);
  const below = core.appsIn(metadata(["one", "/w/x/one", ["one"]]))[0];
  assert.equal(core.configurationOf(below, "/w").cwd, "${workspaceFolder}/x/one");
  assert.equal(core.configurationOf(below, undefined).cwd, "/w/x/one");
  assert.equal(core.configurationOf(below, "/other").cwd, "/w/x/one");
});

test("names breakpoints after routes", () => {
  const routes = [
    { rule: "/", methods: ["GET", "HEAD", "OPTIONS"], handler: "app::index" },
    { rule: "/any", methods: ["GET", "POST", "HEAD", "OPTIONS"], handler: "app::any" },
  ];
  assert.deepEqual(
    core.routeNames(routes).map((route) => route.name),
    ["GET /", "/any"],
  );
});

test("finds variables in Rust", () => {
  const check = (text, expected) => {
    const lines = text.split("\n");
    const found = core.variablesIn(lines);
    for (const { line, start, end, name } of found) assert.equal(lines[line].slice(start, end), name);
    assert.deepEqual(found.map(({ name }) => name), expected, text);
  };
  check("let total = items.len() + extra;", ["total", "items", "extra"]);
  check("async fn user(id: i64, mut db: Db) -> Result<Html> {", ["id", "db"]);
  check('render!("id {name}", user) // comment id', ["user"]);
  check("let x: usize = crate::a::b(y);", ["x", "y"]);
  check("for (key, value) in &map {", ["key", "value", "map"]);
  check("Entry { name: draft_name, message }", ["draft_name", "message"]);
  check("let c = 'x'; let s: &'static str = \"y\";", ["c", "s"]);
  check("/* id\nid */ let z = 1;", ["z"]);
  check("x = x + 1;", ["x"]);
  check("store.page(&wanted, visitor)", ["store", "wanted", "visitor"]);
  check("if let Some(word) = words.first() { }", ["word", "words"]);
});
