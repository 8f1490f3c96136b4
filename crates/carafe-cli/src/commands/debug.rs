//! `carafe debug --tui`: an app under a debugger, in a terminal.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use crate::channel::{self, Channel};
use crate::debug::Session;
use crate::output::{complain, note};
use crate::tui::{self, Terminal};

/// What `carafe debug` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Debug in this terminal
    #[arg(long, required = true)]
    tui: bool,
    /// Read and write lines instead of taking the whole terminal
    #[arg(long, requires = "tui")]
    plain: bool,
    /// The package [default: this folder's]
    #[arg(long, short, value_name = "NAME")]
    package: Option<String>,
    /// The binary [default: the package's only one]
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    /// An example instead of a binary
    #[arg(long, value_name = "NAME", conflicts_with = "bin")]
    example: Option<String>,
    /// What the app is told, behind `--`
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let folder = match std::env::current_dir() {
        Ok(folder) => folder,
        Err(error) => return complain(&format!("there is no current folder: {error}")),
    };
    // The app can be debugged without it: only its requests are not listed.
    let channel = Channel::open().inspect_err(|words| note(words)).ok();
    let env: Vec<String> = channel
        .iter()
        .map(|channel| format!("{}={}", channel::VARIABLE, channel.path().display()))
        .collect();
    let example = args.example.iter().flat_map(|name| ["--example".to_owned(), name.clone()]);
    let cargo = json!({
        "package": args.package, "bin": args.bin, "args": example.collect::<Vec<_>>(),
    });
    let launch = json!({"cargo": cargo, "args": args.args, "cwd": folder, "env": env});
    let plain = args.plain;
    tui::run(Terminal {
        session: Session::new(),
        channel,
        launch,
        folder: PathBuf::from(folder),
        plain,
    })
}
