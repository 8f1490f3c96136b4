//! `secret`: a new random key for signing sessions.

use std::process::ExitCode;

use crate::config::secret_file::random_key;

use super::{complain, tell};

pub(super) fn print() -> ExitCode {
    match random_key() {
        Ok(key) => tell(&format!("{}\n", key.expose())),
        Err(error) => complain(&format!("the system gave no random numbers: {error}")),
    }
}
