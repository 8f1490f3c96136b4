//! Starting the program, with a debugger or without, and starting it again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::dap::LinkError;
use crate::guard::Guard;

use super::super::adapters::{self, Kind};
use super::super::advice;
use super::super::build::{self, Purpose};
use super::super::frames::Workspace;
use super::super::launch::Launch;
use super::super::plain::{Plain, Said};
use super::super::{lldb, pump, reload, routes};
use super::{LIMIT, Run, Session};

/// How long an adapter may take to read the debug information of a large program.
const LAUNCH_LIMIT: Duration = Duration::from_secs(120);

impl Session {
    pub(super) fn launch(self: &Arc<Self>, seat: u64, arguments: &Value) -> Result<Value, String> {
        let launch = self.read(arguments)?;
        let ends = self.state().ends;
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_busy() {
            return Err("a program runs already\n\nhint: end it first".to_owned());
        }
        self.end_processes();
        self.drop_left();
        if launch.keep {
            self.keep(Workspace::around(&folder(&launch)?).root());
        }
        self.state().launch = Some(launch.clone());
        if !launch.no_debug {
            // Nobody waits for a build and learns then what is missing.
            adapters::find(launch.adapter.as_deref())?;
        }
        let program = self.program(&launch)?;
        let begun = self.begin(launch, &program, false)?;
        self.is_wanted(ends, Some(seat))?;
        Ok(begun)
    }

    /// Reads what is asked for. A session with variables of its own has a client that builds and starts by
    /// itself.
    fn read(&self, arguments: &Value) -> Result<Launch, String> {
        let launch = Launch::parse(arguments)?;
        let is_own = !self.state().env.is_empty();
        Ok(if is_own { launch } else { reload::by_the_tool(launch) })
    }

    /// Whether nobody wanted the end since something was begun, and who wanted it is there; else what
    /// was begun ends.
    fn is_wanted(&self, ends: u64, seat: Option<u64>) -> Result<(), String> {
        if self.state().ends == ends && seat.is_none_or(|seat| self.has_seat(seat)) {
            return Ok(());
        }
        self.end_processes();
        Err("the session was ended meanwhile".to_owned())
    }

    /// Builds, ends the program and starts it again, with the breakpoints that are set. When it does
    /// not compile, the program goes on as it is.
    pub(super) fn restart(self: &Arc<Self>, arguments: &Value) -> Result<Value, String> {
        let ends = self.state().ends;
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let launch = match &arguments["arguments"] {
            Value::Null => self.state().launch.clone().ok_or("nothing was started yet")?,
            changed => self.read(changed)?,
        };
        self.state().launch = Some(launch.clone());
        let program = self.program(&launch)?;
        // Whatever the old one still says is not of interest any more.
        self.state().number += 1;
        self.end_processes();
        let begun = self.begin(launch, &program, true)?;
        self.is_wanted(ends, None)?;
        Ok(begun)
    }

    fn begin(
        self: &Arc<Self>,
        launch: Launch,
        program: &Path,
        again: bool,
    ) -> Result<Value, String> {
        let folder = folder(&launch)?;
        let launch = Launch { env: self.environment(&launch), ..launch };
        self.state().starting = true;
        self.tell_phase();
        // Any program can be debugged; one that is no Carafe app has no routes.
        let routes = routes::ask(program, &folder, &launch.env).unwrap_or_default();
        let number = {
            let mut state = self.state();
            state.number += 1;
            // An editor may have said already that it is configured, when there is no debugger.
            let configured = again || state.run.configured && state.number == 1;
            state.run = Run {
                workspace: Workspace::around(&folder),
                program: program.to_owned(),
                no_debug: launch.no_debug,
                routes,
                configured,
                again,
                pausing: launch.stop_on_entry.then_some("entry"),
                ..Run::default()
            };
            state.points.forget_run();
            state.number
        };
        let begun = match launch.no_debug {
            true => self.plainly(&launch, program, &folder),
            false => self.debug(&launch, program, &folder, number),
        };
        self.state().starting = false;
        self.tell_phase();
        // What was started of it is not left behind.
        begun.inspect_err(|_| self.end_processes())
    }

