//! The test client: requests to an app without a socket.
//!
//! [`App::test_client`](crate::App::test_client) freezes an app under the testing profile and
//! sends requests straight to its dispatcher, tower layers included. Cookies are kept from one
//! request to the next, as a browser does.

mod client;
mod context;
mod cookie;
mod exchange;
mod jar;
mod multipart;
mod request;
mod response;
mod sending;
mod target;

pub use client::TestClient;
pub use context::TestContext;
pub use cookie::TestCookie;
pub use multipart::TestMultipart;
pub use request::TestRequest;
pub use response::TestResponse;
