//! What the clients want to stop at: one list for all of them, kept between runs.
//!
//! It knows files, lines and names, and how they are said in DAP. What an adapter is told is in
//! `session/points.rs`, the file that keeps the list in `store.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::routes::{self, Route};
use super::source;

/// Stops when a thread panics: the function through which every panic goes.
pub(crate) const PANIC: &str = "rust_panic";
/// The framework's function that every answer of 5xx passes.
pub(crate) const SERVER_ERROR: &str = "carafe_server_error";
/// The filters that clients may switch on, and the function that each means.
const EXCEPTIONS: [(&str, &str); 2] = [("panic", PANIC), ("5xx", SERVER_ERROR)];
/// DAP's names for what is asked of a breakpoint beside its place.
const RULES: [&str; 3] = ["condition", "hitCondition", "logMessage"];

/// Where a breakpoint stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Line(PathBuf, i64),
    /// A function's name, or that of a route.
    Name(String),
}

/// Who asked for a breakpoint, and may take it away by leaving it out of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Clients without lists of their own: they set and clear one by one.
    Tool,
    /// A client with a list of its own, by the number of its seat.
    Seat(u64),
    /// Such a client that has left.
    Nobody,
}

/// A breakpoint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    /// Lasts as long as it is set; adapters' ids change with each run.
    pub(crate) id: i64,
    pub(crate) place: Place,
    pub(crate) owner: Owner,
    pub(crate) enabled: bool,
    /// Removed when it has been hit.
    pub(crate) once: bool,
    /// `condition`, `hitCondition` and `logMessage`, as far as they are asked for.
    pub(crate) rules: BTreeMap<&'static str, String>,
    /// The text of its line when it was set, by which it is found again when the line has moved.
    pub(crate) text: String,
    /// What the adapter made of it: `verified`, `message`, and where it really is.
    pub(crate) made: Value,
}

/// What has become different, for clients to be told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Changes {
    pub(crate) added: Vec<i64>,
    pub(crate) changed: Vec<i64>,
    pub(crate) removed: Vec<i64>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// All that was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Points {
    all: Vec<Point>,
    /// The exception filters that are on.
    pub(crate) filters: Vec<String>,
    /// Expressions that clients show at each stop.
    pub(crate) watches: Vec<String>,
    /// By the adapter's id, which changes with each run: the id that the clients know.
    ids: BTreeMap<i64, i64>,
    last_id: i64,
}

/// What a client's list says of one breakpoint.
fn rules_of(wanted: &Value) -> BTreeMap<&'static str, String> {
    let asked = |name: &'static str| {
        let text = wanted[name].as_str().filter(|text| !text.trim().is_empty())?;
        Some((name, text.to_owned()))
    };
    RULES.into_iter().filter_map(asked).collect()
}

impl Points {
    pub(crate) fn all(&self) -> &[Point] {
        &self.all
    }

