//! From running to debugging: the same app, on the same port, by the key `d` or because the page of requests
//! was asked to debug one of them.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use clap::{Args as _, FromArgMatches as _};

use super::Args;
use crate::channel::Channel;
use crate::commands::debug;
use crate::debug::Session;
use crate::output::complain;
use crate::page::Page;

/// Whoever waits for the session.
pub(super) type Asked = Sender<Result<Arc<Session>, String>>;

/// This process becomes `carafe debug`.
pub(super) fn switch(args: &Args, port: Option<u16>) -> ExitCode {
    let program = std::env::current_exe().unwrap_or_else(|_| "carafe".into());
    let error = Command::new(&program).arg("debug").args(line(args, port)).exec();
    complain(&format!("`{} debug` cannot be started: {error}", program.display()))
}

/// This process debugs the app, and keeps its page.
///
/// # Errors
/// When the command line means nothing to `carafe debug`.
pub(super) fn go_on(
    args: &Args,
    port: Option<u16>,
    channel: &Channel,
    page: &Page,
    workspace: &Path,
    asked: &Asked,
) -> Result<Arc<Session>, String> {
    let command = debug::Args::augment_args(clap::Command::new("debug").no_binary_name(true));
    let matches =
        command.try_get_matches_from(line(args, port)).map_err(|error| error.to_string())?;
    let args = debug::Args::from_arg_matches(&matches).map_err(|error| error.to_string())?;
    debug::go_on(&args, channel, page, workspace, |session| drop(asked.send(session)))
}

/// The arguments of `carafe debug` for the same app.
fn line(args: &Args, port: Option<u16>) -> Vec<OsString> {
    let mut line: Vec<OsString> = Vec::new();
    let named = [("--package", &args.package), ("--bin", &args.bin), ("--example", &args.example)];
    for (option, value) in named {
        line.extend(value.iter().flat_map(|value| [option.into(), value.into()]));
    }
    let repeated = [("--features", &args.features), ("--host", &args.host)];
    for (option, values) in repeated {
        line.extend(values.iter().flat_map(|value| [option.into(), value.into()]));
    }
    // Where it is now, however it was found.
    if let Some(port) = port.map(|port| port.to_string()).or_else(|| args.port.clone()) {
        line.extend(["--port".into(), port.into()]);
    }
    // What `run` knows and `debug` does not is for the app.
    let rest = Args { host: Vec::new(), port: None, ..args.clone() }.app(None);
    if rest.len() > 1 {
        line.push("--".into());
        line.extend(rest.into_iter().skip(1));
    }
    line
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Run {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn the_same_app_in_the_same_place() {
        let check = |words: &str, expected: &str| {
            let words = ["run"].into_iter().chain(words.split(' ').filter(|word| !word.is_empty()));
            let line = line(&Run::parse_from(words).args, Some(8001));
            let line: Vec<_> = line.iter().map(|word| word.to_string_lossy()).collect();
            assert_eq!(line.join(" "), expected);
            let command =
                debug::Args::augment_args(clap::Command::new("debug").no_binary_name(true));
            let read = command.try_get_matches_from(line.iter().map(|word| word.as_ref()));
            assert!(read.is_ok(), "{read:?}");
        };
        check("", "--port 8001");
        check(
            "-P shop --bin admin --host lan -p auto",
            "--package shop --bin admin --host lan --port 8001",
        );
        check("-F x --workers 1 -- --qr", "--features x --port 8001 -- --workers 1 --qr");
    }
}
