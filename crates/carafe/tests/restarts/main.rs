//! One process after another on the same sockets, while clients keep asking: nobody is refused and no
//! answer is cut.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod app;
mod drain;
mod failures;
mod load;
#[path = "../process/mod.rs"]
mod process;
mod systemd;
mod take_overs;
mod terminal;