    pub(crate) fn get(&self, id: i64) -> Option<&Point> {
        self.all.iter().find(|point| point.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: i64) -> Option<&mut Point> {
        self.all.iter_mut().find(|point| point.id == id)
    }

    /// The breakpoint at a place that stays until somebody removes it.
    pub(crate) fn at(&self, place: &Place) -> Option<&Point> {
        self.all.iter().find(|point| point.place == *place && !point.once)
    }

    /// Adds a breakpoint, and gives its id.
    pub(crate) fn add(&mut self, place: Place, owner: Owner, wanted: &Value) -> i64 {
        self.last_id += 1;
        let text = match &place {
            Place::Line(file, line) => source::line(file, *line),
            Place::Name(_) => String::new(),
        };
        self.all.push(Point {
            id: self.last_id,
            place,
            owner,
            enabled: wanted["enabled"] != false,
            once: wanted["once"] == true,
            rules: rules_of(wanted),
            text,
            made: json!({"verified": false}),
        });
        self.last_id
    }

    /// Takes a client's list for one file: what is not in it goes, whoever set it, since every client
    /// that shows the file has been told of it. What is switched off is not in such lists and stays.
    pub(crate) fn take_lines(
        &mut self,
        file: &Path,
        owner: Owner,
        wanted: &[Value],
    ) -> (Vec<i64>, Changes) {
        let listed = |point: &Point| matches!(&point.place, Place::Line(at, _) if at == file);
        let place =
            |wanted: &Value| Place::Line(file.to_owned(), wanted["line"].as_i64().unwrap_or(1));
        self.take(listed, place, owner, wanted)
    }

    /// Takes a client's list of functions and routes: what others asked for stays.
    pub(crate) fn take_names(&mut self, owner: Owner, wanted: &[Value]) -> (Vec<i64>, Changes) {
        let listed = |point: &Point| {
            let is_free = point.owner == owner || point.owner == Owner::Nobody;
            matches!(point.place, Place::Name(_)) && is_free
        };
        let place = |wanted: &Value| {
            Place::Name(wanted["name"].as_str().unwrap_or_default().trim().to_owned())
        };
        self.take(listed, place, owner, wanted)
    }

    fn take(
        &mut self,
        listed: impl Fn(&Point) -> bool,
        place: impl Fn(&Value) -> Place,
        owner: Owner,
        wanted: &[Value],
    ) -> (Vec<i64>, Changes) {
        let mut changes = Changes::default();
        let mut left: BTreeSet<i64> = self
            .all
            .iter()
            .filter(|point| point.enabled && !point.once && listed(point))
            .map(|point| point.id)
            .collect();
        let mut ids = Vec::new();
        for wanted in wanted {
            let place = place(wanted);
            let rules = rules_of(wanted);
            let known = self.all.iter_mut().find(|point| point.place == place && !point.once);
            match known {
                Some(point) => {
                    if point.rules != rules || !point.enabled {
                        changes.changed.push(point.id);
                    }
                    (point.rules, point.enabled) = (rules, true);
                    left.remove(&point.id);
                    ids.push(point.id);
                }
                None => {
                    let id = self.add(place, owner, wanted);
                    changes.added.push(id);
                    ids.push(id);
                }
            }
        }
        for id in left {
            self.remove(id);
            changes.removed.push(id);
        }
        (ids, changes)
    }

    /// No breakpoints yet, with these filters.
    pub(crate) fn with_filters(filters: &[&str]) -> Points {
        let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
        Points { filters, ..Points::default() }
    }

    /// Changes a breakpoint as far as a wish names something; `true` when that made a difference.
    pub(crate) fn change(&mut self, id: i64, wish: &Value) -> bool {
        let Some(point) = self.get_mut(id) else { return false };
        let before = (point.rules.clone(), point.enabled);
        for name in RULES {
            match &wish[name] {
                Value::String(text) if !text.trim().is_empty() => {
                    point.rules.insert(name, text.clone());
                }
                Value::Null if wish.get(name).is_none() => {}
                _ => drop(point.rules.remove(name)),
            }
        }
        point.enabled = wish["enabled"].as_bool().unwrap_or(point.enabled);
        before != (point.rules.clone(), point.enabled)
    }

    pub(crate) fn remove(&mut self, id: i64) -> bool {
        let before = self.all.len();
        self.all.retain(|point| point.id != id);
        self.all.len() < before
    }

    /// What a client set that has left is nobody's.
    pub(crate) fn leaves(&mut self, seat: u64) {
        let own = self.all.iter_mut().filter(|point| point.owner == Owner::Seat(seat));
        own.for_each(|point| point.owner = Owner::Nobody);
    }

    /// Removes what clients left behind; gives what that was.
    pub(crate) fn drop_nobodys(&mut self) -> Changes {
        let is_nobodys = |point: &Point| point.owner == Owner::Nobody;
        let removed = self.all.iter().filter(|point| is_nobodys(point)).map(|point| point.id);
        let changes = Changes { removed: removed.collect(), ..Changes::default() };
        self.all.retain(|point| !is_nobodys(point));
        changes
    }

    /// Moves breakpoints whose line is elsewhere in its file since somebody edited it.
    pub(crate) fn follow_sources(&mut self) -> Vec<i64> {
        let mut moved = Vec::new();
        for point in &mut self.all {
            let Place::Line(file, line) = &mut point.place else { continue };
            if let Some(now) = source::moved(file, *line, &point.text) {
                *line = now;
                moved.push(point.id);
            }
        }
        moved
    }

    // ---- as the adapter is to be told ----

    /// By file: what an adapter has to be asked for, each under our id. A route is the first line of
    /// its handler.
    pub(crate) fn lines(&self, known: &[Route]) -> BTreeMap<PathBuf, Vec<Value>> {
        let mut files: BTreeMap<PathBuf, Vec<Value>> = BTreeMap::new();
        for point in self.all.iter().filter(|point| point.enabled) {
            for (file, line) in point.lines(known) {
                files.entry(file).or_default().push(point.asked("line", json!(line)));
            }
        }
        files
    }

    /// The functions that an adapter has to be asked for: the clients', then the framework's own.
    pub(crate) fn functions(&self, known: &[Route]) -> Vec<Value> {
        let wanted = self.all.iter().filter(|point| point.enabled).filter_map(|point| {
            let Place::Name(name) = &point.place else { return None };
            routes::named(known, name).is_empty().then(|| point.asked("name", json!(name)))
        });
        let is_on = |filter: &str| self.filters.iter().any(|on| on == filter);
        let own = EXCEPTIONS.iter().filter(|(filter, _)| is_on(filter));
        wanted.chain(own.map(|(_, name)| json!({"name": name}))).collect()
    }

    // ---- ids ----

    /// Notes under which id the clients know what the adapter set, and what it made of it.
    pub(crate) fn is_made(&mut self, id: &Value, made: &Value) {
        let Some(id) = id.as_i64() else { return };
        if let Some(adapters) = made["id"].as_i64() {
            self.ids.insert(adapters, id);
        }
        if let Some(point) = self.get_mut(id) {
            point.made = made.clone();
        }
    }

    /// The id under which the clients know a breakpoint of the adapter.
    pub(crate) fn known_id(&self, adapters: i64) -> Option<i64> {
        self.ids.get(&adapters).copied()
    }

    /// Forgets what the adapter of an earlier run said.
    pub(crate) fn forget_run(&mut self) {
        self.ids.clear();
        self.all.iter_mut().for_each(|point| point.made = json!({"verified": false}));
    }
}

impl Point {
    /// Where it is in files, as far as routes and lines go.
    pub(crate) fn lines(&self, known: &[Route]) -> Vec<(PathBuf, i64)> {
        match &self.place {
            Place::Line(file, line) => vec![(file.clone(), *line)],
            Place::Name(name) => {
                let found = routes::named(known, name);
                found.into_iter().map(|route| (route.file.clone(), route.body)).collect()
            }
        }
    }

