//! The machine as a web server sees it: which addresses it has, which ports are taken and by whom.
//!
//! It knows the operating system and nothing of apps: the framework and the `carafe` tool stand on
//! it, so that both say the same in the same words, in English and in Korean ([`Lang`]).

mod address;
mod age;
mod free;
mod holder;
mod inodes;
mod interfaces;
mod itself;
mod lang;
#[cfg(any(target_os = "macos", test))]
mod macos;
mod notify;
mod process;
mod running;
mod services;
mod sockets;
mod stop;
mod system;
#[cfg(unix)]
mod terminal;
mod text;
#[cfg(any(windows, test))]
mod windows;

pub use self::address::AddressKind;
pub use self::age::age;
pub use self::free::{is_free, next_free};
pub use self::holder::{Holder, HolderKind, WhyNot, all_holders, describe_all, holders};
pub use self::interfaces::{Interface, LinkKind, interfaces};
pub use self::itself::tracer;
pub use self::lang::Lang;
#[cfg(unix)]
pub use self::notify::monotonic_micros;
pub use self::notify::{notify, notify_at};
pub use self::process::{Process, my_uid, process};
#[cfg(unix)]
pub use self::running::{Caller, ControlSocket, Ready, TakeOver, give_sockets, take_sockets};
pub use self::running::{RunningApp, control_folder, running};
pub use self::services::service_name;
pub use self::sockets::{Listening, listening, listening_on, lowest_open_port, time_wait};
pub use self::stop::{StopError, Stopped, stop};
pub use self::system::System;
#[cfg(unix)]
pub use self::terminal::each_line;
pub use self::text::{columns, printable};
