//! [`Session`]: one program being debugged, its clients, and its adapter.
//!
//! How it is started is in `start`, what it stops at in `points`, what is seen of it in `look`; what a
//! stop means is decided in `stops`.

mod look;
mod points;
mod start;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::dap::Link;

use super::adapters::{Complaints, Kind};
use super::breakpoints::Breakpoints;
use super::frames::Workspace;
use super::launch::Launch;
use super::plain::{self, Plain};
use super::routes::Route;
use super::steps::Step;

/// How long an adapter may take for what is done at once.
const LIMIT: Duration = Duration::from_secs(20);
/// How long an adapter may take to say goodbye.
const GOODBYE_LIMIT: Duration = Duration::from_secs(5);
/// How long the program may take to end, where its debugger left it behind.
const GRACE: Duration = Duration::from_secs(1);

/// Whoever watches the session: an editor, a page, a terminal.
pub(crate) trait Client: Send + Sync {
    /// Hears an event.
    fn tell(&self, event: &str, body: &Value);
}

/// A program being debugged, or run without a debugger.
#[derive(Default)]
pub(crate) struct Session {
    clients: Mutex<Vec<Arc<dyn Client>>>,
    state: Mutex<State>,
    configured: Condvar,
    /// Held from a request to go on until its answer is on its way: a stop is told after that.
    going_on: Mutex<()>,
    /// Held while the program is started, started again or ended.
    changing: Mutex<()>,
}

/// What outlives a run of the program, and the run.
#[derive(Default)]
struct State {
    breakpoints: Breakpoints,
    launch: Option<Launch>,
    /// Counts the runs, so that a late word of an earlier one is known as such.
    number: u64,
    run: Run,
}

/// One run of the program.
#[derive(Default)]
struct Run {
    adapter: Option<(Kind, Arc<Link>, Child)>,
    plain: Option<Plain>,
    /// What the debugger says on its standard error.
    complaints: Complaints,
    /// The program, as the adapter named it.
    process: Option<carafe_net::Process>,
    workspace: Workspace,
    routes: Vec<Route>,
    step: Option<Step>,
    configured: bool,
    /// The clients set their breakpoints in an earlier run; they are not asked again.
    again: bool,
    /// The last stop that was decided on.
    stop: i64,
    /// The adapter tells of whole stops.
    reports: bool,
    /// The stop that the clients know of, while the program is held.
    told: Option<Value>,
    /// More reasons of the same stop; each is told when the clients go on.
    untold: VecDeque<Value>,
    /// A pause that was asked for and has not come yet, by DAP's name for it.
    pausing: Option<&'static str>,
    /// What clients can open of ours until the program goes on.
    groups: Vec<look::Group>,
    /// Somebody typed commands of the debugger's own.
    console: bool,
    exit_code: Option<i64>,
    ended: bool,
    /// Folder of the scripts that lldb reads; removed at the end.
    scratch: Option<PathBuf>,
}

impl Session {
    /// A session that nothing runs in yet.
    pub(crate) fn new() -> Arc<Session> {
        Arc::new(Session::default())
    }

