//! Carafe apps that run on this machine, and the socket at which each of them answers questions.
//!
//! Each app listens on one Unix socket, `<pid>.sock`, in a folder that only its user can enter. Who
//! connects writes one line, and gets one line of JSON back. Nothing of it is on a request's way.

#[cfg(unix)]
mod app;
#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod folder;
#[cfg(unix)]
mod handed;
#[cfg(unix)]
mod line;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod sockets;

#[cfg(unix)]
pub use self::app::{Ready, RunningApp, TakeOver, running};
#[cfg(not(unix))]
pub use self::elsewhere::{RunningApp, control_folder, running};
#[cfg(unix)]
pub use self::folder::control_folder;
#[cfg(unix)]
pub use self::handed::{give_sockets, take_sockets};
#[cfg(unix)]
pub use self::server::{Caller, ControlSocket};
