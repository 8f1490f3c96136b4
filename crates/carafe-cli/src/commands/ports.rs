//! `carafe ports`: the listening sockets of this machine, and who holds them.

use std::process::ExitCode;

use carafe_net::Lang;

use crate::output::complain;

/// What `carafe ports` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs the command.
pub(crate) fn run(_args: &Args, lang: Lang) -> ExitCode {
    complain(lang.pick("the ports cannot be read yet", "포트를 아직 읽을 수 없습니다"))
}
