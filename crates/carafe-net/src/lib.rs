//! The machine as a web server sees it: which addresses it has, which ports are taken and by whom.
//!
//! It knows the operating system and nothing of apps: the framework and the `carafe` tool stand on
//! it, so that both say the same in the same words, in English and in Korean ([`Lang`]).

mod lang;
mod notify;
mod running;
mod system;

pub use self::lang::Lang;
#[cfg(unix)]
pub use self::notify::monotonic_micros;
pub use self::notify::{notify, notify_at};
#[cfg(unix)]
pub use self::running::{Caller, ControlSocket, Ready, TakeOver};
pub use self::running::{RunningApp, control_folder, running};
pub use self::system::System;
