//! What header fields, query strings and cookies mean: text to values and back, one idea a file.
//!
//! Nothing here reads a socket, a file or a clock, and nothing panics: text from outside meets a
//! cap first, what cannot be read is skipped or an [`InvalidValue`], and every printed value is
//! free of control characters (RFC 9110 section 5.5), so no value can start another header line.

mod accept;
mod accept_match;
mod ascii_fold;
mod authorization;
mod cache_control;
mod conditional;
mod content_range;
mod cookie;
mod csp;
mod date;
mod disposition;
mod etag;
mod field;
mod forwarded;
#[doc(hidden)]
#[cfg(any(fuzzing, test))]
pub mod fuzz;
mod header_set;
mod host;
mod invalid;
mod media_type;
mod multidict;
mod network;
mod path_safety;
mod range;
mod set_cookie;
mod syntax;
mod www_authenticate;

pub use accept::Accept;
pub use authorization::{AuthParams, Authorization};
pub use cache_control::CacheControl;
pub use conditional::{Conditions, Precondition, Validators};
pub use content_range::ContentRange;
pub use cookie::parse_cookies;
pub use csp::ContentSecurityPolicy;
pub use date::{http_date, parse_date};
pub use disposition::ContentDisposition;
pub use etag::{ETag, ETags};
pub use field::field;
pub use forwarded::{Forwarded, ForwardedNode};
pub use header_set::HeaderSet;
pub use host::{UntrustedHost, host_is_trusted, is_valid_host, request_host};
pub use invalid::InvalidValue;
pub use media_type::MediaType;
pub use multidict::{MultiDict, MultiDictKeys, TooManyFields};
pub use network::IpNetwork;
pub use path_safety::{safe_join, secure_filename};
pub use range::{IfRange, NotSatisfiable, Range, RangeSpec};
pub use set_cookie::{COOKIE_SIZE_LIMIT, SameSite, SetCookie};
pub use www_authenticate::WwwAuthenticate;
