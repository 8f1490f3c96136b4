//! The routes of static files: `/static/<path:filename>` of the app, and those of blueprints.
//!
//! Files that a release build embeds are sent from memory; all others from the folder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::app::{Package, Route, Rule};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::files::{send_bytes, send_from_directory};
use crate::handler::View;
use crate::hooks::Place;
use crate::http::Response;
use crate::http::values::ETag;
use crate::request::Request;

/// The app's own route, endpoint `static`; `None` when there is nothing to serve.
pub(crate) fn app_route(root: &Path, package: Option<Package>, config: &Config) -> Option<Route> {
    let settings = config.settings();
    let folder = Folder::new(&root.join(&settings.root), package, &settings.static_folder);
    let place = Place { file: file!(), line: line!() };
    folder.exists().then(|| folder.route(&settings.static_url_path, place))
}

/// A blueprint's route, endpoint `static` below the blueprint's name.
///
/// # Errors
/// When there is nothing to serve, in words.
pub(crate) fn blueprint_route(
    root: &Path,
    package: Option<Package>,
    folder: &Path,
    url_path: Option<&str>,
    config: &Config,
    place: Place,
) -> Result<Route, String> {
    let files = Folder::new(&root.join(&config.settings().root), package, folder);
    if !files.exists() {
        // Without the `.` of a root that is not set.
        let shown: PathBuf = files.path.components().collect();
        return Err(format!("the static folder `{}` does not exist", shown.display()));
    }
    let url_path = match (url_path, folder.file_name()) {
        (Some(path), _) => path.to_owned(),
        (None, Some(name)) => format!("/{}", name.to_string_lossy()),
        (None, None) => return Err("a static folder without a name needs a URL path".to_owned()),
    };
    Ok(files.route(&url_path, place))
}

/// A folder of static files, on disk or in the binary.
struct Folder {
    path: PathBuf,
    embedded: HashMap<&'static str, Embedded>,
}

struct Embedded {
    bytes: &'static [u8],
    /// Made when it is first asked for: hashing all files would slow the start down.
    etag: OnceLock<ETag>,
}

impl Folder {
    fn new(root: &Path, package: Option<Package>, folder: &Path) -> Folder {
        let files = package.map_or(&[][..], |package| package.files);
        let prefix = embedded_prefix(folder);
        let embedded = files.iter().filter_map(|(path, bytes)| {
            let path = path.strip_prefix(&*prefix)?;
            Some((path, Embedded { bytes, etag: OnceLock::new() }))
        });
        Folder { path: root.join(folder), embedded: embedded.collect() }
    }

    fn exists(&self) -> bool {
        !self.embedded.is_empty() || self.path.is_dir()
    }

    fn route(self, url_path: &str, place: Place) -> Route {
        let url_path = url_path.trim_matches('/');
        let slash = if url_path.is_empty() { "" } else { "/" };
        let rule =
            Rule::new(format!("{slash}{url_path}/<path:filename>")).at(place.file, place.line);
        let files = Arc::new(self);
        let view = View::boxed(move |request| {
            let files = files.clone();
            Box::pin(async move { files.send(&request).await })
        });
        Route::new("static", "carafe::static_files", place.file, place.line, view)
            .rule(rule.endpoint("static"))
    }

    async fn send(&self, request: &Request) -> Result<Response> {
        let filename = request.path_value("filename");
        let filename = filename.and_then(|value| value.text(request.path()));
        let filename = filename.ok_or_else(|| Error::new(404))?;
        if let Some(file) = self.embedded.get(filename) {
            let etag = file.etag.get_or_init(|| ETag::from_content(file.bytes)).clone();
            let name = filename.rsplit('/').next().unwrap_or_default();
            return send_bytes(request, Bytes::from_static(file.bytes), name).with_etag(etag).await;
        }
        send_from_directory(request, &self.path, filename).await
    }
}

/// What the paths of embedded files begin with: they are written with slashes, from the root.
fn embedded_prefix(folder: &Path) -> String {
    let mut prefix = String::new();
    for part in folder.components() {
        if let std::path::Component::Normal(name) = part {
            prefix.push_str(&name.to_string_lossy());
            prefix.push('/');
        }
    }
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::App;
    use crate::testing::TestResponse;

    const FILES: &[(&str, &[u8])] = &[
        ("static/app.js", b"let a;"),
        ("static/sub/page.html", b"<p>"),
        ("templates/index.html", b"secret"),
        ("admin/look/style.css", b"a{}"),
    ];

    fn get(path: &str, headers: &[(&str, &str)]) -> TestResponse {
        let name = "embedded";
        let package = Package { name, version: "1.0.0", folder: None, files: FILES };
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("static")).unwrap();
        std::fs::write(folder.path().join("static/app.js"), "from disk").unwrap();
        std::fs::write(folder.path().join("static/late.txt"), "from disk").unwrap();
        let admin = crate::Blueprint::new("admin").prefix("/admin").static_folder("./admin/look");
        let app = App::new().root(folder.path()).package(package).blueprint(admin);
        let client = app.test_client();
        let request = client.get(path);
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
    }

    #[track_caller]
    fn check(path: &str, headers: &[(&str, &str)], status: u16, body: &str) {
        let response = get(path, headers);
        assert_eq!(response.status(), status, "{path}");
        if status < 400 {
            assert_eq!(response.text(), body, "{path}");
        }
    }

    #[test]
    fn embedded_files_come_first_then_the_disk() {
        check("/static/app.js", &[], 200, "let a;");
        check("/static/sub/page.html", &[], 200, "<p>");
        check("/static/late.txt", &[], 200, "from disk");
        check("/static/index.html", &[], 404, "");
        check("/static/../templates/index.html", &[], 404, "");
        check("/admin/look/style.css", &[], 200, "a{}");
        check("/static/app.js", &[("range", "bytes=0-2")], 206, "let");
        let etag = get("/static/app.js", &[]).header("etag").unwrap().to_owned();
        check("/static/app.js", &[("if-none-match", &etag)], 304, "");
    }

    #[track_caller]
    fn check_prefix(folder: &str, prefix: &str) {
        assert_eq!(embedded_prefix(Path::new(folder)), prefix);
    }

    #[test]
    fn prefixes_of_embedded_files() {
        check_prefix("static", "static/");
        check_prefix("./a/b/", "a/b/");
        check_prefix("", "");
    }
}
