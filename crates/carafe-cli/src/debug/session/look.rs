//! What is seen of a program that is held: threads, stacks, values.

use serde_json::{Value, json};

use super::super::{lldb, threads, variables};
use super::{LIMIT, Session};

/// More frames than a stack of an asynchronous handler has.
const MOST_FRAMES: i64 = 400;
/// Adapters number what can be opened from 1 on; our own begin here.
const FIRST_GROUP: i64 = 1 << 30;

/// Something of ours that a client can open while the program is held.
#[derive(Clone, Debug)]
pub(super) enum Group {
    /// The request that a frame's thread works for.
    Request(Value),
    /// Names, each with a text or more of these.
    Rows(Vec<Value>),
}

impl Session {
    /// The threads, by what they do; the one that is held by its request.
    pub(super) fn threads(&self) -> Result<Value, String> {
        let Ok(link) = self.link() else {
            return Ok(json!({"threads": [{"id": 1, "name": "main"}]}));
        };
        let mut body = self.forward("threads", &json!({}))?;
        let (process, held) = {
            let run = self.run();
            (run.process.as_ref().map(|process| i64::from(process.pid)), run.told.clone())
        };
        let held = held.and_then(|told| told["threadId"].as_i64()).filter(|_| self.is_lldb());
        for thread in body["threads"].as_array_mut().into_iter().flatten() {
            let id = thread["id"].as_i64();
            let given = thread["name"].as_str().unwrap_or_default();
            let mut name = if id == process { "main".to_owned() } else { threads::readable(given) };
            let request = held.filter(|held| id == Some(*held));
            let request =
                request.and_then(|held| lldb::script(&link, "title", &json!([held])).ok());
            if let Some(request) = request.as_ref().and_then(Value::as_str) {
                name = format!("{name}: {request}");
            }
            thread["name"] = json!(name);
        }
        Ok(body)
    }

    /// All frames of a thread, as the adapter gives them.
    pub(in super::super) fn frames(&self, thread: i64) -> Result<Vec<Value>, String> {
        let asked = json!({"threadId": thread, "startFrame": 0, "levels": MOST_FRAMES});
        let body =
            self.link()?.call("stackTrace", &asked, LIMIT).map_err(|error| error.to_string())?;
        Ok(body["stackFrames"].as_array().cloned().unwrap_or_default())
    }

    pub(super) fn stack_trace(&self, arguments: &Value) -> Result<Value, String> {
        let all = self.frames(arguments["threadId"].as_i64().unwrap_or_default())?;
        let at =
            |key: &str| arguments[key].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let most = if at("levels") == 0 { usize::MAX } else { at("levels") };
        let workspace = self.run().workspace.clone();
        let total = all.len();
        let shown = all.into_iter().skip(at("startFrame")).take(most);
        let frames: Vec<Value> = shown.map(|frame| workspace.decorate(frame)).collect();
        Ok(json!({"stackFrames": frames, "totalFrames": total}))
    }

    pub(in super::super) fn is_own(&self, frame: &Value) -> bool {
        self.run().workspace.is_own(frame)
    }

    /// The scopes of a frame; beside its locals stands the request.
    pub(super) fn scopes(&self, arguments: &Value) -> Result<Value, String> {
        let mut body = variables::scopes(&*self.link()?, arguments)?;
        if self.is_lldb()
            && let Some(locals) = body["scopes"][0]["variablesReference"].as_i64()
        {
            self.run().locals.insert(locals, arguments["frameId"].clone());
        }
        let is_app = !self.run().routes.is_empty();
        if let Some(scopes) = body["scopes"].as_array_mut().filter(|_| is_app && self.is_lldb()) {
            let reference = self.opens(Group::Request(arguments["frameId"].clone()));
            let request =
                json!({"name": "Request", "variablesReference": reference, "expensive": false});
            scopes.insert(scopes.len().min(1), request);
        }
        Ok(body)
    }

    pub(super) fn variables(&self, arguments: &Value) -> Result<Value, String> {
        let reference = arguments["variablesReference"].as_i64().unwrap_or_default();
        let Ok(at) = usize::try_from(reference - FIRST_GROUP) else {
            let mut body = variables::list(&*self.link()?, arguments)?;
            self.add_what_is_known(reference, &mut body);
            return Ok(body);
        };
        let group = self.run().groups.get(at).cloned();
        let rows = match group.ok_or("the program has run on since")? {
            Group::Rows(rows) => rows,
            Group::Request(frame) => {
                let rows = lldb::script_in(&*self.link()?, &frame, "request", &json!([]))?;
                rows.as_array().cloned().unwrap_or_default()
            }
        };
        let variables = rows.iter().map(|row| self.variable(row));
        Ok(json!({"variables": variables.collect::<Vec<_>>()}))
    }

    /// Shows a frame's structs in a line each, and says of locals of an `async fn` that the compiler did
    /// not keep them over an `.await`.
    fn add_what_is_known(&self, reference: i64, body: &mut Value) {
        let frame = self.run().locals.get(&reference).cloned();
        let (Some(frame), Ok(link)) = (frame, self.link()) else { return };
        // Values that cannot be read are shown as the debugger shows them.
        let known = lldb::script_in(&link, &frame, "locals", &json!([])).unwrap_or_default();
        for variable in body["variables"].as_array_mut().into_iter().flatten() {
            let name = variable["name"].as_str().unwrap_or_default().to_owned();
            if variable["value"] == variable["type"] && known["previews"][&name].is_string() {
                variable["value"] = known["previews"][&name].clone();
            }
            if known["stale"].as_array().is_some_and(|stale| stale.contains(&variable["name"])) {
                let value = variable["value"].as_str().unwrap_or_default();
                variable["value"] = json!(format!("{value} (may be stale: set before an .await)"));
            }
        }
    }

    fn variable(&self, row: &Value) -> Value {
        match &row[1] {
            Value::Array(rows) => json!({
                "name": row[0],
                "value": variables::summary(rows),
                "variablesReference": self.opens(Group::Rows(rows.clone())),
            }),
            value => json!({"name": row[0], "value": value, "variablesReference": 0}),
        }
    }

    fn opens(&self, group: Group) -> i64 {
        let mut run = self.run();
        run.groups.push(group);
        FIRST_GROUP + run.groups.len() as i64 - 1
    }

    /// Changes a value of the program's.
    pub(super) fn set_variable(&self, arguments: &Value) -> Result<Value, String> {
        if arguments["variablesReference"].as_i64().unwrap_or_default() >= FIRST_GROUP {
            return Err("what is known of the request cannot be changed here".to_owned());
        }
        let mut set = self.forward("setVariable", arguments)?;
        // lldb-dap 19 calls it otherwise than the protocol.
        if set["value"].is_null() {
            set["value"] = set["result"].take();
        }
        Ok(variables::tidy(set))
    }

    /// Why the program is held, for an editor's own box beside the line.
    pub(super) fn exception_info(&self) -> Result<Value, String> {
        let told = self.run().told.clone().ok_or("the program runs")?;
        let text = told["text"].as_str().unwrap_or_default().to_owned();
        Ok(json!({"exceptionId": text, "description": text, "breakMode": "always"}))
    }

    pub(super) fn evaluate(&self, arguments: &Value) -> Result<Value, String> {
        if arguments["context"] == "repl" {
            self.run().console = true;
        }
        variables::evaluate(&*self.link()?, self.is_lldb(), arguments)
    }
}
