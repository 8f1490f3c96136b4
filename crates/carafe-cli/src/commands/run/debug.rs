//! The key `d`: the same app, on the same port, under a debugger.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use super::Args;
use crate::output::complain;

/// This process becomes `carafe debug`.
pub(super) fn switch(args: &Args, port: Option<u16>, left: Option<&Path>) -> ExitCode {
    let program = std::env::current_exe().unwrap_or_else(|_| "carafe".into());
    let error = Command::new(&program).args(line(args, port, left)).exec();
    complain(&format!("`{} debug` cannot be started: {error}", program.display()))
}

/// `left` is what the page of this process leaves to the next one's.
fn line(args: &Args, port: Option<u16>, left: Option<&Path>) -> Vec<OsString> {
    let mut line: Vec<OsString> = vec!["debug".into()];
    let named = [("--package", &args.package), ("--bin", &args.bin), ("--example", &args.example)];
    for (option, value) in named {
        line.extend(value.iter().flat_map(|value| [option.into(), value.into()]));
    }
    line.extend(left.iter().flat_map(|left| ["--taken-over".into(), left.into()]));
    // Arguments of the app follow; the port is where it is now, however it was found.
    line.push("--".into());
    let rest =
        Args { port: port.map(|port| port.to_string()).or(args.port.clone()), ..args.clone() };
    line.extend(rest.app(None).into_iter().skip(1));
    line
}
