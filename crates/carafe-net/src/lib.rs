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
mod lang;
#[cfg(any(target_os = "macos", test))]
mod macos;
mod process;
mod services;
mod sockets;
mod stop;
mod system;
#[cfg(any(windows, test))]
mod windows;

pub use self::address::AddressKind;
pub use self::age::age;
pub use self::free::{is_free, next_free};
pub use self::holder::{Holder, HolderKind, WhyNot, all_holders, describe_all, holders};
pub use self::interfaces::{Interface, LinkKind, interfaces};
pub use self::lang::Lang;
pub use self::process::{Process, my_uid, process};
pub use self::services::service_name;
pub use self::sockets::{Listening, listening, listening_on, lowest_open_port, time_wait};
pub use self::stop::{StopError, Stopped, stop};
pub use self::system::System;
