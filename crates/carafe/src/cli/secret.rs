//! `secret`: a new random key for signing sessions.

use std::process::ExitCode;

use crate::app::App;
use crate::config::secret_file::random_key;

use super::line::Line;
use super::{complain, tell};

pub(super) fn run(_app: App, _line: &Line) -> ExitCode {
    match random_key() {
        Ok(key) => tell(&format!("{}\n", key.expose())),
        Err(error) => complain(&format!("the system gave no random numbers: {error}")),
    }
}
