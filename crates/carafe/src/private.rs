//! What the macros expand to. Nothing here is API: it changes with the macros.
#![doc(hidden)]

mod arguments;
#[cfg(feature = "commands")]
mod cli;
mod dispatcher;
mod kept;
mod url_values;

pub use carafe_macros::{__embed, __url_for};
#[cfg(feature = "commands")]
pub use clap;

pub use crate::app::{
    Endpoint, EndpointRule, GuardOf, Package, Route, Rule, Unguarded, UrlFor, endpoint_url,
    named_url,
};
pub use crate::cli::main;
pub use crate::command::{Command, CommandEndpoint};
#[cfg(feature = "commands")]
pub use crate::command::{CommandOutcome, FromRunning};
pub use crate::error::Result;
pub use crate::extract::{
    FloatValue, FromPathValue, FromRequest, IntValue, TextValue, UuidValue, custom_path_value,
    float_value, int_value, path_value, text_value, uuid_value,
};
pub use crate::handler::View;
pub use crate::hooks::ErrorHandler;
pub use crate::http::Method;
pub use crate::respond::IntoResponse;

pub use arguments::{ErrorEndpoint, call_plain, cause, errors, optional, plain_name};
#[cfg(feature = "commands")]
pub use cli::{cli_many, cli_one, cli_optional, cli_parser, run_plain_command};
pub use dispatcher::Dispatcher;
pub use kept::Kept;
pub use url_values::{
    CustomUrl, FloatUrl, FloatUrlValue, IntUrl, IntUrlValue, TextUrl, TextUrlValue,
    UnknownUrlArgument, UrlArgument, UrlArgumentOf, UuidUrl, UuidUrlValue, check_url_values,
    url_value,
};
