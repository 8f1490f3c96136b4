//! [`Session`]: one program being debugged, its clients, and its adapter.
//!
//! A client (an editor, the page, the terminal) takes a [`Seat`] by [`Session::join`], hears events
//! by [`Client::tell`] and asks by [`Seat::request`]; both speak DAP. Dropping the seat leaves.
//!
//! Clients that keep no breakpoints themselves (the page, the terminal) say `true` in
//! [`Client::is_tool`]. They hear events beside DAP's, and may ask for more:
//!
//! | request | arguments | answer |
//! |---|---|---|
//! | `carafe/state` | none | `{phase, noDebug, program, stopped, points, routes, filters, watches}` |
//! | `carafe/setPoint` | `{id}` or `{file, line}` or `{name}`; `condition`, `hitCondition`, `logMessage` (text, or null to clear), `enabled`, `once` | the point |
//! | `carafe/clearPoint` | `{id}`, `{file, line}` or `{name}` | `{}` |
//! | `carafe/setWatches` | `{watches: [text]}` | `{}` |
//!
//! - `phase`: `none`, `building`, `starting`, `running`, `held`, `ended`. `stopped` is the body of the last
//!   DAP `stopped` while the program is held, else null.
//! - A point: `{id, kind: "line" | "route" | "function", file, line, name, enabled, once, verified, message,
//!   condition, hitCondition, logMessage}`. Without an id, `setPoint` changes the point that stands
//!   at that place, or adds one. `once` makes a temporary one beside it, which is removed when it was
//!   hit: for "debug this request", at a route's `file` and `body`, before the request is replayed. It
//!   is neither kept nor shown to editors. It can be set while the program runs, and before it starts.
//! - A route: `{name, endpoint, methods, rule, file, line, body, point}`: `name` is what `setPoint` takes to
//!   switch it (`enabled`), `body` the first line of its handler's body, `point` an id or null. Known
//!   from a program's first start on.
//! - `setExceptionBreakpoints` (DAP) sets the filters, `panic` and `5xx`.
//!
//! | event | body |
//! |---|---|
//! | `carafe/points` | `{points, routes, filters, watches}`, whenever one of them has changed |
//! | `carafe/phase` | `{phase}` |
//! | `carafe/build` | `{state: "building" \| "ok"}` or `{state: "failed", diagnostics: [{level, message, rendered, file, line, column}]}` |
//!
//! Editors hear of what others change by DAP's `breakpoint` events: `new`, `changed`, `removed`. A client that
//! joins while a program runs sends `attach` (or calls [`Seat::catch_up`]) and then hears of the
//! breakpoints, `initialized`, and `stopped` where the program is held.
//!
//! `evaluate` understands paths, indexes, `.len()`, `.is_empty()`, `.is_some()`, `.is_none()`, comparison
//! and arithmetic. [`Session::keep`] keeps points and watches in the workspace.
//! [`Session::always_env`] adds variables to every program that is started from then on.
//!
//! How the program is started is in `start`, what it stops at in `points`, what is seen of it in
//! `look`, how it ends in `end`; what a stop means is decided in `stops`.

mod end;
mod look;
mod offers;
mod points;
mod seat;
mod start;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::dap::Link;
use crate::guard::Guard;

use super::adapters::{Complaints, Kind};
use super::build::Ending;
use super::frames::Workspace;
use super::launch::Launch;
use super::plain::Plain;
use super::points::Points;
use super::routes::Route;
use super::steps::Step;
use super::store::Store;

pub(crate) use self::offers::capabilities;
pub(crate) use self::seat::{Client, Seat};

/// How long an adapter may take for what is done at once.
const LIMIT: Duration = Duration::from_secs(20);
/// A program being debugged, or run without a debugger.
#[derive(Default)]
pub(crate) struct Session {
    seats: Mutex<seat::Seats>,
    state: Mutex<State>,
    store: Mutex<Option<Store>>,
    /// Held while breakpoints are changed, until the adapter knows.
    pointing: Mutex<()>,
    configured: Condvar,
    /// Held from a request to go on until its answer is on its way: a stop is told after that.
    going_on: Mutex<()>,
    /// Held while the program is started or started again.
    changing: Mutex<()>,
    /// Held while processes are ended.
    ending: Mutex<()>,
}

