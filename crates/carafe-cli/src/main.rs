//! The `carafe` tool: what a web developer asks for that needs more than the app's own binary.
//!
//! It never links the user's app: it talks to it by processes, sockets and what they print.

mod app;
mod channel;
mod child;
mod cli;
mod commands;
mod dap;
mod debug;
mod guard;
mod output;
mod page;
mod tui;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    child::asked(std::env::args_os())
        .or_else(|| guard::asked(std::env::args_os()))
        .unwrap_or_else(|| commands::run(cli::Cli::parse()))
}
