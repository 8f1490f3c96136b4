//! The app's routes, so that a breakpoint can be set on `GET /users/<int:id>`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::child;

use super::source;

/// Asking the app must not hang a session.
const LIMIT: Duration = Duration::from_secs(10);

/// A rule and where its handler stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) endpoint: String,
    pub(crate) methods: Vec<String>,
    pub(crate) rule: String,
    pub(crate) file: PathBuf,
    pub(crate) line: i64,
    /// The first line of the handler's body.
    pub(crate) body: i64,
}

impl Route {
    /// As a breakpoint on it is named: `GET /users/<int:id>`; the rule alone for every method.
    pub(crate) fn name(&self) -> String {
        let method =
            self.methods.iter().find(|method| !matches!(method.as_str(), "HEAD" | "OPTIONS"));
        method
            .or(self.methods.first())
            .map_or_else(|| self.rule.clone(), |method| format!("{method} {}", self.rule))
    }
}

/// Asks the app's program, by its own `routes --json`.
///
/// # Errors
/// When it is no Carafe app, or does not answer.
pub(crate) fn ask(
    program: &Path,
    cwd: &Path,
    env: &[(String, String)],
) -> Result<Vec<Route>, String> {
    let cannot = |error| format!("`{}` cannot be started: {error}", program.display());
    let mut command = child::command(program).map_err(cannot)?;
    command.args(["routes", "--json"]).current_dir(cwd).envs(env.iter().map(|(k, v)| (k, v)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = child::spawn(command).map_err(cannot)?;
    let out = child.stdout.take();
    let reader = std::thread::spawn(move || {
        out.and_then(|out| serde_json::from_reader::<_, Value>(out).ok())
    });
    let deadline = Instant::now() + LIMIT;
    while !reader.is_finished() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Whether it answered or not, it is not needed any more.
    let _ = child.kill();
    let _ = child.wait();
    let answer = reader.join().ok().flatten();
    let rows = answer.as_ref().and_then(Value::as_array);
    let rows = rows.ok_or("the program does not list its routes: is it a Carafe app?")?;
    Ok(rows.iter().filter_map(|row| route(row, cwd)).collect())
}

fn route(row: &Value, cwd: &Path) -> Option<Route> {
    let methods = row["methods"].as_array().into_iter().flatten();
    let file = find_up(Path::new(row["file"].as_str()?), cwd);
    let line = row["line"].as_i64()?;
    Some(Route {
        endpoint: row["endpoint"].as_str()?.to_owned(),
        methods: methods.filter_map(|method| method.as_str().map(str::to_owned)).collect(),
        rule: row["rule"].as_str()?.to_owned(),
        body: source::body(&file, line),
        file,
        line,
    })
}

/// The compiler's path is relative to the workspace, which is the folder or one above it.
fn find_up(file: &Path, cwd: &Path) -> PathBuf {
    let found = cwd.ancestors().map(|folder| folder.join(file)).find(|path| path.is_file());
    found.unwrap_or_else(|| file.to_owned())
}

/// The routes that a breakpoint's name means: `GET /x`, `/x` for every method, or an endpoint.
pub(crate) fn named<'a>(routes: &'a [Route], name: &str) -> Vec<&'a Route> {
    let name = name.trim();
    let (method, rule) = match name.split_once(char::is_whitespace) {
        Some((method, rule)) => (Some(method), rule.trim()),
        None => (None, name),
    };
    let means = |route: &&Route| {
        let has_method = method.is_none_or(|method| {
            route.methods.is_empty()
                || route.methods.iter().any(|known| known.eq_ignore_ascii_case(method))
        });
        has_method && route.rule == rule || method.is_none() && route.endpoint == rule
    };
    routes.iter().filter(means).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(endpoint: &str, methods: &[&str], rule: &str) -> Route {
        let methods = methods.iter().map(|method| (*method).to_owned()).collect();
        let (endpoint, rule) = (endpoint.to_owned(), rule.to_owned());
        Route { endpoint, methods, rule, file: "a.rs".into(), line: 1, body: 2 }
    }

    #[test]
    fn finds_routes_by_name() {
        let routes = [
            route("user", &["GET", "HEAD"], "/users/<int:id>"),
            route("rename", &["POST"], "/users/<int:id>"),
            route("any", &[], "/any"),
        ];
        let check = |name: &str, expected: &[&str]| {
            let found: Vec<_> =
                named(&routes, name).iter().map(|route| route.endpoint.as_str()).collect();
            assert_eq!(found, expected, "{name}");
        };
        check("GET /users/<int:id>", &["user"]);
        check("post  /users/<int:id>", &["rename"]);
        check("/users/<int:id>", &["user", "rename"]);
        check("user", &["user"]);
        check("PUT /any", &["any"]);
        check("GET user", &[]);
        assert_eq!(
            routes.each_ref().map(Route::name),
            ["GET /users/<int:id>", "POST /users/<int:id>", "/any"]
        );
        check("nothing", &[]);
    }
}
