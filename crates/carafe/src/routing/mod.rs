//! Rules to views and endpoints to URLs, as Werkzeug does it.
//!
//! An app adds rules to a [`Map`] and freezes it into a [`Router`], which finds the rule for a
//! request ([`Router::find`]), builds URLs ([`Router::build`]) and says why a rule did not answer
//! ([`Router::explain`]). This module knows no requests, no views and no I/O.

mod builtin;
mod compile;
mod converter;
mod error;
mod explain;
mod map;
mod matcher;
mod method_set;
mod pattern;
mod redirect;
mod router;
mod rule;
mod segments;
mod shape;
mod split;
mod suggest;
mod trie;
mod url_for;
mod url_value;
mod value;

#[cfg(test)]
mod tests;

pub use builtin::IntRange;
pub use converter::{Argument, ArgumentValue, Arguments, Converter, Converters, ValueType};
pub use error::{BuildError, BuildErrorKind, RuleError};
pub use explain::{Reason, Tried};
pub use map::{Map, MapSettings};
pub use redirect::{Redirect, RedirectKind};
pub use router::{Match, Outcome, Router};
pub use rule::{Matched, RedirectFunction, RedirectTo, Rule, RuleId, RuleSpec};
pub use url_for::{BuildOptions, Built};
pub use url_value::{BuildValues, UrlValue};
pub use value::{DefaultValue, PathValue, Span, Values};
