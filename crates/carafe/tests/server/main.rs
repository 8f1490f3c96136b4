//! The server at its boundary: bytes on a socket in, bytes out, and the process around it.

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
