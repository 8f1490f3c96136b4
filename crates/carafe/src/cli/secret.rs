//! `secret`: a new random key for signing sessions.

use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{complain, tell};

/// Bytes of randomness in a key.
const KEY_BYTES: usize = 32;

pub(super) fn print() -> ExitCode {
    let mut key = [0; KEY_BYTES];
    match getrandom::fill(&mut key) {
        Ok(()) => tell(&format!("{}\n", URL_SAFE_NO_PAD.encode(key))),
        Err(error) => complain(&format!("the system gave no random numbers: {error}")),
    }
}
