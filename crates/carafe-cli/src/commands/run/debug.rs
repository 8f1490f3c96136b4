//! The key `d`: the same app, on the same port, under a debugger.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use super::Args;
use crate::output::complain;

/// This process becomes `carafe debug`.
pub(super) fn switch(args: &Args, port: Option<u16>) -> ExitCode {
    let program = std::env::current_exe().unwrap_or_else(|_| "carafe".into());
    let error = Command::new(&program).args(line(args, port)).exec();
    complain(&format!("`{} debug` cannot be started: {error}", program.display()))
}

fn line(args: &Args, port: Option<u16>) -> Vec<OsString> {
    let mut line: Vec<OsString> = vec!["debug".into()];
    let named = [("--package", &args.package), ("--bin", &args.bin), ("--example", &args.example)];
    for (option, value) in named {
        line.extend(value.iter().flat_map(|value| [option.into(), value.into()]));
    }
    // Arguments of the app follow; the port is where it is now, however it was found.
    line.push("--".into());
    let rest =
        Args { port: port.map(|port| port.to_string()).or(args.port.clone()), ..args.clone() };
    line.extend(rest.app(None).into_iter().skip(1));
    line
}
