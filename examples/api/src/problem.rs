//! Errors as JSON, in the form of RFC 9457.

use carafe::prelude::*;
use serde::Serialize;

#[derive(Serialize)]
struct Problem<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
    /// The field of the body that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

/// Every error of the app, also of URLs that nobody answers.
#[error(default)]
pub(crate) async fn tell(error: &Error, request: &Request) -> Result<Response> {
    let problem = Problem {
        status: error.status().as_u16(),
        title: error.status().canonical_reason().unwrap_or("Error"),
        detail: error.description(),
        field: error.field(),
    };
    // The error's own headers say more, such as `Allow` for a wrong method.
    let response =
        (Json(problem), error.status(), error.headers().clone()).into_response(request)?;
    Ok(response.with_header("content-type", "application/problem+json"))
}
