//! How other editors reach `carafe dap`, in the format of each one's own configuration.

use std::path::Path;

use super::apps::App;

/// An editor that can be told about `carafe dap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Other {
    /// `languages.toml`
    Helix,
    /// `settings.json` and `debug.json`
    Zed,
    /// A Lua module
    NvimDap,
    /// The plugin LSP4IJ, or CLion itself
    Jetbrains,
    /// `launch.json`, which `carafe editor vscode` writes
    Vscode,
}

/// What has to be filled in.
pub(super) struct Facts<'a> {
    pub(super) app: &'a App,
    /// The app's folder on disk.
    pub(super) folder: &'a Path,
    /// This program.
    pub(super) tool: &'a Path,
}

/// The text for an editor.
pub(super) fn text(editor: Other, facts: &Facts<'_>) -> String {
    match editor {
        Other::Helix => helix(facts),
        Other::Zed => zed(facts),
        Other::NvimDap => nvim_dap(facts),
        Other::Jetbrains => jetbrains(facts),
        Other::Vscode => vscode(facts),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Cargo's part of a launch, as JSON.
fn cargo(app: &App) -> String {
    let package = quoted(&app.package);
    match app.is_only_bin {
        true => format!("{{ \"package\": {package} }}"),
        false => format!("{{ \"package\": {package}, \"bin\": {} }}", quoted(&app.bin)),
    }
}

/// The folder below the editor's own.
fn below(app: &App, root: &str) -> String {
    match app.folder.as_str() {
        "" => quoted(root),
        folder => quoted(&format!("{root}/{folder}")),
    }
}

/// Helix takes only texts, lists of texts and booleans as arguments, so that cargo's part, an object,
/// cannot be given: the app is the package of the folder.
fn helix(facts: &Facts<'_>) -> String {
    let folder = if facts.app.folder.is_empty() { "." } else { &facts.app.folder };
    let folder = quoted(folder);
    format!(
        r#"# Helix: ~/.config/helix/languages.toml, or .helix/languages.toml in the folder of the app.
# Then `Space g l` starts; a breakpoint is set with `Space g b`.
[[language]]
name = "rust"

[language.debugger]
name = "carafe"
transport = "stdio"
command = "carafe"
args = ["dap"]

[[language.debugger.templates]]
name = "debug"
request = "launch"
completion = [{{ name = "folder of the app", completion = "directory", default = {folder} }}]
args = {{ cwd = "{{0}}" }}

[[language.debugger.templates]]
name = "run without debugging"
request = "launch"
completion = [{{ name = "folder of the app", completion = "directory", default = {folder} }}]
args = {{ cwd = "{{0}}", noDebug = true }}
"#
    )
}

/// Zed knows adapters by name, and another program may stand behind one of them.
fn zed(facts: &Facts<'_>) -> String {
    let (name, cargo) = (facts.app.name(), cargo(facts.app));
    let (debug, run) = (quoted(name), quoted(&format!("{name} without debugging")));
    let cwd = below(facts.app, "$ZED_WORKTREE_ROOT");
    let tool = quoted(&facts.tool.to_string_lossy());
    format!(
        r#"// Zed, .zed/settings.json of the folder that you open: Carafe in the place of CodeLLDB.
{{
  "dap": {{
    "CodeLLDB": {{ "binary": {tool}, "args": ["dap"] }}
  }}
}}

// Zed, .zed/debug.json beside it; F4 then shows both.
[
  {{
    "label": {debug},
    "adapter": "CodeLLDB",
    "request": "launch",
    "cargo": {cargo},
    "cwd": {cwd}
  }},
  {{
    "label": {run},
    "adapter": "CodeLLDB",
    "request": "launch",
    "cargo": {cargo},
    "cwd": {cwd},
    "noDebug": true
  }}
]
"#
    )
}

fn nvim_dap(facts: &Facts<'_>) -> String {
    let (name, app) = (facts.app.name(), facts.app);
    let (debug, run) = (quoted(name), quoted(&format!("{name} without debugging")));
    let cargo = match app.is_only_bin {
        true => format!("{{ package = {} }}", quoted(&app.package)),
        false => format!("{{ package = {}, bin = {} }}", quoted(&app.package), quoted(&app.bin)),
    };
    let cwd = below(app, "${workspaceFolder}");
    format!(
        r#"-- Neovim with nvim-dap: init.lua. nvim-dap also offers what .vscode/launch.json has.
local dap = require("dap")

dap.adapters.carafe = {{ type = "executable", command = "carafe", args = {{ "dap" }} }}

dap.configurations.rust = {{
  {{
    name = {debug},
    type = "carafe",
    request = "launch",
    cargo = {cargo},
    cwd = {cwd},
  }},
  {{
    name = {run},
    type = "carafe",
    request = "launch",
    cargo = {cargo},
    cwd = {cwd},
    noDebug = true,
  }},
}}
"#
    )
}

fn jetbrains(facts: &Facts<'_>) -> String {
    let cargo = cargo(facts.app);
    let folder = facts.folder.display().to_string();
    let cwd = quoted(&folder);
    let tool = facts.tool.display();
    format!(
        r#"JetBrains (RustRover, IntelliJ IDEA, CLion), by the free plugin LSP4IJ:
1. Settings | Plugins | Marketplace: install LSP4IJ.
2. Run | Edit Configurations... | + | Debug Adapter Protocol:
   Server tab, command:             {tool} dap
   Mappings tab, file name pattern: *.rs (language Rust)
   Configuration tab:
     working directory: {folder}
     launch parameters:
{{
  "type": "carafe",
  "request": "launch",
  "cargo": {cargo},
  "cwd": {cwd}
}}
3. For a second configuration that runs without a debugger, add `"noDebug": true`.

CLion 2026.2 has it built in: Settings | Build, Execution, Deployment | Debugger | Debug Profiles | + |
DAP: the executable {tool}, the argument dap, stdin/stdout, and the launch parameters above.
"#
    )
}

fn vscode(facts: &Facts<'_>) -> String {
    let (name, cargo) = (quoted(facts.app.name()), cargo(facts.app));
    let cwd = below(facts.app, "${workspaceFolder}");
    format!(
        r#"// VS Code: `carafe editor vscode` writes this to .vscode/launch.json and installs the extension.
{{
    "version": "0.2.0",
    "configurations": [
        {{
            "name": {name},
            "type": "carafe",
            "request": "launch",
            "cargo": {cargo},
            "cwd": {cwd}
        }}
    ]
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::super::jsonc;
    use super::*;

    fn app(folder: &str) -> App {
        App {
            package: "shop".to_owned(),
            bin: "server".to_owned(),
            is_only_bin: folder.is_empty(),
            folder: folder.to_owned(),
        }
    }

    fn printed(editor: Other, app: &App) -> String {
        text(editor, &Facts { app, folder: Path::new("/shop"), tool: Path::new("/bin/carafe") })
    }

    #[test]
    fn every_editor_is_told_the_app() {
        for editor in Other::value_variants() {
            for app in [app(""), app("apps/shop")] {
                let text = printed(*editor, &app);
                assert!(text.contains("dap") || *editor == Other::Vscode, "{text}");
                let is_told = match editor {
                    Other::Helix => text.contains("default = \".\"") || text.contains("apps/shop"),
                    _ => text.contains("shop"),
                };
                assert!(is_told, "{text}");
            }
        }
    }

    #[test]
    fn json_is_json() {
        let check = |text: &str| {
            jsonc::parse(text).unwrap();
        };
        for app in [app(""), app("apps/shop")] {
            check(&printed(Other::Vscode, &app));
            let zed = printed(Other::Zed, &app);
            let (settings, debug) = zed.split_once("// Zed, .zed/debug.json").unwrap();
            check(settings);
            check(&format!("//{debug}"));
            let jetbrains = printed(Other::Jetbrains, &app);
            let start = jetbrains.find("\n{\n").unwrap();
            let end = jetbrains.find("\n}\n").unwrap();
            check(&jetbrains[start..end + 2]);
        }
    }
}