    /// Adds a client; it hears what comes from now on.
    pub(crate) fn join(&self, client: Arc<dyn Client>) {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).push(client);
    }

    /// Takes a client away.
    pub(crate) fn leave(&self, client: &Arc<dyn Client>) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.retain(|other| !Arc::ptr_eq(other, client));
    }

    /// Does what a client asks for and answers it by `reply`; `launch` and `restart` return when the
    /// program runs.
    pub(crate) fn request(
        self: &Arc<Self>,
        command: &str,
        arguments: &Value,
        reply: impl FnOnce(&Result<Value, String>),
    ) {
        if !matches!(command, "continue" | "next" | "stepIn" | "stepOut") {
            return reply(&self.handle(command, arguments));
        }
        let _going_on = self.going_on.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread had a reason of its own to be stopped: that is told before anything runs.
        let next = self.run().untold.pop_front();
        match next {
            Some(next) => {
                reply(&Ok(json!({"allThreadsContinued": true})));
                self.tell(
                    "continued",
                    &json!({"threadId": next["threadId"], "allThreadsContinued": true}),
                );
                self.run().told = Some(next.clone());
                self.tell("stopped", &next);
            }
            None => reply(&self.handle(command, arguments)),
        }
    }

    /// Whether a program runs.
    pub(crate) fn is_busy(&self) -> bool {
        let run = self.run();
        !run.ended && (run.adapter.is_some() || run.plain.is_some())
    }

    /// Tells a client that came later what the others know.
    pub(crate) fn catch_up(&self, client: &dyn Client) {
        if !self.is_busy() {
            return;
        }
        client.tell("initialized", &Value::Null);
        let told = self.run().told.clone();
        if let Some(told) = told {
            client.tell("stopped", &told);
        }
    }

    fn handle(self: &Arc<Self>, command: &str, arguments: &Value) -> Result<Value, String> {
        match command {
            "initialize" => Ok(capabilities()),
            "launch" => self.launch(arguments),
            "attach" if self.is_busy() => Ok(Value::Null),
            "attach" => Err("no program runs yet\n\nhint: `launch` starts one".to_owned()),
            "restart" => self.restart(arguments),
            "setBreakpoints" => self.set_breakpoints(arguments),
            "setFunctionBreakpoints" => self.set_function_breakpoints(arguments),
            "setExceptionBreakpoints" => self.set_exception_breakpoints(arguments),
            "configurationDone" => self.configuration_done(),
            "threads" => self.threads(),
            "stackTrace" => self.stack_trace(arguments),
            "scopes" => self.scopes(arguments),
            "variables" => self.variables(arguments),
            "evaluate" => self.evaluate(arguments),
            "next" | "stepIn" | "stepOut" if self.run().told.is_none() => {
                Err("the program runs: it has to be held for a step".to_owned())
            }
            "next" | "stepIn" | "stepOut" => self.step(command, arguments),
            "continue" => {
                self.forget_step()?;
                self.running(|| self.forward(command, arguments))
            }
            "pause" => {
                self.run().pausing = Some("pause");
                self.forward(command, arguments)
            }
            "setVariable" | "exceptionInfo" | "source" => self.forward(command, arguments),
            "disconnect" | "terminate" => {
                self.stop();
                Ok(Value::Null)
            }
            other => Err(format!("`{other}` is not something this debugger does")),
        }
    }

    // ---- the adapter ----

    pub(super) fn link(&self) -> Result<Arc<Link>, String> {
        let link = self.run().adapter.as_ref().map(|(_, link, _)| link.clone());
        link.ok_or_else(|| "the program runs without a debugger".to_owned())
    }

    pub(super) fn is_lldb(&self) -> bool {
        self.run().adapter.as_ref().is_some_and(|(kind, ..)| *kind == Kind::Lldb)
    }

    pub(super) fn forward(&self, command: &str, arguments: &Value) -> Result<Value, String> {
        self.link()?.call(command, arguments, LIMIT).map_err(|error| error.to_string())
    }

    /// Lets the program go on without a word to the clients, who do not know that it stopped.
    pub(super) fn resume(&self, command: &str, thread: i64) -> Result<(), String> {
        self.forward(command, &json!({"threadId": thread})).map(drop)
    }

    // ---- stops ----

    pub(super) fn set_step(&self, step: Option<Step>) {
        self.run().step = step;
    }

    pub(super) fn take_step(&self) -> Option<Step> {
        self.run().step.take()
    }

    pub(super) fn take_pausing(&self) -> Option<&'static str> {
        self.run().pausing.take()
    }

    pub(super) fn has_console(&self) -> bool {
        self.run().console
    }

    /// Whether nobody decided on this stop yet; from now on it is decided.
    pub(super) fn is_new_stop(&self, stop: i64) -> bool {
        let mut run = self.run();
        let is_new = stop > run.stop;
        run.stop = run.stop.max(stop);
        is_new
    }

    pub(super) fn has_reported(&self) {
        self.run().reports = true;
    }

    pub(super) fn makes_reports(&self) -> bool {
        self.run().reports
    }

    /// The program is held: tells one reason, and keeps the others until the clients go on.
    pub(super) fn stopped_at(&self, first: Value, others: VecDeque<Value>) {
        let _answered = self.going_on.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let mut run = self.run();
            run.told = Some(first.clone());
            run.untold = others;
            run.pausing = None;
        }
        self.tell("stopped", &first);
    }

    /// Does what lets the program run on; the clients hear of it, and of it having failed.
    pub(super) fn running<T>(&self, go: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
        let told = {
            let mut run = self.run();
            run.console = false;
            run.groups.clear();
            run.told.take()
        };
        if let Some(told) = &told {
            let thread = &told["threadId"];
            self.tell("continued", &json!({"threadId": thread, "allThreadsContinued": true}));
        }
        go().inspect_err(|_| {
            if let Some(told) = told {
                self.run().told = Some(told.clone());
                self.tell("stopped", &told);
            }
        })
    }

    /// The adapter says that the program runs: news only when no client asked for it.
    pub(super) fn continued_by_itself(&self, body: &Value) {
        if self.run().told.take().is_some() {
            self.tell("continued", body);
        }
    }

    // ---- telling and ending ----

    /// Tells every client.
    pub(super) fn tell(&self, event: &str, body: &Value) {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for client in clients {
            client.tell(event, body);
        }
    }

    /// Says something to the clients' people.
    pub(super) fn say(&self, words: &str) {
        let line = if words.ends_with('\n') { words.to_owned() } else { format!("{words}\n") };
        self.tell("output", &json!({"category": "console", "output": line}));
    }

    pub(super) fn set_exit_code(&self, code: i64) {
        self.run().exit_code = Some(code);
    }

    /// Whether this run is the present one.
    pub(super) fn is_run(&self, number: u64) -> bool {
        self.state().number == number
    }

    /// The adapter went away, or cannot be understood: where the program had not ended, that is worth
    /// a word. What is left of both is ended.
    pub(super) fn adapter_is_gone(&self, why: Option<String>) {
        let (has_ended, said) = {
            let run = self.run();
            (run.ended || run.exit_code.is_some(), run.complaints.told())
        };
        if !has_ended {
            let why = why.map_or_else(|| "ended".to_owned(), |why| format!("broke off: {why}"));
            let said = if said.is_empty() { said } else { format!("\n\nhint: it said `{said}`") };
            self.say(&format!("the debugger {why}; the program ends with it{said}"));
        }
        self.end_processes();
        self.ended(None);
    }

    /// Notes the program's process, so that it can be ended without the adapter.
    pub(super) fn has_process(&self, body: &Value) {
        let id = body["systemProcessId"].as_u64().and_then(|id| u32::try_from(id).ok());
        let process = id.and_then(|id| carafe_net::process(&carafe_net::System::this(), id));
        self.run().process = process;
    }

    /// The program ended; the clients are told once.
    pub(super) fn ended(&self, code: Option<i64>) {
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
    }

    /// Ends the program and the adapter; nothing is left behind.
    pub(crate) fn stop(&self) {
        self.end_processes();
        self.ended(None);
    }

    fn end_processes(&self) {
        let (adapter, plain, process, scratch) = {
            let mut run = self.run();
            (run.adapter.take(), run.plain.take(), run.process.take(), run.scratch.take())
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
        if let Some(scratch) = scratch {
            let _ = std::fs::remove_dir_all(scratch);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) -> Present<'_> {
        Present(self.state())
    }
}

/// The present run, for as long as nobody else looks.
struct Present<'a>(MutexGuard<'a, State>);

impl std::ops::Deref for Present<'_> {
    type Target = Run;

    fn deref(&self) -> &Run {
        &self.0.run
    }
}

impl std::ops::DerefMut for Present<'_> {
    fn deref_mut(&mut self) -> &mut Run {
        &mut self.0.run
    }
}

/// What can be done with a session.
fn capabilities() -> Value {
    json!({
        "supportsConfigurationDoneRequest": true,
        "supportsFunctionBreakpoints": true,
        "supportsConditionalBreakpoints": true,
        "supportsHitConditionalBreakpoints": true,
        "supportsLogPoints": true,
        "supportsEvaluateForHovers": true,
        "supportsSetVariable": true,
        "supportTerminateDebuggee": true,
        "supportsRestartRequest": true,
        "exceptionBreakpointFilters": [
            {"filter": "panic", "label": "Panics", "description": "Stop where a thread panics", "default": true},
            {"filter": "5xx", "label": "Answers of 5xx", "description": "Stop where an error of 500 or more comes up", "default": false},
        ],
    })
}
