//! What the crates' `Cargo.toml` may say: a reason beside each dependency, and no way back up
//! from the crates that `carafe` is built on. Reads lines, not TOML: the reasons are comments.

use super::Problem;
use crate::workspace::TextFile;

/// Crates that `carafe` depends on, which must not depend on it.
const BELOW_CARAFE: &[&str] = &["crates/carafe-macros/Cargo.toml", "crates/carafe-rule/Cargo.toml"];

/// Checks the manifest of each crate under `crates/`.
pub(crate) fn check(files: &[TextFile]) -> Vec<Problem> {
    files
        .iter()
        .filter(|file| file.path.starts_with("crates/") && file.path.ends_with("/Cargo.toml"))
        .filter(|file| file.path.matches('/').count() == 2)
        .flat_map(check_file)
        .collect()
}

/// A dependency as its manifest lists it.
struct Dependency<'a> {
    name: &'a str,
    line: usize,
    /// Whether a comment stands above it, or above the unbroken run of lines that it is in.
    has_reason: bool,
    /// Tests only; these may point back up.
    is_dev: bool,
}

fn check_file(file: &TextFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    for dependency in dependencies(&file.text) {
        let Dependency { name, line, has_reason, is_dev } = dependency;
        let mut add = |message| problems.push(Problem { path: file.path.clone(), line, message });
        if name == "carafe" && !is_dev && BELOW_CARAFE.contains(&file.path.as_str()) {
            add("may not depend on `carafe`, which depends on it".to_owned());
        }
        // The workspace's own crates need no reason.
        let own = name == "carafe" || name.starts_with("carafe-");
        if !has_reason && !own {
            add(format!("`{name}` has no comment above it with its reason"));
        }
    }
    problems
}

fn dependencies(text: &str) -> Vec<Dependency<'_>> {
    let mut found = Vec::new();
    let mut section: Option<bool> = None;
    let mut has_reason = false;
    let mut open = 0_isize;
    for (index, line) in text.lines().map(str::trim).enumerate() {
        let inside = open > 0;
        if !line.starts_with('#') {
            // A value may run over several lines, such as a list of features.
            open += count(line, &['[', '{']) - count(line, &[']', '}']);
        }
        if inside {
            continue;
        }
        if line.starts_with('#') {
            has_reason = true;
        } else if line.is_empty() {
            has_reason = false;
        } else if let Some(header) = line.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or(header);
            let (kind, name) = section_of(header);
            if let Some((name, is_dev)) = name.zip(kind) {
                found.push(Dependency { name, line: index + 1, has_reason, is_dev });
                section = None;
            } else {
                section = kind;
            }
            has_reason = false;
        } else if let Some(is_dev) = section {
            let end = line.find(['.', '=', ' ']).unwrap_or(line.len());
            let name = line[..end].trim_matches('"');
            found.push(Dependency { name, line: index + 1, has_reason, is_dev });
        }
    }
    found
}

fn count(line: &str, marks: &[char]) -> isize {
    let marks = line.matches(|c| marks.contains(&c)).count();
    isize::try_from(marks).unwrap_or(isize::MAX)
}

/// Whether a header opens dependencies, and for tests only; and the one that
/// `[dependencies.name]` names.
fn section_of(header: &str) -> (Option<bool>, Option<&str>) {
    for (kind, is_dev) in
        [("dev-dependencies", true), ("build-dependencies", false), ("dependencies", false)]
    {
        // The part before is empty, or as in `target.'cfg(unix)'.dependencies`.
        let Some(at) = header.find(kind) else {
            continue;
        };
        if at > 0 && !header.starts_with("target.") {
            return (None, None);
        }
        let name = header[at + kind.len()..].strip_prefix('.');
        return (Some(is_dev), name);
    }
    (None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(package: &str, text: &str, want: &[&str]) {
        let path = format!("crates/{package}/Cargo.toml");
        let found: Vec<String> = check(&[TextFile { path, text: text.to_owned() }])
            .into_iter()
            .map(|problem| format!("{}: {}", problem.line, problem.message))
            .collect();
        assert_eq!(found, want, "{text}");
    }

    #[test]
    fn reasons() {
        let none = "2: `a` has no comment above it with its reason";
        check_text("x", "[dependencies]\na = \"1\"", &[none]);
        check_text("x", "[dependencies]\na.workspace = true", &[none]);
        check_text("x", "[dev-dependencies]\na = \"1\"", &[none]);
        check_text("x", "[target.'cfg(unix)'.dependencies]\na = \"1\"", &[none]);
        check_text("x", "[dependencies]\n# Why.\na = \"1\"\nb = \"1\"", &[]);
        check_text(
            "x",
            "[dependencies]\n# Why.\n\na = \"1\"",
            &["4: `a` has no comment above it with its reason"],
        );
        check_text("x", "\n[dependencies.a]\nversion = \"1\"", &[none]);
        check_text("x", "# Why.\n[dependencies.a]\nversion = \"1\"", &[]);
        check_text(
            "x",
            "[dependencies]\n# Why.\na = { version = \"1\", features = [\n\n\"b\",\n] }",
            &[],
        );
        check_text("x", "[dependencies]\ncarafe.workspace = true", &[]);
        check_text("x", "[package]\nname = \"a\"\n[features]\nb = []", &[]);
    }

    #[test]
    fn nothing_points_back_up() {
        let back = "2: may not depend on `carafe`, which depends on it";
        check_text("carafe-macros", "[dependencies]\ncarafe.workspace = true", &[back]);
        check_text("carafe-rule", "[build-dependencies]\ncarafe = \"0.1\"", &[back]);
        check_text("carafe-rule", "[dev-dependencies]\ncarafe.workspace = true", &[]);
        check_text("carafe-macros", "[dependencies]\ncarafe-rule.workspace = true", &[]);
    }
}
