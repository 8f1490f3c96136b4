//! Templates, rendered inside of apps.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up may panic")]

mod errors;
mod loading;
mod rendering;
mod streaming;

use std::fs;
use std::path::Path;

use carafe::templates::Context;
use carafe::testing::TestContext;
use carafe::{App, Request};

/// A folder with templates below `templates`, gone at the end of the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(templates: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        fs::create_dir_all(folder.path().join("templates")).unwrap();
        for (name, text) in templates {
            folder.write(&format!("templates/{name}"), text);
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn app(&self) -> App {
        App::new().root(self.path()).config("secret_key", "a key that is only for tests")
    }
}

/// What a template prints within a request to `/`, or the error.
fn render(context: &TestContext, name: &str, values: Context) -> String {
    context.enter(|request| told(request.render(name, values).map(|html| html.0)))
}

/// What a template from a string prints.
fn print(request: &Request, source: &str) -> String {
    told(request.render_string(source, Context::new()).map(|html| html.0))
}

fn told(result: carafe::Result<String>) -> String {
    result.unwrap_or_else(|error| format!("error: {error}"))
}
