//! What the clients want to stop at, kept between runs, and how it is said to an adapter.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::routes::{self, Route};

/// Stops when a thread panics: the function through which every panic goes.
pub(crate) const PANIC: &str = "rust_panic";
/// The filters that clients may switch on, and the function that each means.
const EXCEPTIONS: [(&str, &str); 2] = [("panic", PANIC), ("5xx", "carafe_server_error")];

/// All that was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breakpoints {
    /// By file: the client's breakpoints, as DAP has them.
    sources: BTreeMap<PathBuf, Vec<Value>>,
    /// By file: the lines of the routes that were asked for, with what was asked of each.
    routes: BTreeMap<PathBuf, Vec<Value>>,
    /// Names of functions that are no routes.
    functions: Vec<Value>,
    /// Function breakpoints as the client asked for them, routes or not.
    wanted: Vec<Value>,
    /// The exception filters that are on.
    filters: Vec<String>,
    /// By the adapter's id, which changes with each run: the id that the clients know.
    ids: BTreeMap<i64, i64>,
    last_id: i64,
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
    /// Takes a file's breakpoints; each gets an id that lasts as long as it is set.
    pub(crate) fn set_source(&mut self, file: &Path, wanted: Vec<Value>) {
        let wanted = self.numbered(wanted);
        self.sources.insert(file.to_owned(), wanted);
    }

    /// Takes the names of the exceptions to stop at.
    pub(crate) fn set_filters(&mut self, filters: Vec<String>) {
        self.filters = filters;
    }

    /// Takes function breakpoints: a route's name means the first line of its handler.
    pub(crate) fn set_functions(&mut self, wanted: Vec<Value>, known: &[Route]) -> Vec<Vec<Place>> {
        self.routes.values_mut().for_each(Vec::clear);
        self.functions.clear();
        self.wanted = self.numbered(wanted);
        let wanted = self.wanted.clone();
        wanted.iter().map(|wanted| self.add_function(wanted, known)).collect()
    }

    /// The function breakpoints, to be set in another run.
    pub(crate) fn wanted_functions(&self) -> Vec<Value> {
        self.wanted.clone()
    }

    fn numbered(&mut self, mut wanted: Vec<Value>) -> Vec<Value> {
        for wanted in &mut wanted {
            if wanted.is_object() && wanted["id"].is_null() {
                self.last_id += 1;
                wanted["id"] = json!(self.last_id);
            }
        }
        wanted
    }

    /// Notes under which id the clients know what the adapter set, and puts it there.
    pub(crate) fn is_known_as(&mut self, id: &Value, set: &mut Value) {
        let Some(id) = id.as_i64() else { return };
        if let Some(adapters) = set["id"].as_i64() {
            self.ids.insert(adapters, id);
        }
        set["id"] = json!(id);
    }

    /// Puts the clients' id in place of the adapter's; `false` when no client knows it.
    pub(crate) fn as_known(&self, breakpoint: &mut Value) -> bool {
        let known = breakpoint["id"].as_i64().and_then(|id| self.known_id(id));
        if let Some(id) = known {
            breakpoint["id"] = json!(id);
        }
        known.is_some()
    }

    /// The id under which the clients know a breakpoint of the adapter.
    pub(crate) fn known_id(&self, adapters: i64) -> Option<i64> {
        self.ids.get(&adapters).copied()
    }

    /// Forgets what the adapter of an earlier run called them.
    pub(crate) fn forget_ids(&mut self) {
        self.ids.clear();
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
        let names =
            EXCEPTIONS.iter().filter(|(filter, _)| self.filters.iter().any(|on| on == filter));
        let own = names.map(|(_, name)| json!({"name": name}));
        self.functions.iter().cloned().chain(own).collect()
    }
}

/// A breakpoint without what adapters judge wrongly in Rust: conditions and log messages. Nor do they
/// know our ids.
pub(crate) fn plainly(breakpoint: &Value) -> Value {
    let mut plain = breakpoint.clone();
    if let Some(map) = plain.as_object_mut() {
        map.remove("id");
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
        let places = all.set_functions(wanted.to_vec(), &[route]);
        assert_eq!(places, [vec![Place::Route("a.rs".into(), 0)], vec![Place::Function(0)]]);
        let (lines, own) = all.of_file(Path::new("a.rs"));
        assert_eq!(
            (lines[1]["line"].as_i64(), lines[1]["condition"].as_str(), own),
            (Some(9), Some("id == 1"), 1)
        );
        all.set_filters(vec!["panic".to_owned()]);
        let functions: Vec<Value> = all.functions().iter().map(plainly).collect();
        assert_eq!(functions, [json!({"name": "main"}), json!({"name": "rust_panic"})]);
        all.set_functions(vec![], &[]);
        assert_eq!(all.of_file(Path::new("a.rs")).0.len(), 1);
        assert_eq!(all.files(), [PathBuf::from("a.rs")]);
    }

    #[test]
    fn ids_outlast_the_adapters() {
        let mut all = Breakpoints::default();
        all.set_source(Path::new("a.rs"), vec![json!({"line": 3})]);
        all.set_functions(vec![json!({"name": "main"})], &[]);
        let id = all.functions()[0]["id"].clone();
        let mut set = json!({"id": 77, "verified": true});
        all.is_known_as(&id, &mut set);
        assert_eq!((set["id"].as_i64(), all.known_id(77)), (id.as_i64(), id.as_i64()));
        all.forget_ids();
        all.set_functions(all.wanted_functions(), &[]);
        assert_eq!((all.functions()[0]["id"].clone(), all.known_id(77)), (id, None));
    }
}
