//! [`Session`]: one program being debugged, its clients, and its adapter.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::dap::{Link, LinkError};

use super::adapters::{self, Kind};
use super::breakpoints::{Breakpoints, Place, plainly};
use super::build::{self, Purpose};
use super::frames::Workspace;
use super::launch::Launch;
use super::plain::{Plain, Said};
use super::routes::{self, Route};
use super::steps::Step;
use super::{lldb, pump, variables};

/// How long an adapter may take for what is done at once.
pub(super) const LIMIT: Duration = Duration::from_secs(20);
/// How long it may take to read the debug information of a large program.
const LAUNCH_LIMIT: Duration = Duration::from_secs(120);
/// More frames than a stack of an asynchronous handler has.
const MOST_FRAMES: i64 = 400;

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
}

#[derive(Default)]
struct State {
    adapter: Option<(Kind, Arc<Link>, Child)>,
    plain: Option<Plain>,
    workspace: Workspace,
    routes: Vec<Route>,
    breakpoints: Breakpoints,
    step: Option<Step>,
    /// The adapter takes breakpoints now.
    ready: bool,
    configured: bool,
    /// A client asked for a pause that has not come yet.
    pausing: bool,
    exit_code: Option<i64>,
    ended: bool,
    /// Folder of the script that lldb reads; removed at the end.
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

