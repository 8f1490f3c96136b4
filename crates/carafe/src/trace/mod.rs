//! What happens while a request is answered, noted for whoever develops the app: hooks, the handler,
//! templates, queries, log lines, each with its time.
//!
//! In development builds the `carafe` tool lists each request with these spans, and the error page shows what
//! ran before the error. Carafe notes its own steps; an extension or an app adds what it does with
//! [`query`] and [`span`]. In release builds all of it is empty: nothing is measured, copied or kept.
//!
//! ```
//! use carafe::trace;
//!
//! # fn send(_: &str) {}
//! fn send_mail(to: &str) {
//!     let mut span = trace::span(trace::Kind::OTHER, "send mail");
//!     span.detail(|| serde_json::json!({ "to": to }));
//!     send(to);
//!     // The span ends where it is dropped.
//! }
//! # send_mail("ann@example.com");
//! ```

#[cfg(debug_assertions)]
mod record;

use std::time::Instant;

use serde_json::Value;

#[cfg(debug_assertions)]
use crate::context;
use crate::request::Request;

#[cfg(debug_assertions)]
pub(crate) use self::record::{Closed, Matched, Panicked, Record, cut};

/// What a span is of: the tool shows each kind in a colour of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(&'static str);

impl Kind {
    /// A function that runs around the handler.
    pub const HOOK: Kind = Kind("hook");
    /// The handler.
    pub const HANDLER: Kind = Kind("handler");
    /// A template's rendering.
    pub const TEMPLATE: Kind = Kind("template");
    /// A question to a database.
    pub const QUERY: Kind = Kind("query");
    /// A line of the log.
    pub const LOG: Kind = Kind("log");
    /// Reading what the request brought.
    pub const EXTRACT: Kind = Kind("extract");
    /// Opening and saving the session.
    pub const SESSION: Kind = Kind("session");
    /// A function that runs at the very end.
    pub const TEARDOWN: Kind = Kind("teardown");
    /// Anything else.
    pub const OTHER: Kind = Kind("other");

    /// Its name among the tool's messages, such as `query`.
    pub fn name(self) -> &'static str {
        self.0
    }
}

/// A piece of work that is going on; it ends where this is dropped. Made by [`span`].
#[must_use = "a span ends where it is dropped"]
#[derive(Debug)]
pub struct Span {
    #[cfg(debug_assertions)]
    open: Option<record::Open>,
}

/// Begins a span of the current request. Outside of requests, and in release builds, nothing is noted.
#[inline]
#[cfg_attr(debug_assertions, track_caller)]
pub fn span(kind: Kind, name: &str) -> Span {
    #[cfg(debug_assertions)]
    {
        let place = std::panic::Location::caller();
        let record = context::current().and_then(|request| request.record().cloned());
        let place = Some((place.file(), place.line()));
        Span { open: record.map(|record| record.open(kind, name.to_owned(), place)) }
    }
    #[cfg(not(debug_assertions))]
    {
        let _ = (kind, name);
        Span {}
    }
}

impl Span {
    /// Adds what there is to know about it. `detail` is called in development only, and for a request.
    ///
    /// The fields of an object whose names sound secret, such as `password`, are hidden.
    #[inline]
    pub fn detail(&mut self, detail: impl FnOnce() -> Value) {
        #[cfg(debug_assertions)]
        if let Some(open) = &mut self.open {
            open.detail(crate::masking::value("", detail()));
        }
        #[cfg(not(debug_assertions))]
        let _ = detail;
    }
}

/// Notes a query that has just ended: its text with placeholders, how many rows it gave or changed
/// (`None` where that is not known), and when it was begun.
///
/// Give the text without the values: what is noted is shown to whoever develops.
///
/// ```
/// # fn run(_: &str) -> Vec<i64> { vec![1, 2] }
/// let started = std::time::Instant::now();
/// let sql = "select id from users where age > ?";
/// let rows = run(sql);
/// carafe::trace::query(sql, Some(rows.len() as u64), started);
/// ```
#[inline]
#[cfg_attr(debug_assertions, track_caller)]
pub fn query(sql: &str, rows: Option<u64>, started: Instant) {
    #[cfg(debug_assertions)]
    {
        let place = std::panic::Location::caller();
        if let Some(record) = context::current().and_then(|request| request.record().cloned()) {
            record.query(sql, rows, started, (place.file(), place.line()));
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = (sql, rows, started);
}

/// Notes a log event of the current request.
///
/// Carafe's own log does this by itself. An app that installs another subscriber calls it from
/// there, for the tool to list log lines with their requests.
#[inline]
pub fn event(event: &tracing::Event<'_>) {
    #[cfg(debug_assertions)]
    if let Some(record) = context::current().and_then(|request| request.record().cloned()) {
        record.event(event);
    }
    #[cfg(not(debug_assertions))]
    let _ = event;
}

/// Begins a span of this request.
#[inline]
pub(crate) fn of(
    request: &Request,
    kind: Kind,
    name: &str,
    place: Option<(&'static str, u32)>,
) -> Span {
    #[cfg(debug_assertions)]
    {
        Span { open: request.record().map(|record| record.open(kind, name.to_owned(), place)) }
    }
    #[cfg(not(debug_assertions))]
    {
        let _ = (request, kind, name, place);
        Span {}
    }
}
