//! What VS Code's files in `.vscode` should have for a folder's apps.

use super::apps::App;
use super::merge::{Entry, Wanted};

/// The extension, as its publisher and name.
pub(super) const EXTENSION: &str = "carafe-rs.carafe";

/// A file in `.vscode`.
pub(super) struct File {
    pub(super) name: &'static str,
    pub(super) wanted: Wanted,
}

/// The files for these apps.
pub(super) fn files(apps: &[App]) -> Vec<File> {
    vec![
        File { name: "launch.json", wanted: launch(apps) },
        File { name: "tasks.json", wanted: tasks(apps) },
        File { name: "extensions.json", wanted: extensions() },
    ]
}

const LAUNCH: &str = "\
{
    // F5 starts the chosen entry under the debugger, Ctrl+F5 runs it without one.
    // `carafe editor vscode` wrote the entries; what you change stays.
    \"version\": \"0.2.0\",
    \"configurations\": []
}
";

const TASKS: &str = "\
{
    \"version\": \"2.0.0\",
    \"tasks\": []
}
";

const EXTENSIONS: &str = "\
{
    \"recommendations\": []
}
";

fn launch(apps: &[App]) -> Wanted {
    Wanted {
        list: "configurations",
        key: Some("name"),
        unwanted: None,
        entries: apps.iter().map(with_carafe).chain(apps.iter().map(with_codelldb)).collect(),
        skeleton: LAUNCH,
    }
}

fn cwd(app: &App) -> String {
    let slash = if app.folder.is_empty() { "" } else { "/" };
    quoted(&format!("${{workspaceFolder}}{slash}{}", app.folder))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn with_carafe(app: &App) -> Entry {
    let (name, package) = (quoted(app.name()), quoted(&app.package));
    let bin = match app.is_only_bin {
        true => String::new(),
        false => format!(",\n        \"bin\": {}", quoted(&app.bin)),
    };
    let cwd = cwd(app);
    Entry {
        name: app.name().to_owned(),
        text: format!(
            "{{
    \"name\": {name},
    \"type\": \"carafe\",
    \"request\": \"launch\",
    \"cargo\": {{
        \"package\": {package}{bin}
    }},
    \"cwd\": {cwd}
}}"
        ),
    }
}

/// CodeLLDB sets no breakpoints under `noDebug`. The debug information is asked for here, as a profile
/// may leave it out.
fn with_codelldb(app: &App) -> Entry {
    let name = format!("{} (CodeLLDB)", app.name());
    let (quoted_name, package) = (quoted(&name), quoted(&format!("--package={}", app.package)));
    let (bin, filter) = (quoted(&format!("--bin={}", app.bin)), quoted(&app.bin));
    let cwd = cwd(app);
    Entry {
        text: format!(
            "{{
    // Where the extension Carafe is not installed: F5 debugs with the extension CodeLLDB,
    // Ctrl+F5 runs through without a stop.
    \"name\": {quoted_name},
    \"type\": \"lldb\",
    \"request\": \"launch\",
    \"cargo\": {{
        \"args\": [\"build\", {package}, {bin}, \"--config=profile.dev.debug=2\"],
        \"filter\": {{ \"name\": {filter}, \"kind\": \"bin\" }}
    }},
    \"cwd\": {cwd},
    \"sourceLanguages\": [\"rust\"]
}}"
        ),
        name,
    }
}

fn tasks(apps: &[App]) -> Wanted {
    let mut entries = Vec::new();
    for app in apps {
        // With one app, nobody needs its name.
        let of = if apps.len() == 1 { String::new() } else { format!(" {}", app.name()) };
        entries.push(carafe_task(&format!("carafe: run{of}"), "run", app));
        entries.push(carafe_task(&format!("carafe: debug in the browser{of}"), "debug", app));
    }
    entries.push(test_task());
    Wanted { list: "tasks", key: Some("label"), unwanted: None, entries, skeleton: TASKS }
}

fn carafe_task(label: &str, command: &str, app: &App) -> Entry {
    let (quoted_label, cwd) = (quoted(label), cwd(app));
    let bin = match app.is_only_bin {
        true => String::new(),
        false => format!(", \"--bin\", {}", quoted(&app.bin)),
    };
    Entry {
        name: label.to_owned(),
        text: format!(
            "{{
    \"label\": {quoted_label},
    \"type\": \"process\",
    \"command\": \"carafe\",
    \"args\": [\"{command}\"{bin}],
    \"options\": {{ \"cwd\": {cwd} }},
    \"isBackground\": true,
    \"problemMatcher\": []
}}"
        ),
    }
}

/// The patterns are in the file, as those of rust-analyzer need that extension.
fn test_task() -> Entry {
    Entry {
        name: "carafe: test".to_owned(),
        text: r#"{
    "label": "carafe: test",
    "type": "process",
    "command": "cargo",
    "args": ["test"],
    "group": { "kind": "test", "isDefault": true },
    "problemMatcher": {
        "owner": "rustc",
        "fileLocation": ["autoDetect", "${workspaceFolder}"],
        "pattern": [
            {
                "regexp": "^(error|warning)(?:\\[(\\w+)\\])?: (.+)$",
                "severity": 1,
                "code": 2,
                "message": 3
            },
            {
                "regexp": "^\\s*--> (.+):(\\d+):(\\d+)$",
                "file": 1,
                "line": 2,
                "column": 3
            }
        ]
    }
}"#
        .to_owned(),
    }
}

fn extensions() -> Wanted {
    let entry = |name: &str| Entry { name: name.to_owned(), text: quoted(name) };
    Wanted {
        list: "recommendations",
        key: None,
        unwanted: Some("unwantedRecommendations"),
        entries: [EXTENSION, "rust-lang.rust-analyzer", "vadimcn.vscode-lldb"].map(entry).into(),
        skeleton: EXTENSIONS,
    }
}
