//! Frames as people read them: readable names, and which are the app's.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// Which source files are the app's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace around a folder: the uppermost folder with a `Cargo.toml`, else the folder.
    pub(crate) fn around(folder: &Path) -> Workspace {
        let is_root = |folder: &&Path| folder.join("Cargo.toml").is_file();
        let root = folder.ancestors().filter(is_root).last().unwrap_or(folder);
        Workspace { root: root.to_owned() }
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a file is the app's: inside the workspace, and neither generated nor somebody else's.
    fn has(&self, file: &Path) -> bool {
        let Ok(inside) = file.strip_prefix(&self.root) else { return false };
        let first = inside.components().next().map(|part| part.as_os_str().to_owned());
        !first.is_some_and(|first| first == "target" || first == "vendor")
    }

    /// Whether a frame runs code that the app's author wrote.
    pub(crate) fn is_own(&self, frame: &Value) -> bool {
        let name = frame["name"].as_str().unwrap_or_default();
        let in_workspace =
            frame["source"]["path"].as_str().is_some_and(|path| self.has(Path::new(path)));
        in_workspace && !is_frameworks(name)
    }

    /// A frame with a readable name, marked when it is not the app's.
    pub(crate) fn decorate(&self, mut frame: Value) -> Value {
        let own = self.is_own(&frame);
        frame["name"] = json!(readable(frame["name"].as_str().unwrap_or_default()));
        if !own {
            // VS Code folds frames whose source is de-emphasised; others grey subtle ones.
            frame["presentationHint"] = json!("subtle");
            if frame["source"].is_object() {
                frame["source"]["presentationHint"] = json!("deemphasize");
            }
        }
        frame
    }
}

/// Whether the code is Carafe's own, also where a macro put it into the app's file.
fn is_frameworks(name: &str) -> bool {
    let name = demangled(name);
    let path = name.trim_start_matches('<');
    let crate_name = path.split("::").next().unwrap_or_default();
    let is_carafe = crate_name == "carafe" || crate_name.starts_with("carafe_");
    // What the attribute of a handler makes, as lldb and as gdb name it.
    is_carafe || name.contains(" as carafe::") || name.contains("}::route::{closure")
}

/// A function's name as its author wrote it, without the marks of closures and hashes.
pub(crate) fn readable(name: &str) -> String {
    let name = demangled(name);
    let mut parts: Vec<&str> = split_path(&name);
    let before = parts.len();
    while parts.len() > 1 && parts.last().is_some_and(|part| is_closure(part)) {
        parts.pop();
    }
    let closures = before - parts.len();
    // The body of an `async fn` is one closure in the function.
    if closures > 1 { format!("{} (closure)", parts.join("::")) } else { parts.join("::") }
}

fn is_closure(part: &str) -> bool {
    let is_numbered = |kind: &str| part.starts_with(kind) && part.ends_with('}');
    part == "{{closure}}"
        || ["{closure#", "{async_fn#", "{async_block#", "{closure_env#", "{async_fn_env#"]
            .into_iter()
            .any(is_numbered)
}

/// Cuts a path at the `::` that are not inside angle brackets.
fn split_path(name: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_i32, 0, Vec::new());
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'<' => depth += 1,
            // Not the arrow of a function's type.
            b'>' if at == 0 || bytes[at - 1] != b'-' => depth -= 1,
            b':' if depth == 0 && bytes.get(at + 1) == Some(&b':') => {
                parts.push(&name[start..at]);
                at += 1;
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&name[start..]);
    parts
}

/// Undoes rustc's legacy mangling as far as debuggers leave it: escapes and the hash at the end.
fn demangled(name: &str) -> String {
    let name = match name.rsplit_once("::h") {
        Some((path, hash))
            if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            path
        }
        _ => name,
    };
    if !name.contains('$') {
        return name.to_owned();
    }
    const ESCAPES: [(&str, &str); 13] = [
        ("$LT$", "<"),
        ("$GT$", ">"),
        ("$RF$", "&"),
        ("$BP$", "*"),
        ("$LP$", "("),
        ("$RP$", ")"),
        ("$C$", ","),
        ("$SP$", "@"),
        ("$u20$", " "),
        ("$u7b$", "{"),
        ("$u7d$", "}"),
        ("$u5b$", "["),
        ("$u5d$", "]"),
    ];
    let escaped =
        ESCAPES.iter().fold(name.to_owned(), |name, (escape, text)| name.replace(escape, text));
    let dots = escaped
        .replace("..", "::")
        .replace("$u27$", "'")
        .replace("$u3b$", ";")
        .replace("$u2b$", "+");
    // An underscore stands before a part that begins with an escape.
    dots.replace("::_<", "::<").replace("::_{", "::{").trim_start_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable() {
        let check = |name: &str, expected: &str| assert_eq!(readable(name), expected, "{name}");
        check("guestbook::views::entry::h9aa501d12cfd5686", "guestbook::views::entry");
        check(
            "guestbook::views::sign::_$u7b$$u7b$closure$u7d$$u7d$::h9aa501d12cfd5686",
            "guestbook::views::sign",
        );
        check("app::a::{async_fn#0}", "app::a");
        check(
            "app::a::_$u7b$$u7b$closure$u7d$$u7d$::_$u7b$$u7b$closure$u7d$$u7d$::h0123456789abcdef",
            "app::a (closure)",
        );
        check(
            "_$LT$app..User$u20$as$u20$core..fmt..Debug$GT$::fmt::h0123456789abcdef",
            "<app::User as core::fmt::Debug>::fmt",
        );
        check("app::map<app::A::B, fn(u8) -> u8>::x", "app::map<app::A::B, fn(u8) -> u8>::x");
        check("main", "main");
        check("", "");
    }

    #[test]
    fn tells_the_apps_frames() {
        let workspace = Workspace { root: "/w".into() };
        let check = |name: &str, path: &str, own: bool| {
            let frame = json!({"name": name, "source": {"path": path}});
            assert_eq!(workspace.is_own(&frame), own, "{name} {path}");
            let shown = workspace.decorate(frame);
            assert_eq!(shown["presentationHint"] == "subtle", !own);
        };
        check("app::index", "/w/src/main.rs", true);
        check("app::index", "/w/target/debug/build/x.rs", false);
        check("app::index", "/elsewhere/main.rs", false);
        check("carafe::context::enter", "/w/crates/carafe/src/context.rs", false);
        check("carafe_net::stop", "/w/crates/carafe-net/src/stop.rs", false);
        check(
            "_$LT$app..index$u20$as$u20$carafe..app..route..Endpoint$GT$::route",
            "/w/src/main.rs",
            false,
        );
        check("app::{impl#0}::route::{closure#0}::{async_block#0}", "/w/src/main.rs", false);
        check("app::{impl#0}::route::{async_fn#0}", "/w/src/main.rs", true);
        assert!(!workspace.is_own(&json!({"name": "__libc_start"})));
    }
}
