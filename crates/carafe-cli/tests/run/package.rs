//! A small package with an app.

use std::fs;
use std::path::{Path, PathBuf};

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// Where all packages are built. The name of each is its own, as are its programs' names.
pub(crate) fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // target/debug/deps/run-0123
    test.ancestors().nth(3).unwrap().join("run-tests")
}

/// A package in a folder of its own, which is its own workspace.
pub(crate) struct Package {
    root: tempfile::TempDir,
}

impl Package {
    /// One whose app answers `one` at `/`, and a template at `/page`.
    pub(crate) fn new(name: &str) -> Package {
        let package = Package { root: tempfile::tempdir().unwrap() };
        let carafe = repository().join("crates/carafe");
        package.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n\
                 [dependencies]\ncarafe = {{ path = {carafe:?} }}\n\n[workspace]\n\n\
                 [profile.release]\nopt-level = 0\ncodegen-units = 256\n"
            ),
        );
        // The same versions as here, so that nothing is downloaded.
        fs::copy(repository().join("Cargo.lock"), package.path("Cargo.lock")).unwrap();
        package.main("one", "");
        package.write("templates/page.html", "<p>first</p>");
        package
    }

    pub(crate) fn folder(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The app answers this; some code is run when it is set up, and may go on with the `app`.
    pub(crate) fn main(&self, answer: &str, setup: &str) {
        let text = format!(
            "use carafe::prelude::*;\n\n\
             #[get(\"/\")]\nasync fn index() -> &'static str {{\n    {answer:?}\n}}\n\n\
             #[get(\"/page\")]\nasync fn page() -> Result<Html> {{\n    render!(\"page.html\")\n}}\n\n\
             #[carafe::main]\nfn app() -> App {{\n\
             \x20   let app = App::new().routes(routes![index, page]);\n    {setup}\n    app\n}}\n"
        );
        self.write("src/main.rs", &text);
    }
}
