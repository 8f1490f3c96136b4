//! The files of a new app.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use carafe_net::Lang;

use super::words;

/// What the files depend on.
pub(super) struct App<'a> {
    pub(super) package: &'a str,
    /// The manifest's line on carafe.
    pub(super) carafe: &'a str,
    pub(super) lang: Lang,
}

/// A file as it will be.
#[derive(Debug, PartialEq)]
pub(super) struct File {
    pub(super) path: &'static str,
    pub(super) text: String,
    /// Only its owner may read it.
    pub(super) private: bool,
}

macro_rules! sources {
    ($($path:literal from $source:literal)*) => {
        &[$(($path, include_str!(concat!("app/", $source)))),*]
    };
}

/// Manifests and `.gitignore` have other names here: cargo and git would take them for their own.
const SOURCES: &[(&str, &str)] = sources! {
    "Cargo.toml" from "Cargo.toml.in"
    "build.rs" from "build.rs"
    "carafe.toml" from "carafe.toml"
    "README.md" from "README.md"
    ".gitignore" from "gitignore"
    ".env" from "env"
    "src/main.rs" from "src/main.rs"
    "src/notes.rs" from "src/notes.rs"
    "src/tests.rs" from "src/tests.rs"
    "static/style.css" from "static/style.css"
    "templates/base.html" from "templates/base.html"
    "templates/index.html" from "templates/index.html"
    "templates/note.html" from "templates/note.html"
};

impl App<'_> {
    /// All files, filled in.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub(super) fn files(&self) -> Result<Vec<File>, String> {
        let secret = secret().map_err(|error| words::no_secret(&error, self.lang))?;
        let files = SOURCES.iter().map(|(path, source)| File {
            path,
            text: self.fill(source, &secret),
            private: *path == ".env",
        });
        Ok(files.collect())
    }

    fn fill(&self, source: &str, secret: &str) -> String {
        let facts = [
            ("package", self.package),
            ("carafe", self.carafe),
            ("rust", env!("CARGO_PKG_RUST_VERSION")),
            ("secret", secret),
        ];
        words::texts(self.lang).chain(facts).fold(source.to_owned(), |text, (key, value)| {
            text.replace(&format!("[[{key}]]"), value)
        })
    }
}

impl File {
    /// Writes the file, and the folder that it is in; one that exists is left alone.
    ///
    /// # Errors
    /// When it exists, or cannot be written.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if self.private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        options.open(path)?.write_all(self.text.as_bytes())
    }
}

/// 256 random bits in hexadecimal digits.
fn secret() -> io::Result<String> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_no_gap() {
        for lang in [Lang::English, Lang::Korean] {
            let app = App { package: "shop", carafe: "carafe = \"0.1.0\"", lang };
            for file in app.files().unwrap() {
                assert!(!file.text.contains("[["), "{}: {}", file.path, file.text);
                assert!(!file.text.contains("]]"), "{}: {}", file.path, file.text);
            }
        }
    }

    #[test]
    fn each_app_has_a_secret_of_its_own() {
        let (one, other) = (secret().unwrap(), secret().unwrap());
        assert_eq!(one.len(), 64);
        assert_ne!(one, other);
    }

    #[test]
    fn the_readme_has_ten_lines() {
        for lang in [Lang::English, Lang::Korean] {
            let app = App { package: "shop", carafe: "carafe = \"0.1.0\"", lang };
            let files = app.files().unwrap();
            let readme = files.iter().find(|file| file.path == "README.md").unwrap();
            assert_eq!(readme.text.lines().count(), 10, "{}", readme.text);
        }
    }
}
