//! What the program is to stop at: taken from the clients, said to the adapter, told to the others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::dap::Link;

use super::super::lldb;
use super::super::points::{Changes, Owner, PANIC, Place, SERVER_ERROR, plainly};
use super::{LIMIT, Session};

/// What the adapter was asked for.
#[derive(Debug, Default)]
pub(super) struct Sent {
    files: BTreeMap<PathBuf, Vec<Value>>,
    functions: Vec<Value>,
}

impl Session {
    pub(super) fn pointing(&self) -> MutexGuard<'_, ()> {
        self.pointing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_breakpoints(&self, seat: u64, arguments: &Value) -> Result<Value, String> {
        let file = PathBuf::from(
            arguments["source"]["path"].as_str().ok_or("a breakpoint needs a file's path")?,
        );
        let wanted = arguments["breakpoints"].as_array().cloned().unwrap_or_default();
        let _pointing = self.pointing();
        let (ids, changes) = self.state().points.take_lines(&file, Owner::Seat(seat), &wanted);
        self.points_changed(seat, &changes)?;
        Ok(self.told_of(&ids))
    }

    pub(super) fn set_function_breakpoints(
        &self,
        seat: u64,
        arguments: &Value,
    ) -> Result<Value, String> {
        let wanted = arguments["breakpoints"].as_array().cloned().unwrap_or_default();
        let _pointing = self.pointing();
        let (ids, changes) = self.state().points.take_names(Owner::Seat(seat), &wanted);
        self.points_changed(seat, &changes)?;
        Ok(self.told_of(&ids))
    }

    pub(super) fn set_exception_breakpoints(&self, arguments: &Value) -> Result<Value, String> {
        let filters = arguments["filters"].as_array().into_iter().flatten();
        let filters = filters.filter_map(|filter| filter.as_str().map(str::to_owned)).collect();
        let _pointing = self.pointing();
        self.state().points.filters = filters;
        self.send_points()?;
        self.points_told();
        Ok(Value::Null)
    }

    fn told_of(&self, ids: &[i64]) -> Value {
        let state = self.state();
        let told = ids.iter().map(|id| {
            let point = state.points.get(*id);
            point.map_or(json!({"verified": false}), |point| point.told(&state.run.routes))
        });
        json!({"breakpoints": told.collect::<Vec<_>>()})
    }

    /// As DAP's `Breakpoint`: what an editor cannot know of that joins, and without one, what no editor
    /// knows of.
    pub(super) fn told_points(&self, joins: Option<u64>) -> Vec<Value> {
        let state = self.state();
        let shown = state.points.all().iter().filter(|point| {
            let is_news = match joins {
                Some(seat) => point.owner != Owner::Seat(seat),
                None => point.owner == Owner::Tool,
            };
            point.enabled && !point.once && is_news
        });
        shown.map(|point| point.told(&state.run.routes)).collect()
    }

    pub(super) fn shown_points(&self) -> Value {
        let state = self.state();
        let routes = &state.run.routes;
        let points: Vec<Value> =
            state.points.all().iter().map(|point| point.shown(routes)).collect();
        let listed = routes.iter().map(|route| {
            let place = Place::Name(route.name());
            json!({
                "name": route.name(), "endpoint": route.endpoint, "methods": route.methods,
                "rule": route.rule, "file": route.file, "line": route.line, "body": route.body,
                "point": state.points.at(&place).map(|point| point.id),
            })
        });
        json!({
            "points": points, "routes": listed.collect::<Vec<_>>(),
            "filters": state.points.filters, "watches": state.points.watches,
        })
    }

    /// Breakpoints have become different by one client's wish: the adapter is asked for them, they are
    /// kept, and the other clients are told.
    pub(super) fn points_changed(&self, by: u64, changes: &Changes) -> Result<(), String> {
        self.send_points()?;
        if changes.is_empty() {
            return Ok(());
        }
        self.tell_changes(by, changes);
        self.points_told();
        Ok(())
    }

    /// Tells editors what has become different.
    fn tell_changes(&self, by: u64, changes: &Changes) {
        let kinds =
            [("new", &changes.added), ("changed", &changes.changed), ("removed", &changes.removed)];
        for (reason, ids) in kinds {
            for id in ids {
                let told = {
                    let state = self.state();
                    match state.points.get(*id) {
                        Some(point) if point.once => continue,
                        Some(point) if point.enabled => Some(point.told(&state.run.routes)),
                        _ => None,
                    }
                };
                // What is switched off is not there for an editor.
                let (reason, told) = match told {
                    Some(told) => (reason, told),
                    None => ("removed", json!({"id": id, "verified": false})),
                };
                self.tell_editors(by, "breakpoint", &json!({"reason": reason, "breakpoint": told}));
            }
        }
    }

    /// Keeps breakpoints and watches, and tells this tool's clients all of them.
    pub(super) fn points_told(&self) {
        let kept = self.store().as_ref().map_or(Ok(()), |store| store.save(&self.state().points));
        if let Err(error) = kept {
            self.say(&format!("the breakpoints cannot be kept: {error}"));
        }
        self.tell_tools("carafe/points", &self.shown_points());
    }

    // ---- the adapter ----

