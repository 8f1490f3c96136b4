//! Who can reach an app, and what they are told: the banner, the QR code, the guard of an app that is
//! being debugged. On terminals of their own, and between network namespaces.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a helper of tests fails loudly"
)]

mod banner;
mod guard;
mod namespaces;
#[path = "../process/mod.rs"]
mod process;
mod running;
mod terminal;
