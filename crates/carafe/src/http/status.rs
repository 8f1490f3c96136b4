//! Status codes: the `http` crate's type under Flask's habit of writing plain numbers.

/// An HTTP status code (RFC 9110 section 15).
pub type Status = ::http::StatusCode;

/// What may stand where a status is wanted: a [`Status`] or a number such as `404`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a status code",
    note = "write a number such as `404`, or a constant such as `Status::NOT_FOUND`"
)]
pub trait IntoStatus {
    /// The status; a number outside 100 to 999 is 500 `Internal Server Error`.
    fn into_status(self) -> Status;
}

impl IntoStatus for Status {
    fn into_status(self) -> Status {
        self
    }
}

impl IntoStatus for u16 {
    fn into_status(self) -> Status {
        Status::from_u16(self).unwrap_or(Status::INTERNAL_SERVER_ERROR)
    }
}

/// The name of a status, such as `Not Found`: Werkzeug's, where RFC 9110 has another one by now.
pub(crate) fn status_name(status: Status) -> &'static str {
    match status.as_u16() {
        413 => "Request Entity Too Large",
        414 => "Request URI Too Long",
        416 => "Requested Range Not Satisfiable",
        _ => status.canonical_reason().unwrap_or("Unknown Error"),
    }
}

/// One plain sentence on what a status means to the person who sees it.
pub fn reason_words(status: Status) -> &'static str {
    match status.as_u16() {
        400 => "The server could not understand this request.",
        401 => "Sign in to see this page.",
        402 => "This page is only open after a payment.",
        403 => "You are not allowed to see this page.",
        404 => "There is no page at this address.",
        405 => "This address exists, but not for this method.",
        406 => "This page does not exist in any form that your client accepts.",
        408 => "The request took too long to arrive.",
        409 => "The request conflicts with what is already there.",
        410 => "This page was here once and is gone for good.",
        411 => "The request has to say how long its body is.",
        412 => "A condition that the request set does not hold.",
        413 => "The request is larger than the server accepts.",
        414 => "The address is longer than the server accepts.",
        415 => "The server does not read bodies of this type.",
        416 => "The part that was asked for is not in the file.",
        417 => "The server cannot do what the `Expect` header asks for.",
        418 => "This server is a carafe, not a teapot.",
        421 => "This request was meant for another server.",
        422 => "The request was understood, but its values are not right.",
        423 => "This is locked at the moment.",
        424 => "Something that this request depends on has failed.",
        428 => "The request has to be conditional.",
        429 => "Too many requests came in a short time.",
        431 => "The headers of the request are larger than the server accepts.",
        451 => "This page may not be shown for legal reasons.",
        500 => "Something went wrong on the server.",
        501 => "The server does not know how to do that.",
        502 => "A server behind this one gave a wrong answer.",
        503 => "The server is too busy, or closed for a moment.",
        504 => "A server behind this one did not answer in time.",
        505 => "The server does not speak this version of HTTP.",
        _ => "The request could not be answered.",
    }
}