    /// A session's own variables, then those of the launch.
    fn environment(&self, launch: &Launch) -> Vec<(String, String)> {
        // The app then lets nobody else in: see `run/guard.rs` of `carafe`.
        let debugged = (!launch.no_debug).then(|| ("CARAFE_TOOL_DEBUG".to_owned(), "1".to_owned()));
        let state = self.state();
        debugged.iter().chain(&state.env).chain(&launch.env).cloned().collect()
    }

    fn program(&self, launch: &Launch) -> Result<PathBuf, String> {
        let folder = folder(launch)?;
        let package = match (&launch.program, &launch.package) {
            (Some(program), None) => return Ok(folder.join(program)),
            (None, Some(package)) => package.clone(),
            (None, None) => build::Package::default(),
            (Some(_), Some(_)) => return Err("`program` and `cargo` exclude each other".to_owned()),
        };
        let purpose = if launch.no_debug { Purpose::Run } else { Purpose::Debug };
        let ending = build::Ending::default();
        self.is_building(Some(ending.clone()));
        self.tell_tools("carafe/build", &json!({"state": "building"}));
        let mut diagnostics = Vec::new();
        let say = |words: &str| self.say(words);
        let built = build::build(&package, &folder, purpose, &ending, &say, &mut |told| {
            self.say(told["rendered"].as_str().unwrap_or_default());
            diagnostics.push(told);
        });
        self.is_building(None);
        let told = match &built {
            Ok(_) => json!({"state": "ok"}),
            Err(_) => json!({"state": "failed", "diagnostics": diagnostics}),
        };
        self.tell_tools("carafe/build", &told);
        built
    }

    fn is_building(&self, building: Option<build::Ending>) {
        self.state().building = building;
        self.tell_phase();
    }

    /// Without a debugger: nothing traces the program.
    fn plainly(
        self: &Arc<Self>,
        launch: &Launch,
        program: &Path,
        folder: &Path,
    ) -> Result<Value, String> {
        let again = self.run().again;
        self.set_again()?;
        if !again {
            self.tell("initialized", &Value::Null);
        }
        self.wait_until_configured()?;
        let session = self.clone();
        let number = self.state().number;
        let plain =
            Plain::start(program, &launch.args, folder, &launch.env, move |said| match said {
                _ if !session.is_run(number) => {}
                // An app logs to its standard error, which editors show in the red of failures. Under a
                // debugger both come as one, too.
                Said::Output(line) => {
                    session.tell("output", &json!({"category": "stdout", "output": line}))
                }
                Said::Exited(code) => session.ended(Some(code.into())),
            })?;
        let name = program.to_string_lossy();
        self.tell("process", &json!({"name": name, "systemProcessId": plain.pid(), "isLocalProcess": true, "startMethod": "launch"}));
        self.run().plain = Some(plain);
        Ok(Value::Null)
    }

    fn debug(
        self: &Arc<Self>,
        launch: &Launch,
        program: &Path,
        folder: &Path,
        number: u64,
    ) -> Result<Value, String> {
        let adapter = adapters::find(launch.adapter.as_deref())?;
        let etc = lldb::rust_etc()?;
        let scratch = scratch_folder()?;
        let guard = Guard::start(&scratch)?;
        let mut running = adapter.start(&etc, guard.variable())?;
        let link = running.link.clone();
        let told = std::mem::replace(&mut running.told, std::sync::mpsc::channel().1);
        {
            let mut run = self.run();
            run.adapter = Some((running.kind, link.clone(), running.child));
            run.complaints = running.complaints;
            run.guard = Some(guard);
            run.scratch = Some(scratch.clone());
        }
        let session = self.clone();
        std::thread::spawn(move || pump::pump(&session, number, &told));
        let hello = json!({
            "clientID": "carafe", "adapterID": "carafe", "linesStartAt1": true, "columnsStartAt1": true,
            "pathFormat": "path", "supportsVariableType": true, "supportsRunInTerminalRequest": false,
        });
        link.call("initialize", &hello, LIMIT).map_err(|error| self.failed(&error))?;
        let arguments =
            self.adapter_arguments(running.kind, launch, program, folder, (&etc, &scratch))?;
        // Adapters answer at different moments, so nothing waits for this answer before going on.
        let pending = link.send("launch", &arguments).map_err(|error| self.failed(&error))?;
        link.wait(pending, LAUNCH_LIMIT).map_err(|error| self.failed(&error))
    }

