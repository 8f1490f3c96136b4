//! One file a command; here is which one was asked for.

pub(crate) mod dap;
pub(crate) mod doctor;
pub(crate) mod editor;
pub(crate) mod new;
pub(crate) mod ports;
pub(crate) mod proxy;

use std::process::ExitCode;

use crate::cli::{Cli, Command};

/// Runs the command; its exit status is the tool's.
pub(crate) fn run(cli: Cli) -> ExitCode {
    let lang = cli.language();
    match cli.command {
        Command::Dap(args) => dap::run(&args),
        Command::Doctor(args) => doctor::run(&args, lang),
        Command::Editor(args) => editor::run(&args),
        Command::New(args) => new::run(&args, lang),
        Command::Ports(args) => ports::run(&args, lang),
        Command::Proxy(args) => proxy::run(&args, lang),
    }
}
