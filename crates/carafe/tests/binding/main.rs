//! Where an app listens, and what it says when it cannot: real programs in its way, other users,
//! network namespaces, a terminal.
//!
//! What people read is in `snapshots/`, in English and in Korean, written by
//! `UPDATE_SNAPSHOTS=1 cargo test`. Numbers that change are named there: `{port}`, `{next}`, `{pid}`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod activation;
mod app;
mod dialogue;
mod holder;
mod low_ports;
mod places;
#[path = "../process/mod.rs"]
mod process;
mod snapshot;
mod socket_file;
mod taken;
