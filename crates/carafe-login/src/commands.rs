//! `login`: the command with those below it.

#![expect(clippy::print_stdout, reason = "a command tells what it did")]

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use carafe::clap::{self, Arg, ArgMatches};
use carafe::{Command, Result, Running, abort};

use crate::machine::Machine;
use crate::password;
use crate::store::{Caller, Devices};

/// The command, with what stands below it.
pub(crate) fn login() -> Command {
    Command::new("login", "Looks after sign-ins and passwords", arguments, |running, matches| {
        Box::pin(async move { run(&running, &matches).await })
    })
}

fn arguments() -> clap::Command {
    let user = Arg::new("user").value_name("USER").required(true).help("The user's id");
    clap::Command::new("login")
        .about("Looks after sign-ins and passwords")
        .subcommand_required(true)
        .subcommand(
            clap::Command::new("hash")
                .about("Reads a password from standard input and prints its hash")
                .after_help("`printf %s 'correct horse' | app login hash`: the first line counts, without its end"),
        )
        .subcommand(
            clap::Command::new("end-sessions")
                .about("Ends all sign-ins of a user, on all devices")
                .arg(user),
        )
}

async fn run(running: &Running, matches: &ArgMatches) -> Result<ExitCode> {
    let missing = || abort(500).caused_by("the app has no `LoginManager`");
    let machine = running.state::<Machine>().ok_or_else(missing)?;
    match matches.subcommand() {
        Some(("hash", _)) => hash(&machine),
        Some(("end-sessions", own)) => {
            let user = own.get_one::<String>("user").ok_or_else(missing)?;
            end_sessions(running, &machine, user).await
        }
        _ => Err(missing()),
    }
}

fn hash(machine: &Machine) -> Result<ExitCode> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(abort(500).caused_by(
            "`login hash` reads the password from a pipe, so that no terminal shows it\n\n\
             hint: `printf %s 'the password' | app login hash`, or `app login hash < file`",
        ));
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(abort(500).caused_by("there is no password on standard input"));
    }
    println!("{}", password::hash(password, machine.open()?.cost)?);
    Ok(ExitCode::SUCCESS)
}

async fn end_sessions(running: &Running, machine: &Machine, user: &str) -> Result<ExitCode> {
    if let Some(words) = machine.store().shortcoming() {
        return Err(abort(500).caused_by(format!("there is nothing to end from here: {words}")));
    }
    let caller = Caller::Running(running);
    let count = machine.store().remove_of(caller, user, Devices::All).await?;
    println!("ended {count} sign-ins of `{user}`");
    Ok(ExitCode::SUCCESS)
}
