//! What is seen of a program that is held: threads, stacks, values.

use serde_json::{Value, json};

use super::super::variables;
use super::{LIMIT, Session};

/// More frames than a stack of an asynchronous handler has.
const MOST_FRAMES: i64 = 400;

impl Session {
    pub(super) fn threads(&self) -> Result<Value, String> {
        match self.link() {
            Ok(_) => self.forward("threads", &json!({})),
            Err(_) => Ok(json!({"threads": [{"id": 1, "name": "main"}]})),
        }
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

    pub(super) fn evaluate(&self, arguments: &Value) -> Result<Value, String> {
        if arguments["context"] == "repl" {
            self.run().console = true;
        }
        variables::evaluate(&*self.link()?, self.is_lldb(), arguments)
    }
}
