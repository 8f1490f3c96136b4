//! The text of a Carafe URL rule, such as `/users/<int:id>`, parsed into its parts.
//!
//! Both the attributes (at compile time) and the router (at start) read rules with this crate, so
//! that they cannot disagree. It knows text and the built-in converters' arguments; it does not
//! match paths.
//!
//! ```
//! use carafe_rule::{Part, parse};
//!
//! let rule = parse("/users/<int(min=1):id>").unwrap();
//! assert_eq!(rule.names().collect::<Vec<_>>(), ["id"]);
//! assert!(matches!(&rule.parts[0], Part::Static(text) if text == "/users/"));
//! assert_eq!(parse("users").unwrap_err().hint(), Some("write `/users`"));
//! ```

mod arguments;
mod builtin;
mod error;
mod rule;

pub use arguments::{Argument, ArgumentValue, Arguments};
pub use builtin::{BUILTIN_NAMES, Builtin, unknown_converter};
pub use error::ParseError;
pub use rule::{Part, Rule, parse, parse_host};
