//! What the clients want to stop at, kept between runs, and how it is said to an adapter.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::routes::{self, Route};

/// Stops when a thread panics: the function through which every panic goes.
pub(crate) const PANIC: &str = "rust_panic";

/// All that was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breakpoints {
    /// By file: the client's breakpoints, as DAP has them.
    sources: BTreeMap<PathBuf, Vec<Value>>,
    /// By file: the lines of the routes that were asked for, with what was asked of each.
    routes: BTreeMap<PathBuf, Vec<Value>>,
    /// Names of functions that are no routes.
    functions: Vec<Value>,
    on_panic: bool,
}

/// Where a function breakpoint went.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// A line in a file, by its index among the file's routes.
    Route(PathBuf, usize),
    /// A function, by its index.
    Function(usize),
}

impl Breakpoints {
    pub(crate) fn set_source(&mut self, file: &Path, wanted: Vec<Value>) {
        self.sources.insert(file.to_owned(), wanted);
    }

    pub(crate) fn set_on_panic(&mut self, on: bool) {
        self.on_panic = on;
    }

    /// Takes function breakpoints: a route's name means the first line of its handler.
    pub(crate) fn set_functions(&mut self, wanted: &[Value], known: &[Route]) -> Vec<Vec<Place>> {
        self.routes.values_mut().for_each(Vec::clear);
        self.functions.clear();
        wanted.iter().map(|wanted| self.add_function(wanted, known)).collect()
    }

    fn add_function(&mut self, wanted: &Value, known: &[Route]) -> Vec<Place> {
        let found = routes::named(known, wanted["name"].as_str().unwrap_or_default());
        if found.is_empty() {
            self.functions.push(wanted.clone());
            return vec![Place::Function(self.functions.len() - 1)];
        }
        let mut places = Vec::new();
        for route in found {
            let mut breakpoint = wanted.clone();
            breakpoint["line"] = json!(first_line(route));
            if let Some(map) = breakpoint.as_object_mut() {
                map.remove("name");
            }
            let lines = self.routes.entry(route.file.clone()).or_default();
            lines.push(breakpoint);
            places.push(Place::Route(route.file.clone(), lines.len() - 1));
        }
        places
    }

    /// Every file in which something stands, or stood.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            self.sources.keys().chain(self.routes.keys()).cloned().collect();
        files.sort();
        files.dedup();
        files
    }

    /// All of one file: first the client's, then those of routes; and how many are the client's.
    pub(crate) fn of_file(&self, file: &Path) -> (Vec<Value>, usize) {
        let own = self.sources.get(file).cloned().unwrap_or_default();
        let count = own.len();
        let routes = self.routes.get(file).into_iter().flatten().cloned();
        (own.into_iter().chain(routes).collect(), count)
    }

    /// The functions for the adapter: the client's, then the framework's own.
    pub(crate) fn functions(&self) -> Vec<Value> {
        let mut functions: Vec<Value> = self.functions.iter().map(plainly).collect();
        if self.on_panic {
            functions.push(json!({"name": PANIC}));
        }
        functions
    }
}

/// A breakpoint without what adapters judge wrongly in Rust: conditions and log messages.
pub(crate) fn plainly(breakpoint: &Value) -> Value {
    let mut plain = breakpoint.clone();
    if let Some(map) = plain.as_object_mut() {
        map.remove("condition");
        map.remove("logMessage");
    }
    plain
}

/// The first line of a handler's body: the rule's line is its attribute's.
fn first_line(route: &Route) -> i64 {
    let Ok(source) = std::fs::read_to_string(&route.file) else { return route.line };
    let start = usize::try_from(route.line).unwrap_or(1).saturating_sub(1);
    body_line(&source, start).map_or(route.line, |line| line as i64 + 1)
}

/// From a line of the attribute or the signature on, the first line of the body; lines count from 0.
fn body_line(source: &str, start: usize) -> Option<usize> {
    let mut lines = source.lines().enumerate().skip(start);
    let is_function = |line: &str| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "fn")
    };
    let (signature, first) =
        lines.find(|(_, line)| !line.trim_start().starts_with("#[") && is_function(line))?;
    let mut opened = first.trim_end().ends_with('{').then_some(signature);
    if opened.is_none() && first.contains('{') {
        // All in one line.
        return Some(signature);
    }
    for (number, line) in lines {
        let text = line.trim();
        if opened.is_some() && !text.is_empty() && !text.starts_with("//") {
            return Some(number);
        }
        if opened.is_none() && text.ends_with('{') {
            opened = Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_body() {
        let check = |source: &str, start: usize, expected: Option<usize>| {
            assert_eq!(body_line(source, start), expected, "{source}");
        };
        check("#[get(\"/\")]\nfn a() {\n    1\n}", 0, Some(2));
        check(
            "#[get(\"/\")]\nasync fn a(\n    x: u8,\n) -> u8 {\n\n    // why\n    x\n}",
            0,
            Some(6),
        );
        check("#[get(\"/\")]\nfn a() -> u8 { 1 }", 0, Some(1));
        check("fn a()\nwhere\n    X: Y,\n{\n    1\n}", 0, Some(4));
        check("nothing", 0, None);
    }

    #[test]
    fn keeps_a_files_breakpoints_together() {
        let mut all = Breakpoints::default();
        all.set_source(Path::new("a.rs"), vec![json!({"line": 3})]);
        let route = Route {
            endpoint: "x".to_owned(),
            methods: vec![],
            rule: "/x".to_owned(),
            file: "a.rs".into(),
            line: 9,
        };
        let wanted = [json!({"name": "GET /x", "condition": "id == 1"}), json!({"name": "main"})];
        let places = all.set_functions(&wanted, &[route]);
        assert_eq!(places, [vec![Place::Route("a.rs".into(), 0)], vec![Place::Function(0)]]);
        let (lines, own) = all.of_file(Path::new("a.rs"));
        assert_eq!(
            (lines[1]["line"].as_i64(), lines[1]["condition"].as_str(), own),
            (Some(9), Some("id == 1"), 1)
        );
        all.set_on_panic(true);
        assert_eq!(all.functions(), [json!({"name": "main"}), json!({"name": "rust_panic"})]);
        all.set_functions(&[], &[]);
        assert_eq!(all.of_file(Path::new("a.rs")).0.len(), 1);
        assert_eq!(all.files(), [PathBuf::from("a.rs")]);
    }
}
