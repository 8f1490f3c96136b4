//! HTTP as values: statuses, headers, bodies, responses, and what headers mean. No I/O.

mod body;
mod peer;
mod response;
mod status;
pub mod values;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version, header};
pub use body::{Body, BoxError, ReadError, StalledBody};
pub use peer::Peer;
pub use response::Response;
pub use status::{IntoStatus, Status, reason_words};
