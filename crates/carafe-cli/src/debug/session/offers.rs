//! What a session offers: DAP's list for editors, and the requests that only this tool's clients make.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::points::{Changes, Owner, Place};
use super::Session;

/// What can be done with a session, as DAP has it.
pub(crate) fn capabilities() -> Value {
    json!({
        "supportsConfigurationDoneRequest": true,
        "supportsFunctionBreakpoints": true,
        "supportsConditionalBreakpoints": true,
        "supportsHitConditionalBreakpoints": true,
        "supportsLogPoints": true,
        "supportsEvaluateForHovers": true,
        "supportsSetVariable": true,
        "supportsCompletionsRequest": true,
        "supportsExceptionInfoRequest": true,
        "supportTerminateDebuggee": true,
        "supportsRestartRequest": true,
        "exceptionBreakpointFilters": [
            {"filter": "panic", "label": "Panics", "description": "Stop where a thread panics", "default": true},
            {"filter": "5xx", "label": "5xx answers", "description": "Stop where an error of 500 or more comes up", "default": false},
        ],
    })
}

impl Session {
    /// Requests beside DAP's; the list is in the documentation of `session`.
    pub(super) fn offer(&self, command: &str, arguments: &Value) -> Result<Value, String> {
        match command {
            "carafe/state" => Ok(self.shown_state()),
            "carafe/setPoint" => self.set_point(arguments),
            "carafe/clearPoint" => self.clear_point(arguments),
            "carafe/setWatches" => self.set_watches(arguments),
            other => Err(format!("`{other}` is not something this debugger does")),
        }
    }

    fn shown_state(&self) -> Value {
        let mut shown = self.shown_points();
        shown["phase"] = json!(self.phase());
        let run = self.run();
        shown["noDebug"] = json!(run.no_debug);
        shown["program"] = json!(run.program);
        shown["stopped"] = run.told.clone().unwrap_or_default();
        shown
    }

    /// What the program does.
    fn phase(&self) -> &'static str {
        let state = self.state();
        let run = &state.run;
        let is_there = run.adapter.is_some() || run.plain.is_some();
        match () {
            () if state.building.is_some() => "building",
            () if run.ended => "ended",
            () if run.told.is_some() => "held",
            () if run.process_is_known() => "running",
            () if is_there || state.starting => "starting",
            () => "none",
        }
    }

    /// Tells this tool's clients what the program does now.
    pub(in super::super) fn tell_phase(&self) {
        self.tell_tools("carafe/phase", &json!({"phase": self.phase()}));
    }

    /// Adds or changes one breakpoint.
    fn set_point(&self, wish: &Value) -> Result<Value, String> {
        let _pointing = self.pointing();
        let known = self.find_point(wish)?;
        let mut changes = Changes::default();
        let id = match known {
            Ok(id) => {
                if self.state().points.change(id, wish) {
                    changes.changed.push(id);
                }
                id
            }
            Err(place) => {
                let id = self.state().points.add(place, Owner::Tool, wish);
                changes.added.push(id);
                id
            }
        };
        self.points_changed(0, &changes)?;
        let state = self.state();
        let point = state.points.get(id).ok_or("the breakpoint was removed meanwhile")?;
        Ok(point.shown(&state.run.routes))
    }

    fn clear_point(&self, wish: &Value) -> Result<Value, String> {
        let _pointing = self.pointing();
        if let Ok(id) = self.find_point(wish)? {
            self.state().points.remove(id);
            self.points_changed(0, &Changes { removed: vec![id], ..Changes::default() })?;
        }
        Ok(json!({}))
    }

    /// The breakpoint that is meant, else the place where one is to be.
    fn find_point(&self, wish: &Value) -> Result<Result<i64, Place>, String> {
        let state = self.state();
        if let Some(id) = wish["id"].as_i64() {
            let known = state.points.get(id).ok_or("there is no such breakpoint any more")?;
            return Ok(Ok(known.id));
        }
        let place = match (wish["file"].as_str(), wish["line"].as_i64(), wish["name"].as_str()) {
            (Some(file), Some(line @ 1..), None) => Place::Line(PathBuf::from(file), line),
            (None, _, Some(name)) if !name.trim().is_empty() => Place::Name(name.trim().to_owned()),
            _ => {
                return Err(
                    "a breakpoint needs an `id`, a `file` and a `line`, or a `name`".to_owned()
                );
            }
        };
        let known = state.points.at(&place).map(|point| point.id);
        Ok(known.filter(|_| wish["once"] != true).ok_or(place))
    }

    fn set_watches(&self, wish: &Value) -> Result<Value, String> {
        let watches = wish["watches"].as_array().ok_or("`watches` has to be a list of texts")?;
        let watches = watches.iter().filter_map(|watch| watch.as_str().map(str::to_owned));
        self.state().points.watches = watches.collect();
        self.points_told();
        Ok(json!({}))
    }
}
