//! Carafe: a small web framework in the shape of Flask.
//!
//! Routes, requests, templates, sessions, blueprints and hooks have Flask's names and do what they do there; types take
//! the place of names, and the compiler checks them.
//!
//! ```
//! use carafe::prelude::*;
//!
//! #[get("/")]
//! async fn index(session: &Session) -> Result<Html> {
//!     let visits = session.get::<u32>("visits").unwrap_or(0) + 1;
//!     session.set("visits", visits)?;
//!     carafe::render_string!("Visit {{ visits }}. <a href='{{ url_for('hello', name='Ann') }}'>Ann</a>", visits)
//! }
//!
//! #[get("/hello/<name>")]
//! async fn hello(name: &str) -> String {
//!     format!("Hello, {}!", carafe::Markup::escape(name))
//! }
//!
//! #[carafe::main]
//! fn app() -> App {
//!     App::new().routes(routes![index, hello])
//! }
//! # let client = app().test_client();
//! # client.get("/").send();
//! # assert_eq!(client.get("/").send().text(), "Visit 2. <a href='/hello/Ann'>Ann</a>");
//! # assert_eq!(client.get("/hello/<b>").send().text(), "Hello, &lt;b&gt;!");
//! ```
//!
//! `cargo run` serves it on <http://localhost:8000>; `cargo run -- --help` lists what else it can do.
//!
//! # The guide
//! [Quickstart](guide::quickstart), [routing](guide::routing), [requests](guide::requests),
//! [responses](guide::responses), [templates](guide::templates), [sessions](guide::sessions),
//! [blueprints](guide::blueprints), [hooks](guide::hooks), [errors](guide::errors), [configuration](guide::config),
//! [testing](guide::testing), [extensions](guide::extensions), [command line](guide::command_line),
//! [run or debug?](guide::run_or_debug), [debugging](guide::debugging), [editors](guide::editors),
//! [which address?](guide::which_address), [which port?](guide::which_port), [deployment](guide::deployment),
//! [deploying, step by step](guide::deploying), [behind a proxy](guide::behind_a_proxy), [restarts](guide::restarts),
//! [it cannot be reached](guide::cannot_reach_it), [coming from Flask](guide::coming_from_flask).
//!
//! # Most used
//! | for | items |
//! |---|---|
//! | the app | [`App`], [`Blueprint`], [`Extension`], [`main`](macro@main), [`prelude`] |
//! | handlers | [`get`](macro@get), [`post`](macro@post), [`route`](macro@route), [`routes!`], [`url_for!`] |
//! | their arguments | [`Request`], [`Query`], [`Form`], [`FormData`], [`Json`], [`Session`], [`State`], [`Config`], [`FromRequest`] |
//! | their answers | [`Html`], [`Json`], [`Text`], [`Response`], [`redirect`], [`send_file`], [`sse`], [`IntoResponse`] |
//! | templates | [`render!`], [`render_string!`], [`context!`], [`templates`], [`Markup`] |
//! | errors | [`Result`], [`Error`], [`abort!`], [`OrAbort`], [`error`](macro@error), [`errors!`] |
//! | configuration | [`config`], [`config::Settings`] |
//! | tests | [`testing`], [`App::test_client`] |
//! | commands | [`command`](macro@command), [`commands!`] |

// The macros name this crate as its users do, also in its own tests.
extern crate self as carafe;

mod app;
mod banner;
mod blueprint;
mod check;
mod cli;
#[cfg(feature = "commands")]
mod command;
#[cfg(not(feature = "commands"))]
#[path = "no_command.rs"]
mod command;
pub mod config;
mod config_extract;
mod context;
#[cfg(debug_assertions)]
mod debugging;
#[cfg(debug_assertions)]
mod dev;
mod dispatch;
mod error;
mod error_page;
mod explain;
mod extract;
mod few;
mod files;
mod flash;
mod handler;
mod hooks;
pub mod http;
mod layers;
mod log;
mod macros;
#[cfg(debug_assertions)]
mod masking;
mod proxies;
mod proxy_fix;
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
pub mod trace;

#[cfg(any(doc, doctest))]
#[path = "docs/mod.rs"]
pub mod guide;
pub mod prelude;
#[doc(hidden)]
pub mod private;
#[doc(hidden)]
pub mod tool;
#[doc(hidden)]
pub use private as __private;
#[doc(hidden)]
pub use tool as __tool;

pub use app::{App, Endpoint, Extension, Guard, Guarded, Route, Rule, Running, SetupError, UrlFor};
pub use blueprint::Blueprint;
pub use command::Command;
#[cfg(feature = "commands")]
pub use command::{CommandOutcome, FromRunning};
pub use config_extract::Config;
pub use error::{Error, OrAbort, Result, abort};
pub use extract::{
    Cookies, Form, FormData, FromPathValue, FromRequest, JsonOptions, Multipart, MultipartField,
    Provided, Query, State, Upload, UploadReader,
};
pub use files::{SendFile, send_bytes, send_file, send_from_directory};
pub use flash::{Flashed, FlashedMessages, IntoFlash, flash, get_flashed_messages};
pub use handler::{Blocking, View, ViewFuture};
pub use hooks::{ErrorFuture, ErrorHandler, Place};
pub use http::{Body, Peer, Response, Status};
pub use layers::LayerInner;
pub use proxy_fix::ProxyFix;
pub use request::{Limits, Request, Upgraded};
pub use respond::{Html, IntoHeaders, IntoResponse, Json, Redirect, Text, redirect};
pub use run::{BackgroundServer, TestServer};
pub use session::{Session, SessionCookie, SessionFuture, SessionInterface, SessionValues, Signer};
pub use signals::Signal;
pub use streaming::stream_with_context;
pub use templates::{
    Markup, get_template_attribute, render, render_string, stream_template, stream_template_string,
};
pub use uuid::Uuid;

#[cfg(feature = "commands")]
pub use clap;
pub use macros::{command, delete, error, get, main, patch, post, put, route};
