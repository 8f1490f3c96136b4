//! The guestbook's own error pages.

use carafe::prelude::*;

#[error(404)]
pub(crate) async fn not_found() -> Result<(Html, u16)> {
    page(Status::NOT_FOUND, "Not in the book", "This page was never written, or it was torn out.")
}

#[error(500)]
pub(crate) async fn failed() -> Result<(Html, u16)> {
    let words = "Something spilled on our side. It is in the log; please try again in a moment.";
    page(Status::INTERNAL_SERVER_ERROR, "Spilled", words)
}

/// Every other error: a picture that is far too large, a form from another site, a wrong method.
#[error(default)]
pub(crate) async fn refused(error: &Error) -> Result<(Html, u16)> {
    let status = error.status();
    page(status, status.canonical_reason().unwrap_or("Error"), error.description())
}

fn page(status: Status, title: &str, words: &str) -> Result<(Html, u16)> {
    let status = status.as_u16();
    Ok((render!("error.html", status, title, words)?, status))
}