    /// Why a debugger did not start the program.
    fn failed(&self, error: &LinkError) -> String {
        let complaints = self.run().complaints.clone();
        let said = complaints.told();
        match (error, said.is_empty()) {
            (LinkError::Gone, true) => "the debugger ended before the program ran".to_owned(),
            (LinkError::Gone, false) if advice::is_refusal(&said) => {
                advice::Facts::gather().refused(&said)
            }
            (LinkError::Gone, false) => {
                format!("the debugger ended before the program ran\n\nhint: it said `{said}`")
            }
            _ => refused(error),
        }
    }

    fn adapter_arguments(
        &self,
        kind: Kind,
        launch: &Launch,
        program: &Path,
        folder: &Path,
        (etc, scratch): (&Path, &Path),
    ) -> Result<Value, String> {
        let mut arguments = json!({
            "program": program, "args": launch.args, "cwd": folder,
            "stopOnEntry": launch.stop_on_entry,
        });
        match kind {
            Kind::Gdb => arguments["env"] = launch.env.iter().cloned().collect(),
            Kind::Lldb => {
                arguments["initCommands"] = json!(lldb::init_commands(scratch, etc)?);
                arguments["stopCommands"] = json!([lldb::REPORT]);
                // lldb-dap 19 drops variables that are given as an object.
                let env = launch.env.iter().map(|(key, value)| format!("{key}={value}"));
                arguments["env"] = env.collect();
            }
        }
        Ok(arguments)
    }

    /// Breakpoints can be set: the clients are asked for theirs, or theirs are set again.
    pub(in super::super) fn is_ready(self: &Arc<Self>) {
        let (again, early) = {
            let run = self.run();
            (run.again, run.configured)
        };
        if !again {
            // What is kept, and what was asked for before the start.
            if let Err(words) = self.set_again() {
                self.say(&words);
            }
            for breakpoint in self.told_points(None) {
                self.tell_editors(
                    0,
                    "breakpoint",
                    &json!({"reason": "new", "breakpoint": breakpoint}),
                );
            }
            self.tell("initialized", &Value::Null);
            // A client that did not wait for this has said already that it is configured.
            if early && let Err(words) = self.forward("configurationDone", &json!({})) {
                self.say(&words);
            }
            return;
        }
        let done = self.set_again().and_then(|()| self.configuration_done());
        if let Err(words) = done {
            self.say(&words);
        }
    }

    pub(super) fn configuration_done(&self) -> Result<Value, String> {
        let link = {
            let mut run = self.run();
            if std::mem::replace(&mut run.configured, true) && !run.again {
                // A client that came later: the program runs already.
                return Ok(Value::Null);
            }
            run.again = false;
            run.adapter.as_ref().map(|(_, link, _)| link.clone())
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
            .wait_timeout_while(state, LIMIT, |state| !state.run.configured && !state.run.ended)
            .unwrap_or_else(PoisonError::into_inner);
        if state.run.configured {
            Ok(())
        } else {
            Err("the client never said that it is configured".to_owned())
        }
    }
}

fn folder(launch: &Launch) -> Result<PathBuf, String> {
    match &launch.cwd {
        Some(cwd) => Ok(cwd.clone()),
        None => {
            std::env::current_dir().map_err(|error| format!("there is no current folder: {error}"))
        }
    }
}
/// Why a program could not be started, with what to do where the system forbids debugging.
fn refused(error: &LinkError) -> String {
    let words = error.to_string();
    if advice::is_refusal(&words) { advice::Facts::gather().refused(&words) } else { words }
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
