//! [`Markup`]: HTML that is safe to print as it is.

use std::fmt;

use serde::{Serialize, Serializer};

use super::escape;
use crate::error::Result;
use crate::http::Response;
use crate::request::Request;
use crate::respond::{Html, IntoResponse};

/// The name by which `serialize` knows a [`Markup`] again.
pub(super) const MARKER: &str = "\u{1}carafe::Markup";

/// HTML that templates print as it is: Flask's `Markup`.
///
/// Never make one of a visitor's text; [`Markup::escape`] is for that.
///
/// ```
/// use carafe::templates::Markup;
///
/// let name = "<script>";
/// let greeting = Markup::new(format!("<b>{}</b>", Markup::escape(name)));
/// assert_eq!(greeting.as_str(), "<b>&lt;script&gt;</b>");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Markup(String);

impl Markup {
    /// Declares that this HTML is safe.
    pub fn new(html: impl Into<String>) -> Markup {
        Markup(html.into())
    }

    /// Makes a text safe by escaping it.
    pub fn escape(text: impl AsRef<str>) -> Markup {
        Markup(escape::escaped(text.as_ref()))
    }

    /// The HTML.
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML itself.
    #[inline]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Markup {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Html> for Markup {
    /// A rendered page, to stand in another one.
    #[inline]
    fn from(html: Html) -> Markup {
        Markup(html.0)
    }
}

impl IntoResponse for Markup {
    #[inline]
    fn into_response(self, _request: &Request) -> Result<Response> {
        Ok(Response::html(self.0))
    }
}

impl Serialize for Markup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Other formats write the text inside.
        serializer.serialize_newtype_struct(MARKER, &self.0)
    }
}
