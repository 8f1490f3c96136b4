//! The default answer to an error that no error handler takes: HTML, or JSON where the client
//! prefers it.

mod audience;

use crate::app::Core;
use crate::error::Error;
#[cfg(not(debug_assertions))]
use crate::http::Status;
use crate::http::{Response, escaped, status_name};
use crate::request::Request;
use ::http::HeaderValue;
use ::http::header::VARY;

pub(crate) use self::audience::sees_details;

/// The default page for an error, or the response that the error carries.
pub(crate) fn respond(core: &Core, request: &Request, error: &mut Error) -> Response {
    if let Some(response) = error.take_response() {
        return response;
    }
    let mut response = match sees_details(core, request.headers(), request.peer()) {
        #[cfg(debug_assertions)]
        true => crate::dev::page(core, request, error),
        #[cfg(not(debug_assertions))]
        true => plain_page(request, error, detail(request, error).as_deref()),
        false => plain_page(request, error, None),
    };
    response.set_status(error.status());
    response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    for (name, value) in error.headers() {
        response.headers_mut().append(name.clone(), value.clone());
    }
    crate::refusal::complete(request, &mut response);
    response
}

fn plain_page(request: &Request, error: &Error, detail: Option<&str>) -> Response {
    match request.prefers_json() {
        true => json_page(error, detail),
        false => html_page(error, detail),
    }
}

/// The page for a failure outside any request, such as a tower layer's; `detailed` as
/// [`sees_details`] has it.
pub(crate) fn plain(detailed: bool, mut error: Error) -> Response {
    let id = error.name().to_owned();
    tracing::error!(target: "carafe", id, "a layer failed: {error}");
    let detail = detailed.then(|| error.to_string());
    html_page(&error, detail.as_deref()).with_status(error.status())
}

/// The page for an answer that is given in place of the app's.
pub(crate) fn bare(error: &Error) -> Response {
    html_page(error, None).with_status(error.status())
}

fn html_page(error: &Error, detail: Option<&str>) -> Response {
    let code = error.status().as_u16();
    let name = escaped(status_name(error.status()));
    let description = escaped(error.description());
    let mut page = format!(
        "<!doctype html>\n<html lang=en>\n<title>{code} {name}</title>\n<h1>{name}</h1>\n<p>{description}</p>\n"
    );
    if let Some(id) = error.id() {
        page.push_str(&format!("<p>Error <code>{id}</code></p>\n"));
    }
    if let Some(detail) = detail {
        page.push_str(&format!("<pre>{}</pre>\n", escaped(detail)));
    }
    Response::html(page)
}

/// The JSON form: `{"error": {"status": 404, "title": "Not Found", "description": "..."}}`, with the
/// error's id where the log has it.
fn json_page(error: &Error, detail: Option<&str>) -> Response {
    let code = error.status().as_u16();
    let mut text = format!("{{\"error\":{{\"status\":{code}");
    let title = status_name(error.status());
    let parts = [
        ("title", Some(title)),
        ("description", Some(error.description())),
        ("field", error.field()),
        ("id", error.id()),
        ("detail", detail),
    ];
    for (name, words) in parts {
        if let Some(words) = words {
            text.push_str(&format!(",\"{name}\":{}", serde_json::Value::from(words)));
        }
    }
    text.push_str("}}");
    Response::typed("application/json", text)
}

/// What only a developer should see, where a release build was told to be in debug mode: the causes, or why no rule matched.
#[cfg(not(debug_assertions))]
fn detail(request: &Request, error: &Error) -> Option<String> {
    if error.source().is_some() {
        // A cause that says nothing new is no detail.
        return Some(error.to_string()).filter(|words| words != error.description());
    }
    if request.url_rule().is_some() || error.status() != Status::NOT_FOUND {
        return None;
    }
    let (host, path) = (request.host(), request.path());
    Some(crate::explain::near(request.shared(), host, path, request.method()).to_string())
}