    /// Answers a client's request; `launch` returns when the program runs.
    pub(crate) fn handle(
        self: &Arc<Self>,
        command: &str,
        arguments: &Value,
    ) -> Result<Value, String> {
        match command {
            "initialize" => Ok(capabilities()),
            "launch" => self.launch(arguments),
            "setBreakpoints" => self.set_breakpoints(arguments),
            "setFunctionBreakpoints" => self.set_function_breakpoints(arguments),
            "setExceptionBreakpoints" => self.set_exception_breakpoints(arguments),
            "configurationDone" => self.configuration_done(),
            "threads" => self.threads(),
            "stackTrace" => self.stack_trace(arguments),
            "scopes" => variables::scopes(&*self.link()?, arguments),
            "variables" => variables::list(&*self.link()?, arguments),
            "evaluate" => variables::evaluate(&*self.link()?, self.is_lldb(), arguments),
            "next" | "stepIn" | "stepOut" => self.step(command, arguments),
            "continue" => {
                self.forget_step()?;
                self.forward(command, arguments)
            }
            "pause" => {
                self.state().pausing = true;
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

    // ---- starting ----

    fn launch(self: &Arc<Self>, arguments: &Value) -> Result<Value, String> {
        let launch = Launch::parse(arguments)?;
        let folder = match &launch.cwd {
            Some(cwd) => cwd.clone(),
            None => std::env::current_dir()
                .map_err(|error| format!("there is no current folder: {error}"))?,
        };
        let program = self.program(&launch, &folder)?;
        {
            let mut state = self.state();
            state.workspace = Workspace::around(&folder);
            // Any program can be debugged; one that is no Carafe app has no routes.
            state.routes = routes::ask(&program, &folder, &launch.env).unwrap_or_default();
        }
        match launch.no_debug {
            true => self.run(&launch, &program, &folder),
            false => self.debug(&launch, &program, &folder),
        }
    }

    fn program(&self, launch: &Launch, folder: &Path) -> Result<PathBuf, String> {
        let package = match (&launch.program, &launch.package) {
            (Some(program), None) => return Ok(folder.join(program)),
            (None, Some(package)) => package.clone(),
            (None, None) => build::Package::default(),
            (Some(_), Some(_)) => return Err("`program` and `cargo` exclude each other".to_owned()),
        };
        let purpose = if launch.no_debug { Purpose::Run } else { Purpose::Debug };
        build::build(&package, folder, purpose, &mut |words| self.say(words))
    }

    /// Without a debugger: nothing traces the program.
    fn run(
        self: &Arc<Self>,
        launch: &Launch,
        program: &Path,
        folder: &Path,
    ) -> Result<Value, String> {
        self.is_ready();
        self.wait_until_configured()?;
        let session = self.clone();
        let plain =
            Plain::start(program, &launch.args, folder, &launch.env, move |said| match said {
                Said::Output(category, line) => {
                    session.tell("output", &json!({"category": category, "output": line}))
                }
                Said::Exited(code) => session.ended(Some(code.into())),
            })?;
        let name = program.to_string_lossy();
        self.tell("process", &json!({"name": name, "systemProcessId": plain.pid(), "isLocalProcess": true, "startMethod": "launch"}));
        self.state().plain = Some(plain);
        Ok(Value::Null)
    }

    fn debug(
        self: &Arc<Self>,
        launch: &Launch,
        program: &Path,
        folder: &Path,
    ) -> Result<Value, String> {
        let adapter = adapters::find(launch.adapter.as_deref())?;
        let etc = lldb::rust_etc()?;
        let mut running = adapter.start(&etc)?;
        let link = running.link.clone();
        let told = std::mem::replace(&mut running.told, std::sync::mpsc::channel().1);
        self.state().adapter = Some((running.kind, link.clone(), running.child));
        let session = self.clone();
        std::thread::spawn(move || pump::pump(&session, &told));
        let hello = json!({
            "clientID": "carafe", "adapterID": "carafe", "linesStartAt1": true, "columnsStartAt1": true,
            "pathFormat": "path", "supportsRunInTerminalRequest": false,
        });
        link.call("initialize", &hello, LIMIT).map_err(|error| error.to_string())?;
        let arguments = self.adapter_arguments(running.kind, launch, program, folder, &etc)?;
        // Adapters answer at different moments, so nothing waits for this answer before going on.
        let pending = link.send("launch", &arguments).map_err(|error| error.to_string())?;
        link.wait(pending, LAUNCH_LIMIT).map_err(|error| refused(&error))
    }

    fn adapter_arguments(
        &self,
        kind: Kind,
        launch: &Launch,
        program: &Path,
        folder: &Path,
        etc: &Path,
    ) -> Result<Value, String> {
        let mut arguments = json!({
            "program": program, "args": launch.args, "cwd": folder,
            "stopOnEntry": launch.stop_on_entry,
        });
        match kind {
            Kind::Gdb => arguments["env"] = launch.env.iter().cloned().collect(),
            Kind::Lldb => {
                let scratch = scratch_folder()?;
                let mut commands = vec![format!(
                    "script import os; os.environ['CARAFE_TOOL_RUST_ETC'] = {:?}",
                    etc.to_string_lossy()
                )];
                commands.extend(lldb::init_commands(&scratch)?);
                self.state().scratch = Some(scratch);
                arguments["initCommands"] = json!(commands);
                // lldb-dap 19 drops variables that are given as an object.
                let env = launch.env.iter().map(|(key, value)| format!("{key}={value}"));
                arguments["env"] = env.collect();
            }
        }
        Ok(arguments)
    }

    /// Breakpoints can be set: the clients are asked for theirs.
    pub(super) fn is_ready(&self) {
        self.state().ready = true;
        self.tell("initialized", &Value::Null);
    }

    fn configuration_done(&self) -> Result<Value, String> {
        let link = {
            let mut state = self.state();
            state.configured = true;
            state.adapter.as_ref().map(|(_, link, _)| link.clone())
        };
        self.configured.notify_all();
        match link {
            Some(link) => link
                .call("configurationDone", &json!({}), LAUNCH_LIMIT)
                .map_err(|error| refused(&error)),
            None => Ok(Value::Null),
        }
    }

    fn wait_until_configured(&self) -> Result<(), String> {
        let state = self.state();
        let (state, _) = self
            .configured
            .wait_timeout_while(state, LIMIT, |state| !state.configured && !state.ended)
            .unwrap_or_else(PoisonError::into_inner);
        if state.configured {
            Ok(())
        } else {
            Err("the client never said that it is configured".to_owned())
        }
    }

    // ---- breakpoints ----

    fn set_breakpoints(&self, arguments: &Value) -> Result<Value, String> {
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

    fn set_function_breakpoints(&self, arguments: &Value) -> Result<Value, String> {
        let wanted = arguments["breakpoints"].as_array().cloned().unwrap_or_default();
        let places = {
            let mut state = self.state();
            let known = std::mem::take(&mut state.routes);
            let places = state.breakpoints.set_functions(&wanted, &known);
            state.routes = known;
            places
        };
        let functions = self.send_functions()?;
        let mut by_file = std::collections::BTreeMap::new();
        let files = self.state().breakpoints.files();
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
        Ok(json!({"breakpoints": answer.collect::<Vec<_>>()}))
    }

    fn set_exception_breakpoints(&self, arguments: &Value) -> Result<Value, String> {
        let filters = arguments["filters"].as_array().into_iter().flatten();
        let on = filters.into_iter().any(|filter| filter == "panic");
        self.state().breakpoints.set_on_panic(on);
        self.send_functions()?;
        Ok(Value::Null)
    }

    fn send_functions(&self) -> Result<Vec<Value>, String> {
        let functions = self.state().breakpoints.functions();
        let Ok(link) = self.link() else { return Ok(unverified(functions.len())) };
        let answer = link.call("setFunctionBreakpoints", &json!({"breakpoints": functions}), LIMIT);
        let answer = answer.map_err(|error| error.to_string())?;
        Ok(answer["breakpoints"].as_array().cloned().unwrap_or_default())
    }

    /// Sets all of one file, and teaches lldb their conditions.
    fn send_file(&self, file: &Path) -> Result<Vec<Value>, String> {
        let (wanted, _) = self.state().breakpoints.of_file(file);
        let Ok(link) = self.link() else { return Ok(unverified(wanted.len())) };
        let is_lldb = self.is_lldb();
        let said: Vec<Value> =
            if is_lldb { wanted.iter().map(plainly).collect() } else { wanted.clone() };
        let asked = json!({"source": {"path": file}, "breakpoints": said, "sourceModified": false});
        let answer =
            link.call("setBreakpoints", &asked, LIMIT).map_err(|error| error.to_string())?;
        let set = answer["breakpoints"].as_array().cloned().unwrap_or_default();
        if is_lldb {
            for (wanted, set) in wanted.iter().zip(&set) {
                teach(&link, wanted, set)?;
            }
        }
        Ok(set)
    }

    // ---- looking ----

    fn threads(&self) -> Result<Value, String> {
        match self.link() {
            Ok(_) => self.forward("threads", &json!({})),
            Err(_) => Ok(json!({"threads": [{"id": 1, "name": "main"}]})),
        }
    }

    /// All frames of a thread, as the adapter gives them.
    pub(super) fn frames(&self, thread: i64) -> Result<Vec<Value>, String> {
        let asked = json!({"threadId": thread, "startFrame": 0, "levels": MOST_FRAMES});
        let body =
            self.link()?.call("stackTrace", &asked, LIMIT).map_err(|error| error.to_string())?;
        Ok(body["stackFrames"].as_array().cloned().unwrap_or_default())
    }

    fn stack_trace(&self, arguments: &Value) -> Result<Value, String> {
        let all = self.frames(arguments["threadId"].as_i64().unwrap_or_default())?;
        let at =
            |key: &str| arguments[key].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let most = if at("levels") == 0 { usize::MAX } else { at("levels") };
        let workspace = self.state().workspace.clone();
        let total = all.len();
        let shown = all.into_iter().skip(at("startFrame")).take(most);
        let frames: Vec<Value> = shown.map(|frame| workspace.decorate(frame)).collect();
        Ok(json!({"stackFrames": frames, "totalFrames": total}))
    }

    pub(super) fn is_own(&self, frame: &Value) -> bool {
        self.state().workspace.is_own(frame)
    }

    // ---- the adapter ----

    pub(super) fn link(&self) -> Result<Arc<Link>, String> {
        let state = self.state();
        let link = state.adapter.as_ref().map(|(_, link, _)| link.clone());
        link.ok_or_else(|| "the program runs without a debugger".to_owned())
    }

    pub(super) fn is_lldb(&self) -> bool {
        self.state().adapter.as_ref().is_some_and(|(kind, ..)| *kind == Kind::Lldb)
    }

    fn forward(&self, command: &str, arguments: &Value) -> Result<Value, String> {
        self.link()?.call(command, arguments, LIMIT).map_err(|error| error.to_string())
    }

    /// Lets a thread go on as part of a step.
    pub(super) fn resume(&self, command: &str, thread: i64) -> Result<(), String> {
        self.forward(command, &json!({"threadId": thread})).map(drop)
    }

    pub(super) fn set_step(&self, step: Option<Step>) {
        self.state().step = step;
    }

    pub(super) fn take_step(&self) -> Option<Step> {
        self.state().step.take()
    }

    pub(super) fn take_pausing(&self) -> bool {
        std::mem::take(&mut self.state().pausing)
    }

    pub(super) fn is_stepping(&self) -> bool {
        self.state().step.is_some()
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
        self.state().exit_code = Some(code);
    }

    /// The program ended; the clients are told once.
    pub(super) fn ended(&self, code: Option<i64>) {
        let code = {
            let mut state = self.state();
            if std::mem::replace(&mut state.ended, true) {
                return;
            }
            code.or(state.exit_code)
        };
        self.configured.notify_all();
        if let Some(code) = code {
            self.tell("exited", &json!({"exitCode": code}));
        }
        self.tell("terminated", &Value::Null);
    }

    /// Ends the program and the adapter; nothing is left behind.
    pub(crate) fn stop(&self) {
        let (adapter, plain, scratch) = {
            let mut state = self.state();
            (state.adapter.take(), state.plain.take(), state.scratch.take())
        };
        if let Some(plain) = plain {
            plain.stop();
        }
        if let Some((_, link, mut child)) = adapter {
            let goodbye = json!({"terminateDebuggee": true});
            let _ = link.call("disconnect", &goodbye, Duration::from_secs(5));
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Some(scratch) = scratch {
            let _ = std::fs::remove_dir_all(scratch);
        }
        self.ended(None);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        "exceptionBreakpointFilters": [
            {"filter": "panic", "label": "Panics", "description": "Stop where a thread panics", "default": true},
        ],
    })
}

fn unverified(count: usize) -> Vec<Value> {
    vec![json!({"verified": false, "message": "the program runs without a debugger"}); count]
}

/// Gives lldb a breakpoint's condition or message, and leaves it one place a function.
fn teach(link: &Link, wanted: &Value, set: &Value) -> Result<(), String> {
    let Some(id) = set["id"].as_i64() else { return Ok(()) };
    lldb::script(link, &format!("collapse({id})"))?;
    let asked = |key: &str| wanted[key].as_str().unwrap_or_default();
    let rule = json!({"expression": asked("condition"), "message": asked("logMessage")});
    if asked("condition").is_empty() && asked("logMessage").is_empty() {
        return Ok(());
    }
    lldb::script(link, &format!("learn({id}, {rule})")).map(drop)
}

/// Why a program could not be started, with what to do where the system forbids debugging.
fn refused(error: &LinkError) -> String {
    let words = error.to_string();
    let is_ptrace = words.contains("ptrace")
        || words.contains("lost connection")
        || words.contains("Operation not permitted");
    if !is_ptrace {
        return words;
    }
    format!(
        "the system does not let a debugger hold the program: {words}\n\nhint: in a container, start it with `docker run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined`"
    )
}

/// A folder that only this user reads, for what lldb loads.
fn scratch_folder() -> Result<PathBuf, String> {
    let folder =
        std::env::temp_dir().join(format!("carafe-debug-{}-{}", std::process::id(), unique()));
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder
        .create(&folder)
        .map_err(|error| format!("`{}` cannot be made: {error}", folder.display()))?;
    Ok(folder)
}

fn unique() -> u128 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| since.as_nanos())
}
