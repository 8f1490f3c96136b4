//! The `carafe` tool: what a web developer asks for that needs more than the app's own binary.
//!
//! It never links the user's app: it talks to it by processes, sockets and what they print.

#[allow(dead_code, reason = "its users come with the commands `run` and `debug`")]
mod channel;
#[allow(dead_code, reason = "its callers follow")]
mod child;
mod cli;
mod commands;
mod dap;
mod debug;
mod output;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    child::asked(std::env::args_os()).unwrap_or_else(|| commands::run(cli::Cli::parse()))
}