    /// Asks the adapter for what it was not asked for yet, as long as there is one.
    fn send_points(&self) -> Result<(), String> {
        let Ok(link) = self.link() else {
            self.nothing_stops();
            return Ok(());
        };
        let (files, functions) = {
            let state = self.state();
            let mut files = state.points.lines(&state.run.routes);
            // A file that has none any more is to hear of that.
            for file in state.run.sent.files.keys() {
                files.entry(file.clone()).or_default();
            }
            files.retain(|file, wanted| state.run.sent.files.get(file) != Some(wanted));
            let functions = state.points.functions(&state.run.routes);
            (files, (functions != state.run.sent.functions).then_some(functions))
        };
        for (file, wanted) in files {
            self.send_file(&link, &file, &wanted)?;
            self.run().sent.files.insert(file, wanted);
        }
        if let Some(functions) = functions {
            let said: Vec<Value> = functions.iter().map(|one| self.said(one)).collect();
            let asked = json!({"breakpoints": said});
            let answer = link.call("setFunctionBreakpoints", &asked, LIMIT);
            self.taken(&link, &functions, &answer.map_err(|error| error.to_string())?)?;
            self.run().sent.functions = functions;
        }
        Ok(())
    }

    fn said(&self, wanted: &Value) -> Value {
        let is_lldb = self.is_lldb();
        let mut said = plainly(wanted, !is_lldb);
        // lldb finds a function by its last name, gdb by the whole one.
        let whole = [(SERVER_ERROR, "carafe::error"), (PANIC, "std::panicking")];
        if let Some((name, path)) = whole.iter().find(|(name, _)| !is_lldb && said["name"] == *name)
        {
            said["name"] = json!(format!("{path}::{name}"));
        }
        said
    }

    fn send_file(&self, link: &Link, file: &Path, wanted: &[Value]) -> Result<(), String> {
        let said: Vec<Value> = wanted.iter().map(|one| self.said(one)).collect();
        let asked = json!({"source": {"path": file}, "breakpoints": said, "sourceModified": false});
        let answer =
            link.call("setBreakpoints", &asked, LIMIT).map_err(|error| error.to_string())?;
        self.taken(link, wanted, &answer)
    }

    /// Notes what the adapter made of breakpoints, and teaches lldb their rules.
    fn taken(&self, link: &Link, wanted: &[Value], answer: &Value) -> Result<(), String> {
        let made = answer["breakpoints"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_lldb = self.is_lldb();
        for (wanted, made) in wanted.iter().zip(made) {
            if is_lldb {
                teach(link, wanted, made)?;
            }
            self.state().points.is_made(&wanted["id"], made);
        }
        Ok(())
    }

    fn nothing_stops(&self) {
        let mut state = self.state();
        if !state.run.no_debug {
            return;
        }
        let ids: Vec<i64> = state.points.all().iter().map(|point| point.id).collect();
        let words = "the program runs without a debugger";
        for id in ids {
            state.points.is_made(&json!(id), &json!({"verified": false, "message": words}));
        }
    }

    /// Sets everything in a new run of the program, where its lines are now; the clients hear what
    /// became of each.
    pub(super) fn set_again(&self) -> Result<(), String> {
        let _pointing = self.pointing();
        self.state().points.follow_sources();
        self.send_points()?;
        let changed = self.state().points.all().iter().map(|point| point.id).collect();
        self.tell_changes(0, &Changes { changed, ..Changes::default() });
        self.points_told();
        Ok(())
    }

    /// What clients left behind who have gone is not set any more, unless it is kept.
    pub(super) fn drop_left(&self) {
        if self.store().is_none() && self.is_alone() {
            let changes = self.state().points.drop_nobodys();
            self.tell_changes(0, &changes);
        }
    }

    /// The adapter found more, or less, of a breakpoint.
    pub(in super::super) fn breakpoint_changed(&self, body: &Value) {
        let told = {
            let mut state = self.state();
            let adapters = body["breakpoint"]["id"].as_i64();
            let Some(id) = adapters.and_then(|id| state.points.known_id(id)) else { return };
            let Some(point) = state.points.get_mut(id).filter(|_| body["reason"] != "removed")
            else {
                return;
            };
            point.made = body["breakpoint"].clone();
            if point.once {
                return;
            }
            let point = point.clone();
            point.told(&state.run.routes)
        };
        self.tell_editors(0, "breakpoint", &json!({"reason": "changed", "breakpoint": told}));
        self.tell_tools("carafe/points", &self.shown_points());
    }

    /// The clients' ids in place of the adapter's; those of temporary breakpoints, which clients do not
    /// know, are given apart.
    pub(in super::super) fn known_ids(&self, ids: &mut Value) -> Vec<i64> {
        let state = self.state();
        let adapters = ids.as_array().into_iter().flatten().filter_map(Value::as_i64);
        let known: Vec<i64> = adapters.filter_map(|id| state.points.known_id(id)).collect();
        let is_once = |id: &i64| state.points.get(*id).is_some_and(|point| point.once);
        let (once, known): (Vec<i64>, Vec<i64>) = known.into_iter().partition(is_once);
        *ids = json!(known);
        once
    }

    /// Temporary breakpoints were hit: they go.
    pub(in super::super) fn have_served(&self, once: &[i64]) {
        if once.is_empty() {
            return;
        }
        let _pointing = self.pointing();
        {
            let mut state = self.state();
            for id in once {
                state.points.remove(*id);
            }
        }
        if let Err(words) = self.send_points() {
            self.say(&words);
        }
        self.tell_tools("carafe/points", &self.shown_points());
    }
}

/// Gives lldb a breakpoint's rules, and leaves it one place a function.
fn teach(link: &Link, wanted: &Value, made: &Value) -> Result<(), String> {
    let Some(id) = made["id"].as_i64() else { return Ok(()) };
    let asked = |key: &str| wanted[key].as_str().unwrap_or_default();
    let rule = json!({
        "expression": asked("condition"), "message": asked("logMessage"), "hits": asked("hitCondition"),
    });
    lldb::script(link, "learn", &json!([id, rule])).map(drop)
}
