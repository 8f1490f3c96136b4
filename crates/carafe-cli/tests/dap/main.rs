//! `carafe dap` as editors drive it: with a real debugger and a real app, with debuggers that misbehave,
//! and over a port.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod editor;
mod fake;
mod kill;
mod port;
mod with_lldb;