/// What outlives a run of the program, and the run.
#[derive(Default)]
struct State {
    points: Points,
    launch: Option<Launch>,
    /// Added to the environment of every program.
    env: Vec<(String, String)>,
    /// The build that goes on.
    building: Option<Ending>,
    starting: bool,
    /// Counts how often somebody wanted the end: whatever was being started then ends as well.
    ends: u64,
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
    program: PathBuf,
    no_debug: bool,
    routes: Vec<Route>,
    /// What the adapter was last asked for, so that only what differs is asked for again.
    sent: points::Sent,
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
    /// By the adapter's reference of a frame's locals: the frame.
    locals: BTreeMap<i64, Value>,
    /// Somebody typed commands of the debugger's own.
    console: bool,
    exit_code: Option<i64>,
    ended: bool,
    /// Ends what the debugger has started, also when this process is killed.
    guard: Option<Guard>,
    /// Folder of the scripts that lldb reads; removed at the end.
    scratch: Option<PathBuf>,
}

impl Session {
    /// A session that nothing runs in yet, and that forgets.
    pub(crate) fn new() -> Arc<Session> {
        Arc::new(Session::default())
    }

    /// Takes the breakpoints, filters and watches that are kept below this workspace, and keeps them
    /// there from now on. Clients hear of them when the program starts.
    pub(crate) fn keep(&self, root: &Path) {
        let mut kept = self.store();
        if kept.is_none() {
            let store = Store::of(root);
            self.state().points = store.load();
            *kept = Some(store);
        }
    }

    fn store(&self) -> MutexGuard<'_, Option<Store>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds variables to the environment of every program that is started from now on; what a launch
    /// names itself counts more.
    #[allow(dead_code, reason = "the page names its channel by it")]
    pub(crate) fn always_env(&self, variables: Vec<(String, String)>) {
        self.state().env = variables;
    }

    /// The workspace of the program that runs; none before the first one.
    pub(crate) fn root(&self) -> Option<PathBuf> {
        let run = self.run();
        Some(run.workspace.root().to_owned()).filter(|root| !root.as_os_str().is_empty())
    }

    /// Takes a client; it hears what comes from now on.
    pub(crate) fn join(self: &Arc<Self>, client: Arc<dyn Client>) -> Seat {
        Seat::new(self.clone(), client)
    }

    fn request(
        self: &Arc<Self>,
        seat: u64,
        command: &str,
        arguments: &Value,
        reply: impl FnOnce(&Result<Value, String>),
    ) {
        if !matches!(command, "continue" | "next" | "stepIn" | "stepOut") {
            return reply(&self.handle(seat, command, arguments));
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
            None => reply(&self.handle(seat, command, arguments)),
        }
    }

    /// Whether a program runs.
    pub(crate) fn is_busy(&self) -> bool {
        let run = self.run();
        !run.ended && (run.adapter.is_some() || run.plain.is_some())
    }

    fn handle(
        self: &Arc<Self>,
        seat: u64,
        command: &str,
        arguments: &Value,
    ) -> Result<Value, String> {
        match command {
            "initialize" => Ok(capabilities()),
            "launch" => self.launch(seat, arguments),
            "attach" if self.is_busy() => Ok(Value::Null),
            "attach" => Err("no program runs yet\n\nhint: `launch` starts one".to_owned()),
            "restart" => self.restart(arguments),
            "setBreakpoints" => self.set_breakpoints(seat, arguments),
            "setFunctionBreakpoints" => self.set_function_breakpoints(seat, arguments),
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
            "setVariable" => self.set_variable(arguments),
            "exceptionInfo" => self.exception_info(),
            "source" | "completions" | "breakpointLocations" => self.forward(command, arguments),
            "disconnect" | "terminate" => {
                self.stop();
                Ok(Value::Null)
            }
            other => self.offer(other, arguments),
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
        self.tell_phase();
    }

    /// Does what lets the program run on; the clients hear of it, and of it having failed.
    pub(super) fn running<T>(&self, go: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
        let told = {
            let mut run = self.run();
            run.console = false;
            run.groups.clear();
            run.locals.clear();
            run.told.take()
        };
        if let Some(told) = &told {
            let thread = &told["threadId"];
            self.tell("continued", &json!({"threadId": thread, "allThreadsContinued": true}));
            self.tell_phase();
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
            self.tell_phase();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) -> Present<'_> {
        Present(self.state())
    }
}

impl Run {
    fn process_is_known(&self) -> bool {
        self.process.is_some() || self.plain.is_some()
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
