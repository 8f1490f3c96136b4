//! What routing ended in, when it was not a rule: a redirect, 404, 405, or the wrong protocol.

use ::http::{HeaderValue, Method, header};

use crate::error::{Error, Result};
use crate::http::{Response, Status};
use crate::request::Request;
use crate::respond::{IntoResponse, redirect};
use crate::routing::{Outcome, Redirect};

/// The answer to a request that no rule takes.
pub(crate) fn answer(request: &Request, outcome: &Outcome) -> Result<Response> {
    match outcome {
        Outcome::Redirect(target) => redirect_response(request, target),
        Outcome::MethodNotAllowed { allow } => Err(method_not_allowed(request, allow)),
        Outcome::WebsocketMismatch => {
            Err(Error::new(Status::BAD_REQUEST).describe(match request.header(header::UPGRADE) {
                Some(name) if name.eq_ignore_ascii_case("websocket") => {
                    "this address is not for websockets"
                }
                _ => "this address is for websockets only",
            }))
        }
        Outcome::Found(_) | Outcome::NotFound => Err(Error::new(Status::NOT_FOUND)),
    }
}

/// Redirects are absolute and keep the query, as in Werkzeug.
fn redirect_response(request: &Request, target: &Redirect) -> Result<Response> {
    let router = &request.shared().router;
    let host = target.host.as_deref().map(|host| router.with_port(host, Some(request.host())));
    let host = host.as_deref().unwrap_or_else(|| request.host());
    let mut location = match target.is_absolute() {
        true => target.path.clone(),
        false => format!("{}://{host}{}{}", request.scheme(), request.root_path(), target.path),
    };
    let query = request.query_string();
    if !query.is_empty() && target.keeps_query() {
        location.push('?');
        location.push_str(query);
    }
    redirect(location).with_status(target.code).into_response(request)
}

fn method_not_allowed(request: &Request, allow: &[Method]) -> Error {
    let names = names_of(allow);
    Error::new(Status::METHOD_NOT_ALLOWED)
        .describe(format!("this address does not take {}, only {names}", request.method()))
        .with_header("allow", names)
}

fn names_of(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    names.join(", ")
}

/// The value of an `Allow` header.
pub(crate) fn allow_value(methods: &[Method]) -> HeaderValue {
    HeaderValue::try_from(names_of(methods)).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Makes sure that a 405 that the app made itself says what is allowed (RFC 9110 section 15.5.6).
pub(crate) fn complete(request: &Request, response: &mut Response) {
    if response.status() == Status::METHOD_NOT_ALLOWED
        && !response.headers().contains_key(header::ALLOW)
    {
        let allow = request.shared().router.allowed_methods(request.host(), request.path());
        response.headers_mut().insert(header::ALLOW, allow_value(&allow));
    }
}
