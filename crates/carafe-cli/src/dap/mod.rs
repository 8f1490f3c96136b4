//! The Debug Adapter Protocol: framed JSON messages, and a conversation with an adapter.
//!
//! It knows the protocol and nothing of Carafe: what a debugging session does with it is in `debug`.
//! Specification: <https://microsoft.github.io/debug-adapter-protocol/specification>.

mod framing;
mod link;
mod message;

pub(crate) use self::framing::{read, read_at_most, write};
pub(crate) use self::link::{Link, LinkError, Told};
pub(crate) use self::message::{Message, event, failure, request, success};
