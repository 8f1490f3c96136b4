//! The machine as a web server sees it: which addresses it has, which ports are taken and by whom.
//!
//! It knows the operating system and nothing of apps: the framework and the `carafe` tool stand on
//! it, so that both say the same in the same words, in English and in Korean ([`Lang`]).

mod itself;
mod lang;
mod system;

pub use self::itself::{in_foreground, tracer};
pub use self::lang::Lang;
pub use self::system::System;
