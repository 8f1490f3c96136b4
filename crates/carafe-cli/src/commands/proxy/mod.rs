//! `carafe proxy`: what stands in front of an app.

mod check;

use std::process::ExitCode;

use carafe_net::Lang;

/// What `carafe proxy` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    kind: Kind,
}

/// What is asked about the proxy.
#[derive(Debug, clap::Subcommand)]
enum Kind {
    /// Tell what arrives at the app through the proxy at a URL, and what the app makes of it
    Check(check::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    match &args.kind {
        Kind::Check(args) => check::run(args, lang),
    }
}
