//! [`Command`]: a function of the app's own, to be run from its command line.
//!
//! Here is what a command is and what it may take from the app; `cli` finds and runs it.

use std::any::type_name;
use std::fmt;
use std::process::ExitCode;

use clap::ArgMatches;

use crate::app::Running;
use crate::config_extract::{Config, SectionOf};
use crate::error::{Error, Result};
use crate::extract::State;
use crate::handler::LocalFuture;

type Run = fn(Running, ArgMatches) -> LocalFuture<Result<ExitCode>>;

/// A command of the app's own command line, made by [`#[command]`](crate::command) and collected by
/// [`commands!`](crate::commands!).
#[derive(Clone, Copy)]
pub struct Command {
    name: &'static str,
    about: &'static str,
    clap: fn() -> clap::Command,
    run: Run,
}

impl Command {
    /// A command, as the macro makes it.
    #[doc(hidden)]
    pub fn new(
        name: &'static str,
        about: &'static str,
        clap: fn() -> clap::Command,
        run: Run,
    ) -> Command {
        Command {
            name,
            about,
            clap,
            run,
        }
    }

    /// What is typed to run it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it does, in one line; empty when its function has no doc comment.
    pub fn about(&self) -> &'static str {
        self.about
    }

    /// Its arguments.
    pub fn clap(&self) -> clap::Command {
        (self.clap)()
    }

    /// Runs it.
    pub(crate) fn run(
        &self,
        running: Running,
        matches: ArgMatches,
    ) -> LocalFuture<Result<ExitCode>> {
        (self.run)(running, matches)
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("name", &self.name)
            .field("about", &self.about)
            .finish()
    }
}

/// The type that stands for a command in `commands!`; made by `#[command]`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command",
    label = "this function has no `#[command]`",
    note = "write `#[command]` above it"
)]
pub trait CommandEndpoint {
    /// The command's record.
    fn command() -> Command;
}

/// A type that a command can take from the app, beside the arguments of the command line.
#[diagnostic::on_unimplemented(
    message = "a command cannot take an argument of type `{Self}`",
    label = "neither of the command line nor of the app",
    note = "write `#[arg]` before an argument of the command line; its type implements `FromStr`",
    note = "the app gives `Running`, `State<T>` and `Config<T>`; other types implement `carafe::FromRunning`"
)]
pub trait FromRunning: Sized {
    /// Takes the value from the app.
    ///
    /// # Errors
    /// What the app lacks, in words.
    fn from_running(running: &Running) -> Result<Self>;
}

impl FromRunning for Running {
    fn from_running(running: &Running) -> Result<Running> {
        Ok(running.clone())
    }
}

impl<T: Send + Sync + 'static> FromRunning for State<T> {
    fn from_running(running: &Running) -> Result<State<T>> {
        running.state().map(State::new).ok_or_else(|| {
            let name = type_name::<T>();
            Error::new(500).describe(format!(
                "no state of type `{name}`: add `.state(...)` to the app"
            ))
        })
    }
}

impl<T: Send + Sync + 'static> FromRunning for Config<T> {
    fn from_running(running: &Running) -> Result<Config<T>> {
        running
            .state::<SectionOf<T>>()
            .map(Config::new)
            .ok_or_else(|| {
                let name = type_name::<T>();
                Error::new(500).describe(format!("no config section is read as `{name}`"))
            })
    }
}

/// What a command may return.
#[diagnostic::on_unimplemented(
    message = "a command cannot return `{Self}`",
    label = "neither `()` nor an exit code",
    note = "return nothing, an `ExitCode`, or a `Result` of these"
)]
pub trait CommandOutcome {
    /// The code that the process ends with.
    ///
    /// # Errors
    /// Any error; it is printed and the process ends with code 1.
    fn into_outcome(self) -> Result<ExitCode>;
}

impl CommandOutcome for () {
    fn into_outcome(self) -> Result<ExitCode> {
        Ok(ExitCode::SUCCESS)
    }
}

impl CommandOutcome for ExitCode {
    fn into_outcome(self) -> Result<ExitCode> {
        Ok(self)
    }
}

impl<T: CommandOutcome, E: Into<Error>> CommandOutcome for Result<T, E> {
    fn into_outcome(self) -> Result<ExitCode> {
        self.map_err(Into::into)?.into_outcome()
    }
}
