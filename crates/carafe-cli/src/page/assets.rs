//! The page's own files, which are part of this program.

/// A file: its name, its media type, its text.
type Asset = (&'static str, &'static str, &'static str);

const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! scripts {
    ($($name:literal),+ $(,)?) => {
        [$(($name, SCRIPT, include_str!(concat!("assets/", $name)))),+]
    };
}

const SCRIPTS: &[Asset] = &scripts![
    "api.js",
    "console.js",
    "detail.js",
    "dom.js",
    "icons.js",
    "keys.js",
    "list.js",
    "main.js",
    "palette.js",
    "points.js",
    "requests.js",
    "rust.js",
    "shell.js",
    "side.js",
    "source.js",
    "stack.js",
    "store.js",
    "values.js",
    "waterfall.js",
];

const OTHERS: &[Asset] = &[
    ("style.css", "text/css; charset=utf-8", include_str!("assets/style.css")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

/// The page.
pub(super) const INDEX: &str = include_str!("assets/index.html");

/// The file of this name.
pub(super) fn find(name: &str) -> Option<&'static Asset> {
    SCRIPTS.iter().chain(OTHERS).find(|(own, ..)| *own == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The policy of the page forbids scripts and styles in its text.
    #[test]
    fn nothing_is_inline() {
        for (name, _, text) in SCRIPTS.iter().chain(OTHERS).chain([&("index.html", "", INDEX)]) {
            let text = text.to_ascii_lowercase();
            for word in ["<style", " style=\"", "javascript:", "onclick=", "innerhtml", "eval("] {
                assert!(!text.contains(word), "{name} has `{word}`");
            }
            assert!(!text.contains("<script>"), "{name}");
        }
    }

    #[test]
    fn every_import_is_there() {
        for (name, _, text) in SCRIPTS {
            for line in text.lines().filter(|line| line.contains(" from \"./")) {
                let wanted = line.split("\"./").nth(1).and_then(|rest| rest.split('"').next());
                assert!(wanted.and_then(find).is_some(), "{name}: {line}");
            }
        }
    }
}
