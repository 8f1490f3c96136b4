//! How a program ends: by itself, with its debugger, or because somebody wants it to.

use std::sync::PoisonError;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::plain;
use super::Session;

/// How long an adapter may take to say goodbye.
const GOODBYE_LIMIT: Duration = Duration::from_secs(5);
/// How long the program may take to end, where its debugger left it behind.
const GRACE: Duration = Duration::from_secs(1);

impl Session {
    pub(in super::super) fn set_exit_code(&self, code: i64) {
        self.run().exit_code = Some(code);
    }

    /// Whether this run is the present one.
    pub(in super::super) fn is_run(&self, number: u64) -> bool {
        self.state().number == number
    }

    /// The adapter went away, or cannot be understood: where the program had not ended, that is worth
    /// a word. What is left of both is ended.
    pub(in super::super) fn adapter_is_gone(&self, why: Option<String>) {
        let (has_ended, complaints) = {
            let run = self.run();
            (run.ended || run.exit_code.is_some(), run.complaints.clone())
        };
        if !has_ended {
            let why = why.map_or_else(|| "ended".to_owned(), |why| format!("broke off: {why}"));
            let said = complaints.told();
            let said = if said.is_empty() { said } else { format!("\n\nhint: it said `{said}`") };
            self.say(&format!("the debugger {why}; the program ends with it{said}"));
        }
        self.end_processes();
        self.ended(None);
    }

    /// Notes the program's process, so that it can be ended without the adapter.
    pub(in super::super) fn has_process(&self, body: &Value) {
        let id = body["systemProcessId"].as_u64().and_then(|id| u32::try_from(id).ok());
        let process = id.and_then(|id| carafe_net::process(&carafe_net::System::this(), id));
        self.run().process = process;
        self.tell_phase();
    }

    /// The program ended; the clients are told once.
    pub(in super::super) fn ended(&self, code: Option<i64>) {
        let code = {
            let mut run = self.run();
            if std::mem::replace(&mut run.ended, true) {
                return;
            }
            code.or(run.exit_code)
        };
        self.configured.notify_all();
        if let Some(code) = code {
            self.tell("exited", &json!({"exitCode": code}));
        }
        self.tell("terminated", &Value::Null);
        self.tell_phase();
    }

    /// The debugger says that the program has ended, or that it knows nothing of it any more, as when its
    /// server was killed: then the program would run on.
    pub(in super::super) fn has_terminated(&self) {
        let process = self.run().process.take();
        if let Some(process) = process {
            plain::end(&process, GRACE);
        }
        self.ended(None);
    }

    /// Ends the program and the adapter, or what is being built or started; nothing is left behind.
    pub(crate) fn stop(&self) {
        let building = {
            let mut state = self.state();
            state.ends += 1;
            state.building.clone()
        };
        if let Some(building) = building {
            building.end();
        }
        self.end_processes();
        self.ended(None);
    }

    pub(super) fn end_processes(&self) {
        // Another thread may be at it: then it is done when it is done there.
        let _ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        let (adapter, plain, process, scratch, guard) = {
            let mut run = self.run();
            let process = (run.process.take(), run.scratch.take(), run.guard.take());
            (run.adapter.take(), run.plain.take(), process.0, process.1, process.2)
        };
        if let Some(plain) = plain {
            plain.stop();
        }
        if let Some((_, link, mut child)) = adapter {
            let goodbye = json!({"terminateDebuggee": true});
            let _ = link.call("disconnect", &goodbye, GOODBYE_LIMIT);
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Some(process) = process {
            plain::end(&process, GRACE);
        }
        // Whatever is left that the debugger has started.
        drop(guard);
        if let Some(scratch) = scratch {
            let _ = std::fs::remove_dir_all(scratch);
        }
    }
}