    fn asked(&self, key: &str, place: Value) -> Value {
        let mut asked =
            Map::from_iter([("id".to_owned(), json!(self.id)), (key.to_owned(), place)]);
        asked.extend(self.rules.iter().map(|(name, text)| ((*name).to_owned(), json!(text))));
        Value::Object(asked)
    }

    /// As DAP's `Breakpoint`.
    pub(crate) fn told(&self, known: &[Route]) -> Value {
        let mut told = json!({"id": self.id, "verified": self.made["verified"] == true});
        for key in ["message", "line", "source"] {
            if !self.made[key].is_null() {
                told[key] = self.made[key].clone();
            }
        }
        if let Some((file, line)) = self.lines(known).into_iter().next() {
            told["source"] =
                json!({"path": file, "name": file.file_name().map(|name| name.to_string_lossy())});
            if told["line"].is_null() {
                told["line"] = json!(line);
            }
        }
        told
    }

    /// As clients with `carafe/` events see it.
    pub(crate) fn shown(&self, known: &[Route]) -> Value {
        let mut shown = self.told(known);
        let kind = match &self.place {
            Place::Line(..) => "line",
            Place::Name(name) if routes::named(known, name).is_empty() => "function",
            Place::Name(_) => "route",
        };
        shown["kind"] = json!(kind);
        if let Place::Name(name) = &self.place {
            shown["name"] = json!(name);
        }
        shown["file"] = shown["source"]["path"].take();
        if let Some(map) = shown.as_object_mut() {
            map.remove("source");
        }
        shown["enabled"] = json!(self.enabled);
        shown["once"] = json!(self.once);
        for name in RULES {
            shown[name] = json!(self.rules.get(name));
        }
        shown
    }
}

/// A breakpoint without what lldb judges wrongly in Rust: conditions, counts and log messages. Nor
/// does an adapter know our ids.
pub(crate) fn plainly(asked: &Value, keeps_rules: bool) -> Value {
    let mut plain = asked.clone();
    if let Some(map) = plain.as_object_mut() {
        map.remove("id");
        if !keeps_rules {
            RULES.iter().for_each(|name| drop(map.remove(*name)));
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(rule: &str, file: &str, body: i64) -> Route {
        let (endpoint, rule) = ("x".to_owned(), rule.to_owned());
        Route { endpoint, methods: vec![], rule, file: file.into(), line: 1, body }
    }

    fn lines(points: &Points, known: &[Route]) -> Vec<(String, Vec<i64>)> {
        let lines = |all: &Vec<Value>| all.iter().filter_map(|one| one["line"].as_i64()).collect();
        let files = points.lines(known);
        files.iter().map(|(file, all)| (file.display().to_string(), lines(all))).collect()
    }

    #[test]
    fn a_list_replaces_what_stood_in_the_file() {
        let mut points = Points::default();
        let seat = Owner::Seat(1);
        let file = Path::new("a.rs");
        let (first, changes) =
            points.take_lines(file, seat, &[json!({"line": 3}), json!({"line": 5})]);
        assert_eq!((first.clone(), changes.added.len()), (vec![1, 2], 2));
        let wanted = [json!({"line": 5, "condition": "id == 1"}), json!({"line": 9})];
        let (ids, changes) = points.take_lines(file, seat, &wanted);
        assert_eq!(ids, [2, 3], "the one that stays keeps its id");
        let expected = Changes { added: vec![3], changed: vec![2], removed: vec![1] };
        assert_eq!(changes, expected);
        // What is switched off is nobody's to leave out.
        assert!(points.change(3, &json!({"enabled": false})));
        let (_, changes) = points.take_lines(file, seat, &[]);
        assert_eq!(changes.removed, [2]);
        assert_eq!(lines(&points, &[]), []);
        assert_eq!(points.all().len(), 1);
    }

    #[test]
    fn names_of_others_stay() {
        let mut points = Points::default();
        let (mine, theirs) = (Owner::Seat(1), Owner::Seat(2));
        points.add(Place::Name("GET /x".into()), Owner::Tool, &json!({}));
        points.take_names(mine, &[json!({"name": "main"})]);
        points.take_names(theirs, &[json!({"name": "other"})]);
        points.take_names(mine, &[]);
        let known = [route("/x", "a.rs", 9)];
        assert_eq!(points.functions(&known), [json!({"id": 3, "name": "other"})]);
        assert_eq!(lines(&points, &known), [("a.rs".to_owned(), vec![9])]);
        // A client that comes after one that left replaces what that one had.
        points.leaves(2);
        points.take_names(mine, &[]);
        assert_eq!(points.functions(&known), [] as [Value; 0]);
        points.filters = vec!["panic".to_owned()];
        assert_eq!(points.functions(&known), [json!({"name": "rust_panic"})]);
    }

    #[test]
    fn rules_change_one_by_one() {
        let mut points = Points::default();
        let id = points.add(Place::Line("a.rs".into(), 1), Owner::Tool, &json!({"condition": "a"}));
        assert!(points.change(id, &json!({"logMessage": "x"})));
        assert!(!points.change(id, &json!({"logMessage": "x"})));
        let asked = &points.lines(&[])[Path::new("a.rs")][0];
        assert_eq!(*asked, json!({"id": 1, "line": 1, "condition": "a", "logMessage": "x"}));
        assert_eq!(plainly(asked, false), json!({"line": 1}));
        assert!(points.change(id, &json!({"condition": ""})));
        assert_eq!(points.get(id).unwrap().rules.len(), 1);
    }

    #[test]
    fn ids_outlast_the_adapters() {
        let mut points = Points::default();
        let id = points.add(Place::Name("main".into()), Owner::Tool, &json!({}));
        points.is_made(&json!(id), &json!({"id": 77, "verified": true}));
        assert_eq!(points.known_id(77), Some(id));
        assert_eq!(points.get(id).unwrap().told(&[]), json!({"id": id, "verified": true}));
        points.forget_run();
        assert_eq!(points.known_id(77), None);
        assert_eq!(points.get(id).unwrap().told(&[]), json!({"id": id, "verified": false}));
    }
}
