//! The command line as clap reads it.

use carafe_net::Lang;
use clap::{Parser, Subcommand};

use crate::commands::{dap, debug, doctor, editor, new, ports, proxy, run};

/// What stands below the help.
const MORE: &str = "\
`carafe new shop` makes an app. In its folder, `carafe run` serves it, and `carafe debug` stops it at a line
or a route that you choose. `carafe COMMAND --help` tells the rest.";

/// Tools for web apps: run, debug, ports, addresses, proxies.
#[derive(Debug, Parser)]
#[command(name = "carafe", version, about, after_help = MORE, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// The language of explanations: en or ko [default: the system's]
    #[arg(long, global = true, value_name = "LANG", value_parser = language)]
    pub(crate) lang: Option<Lang>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the tool does, in the order that a newcomer needs it.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a small app that runs, debugs and tests at once
    New(new::Args),
    /// Build an app and serve it, following what is saved
    // Boxed, as its options are many.
    Run(Box<run::Args>),
    /// Run an app under a debugger that knows its requests, with a page in the browser
    Debug(debug::Args),
    /// Set up an editor, so that F5 debugs the app and Ctrl+F5 runs it
    Editor(editor::Args),
    /// Debug an app for an editor: a debug adapter (DAP) on standard input and output
    Dap(dap::Args),
    /// List the ports that programs listen on, find a free one, or end a port's holder
    Ports(ports::Args),
    /// Find out why an app cannot be reached, and the command that mends it
    Doctor(doctor::Args),
    /// Print a configuration for what stands in front of an app, or see what it sends
    Proxy(Box<proxy::Args>),
}

impl Cli {
    /// The language that was asked for, else `CARAFE_LANG`'s, else the system's.
    pub(crate) fn language(&self) -> Lang {
        let variable = |name: &str| std::env::var(name).ok();
        let asked = || variable("CARAFE_LANG").and_then(|tag| Lang::parse(&tag));
        self.lang.or_else(asked).unwrap_or_else(|| Lang::of_system(variable))
    }
}

fn language(tag: &str) -> Result<Lang, String> {
    Lang::parse(tag).ok_or_else(|| "there are `en` and `ko`".to_owned())
}
