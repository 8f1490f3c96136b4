//! The twins of `flask_app/*.py`, a file for a file, in the same order, under the same names.

pub(crate) mod main_app;
pub(crate) mod other_apps;
mod pages;
mod requests;
mod responses;
mod routing;
mod state;

/// The folder that both sides share: `templates`, `static` and `files`.
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/flask_twin");
/// What both sides sign sessions with does not show; Carafe wants at least 16 bytes.
const SECRET: &str = "the secret of the twin";
