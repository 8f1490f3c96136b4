//! Where the new app takes carafe from.

use std::path::{Path, PathBuf};

use carafe_net::Lang;

use super::words;

/// The folder of this tool's source when it was built.
const BUILT_FROM: &str = env!("CARGO_MANIFEST_DIR");

/// The manifest's line on carafe: the copy that was named, else the copy that this
/// tool was built from, where that still is one, else the version.
///
/// # Errors
/// When the named folder is no copy of carafe.
pub(super) fn text(named: Option<&Path>, lang: Lang) -> Result<String, String> {
    let found = match named {
        Some(path) => Some(copy_at(path).ok_or_else(|| words::no_copy(path, lang))?),
        // An installation from crates.io has no copy beside it.
        None => copy_at(&Path::new(BUILT_FROM).join("../carafe")),
    };
    Ok(match found {
        Some(path) => format!(
            "# A copy of Carafe's repository on this computer.\ncarafe = {{ path = {} }}",
            quoted(&path.to_string_lossy())
        ),
        None => format!("carafe = {}", quoted(env!("CARGO_PKG_VERSION"))),
    })
}

/// The framework's folder, given it or the repository that it is in.
fn copy_at(path: &Path) -> Option<PathBuf> {
    let places = [path.to_owned(), path.join("crates/carafe")];
    let is_carafe = |folder: &PathBuf| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml"));
        manifest.is_ok_and(|text| text.lines().any(|line| line.trim() == "name = \"carafe\""))
    };
    places.into_iter().find(is_carafe)?.canonicalize().ok()
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_copy() {
        let own = text(None, Lang::English).unwrap();
        let framework = Path::new(BUILT_FROM).join("../carafe").canonicalize().unwrap();
        let line = format!("carafe = {{ path = \"{}\" }}", framework.display());
        assert_eq!(own.lines().last(), Some(line.as_str()));
        let repository = Path::new(BUILT_FROM).join("../..");
        assert_eq!(text(Some(&repository), Lang::English).unwrap(), own);
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(
            text(Some(empty.path()), Lang::English).unwrap_err(),
            format!(
                "`{}` is no copy of carafe's repository\n\nhint: name the folder that holds `crates/carafe`",
                empty.path().display()
            )
        );
    }

    #[test]
    fn quotes_as_toml_does() {
        assert_eq!(quoted(r#"C:\a "b""#), r#""C:\\a \"b\"""#);
        assert_eq!(quoted("a\nb"), r#""a\u000ab""#);
    }
}
