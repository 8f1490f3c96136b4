//! The tree of values: watches, locals and the request, as far as they are opened.

use std::collections::{HashMap, HashSet};

use super::super::desk::Desk;
use super::super::held::{Held, Variable, inside};

/// More rows are not shown.
const MOST_ROWS: usize = 2_000;
/// Stands between the names of a key.
const PART: char = '\u{1f}';

/// A row of the tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    /// The names from the root to here.
    pub(super) key: String,
    pub(super) depth: usize,
    pub(super) name: String,
    pub(super) value: String,
    /// Whether it is open; `None` where nothing is inside.
    pub(super) open: Option<bool>,
    /// It was another one at the last stop.
    pub(super) changed: bool,
}

/// What is opened, and what was seen.
#[derive(Debug)]
pub(super) struct Values {
    open: HashSet<String>,
    /// The function that was seen, and its values.
    before: (String, HashMap<String, String>),
    now: (String, HashMap<String, String>),
}

impl Values {
    pub(super) fn new() -> Values {
        let open = ["Watch", "Locals", "Request"].map(str::to_owned).into();
        Values { open, before: Default::default(), now: Default::default() }
    }

    /// Opens what is closed, and closes what is open.
    pub(super) fn toggle(&mut self, key: String) {
        if !self.open.remove(&key) {
            self.open.insert(key);
        }
    }

    /// The program stopped again: what was shown is what it is compared with.
    pub(super) fn stopped(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    /// The rows for the frame that is looked at; none while the program runs.
    pub(super) fn rows(&mut self, desk: &Desk) -> Vec<Row> {
        let Ok(held) = desk.held() else { return Vec::new() };
        let function = held.frame().map(|frame| frame.name.clone()).unwrap_or_default();
        let mut tree = Tree { desk, values: self, rows: Vec::new(), compares: false };
        tree.compares = tree.values.before.0 == function;
        tree.watches(held);
        match held.scopes(&desk.seat) {
            Ok(scopes) => scopes.iter().for_each(|scope| tree.add(scope, "", 0)),
            Err(words) => tree.note(&words),
        }
        let rows = tree.rows;
        let seen = rows.iter().map(|row| (row.key.clone(), row.value.clone())).collect();
        self.now = (function, seen);
        rows
    }
}

struct Tree<'a> {
    desk: &'a Desk,
    values: &'a Values,
    rows: Vec<Row>,
    /// The last stop was in the same function.
    compares: bool,
}

impl Tree<'_> {
    fn watches(&mut self, held: &Held) {
        if self.desk.points.watches.is_empty() {
            return;
        }
        let is_open = self.values.open.contains("Watch");
        let (key, name) = ("Watch".to_owned(), "Watch".to_owned());
        self.rows.push(Row { key, name, open: Some(is_open), ..Row::default() });
        if !is_open {
            return;
        }
        for expression in &self.desk.points.watches {
            let value = held.value(&self.desk.seat, expression).unwrap_or_else(|why| Variable {
                name: expression.clone(),
                value: format!("({})", why.lines().next().unwrap_or_default()),
                reference: 0,
            });
            self.add(&value, "Watch", 1);
        }
    }

    fn add(&mut self, value: &Variable, above: &str, depth: usize) {
        if self.rows.len() >= MOST_ROWS {
            return;
        }
        let key = match above {
            "" => value.name.clone(),
            _ => format!("{above}{PART}{}", value.name),
        };
        let is_open = self.values.open.contains(&key);
        let before = self.values.before.1.get(&key).filter(|_| self.compares);
        self.rows.push(Row {
            key: key.clone(),
            depth,
            name: value.name.clone(),
            value: value.value.clone(),
            open: (value.reference > 0).then_some(is_open),
            changed: before.is_some_and(|before| *before != value.value),
        });
        if value.reference <= 0 || !is_open {
            return;
        }
        match inside(&self.desk.seat, value.reference) {
            Ok(parts) => parts.iter().for_each(|part| self.add(part, &key, depth + 1)),
            Err(words) => self.note(&words),
        }
    }

    fn note(&mut self, words: &str) {
        let value = words.lines().next().unwrap_or_default().to_owned();
        self.rows.push(Row { value, ..Row::default() });
    }
}
