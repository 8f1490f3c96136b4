//! What the program is to stop at: taken from the clients, kept, and said to the adapter.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::dap::Link;

use super::super::breakpoints::{Place, plainly};
use super::super::lldb;
use super::{LIMIT, Session};

impl Session {
    pub(super) fn set_breakpoints(&self, arguments: &Value) -> Result<Value, String> {
        let file = PathBuf::from(
            arguments["source"]["path"].as_str().ok_or("a breakpoint needs a file's path")?,
        );
        let wanted = arguments["breakpoints"].as_array().cloned().unwrap_or_default();
        let count = wanted.len();
        self.state().breakpoints.set_source(&file, wanted);
        let mut set = self.send_file(&file)?;
        set.truncate(count);
        Ok(json!({"breakpoints": set}))
    }

    pub(super) fn set_function_breakpoints(&self, arguments: &Value) -> Result<Value, String> {
        let wanted = arguments["breakpoints"].as_array().cloned().unwrap_or_default();
        Ok(json!({"breakpoints": self.send_functions_and_routes(wanted)?}))
    }

    fn send_functions_and_routes(&self, wanted: Vec<Value>) -> Result<Vec<Value>, String> {
        let (places, files) = {
            let mut state = self.state();
            let known = std::mem::take(&mut state.run.routes);
            let places = state.breakpoints.set_functions(wanted, &known);
            state.run.routes = known;
            (places, state.breakpoints.files())
        };
        let functions = self.send_functions()?;
        let mut by_file = BTreeMap::new();
        for file in files {
            let own = self.state().breakpoints.of_file(&file).1;
            let set = self.send_file(&file)?;
            by_file.insert(file, set.into_iter().skip(own).collect::<Vec<_>>());
        }
        let answer = places.iter().map(|places| {
            let found = places.iter().find_map(|place| match place {
                Place::Function(at) => functions.get(*at).cloned(),
                Place::Route(file, at) => by_file.get(file)?.get(*at).cloned(),
            });
            found.unwrap_or_else(|| json!({"verified": false}))
        });
        Ok(answer.collect())
    }

    pub(super) fn set_exception_breakpoints(&self, arguments: &Value) -> Result<Value, String> {
        let filters = arguments["filters"].as_array().into_iter().flatten();
        let filters = filters.filter_map(|filter| filter.as_str().map(str::to_owned)).collect();
        self.state().breakpoints.set_filters(filters);
        self.send_functions()?;
        Ok(Value::Null)
    }

    fn send_functions(&self) -> Result<Vec<Value>, String> {
        let functions = self.state().breakpoints.functions();
        let Ok(link) = self.link() else { return Ok(unverified(&functions)) };
        let said: Vec<Value> = functions.iter().map(plainly).collect();
        let answer = link.call("setFunctionBreakpoints", &json!({"breakpoints": said}), LIMIT);
        let answer = answer.map_err(|error| error.to_string())?;
        self.taken(&link, &functions, &answer)
    }

    /// Sets all of one file, and teaches lldb their conditions.
    fn send_file(&self, file: &Path) -> Result<Vec<Value>, String> {
        let (wanted, _) = self.state().breakpoints.of_file(file);
        let Ok(link) = self.link() else { return Ok(unverified(&wanted)) };
        let is_lldb = self.is_lldb();
        let said: Vec<Value> =
            if is_lldb { wanted.iter().map(plainly).collect() } else { wanted.clone() };
        let asked = json!({"source": {"path": file}, "breakpoints": said, "sourceModified": false});
        let answer =
            link.call("setBreakpoints", &asked, LIMIT).map_err(|error| error.to_string())?;
        self.taken(&link, &wanted, &answer)
    }

    /// What the adapter made of breakpoints: under the clients' ids, and with their conditions.
    fn taken(&self, link: &Link, wanted: &[Value], answer: &Value) -> Result<Vec<Value>, String> {
        let mut set = answer["breakpoints"].as_array().cloned().unwrap_or_default();
        let is_lldb = self.is_lldb();
        for (wanted, set) in wanted.iter().zip(&mut set) {
            if is_lldb {
                teach(link, wanted, set)?;
            }
            self.state().breakpoints.is_known_as(&wanted["id"], set);
        }
        Ok(set)
    }

    /// Sets everything again, in a new run of the program; the clients hear what became of each.
    pub(super) fn set_again(&self) -> Result<(), String> {
        let wanted = self.state().breakpoints.wanted_functions();
        let mut all = self.send_functions_and_routes(wanted)?;
        let files = self.state().breakpoints.files();
        for file in files {
            let own = self.state().breakpoints.of_file(&file).1;
            all.extend(self.send_file(&file)?.into_iter().take(own));
        }
        for breakpoint in all {
            self.tell("breakpoint", &json!({"reason": "changed", "breakpoint": breakpoint}));
        }
        Ok(())
    }

    /// The adapter found more, or less, of a breakpoint.
    pub(in super::super) fn breakpoint_changed(&self, mut body: Value) {
        if self.state().breakpoints.as_known(&mut body["breakpoint"]) {
            self.tell("breakpoint", &body);
        }
    }

    /// The clients' ids in place of the adapter's.
    pub(in super::super) fn known_ids(&self, ids: &mut Value) {
        let state = self.state();
        let known = ids.as_array().map(|ids| {
            ids.iter().filter_map(|id| state.breakpoints.known_id(id.as_i64()?)).collect::<Vec<_>>()
        });
        *ids = json!(known.unwrap_or_default());
    }
}

fn unverified(wanted: &[Value]) -> Vec<Value> {
    let words = "the program runs without a debugger";
    let unverified =
        |wanted: &Value| json!({"id": wanted["id"], "verified": false, "message": words});
    wanted.iter().map(unverified).collect()
}

/// Gives lldb a breakpoint's condition or message, and leaves it one place a function.
fn teach(link: &Link, wanted: &Value, set: &Value) -> Result<(), String> {
    let Some(id) = set["id"].as_i64() else { return Ok(()) };
    lldb::script(link, "collapse", &json!([id]))?;
    let asked = |key: &str| wanted[key].as_str().unwrap_or_default();
    let rule = json!({"expression": asked("condition"), "message": asked("logMessage")});
    if asked("condition").is_empty() && asked("logMessage").is_empty() {
        return Ok(());
    }
    lldb::script(link, "learn", &json!([id, rule])).map(drop)
}
