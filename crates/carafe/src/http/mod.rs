//! HTTP as values: statuses, headers, bodies, responses, and what headers mean. No I/O.

mod body;
mod escape;
mod on_close;
mod peer;
mod response;
mod response_headers;
mod status;
pub mod values;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version, header};
pub use body::{Body, BoxError, ReadError, StalledBody};
pub(crate) use escape::{escaped, write_escaped};
pub use peer::Peer;
pub use response::Response;
pub use response_headers::RetryAfter;
pub(crate) use response_headers::is_text;
pub(crate) use status::status_name;
pub use status::{IntoStatus, Status, reason_words};
