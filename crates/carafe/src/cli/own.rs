//! The app's own commands; clap reads their arguments.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches};

use crate::app::{App, Running, Site};
use crate::command::Command;
use crate::server;

use super::line::Line;
use super::output::{complain, misuse};
use super::table::SET;
use super::with_site;

/// Runs a command with the `line` before its name and the `arguments` behind it, between
/// the app's start-up and shut-down steps.
pub(super) fn run(
    app: App,
    program: &str,
    name: &str,
    mut line: Line,
    arguments: Vec<OsString>,
) -> ExitCode {
    let Some(command) = app.commands.iter().find(|command| command.name() == name).copied() else {
        return complain(&format!("there is no command `{name}`"));
    };
    let clap = command.clap().arg(set_option()).bin_name(format!("{program} {name}"));
    let words = std::iter::once(OsString::from(name)).chain(arguments);
    let matches = match clap.try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) => return refuse(&error),
    };
    for pair in matches.get_many::<String>(SET.long).into_iter().flatten() {
        if let Err(words) = line.add(&SET, pair.clone()) {
            return misuse(&words);
        }
    }
    with_site(app, &line, |site| execute(site, &command, matches))
}

/// `--set`, as clap knows it; the table's name with its dashes is no name of an argument.
fn set_option() -> Arg {
    let name = SET.long.trim_start_matches('-');
    let option = Arg::new(SET.long).long(name).action(ArgAction::Append).help(SET.about);
    option.value_name(SET.value.unwrap_or_default())
}

/// clap's own words: its help too comes as an error.
fn refuse(error: &clap::Error) -> ExitCode {
    match error.print() {
        Ok(()) => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1)),
        Err(_) => ExitCode::FAILURE,
    }
}

fn execute(site: &Arc<Site>, command: &Command, matches: ArgMatches) -> ExitCode {
    let runtime = match server::local_runtime() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("no runtime could be made: {error}")),
    };
    crate::log::install(site.core.config.settings().access_log);
    let result = runtime.block_on(async {
        let name = Some(command.name());
        site.start(name).await?;
        let result = command.run(Running { site: site.clone(), command: name }, matches).await;
        site.stop(name).await;
        result
    });
    result.unwrap_or_else(|error| complain(&error.to_string()))
}
