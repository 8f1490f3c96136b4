//! The app's own command line, as `#[carafe::main]` starts it: `run`, `routes`, `check`, `config`,
//! `explain`, `secret`, and with the feature `commands` the app's own commands.
//!
//! Here is which command was asked for and what they share; each has a file of its own.

mod check;
mod config;
mod explain;
mod help;
mod line;
mod output;
#[cfg(feature = "commands")]
mod own;
mod routes;
mod secret;
mod table;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::app::{App, Site};
use crate::config::Loader;
use crate::run;

use self::line::{Asked, Line};
use self::output::{complain, misuse, tell};

/// Runs the command that the process was started with.
pub fn main(make: fn() -> App) -> ExitCode {
    // Before the app is made, so that the tool learns also of a panic there.
    #[cfg(debug_assertions)]
    if std::env::args_os().nth(1).is_none_or(|first| first == "run" || is_option(&first)) {
        crate::dev::connect();
    }
    let app = make();
    let own: Vec<(&str, &str)> =
        app.commands.iter().map(|command| (command.name(), command.about())).collect();
    let names: Vec<&str> = own.iter().map(|(name, _)| *name).collect();
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_default();
    let program = Path::new(&program).file_name().unwrap_or_default().to_string_lossy();
    match line::parse(arguments, &names) {
        Ok(Asked::Help(None)) => tell(&help::program(&program, &own)),
        Ok(Asked::Help(Some(command))) => tell(&help::command(&program, command)),
        Ok(Asked::Version) => version(&app),
        Ok(Asked::BuiltIn(command, line)) => (command.run)(app, &line),
        #[cfg(feature = "commands")]
        Ok(Asked::Own(name, before, rest)) => own::run(app, &program, &name, before, rest),
        // Nobody could make one.
        #[cfg(not(feature = "commands"))]
        Ok(Asked::Own(name, _before, _rest)) => misuse(&format!("there is no command `{name}`")),
        Err(words) => misuse(&words),
    }
}

#[cfg(debug_assertions)]
fn is_option(argument: &std::ffi::OsStr) -> bool {
    argument.as_encoded_bytes().starts_with(b"-")
}

fn version(app: &App) -> ExitCode {
    match app.package {
        Some(package) => tell(&format!("{} {}\n", package.name, package.version)),
        None => tell("unknown\n"),
    }
}

/// The configuration's places, with what the command line set.
fn loader(app: &App, line: &Line) -> Loader {
    let mut loader = Loader::new(app.root_folder()).env(std::env::vars_os());
    for (words, key, value) in line.settings() {
        loader = loader.arg(&words, key, &value);
    }
    loader
}

/// Freezes the app and goes on with it, or says what is wrong with it.
fn with_site(app: App, line: &Line, then: impl FnOnce(&Arc<Site>) -> ExitCode) -> ExitCode {
    let loader = loader(&app, line);
    match app.build(loader) {
        Ok(site) => then(&site),
        Err(errors) => complain(&errors.to_string()),
    }
}

/// `run`: serves the app.
fn serve(app: App, line: &Line) -> ExitCode {
    let options = run::RunOptions {
        take_port: line.has("--take-port"),
        take_over: line.has("--take-over"),
        by_tool: false,
        qr: line.has("--qr"),
        allow_remote: line.option("--allow-remote").map(str::to_owned),
    };
    with_site(app, line, |site| match run::run(site, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string()),
    })
}
