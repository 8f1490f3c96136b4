//! One file a command; here is which one was asked for.

pub(crate) mod dap;
pub(crate) mod debug;
pub(crate) mod doctor;
pub(crate) mod editor;
pub(crate) mod new;
pub(crate) mod ports;
pub(crate) mod proxy;
pub(crate) mod run;

use std::process::ExitCode;

use crate::cli::{Cli, Command};

/// Runs the command; its exit status is the tool's.
pub(crate) fn run(cli: Cli) -> ExitCode {
    let (lang, chosen) = (cli.language(), cli.lang);
    match cli.command {
        Command::Dap(args) => dap::run(&args),
        Command::Debug(args) => debug::run(&args),
        Command::Doctor(args) => doctor::run(&args, lang),
        Command::Editor(args) => editor::run(&args),
        Command::New(args) => new::run(&args, lang),
        Command::Ports(args) => ports::run(&args, lang),
        Command::Proxy(args) => proxy::run(&args, lang),
        Command::Run(args) => run::run(&args, chosen),
    }
}

/// Opens a URL in this user's browser, which outlives the tool.
///
/// # Errors
/// Why not, in words, with the URL.
pub(crate) fn open_in_browser(url: &str) -> Result<(), String> {
    use std::process::{Command, Stdio};

    let own = std::env::var("BROWSER").ok().filter(|name| !name.trim().is_empty());
    let usual = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    let program = own.unwrap_or_else(|| usual.to_owned());
    let mut command = Command::new(&program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Not with the tool's signals of the terminal.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    match command.spawn() {
        Ok(mut child) => {
            std::thread::spawn(move || child.wait());
            Ok(())
        }
        Err(_) => Err(format!("no browser is found (`{program}`): open {url} yourself")),
    }
}
