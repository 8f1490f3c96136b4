//! Sessions: what an app remembers of a visitor from one request to the next.
//!
//! By default a session is a cookie that the visitor keeps and the app signs: no state on the
//! server, and readable (not writable) by the visitor. Another place is a [`SessionInterface`].

mod cookie;
mod handle;
mod interface;
mod keys;
mod signer;
mod store;

pub use cookie::SessionCookie;
pub use handle::Session;
pub(crate) use interface::CustomInterface;
pub use interface::{SessionFuture, SessionInterface, SessionValues};
pub use signer::Signer;
pub(crate) use store::Sessions;
