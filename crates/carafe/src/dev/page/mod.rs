//! The development error page: what happened, where, in which request, as HTML, JSON or text.
//!
//! All three say the same [`Report`]. Who may see it is decided in `error_page::audience`.

mod facts;
mod frames;
mod highlight;
mod html;
mod json;
mod text;
mod why;
mod words;

use ::http::header::{ACCEPT, USER_AGENT};
use serde_json::json;

use self::facts::{Report, Told, place_of};
use self::words::Words;
use crate::app::Core;
use crate::error::Error;
use crate::error_page::sees_details;
use crate::hooks::{ErrorFilter, ErrorHandler};
use crate::http::{Response, Status};
use crate::request::Request;

/// How a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Html,
    Json,
    Text,
}

impl Form {
    /// What the client reads best: a browser HTML, a program JSON, curl text.
    fn of(request: &Request) -> Form {
        let accept = request.header(ACCEPT).unwrap_or_default();
        let agent = request.header(USER_AGENT).unwrap_or_default().to_ascii_lowercase();
        let is_terminal =
            ["curl/", "wget/", "httpie/", "xh/"].iter().any(|name| agent.starts_with(name));
        match () {
            () if request.prefers_json() => Form::Json,
            () if accept.contains("html") || accept.contains("text/*") => match is_terminal {
                true if !accept.contains("html") => Form::Text,
                _ => Form::Html,
            },
            () => Form::Text,
        }
    }
}

/// The page for an error, for whoever develops.
pub(crate) fn page(core: &Core, request: &Request, error: &Error) -> Response {
    let report = Report::of(core, request, error);
    let words = Words::of(core.config.settings());
    if let Some(record) = request.record() {
        record.failure().has_page = true;
    }
    match Form::of(request) {
        Form::Html => Response::html(html::page(&report, words)),
        Form::Json => Response::typed("application/json", json::page(&report)),
        Form::Text => Response::text(text::page(&report)),
    }
}

/// Notes an error that is answered with 5xx, for the message that ends the request.
pub(crate) fn failed(core: &Core, request: &Request, error: &Error) {
    let Some(record) = request.record() else { return };
    if !error.status().is_server_error() {
        return;
    }
    let told = Told::of(error, Some(record));
    let spot = place_of(&core.folder, error, Some(record));
    let place = error.origin().place;
    let (file, line) = match &spot {
        Some(spot) => (Some(spot.file.to_string_lossy().into_owned()), Some(spot.line)),
        None if place.file().is_empty() => (None, None),
        None => (Some(place.file().to_owned()), Some(place.line())),
    };
    record.failure().error = Some(json!({
        "type": told.kind,
        "message": told.message,
        "causes": told.causes,
        "id": error.id(),
        "file": file,
        "line": line,
    }));
}

/// Whether whoever develops sees the page of this error in place of the app's own for a 500, as in
/// Flask: that one is made to say nothing. Handlers by type are a part of the app's work, and what
/// answers all errors may be for programs.
pub(crate) fn takes_place_of(
    core: &Core,
    request: &Request,
    error: &Error,
    handler: &ErrorHandler,
) -> bool {
    let is_unexpected = error.status() == Status::INTERNAL_SERVER_ERROR && error.source().is_some();
    let is_mute = match handler.filter {
        ErrorFilter::Status(_) => true,
        ErrorFilter::Any => Form::of(request) == Form::Html,
        ErrorFilter::Type(_) => false,
    };
    is_unexpected && is_mute && sees_details(core, request.headers(), request.peer())
}
