//! Proxies in front of the app: whose word on the client is believed (config key
//! `trusted_proxies`), and what it makes of a request before anyone looks at it.
//!
//! [`Entrance`] is the step that every request takes first; where nobody is believed and nobody
//! watches, it is one load. Who is trusted is in `trust`, what each family of headers says in
//! `x_forwarded` and `rfc7239`, how it changes the request in `told`. Counting proxies without
//! asking who they are is [`ProxyFix`](crate::ProxyFix)'s.

mod entrance;
mod hint;
mod rfc7239;
mod told;
mod trust;
mod watch;
mod x_forwarded;

#[cfg(test)]
mod tests;

pub(crate) use entrance::Entrance;
pub(crate) use told::{Client, Told, host_with_port, is_prefix};
