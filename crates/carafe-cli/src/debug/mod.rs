//! A debugging session: between one or several clients (an editor, a page, a terminal) and one adapter.
//!
//! It absorbs what adapters do badly with Rust and adds what they do not know: what belongs to the
//! app, and what a route is. The protocol itself is in `dap`.

mod adapters;
mod build;
mod frames;
mod launch;
mod lldb;
mod plain;
mod points;
mod pump;
mod routes;
mod session;
mod source;
mod steps;
mod stops;
mod store;
mod threads;
mod types;
mod variables;

pub(crate) use self::session::{Client, Seat, Session, capabilities};
