//! What must not be left lying in the repository: this machine's paths, unfinished code, files
//! that do not say what they are.

use super::{Problem, is_fixture};
use crate::workspace::TextFile;

// The needles are put together, so that this file does not find itself.
const MACHINE_PATHS: &[&str] =
    &[concat!("/", "root/"), concat!("/", "home/"), concat!("/", "work/")];
const UNFINISHED: &[&str] = &[concat!("FIX", "ME"), concat!("X", "XX")];
const UNFINISHED_RUST: &[&str] = &[concat!("to", "do!"), concat!("un", "implemented!")];

/// Checks every text file, and that there is a change log.
pub(crate) fn check(files: &[TextFile]) -> Vec<Problem> {
    let mut problems: Vec<Problem> =
        files.iter().filter(|file| !is_lock(&file.path)).flat_map(check_file).collect();
    if !files.iter().any(|file| file.path == "CHANGELOG.md") {
        problems.push(Problem {
            path: "CHANGELOG.md".to_owned(),
            line: 1,
            message: "does not exist: each change adds a line to it".to_owned(),
        });
    }
    problems
}

fn check_file(file: &TextFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |line, message| problems.push(Problem { path: file.path.clone(), line, message });
    let rust = file.path.ends_with(".rs");
    if rust && !is_fixture(&file.path) && !file.text.starts_with("//!") {
        add(1, "does not open with `//!`: say what the file owns".to_owned());
    }
    for (index, line) in file.text.lines().enumerate() {
        for needle in MACHINE_PATHS.iter().filter(|needle| has_machine_path(line, needle)) {
            add(index + 1, format!("names a path of one machine, below `{needle}`"));
        }
        let unfinished = UNFINISHED.iter().chain(UNFINISHED_RUST.iter().filter(|_| rust));
        for needle in unfinished.filter(|needle| has_word(line, needle)) {
            add(index + 1, format!("`{needle}` is left over: finish it or open an issue"));
        }
    }
    problems
}

/// Lock files are written by tools, with whatever paths those keep.
fn is_lock(path: &str) -> bool {
    path.ends_with(".lock") || path.ends_with("package-lock.json") || path.ends_with("-lock.yaml")
}

/// Whether the line has `needle` as an absolute path: not the middle of another path or a URL,
/// and with a name below it.
fn has_machine_path(line: &str, needle: &str) -> bool {
    line.match_indices(needle).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + needle.len()..].chars().next();
        let inside =
            before.is_some_and(|c| is_word(c) || matches!(c, '.' | '-' | '~' | '}' | ')' | '>'));
        !inside && after.is_some_and(|c| is_word(c) || c == '.')
    })
}

fn has_word(line: &str, needle: &str) -> bool {
    line.match_indices(needle).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + needle.len()..].chars().next();
        // `needle` may itself end in a mark, as a macro does.
        !before.is_some_and(is_word) && (needle.ends_with('!') || !after.is_some_and(is_word))
    })
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(path: &str, text: String, want: &[&str]) {
        let files = [
            TextFile { path: path.to_owned(), text },
            TextFile { path: "CHANGELOG.md".to_owned(), text: String::new() },
        ];
        let found: Vec<String> = check(&files).into_iter().map(|p| p.message).collect();
        assert_eq!(found, want);
    }

    #[test]
    fn machine_paths() {
        let [root, home, work] = [MACHINE_PATHS[0], MACHINE_PATHS[1], MACHINE_PATHS[2]];
        let names = |needle: &str| format!("names a path of one machine, below `{needle}`");
        check_text("a.md", format!("see {root}x"), &[&names(root)]);
        check_text("a.toml", format!("path = \"{home}me\""), &[&names(home)]);
        check_text("a.sh", format!("cd {work}main"), &[&names(work)]);
        check_text("a.md", format!("https://example.com{home}page"), &[]);
        check_text("a.md", format!("src{work}x"), &[]);
        check_text("a.md", format!("route `{home}<page>`"), &[]);
        check_text("Cargo.lock", format!("{root}x"), &[]);
    }

    #[test]
    fn unfinished() {
        let left = |needle: &str| format!("`{needle}` is left over: finish it or open an issue");
        for needle in UNFINISHED {
            check_text("a.md", format!("// {needle}: b"), &[&left(needle)]);
            check_text("a.md", format!("A{needle}A"), &[]);
        }
        for needle in UNFINISHED_RUST {
            check_text("a.rs", format!("//! a\n{needle}()"), &[&left(needle)]);
            check_text("a.rs", format!("//! a\nnot_{needle}()"), &[]);
            check_text("a.md", format!("`{needle}()`"), &[]);
        }
    }

    #[test]
    fn openings() {
        let missing = "does not open with `//!`: say what the file owns";
        check_text("a.rs", "fn a() {}".to_owned(), &[missing]);
        check_text("a.rs", String::new(), &[missing]);
        check_text("a.rs", "//! a".to_owned(), &[]);
        check_text("crates/a/tests/ui/b.rs", "fn a() {}".to_owned(), &[]);
    }

    #[test]
    fn change_log() {
        let found = check(&[]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "CHANGELOG.md");
    }
}
