//! [`Status`]: what the program does at the moment, as the page's bar says it.

use serde_json::{Value, json};

/// What the program does, and why.
#[derive(Clone, Debug)]
pub(super) struct Status {
    /// A session's phase, or `failed`: it could not be started.
    mode: String,
    /// In words, where there is more to say: a failure, an exit code.
    words: String,
    /// The body of DAP's `stopped`, while it is held.
    stop: Value,
    /// Counts the stops: two of them may look the same.
    stops: u64,
    /// What the compiler said, where it did not compile.
    diagnostics: Value,
    exit_code: Option<i64>,
}

impl Default for Status {
    fn default() -> Status {
        Status {
            mode: "none".to_owned(),
            words: String::new(),
            stop: Value::Null,
            stops: 0,
            diagnostics: Value::Null,
            exit_code: None,
        }
    }
}

impl Status {
    /// For the page.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "mode": self.mode, "words": self.words, "stop": self.stop, "stops": self.stops,
            "diagnostics": self.diagnostics,
        })
    }

    /// It could not be started.
    pub(super) fn fails(&mut self, words: &str) {
        self.mode = "failed".to_owned();
        self.words = words.to_owned();
        self.stop = Value::Null;
    }

    /// It could not be started again; what ran goes on.
    pub(super) fn stays(&mut self, words: &str) {
        if matches!(&*self.mode, "none" | "ended") {
            self.fails(words);
        }
    }

    /// Hears an event of the session; whether anything has changed.
    pub(super) fn hears(&mut self, event: &str, body: &Value) -> bool {
        match event {
            "carafe/phase" => self.becomes(body["phase"].as_str().unwrap_or("none")),
            "carafe/build" => {
                self.diagnostics = body["diagnostics"].clone();
                if body["state"] == "failed" {
                    self.words = "the app does not compile".to_owned();
                }
            }
            "stopped" => {
                self.becomes("held");
                self.stop = body.clone();
                self.stops += 1;
            }
            "continued" => self.becomes("running"),
            "exited" => {
                self.exit_code = body["exitCode"].as_i64();
                return false;
            }
            "terminated" => self.becomes("ended"),
            _ => return false,
        }
        true
    }

    fn becomes(&mut self, mode: &str) {
        if mode != "held" {
            self.stop = Value::Null;
        }
        match mode {
            "ended" => {
                self.words = match self.exit_code {
                    Some(code) => format!("the app exited with code {code}"),
                    None => "the app has ended".to_owned(),
                };
            }
            _ => {
                self.words.clear();
                self.exit_code = None;
            }
        }
        self.mode = mode.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_session() {
        let mut status = Status::default();
        let mut check = |event: &str, body: Value, mode: &str, words: &str| {
            status.hears(event, &body);
            assert_eq!((status.mode.as_str(), status.words.as_str()), (mode, words), "{event}");
        };
        check("carafe/phase", json!({"phase": "building"}), "building", "");
        let failed = json!({"state": "failed", "diagnostics": [{"message": "x"}]});
        check("carafe/build", failed, "building", "the app does not compile");
        check("carafe/phase", json!({"phase": "running"}), "running", "");
        check("stopped", json!({"threadId": 7}), "held", "");
        check("carafe/phase", json!({"phase": "held"}), "held", "");
        check("continued", Value::Null, "running", "");
        check("exited", json!({"exitCode": 3}), "running", "");
        check("terminated", Value::Null, "ended", "the app exited with code 3");
        check("carafe/phase", json!({"phase": "ended"}), "ended", "the app exited with code 3");
        check("carafe/phase", json!({"phase": "starting"}), "starting", "");
        check("terminated", Value::Null, "ended", "the app has ended");
        assert_eq!(status.to_json()["stop"], Value::Null);
        status.fails("no debugger");
        assert_eq!(status.to_json()["mode"], "failed");
    }
}
