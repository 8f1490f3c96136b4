//! Where a file of the workspace is, and the link that opens an editor there.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A template for links, with `{file}`, `{line}` and `{column}`.
const VARIABLE: &str = "CARAFE_TOOL_EDITOR";
const VS_CODE: &str = "vscode://file/{file}:{line}:{column}";

/// The folder of the app that this process serves.
static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Says where this process's app is.
pub(super) fn set_folder(folder: &Path) {
    let _ = FOLDER.set(folder.to_owned());
}

/// The link to a place, in the app that is served.
pub(super) fn link(file: &str, line: u32, column: u32) -> Option<String> {
    let file = find(FOLDER.get()?, file)?;
    Some(link_to(&file, line, column))
}

/// The link to a place in a file that [`find`] gave.
pub(super) fn link_to(file: &Path, line: u32, column: u32) -> String {
    let template = std::env::var(VARIABLE).ok().filter(|template| template.contains("{file}"));
    fill(template.as_deref().unwrap_or(VS_CODE), file, line, column)
}

fn fill(template: &str, file: &Path, line: u32, column: u32) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const SET: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'&')
        .add(b'`');
    let path = file.to_string_lossy();
    let path = match template.contains("file/{file}") {
        true => path.strip_prefix('/').unwrap_or(&path),
        false => &path,
    };
    let path = utf8_percent_encode(path, SET).to_string();
    template
        .replace("{line}", &line.max(1).to_string())
        .replace("{column}", &column.max(1).to_string())
        .replace("{file}", &path)
}

/// The file that a compiler's path means, where it is one of the workspace: the compiler names files
/// from the workspace's root, or in full.
pub(super) fn find(folder: &Path, file: &str) -> Option<PathBuf> {
    if file.is_empty() {
        return None;
    }
    let folder = folder.canonicalize().ok()?;
    let workspace = workspace(&folder);
    let file = Path::new(file);
    let found = match file.is_absolute() {
        true => file.canonicalize().ok()?,
        false => folder
            .ancestors()
            .take_while(|above| above.starts_with(workspace))
            .find_map(|above| above.join(file).canonicalize().ok())?,
    };
    let inside = found.strip_prefix(workspace).ok()?;
    let first = inside.components().next()?.as_os_str();
    let is_ours = first != "target" && first != "vendor";
    (is_ours && found.is_file()).then_some(found)
}

/// The nearest folder above with a workspace, else the folder itself.
pub(super) fn workspace(folder: &Path) -> &Path {
    let is_root = |above: &&Path| {
        std::fs::read_to_string(above.join("Cargo.toml"))
            .is_ok_and(|text| text.lines().any(|line| line.trim_start().starts_with("[workspace")))
    };
    folder.ancestors().find(is_root).unwrap_or(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links() {
        let check = |template, file, expected: &str| {
            assert_eq!(fill(template, Path::new(file), 3, 0), expected);
        };
        check(VS_CODE, "/a b/c.rs", "vscode://file/a%20b/c.rs:3:1");
        check("idea://open?file={file}&line={line}", "/a/b.rs", "idea://open?file=/a/b.rs&line=3");
    }

    #[test]
    fn only_files_of_the_workspace_are_found() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = root.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        write("w/Cargo.toml", "[workspace]\n");
        write("w/app/Cargo.toml", "[package]\n");
        write("w/app/src/main.rs", "");
        write("w/target/x.rs", "");
        write("other.rs", "");
        let folder = root.path().join("w/app");
        let check = |file: &str, found: bool| {
            assert_eq!(find(&folder, file).is_some(), found, "{file}");
        };
        check("app/src/main.rs", true);
        check("src/main.rs", true);
        check(folder.join("src/main.rs").to_str().unwrap(), true);
        check("src/none.rs", false);
        check("target/x.rs", false);
        check("../../other.rs", false);
        check(root.path().join("other.rs").to_str().unwrap(), false);
        check("/etc/passwd", false);
        check("", false);
    }
}
