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
mod files;
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
pub mod sse;
mod static_files;
mod streaming;
pub mod templates;
pub mod testing;

#[cfg(any(doc, doctest))]
#[path = "docs/mod.rs"]
pub mod guide;
pub mod prelude;
#[doc(hidden)]
pub mod private;
#[doc(hidden)]
pub use private as __private;

pub use app::{App, Endpoint, Extension, Route, Rule, Running, SetupError, UrlFor};
pub use blueprint::Blueprint;
pub use command::{Command, CommandOutcome, FromRunning};
pub use config_extract::Config;
pub use error::{Error, OrAbort, Result, abort};
pub use extract::{
    Cookies, Form, FormData, FromPathValue, FromRequest, JsonOptions, Multipart, MultipartField,
    Provided, Query, State, Upload, UploadReader,
};
pub use files::{SendFile, send_bytes, send_file, send_from_directory};
pub use handler::{Blocking, View, ViewFuture};
pub use hooks::{ErrorHandler, Place};
pub use http::{Body, Peer, Response, Status};
pub use request::{Limits, Request, Upgraded};
pub use respond::{Html, IntoHeaders, IntoResponse, Json, Redirect, Text, redirect};
pub use session::{Session, SessionCookie, SessionFuture, SessionInterface, SessionValues};
pub use signals::Signal;
pub use streaming::stream_with_context;
pub use flash::{Flashed, FlashedMessages, IntoFlash, flash, get_flashed_messages};
pub use layers::LayerInner;
pub use templates::{
    Markup, get_template_attribute, render, render_string, stream_template, stream_template_string,
};
pub use uuid::Uuid;

pub use clap;
pub use macros::{command, delete, error, get, main, patch, post, put, route};
