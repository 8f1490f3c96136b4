//! The session's breakpoints, routes and watches, as it last told of them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::sources::printable;

/// A breakpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Point {
    /// The session's number for it.
    pub(super) id: usize,
    /// The name of a route or a function; none for a line.
    pub(super) name: Option<String>,
    /// Where it stands, as far as that is known.
    pub(super) file: Option<PathBuf>,
    pub(super) line: usize,
    pub(super) enabled: bool,
    pub(super) verified: bool,
    /// What is to be known about it.
    pub(super) message: Option<String>,
    pub(super) condition: Option<String>,
    /// It writes this line and does not stop.
    pub(super) log: Option<String>,
}

/// A route of the app.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Route {
    /// What its breakpoint is called.
    pub(super) name: String,
    pub(super) endpoint: String,
    pub(super) methods: Vec<String>,
    pub(super) rule: String,
    pub(super) file: PathBuf,
    pub(super) line: usize,
    /// The first line of its handler's body.
    pub(super) body: usize,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Points {
    pub(super) list: Vec<Point>,
    /// `panic` and `5xx`, as far as they are on.
    pub(super) filters: Vec<String>,
    pub(super) routes: Vec<Route>,
    pub(super) watches: Vec<String>,
}

impl Points {
    /// Reads the session's `carafe/points`, or its `carafe/state`.
    pub(super) fn read(told: &Value) -> Points {
        let list = told["points"].as_array().into_iter().flatten();
        let routes = told["routes"].as_array().into_iter().flatten();
        Points {
            // Temporary ones are nobody's to see.
            list: list.filter(|one| one["once"] != true).map(Point::read).collect(),
            filters: texts(&told["filters"]),
            routes: routes.map(Route::read).collect(),
            watches: texts(&told["watches"]),
        }
    }

    pub(super) fn get(&self, id: usize) -> Result<&Point, String> {
        let found = self.list.iter().find(|point| point.id == id);
        found.ok_or_else(|| format!("there is no breakpoint {id}"))
    }

    /// The breakpoint that stands on a line.
    pub(super) fn on_line(&self, file: &Path, line: usize) -> Option<&Point> {
        self.list.iter().find(|point| point.line == line && point.file.as_deref() == Some(file))
    }

    /// The breakpoint on a route, by its name.
    pub(super) fn of_route(&self, name: &str) -> Option<&Point> {
        self.list.iter().find(|point| point.name.as_deref() == Some(name))
    }

    /// The line to stop at where somebody points at a handler's attribute or signature: those hold
    /// code too, but the macro's.
    pub(super) fn line_to_stop_at(&self, file: &Path, line: usize) -> usize {
        let is_head =
            |route: &&Route| route.file == file && (route.line..route.body).contains(&line);
        self.routes.iter().find(is_head).map_or(line, |route| route.body)
    }

    /// The breakpoints that a stop hit.
    pub(super) fn hit(&self, ids: &Value) -> Vec<usize> {
        let ids = ids.as_array().into_iter().flatten().filter_map(number);
        ids.filter(|id| self.get(*id).is_ok()).collect()
    }
}

impl Point {
    pub(super) fn read(told: &Value) -> Point {
        Point {
            id: number(&told["id"]).unwrap_or_default(),
            name: text(&told["name"]),
            file: told["file"].as_str().map(PathBuf::from),
            line: number(&told["line"]).unwrap_or_default(),
            enabled: told["enabled"] != false,
            verified: told["verified"] == true,
            message: text(&told["message"]),
            condition: text(&told["condition"]),
            log: text(&told["logMessage"]),
        }
    }
}

impl Route {
    fn read(told: &Value) -> Route {
        Route {
            name: text(&told["name"]).unwrap_or_default(),
            endpoint: text(&told["endpoint"]).unwrap_or_default(),
            methods: texts(&told["methods"]),
            rule: text(&told["rule"]).unwrap_or_default(),
            file: told["file"].as_str().map(PathBuf::from).unwrap_or_default(),
            line: number(&told["line"]).unwrap_or_default(),
            body: number(&told["body"]).unwrap_or_default(),
        }
    }
}

fn number(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|number| usize::try_from(number).ok())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(printable)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_the_session_tells() {
        let points = Points::read(&json!({
            "points": [
                {"id": 3, "kind": "line", "file": "/a.rs", "line": 7, "enabled": true, "verified": true, "condition": "id == 7", "logMessage": null},
                {"id": 4, "once": true},
                {"id": 5, "kind": "route", "name": "GET /", "file": "/a.rs", "line": 12, "enabled": false},
            ],
            "routes": [{"name": "GET /", "endpoint": "index", "methods": ["GET"], "rule": "/", "file": "/a.rs", "line": 10, "body": 12}],
            "filters": ["panic"], "watches": ["id"],
        }));
        assert_eq!(points.list.len(), 2);
        assert_eq!(points.get(3).unwrap().condition.as_deref(), Some("id == 7"));
        assert_eq!(points.get(4).unwrap_err(), "there is no breakpoint 4");
        assert_eq!(points.on_line(Path::new("/a.rs"), 12).unwrap().id, 5);
        assert_eq!(points.of_route("GET /").unwrap().id, 5);
        assert_eq!(points.hit(&json!([3, 4, 9])), [3]);
        let line = |line| points.line_to_stop_at(Path::new("/a.rs"), line);
        assert_eq!([line(9), line(10), line(11), line(12), line(13)], [9, 12, 12, 12, 13]);
        assert_eq!(Points::read(&Value::Null), Points::default());
    }
}
