//! The server at its boundary: bytes on a socket in, bytes out, and the process around it.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod access_log;
mod deadlines;
mod failures;
mod limits;
#[path = "../process/mod.rs"]
mod process;
mod requests;
mod shutdown;
mod start;
mod upgrade;
