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
    /// A command as the macro makes it: its name, a line about it, its arguments, and what it does.
    ///
    /// For an extension whose command has others below it, which one function cannot say:
    ///
    /// ```
    /// use carafe::{App, Command, clap};
    /// use std::process::ExitCode;
    ///
    /// let cache = Command::new(
    ///     "cache",
    ///     "Looks after the cache",
    ///     || clap::Command::new("cache").subcommand(clap::Command::new("clear")),
    ///     |_running, matches| Box::pin(async move {
    ///         println!("{:?}", matches.subcommand_name());
    ///         Ok(ExitCode::SUCCESS)
    ///     }),
    /// );
    /// let app = App::new().commands([cache]);
    /// ```
    pub fn new(
        name: &'static str,
        about: &'static str,
        clap: fn() -> clap::Command,
        run: Run,
    ) -> Command {
        Command { name, about, clap, run }
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
        f.debug_struct("Command").field("name", &self.name).field("about", &self.about).finish()
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
            Error::new(500)
                .describe(format!("no state of type `{name}`: add `.state(...)` to the app"))
        })
    }
}

impl<T: Send + Sync + 'static> FromRunning for Config<T> {
    fn from_running(running: &Running) -> Result<Config<T>> {
        running.state::<SectionOf<T>>().map(Config::new).ok_or_else(|| {
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::App;
    use crate::config::Loader;
    use crate::prelude::{command, commands};

    struct Name(&'static str);

    /// Writes a letter.
    #[command]
    async fn write(
        to: String,
        subject: Option<u8>,
        #[arg(long, short)] dry_run: bool,
        #[arg(long, default = -3)] tries: i8,
        #[arg(long, env = "CARAFE_TEST_NEVER_SET")] folder: Option<PathBuf>,
        name: &State<Name>,
    ) -> Result<()> {
        let words = format!("{to} {subject:?} {dry_run} {tries} {folder:?} {}", name.0);
        Err(Error::new(500).describe(words))
    }

    #[command]
    fn sum(numbers: Vec<u8>, running: &Running) -> ExitCode {
        assert!(running.state::<Name>().is_some());
        numbers.iter().sum::<u8>().into()
    }

    #[command]
    fn nameless(_name: State<String>) {}

    #[command]
    fn panicking() {
        panic!("a mistake");
    }

    #[test]
    fn runs() {
        let site = App::new().state(Name("app")).build(Loader::new(".")).unwrap();
        let running = Running { site, command: None };
        let commands = commands![write, sum, nameless, panicking];
        let runtime = crate::server::local_runtime().unwrap();
        let check = |line: &str, expected: &str| {
            let command = commands.iter().find(|command| line.starts_with(command.name())).unwrap();
            let shown = match command.clap().try_get_matches_from(line.split(' ')) {
                Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
                Ok(matches) => match runtime.block_on(command.run(running.clone(), matches)) {
                    Ok(code) => format!("{code:?}"),
                    Err(error) => error.to_string(),
                },
            };
            assert_eq!(shown, expected, "{line}");
        };
        check("write ann", "ann None false -3 None app");
        check("write ann 5 -d --tries -4 --folder x", "ann Some(5) true -4 Some(\"x\") app");
        check("write", "error: the following required arguments were not provided:");
        check(
            "write ann x",
            "error: invalid value 'x' for '[SUBJECT]': invalid digit found in string",
        );
        check("sum 1 2 3", &format!("{:?}", ExitCode::from(6)));
        check("sum", &format!("{:?}", ExitCode::SUCCESS));
        let name = std::any::type_name::<String>();
        check("nameless", &format!("no state of type `{name}`: add `.state(...)` to the app"));
        check("panicking", "panicked: a mistake");
    }
}
