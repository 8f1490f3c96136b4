//! Carafe: a small web framework in the shape of Flask.

// The macros name this crate as its users do, also in its own tests.
extern crate self as carafe;

mod app;
mod banner;
mod blueprint;
mod check;
mod cli;
mod command;
pub mod config;
mod config_extract;
mod context;
mod dispatch;
mod error;
mod error_page;
mod explain;
mod extract;
mod flash;
mod handler;
mod hooks;
pub mod http;
mod layers;
mod log;
mod macros;
mod refusal;
mod request;
mod respond;
pub mod routing;
mod run;
mod server;
mod session;
mod signals;
mod static_files;
pub mod templates;
mod testing;

pub mod prelude;
#[doc(hidden)]
pub mod private;
#[doc(hidden)]
pub use private as __private;

pub use macros::{command, delete, error, get, main, patch, post, put, route};
pub use app::{App, Endpoint, Extension, Route, Rule, Running, SetupError};
