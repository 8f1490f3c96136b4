//! Media types (RFC 9110 section 8.3.1), the value of `Content-Type`.

use super::invalid::InvalidValue;
use super::syntax::{capped, header_value, is_token, parse_params, push_pair};
use http::HeaderValue;
use std::fmt;
use std::str::FromStr;

/// A media type with its parameters. Type and subtype are in lower case.
///
/// ```
/// use carafe::http::values::MediaType;
/// let json: MediaType = "application/problem+json; charset=UTF-8".parse()?;
/// assert_eq!(json.mimetype(), "application/problem+json");
/// assert_eq!(json.suffix(), Some("json"));
/// assert_eq!(json.charset(), Some("UTF-8"));
/// assert!(json.is_json());
/// # Ok::<(), carafe::http::values::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    essence: String,
    /// Where the `/` stands in `essence`.
    slash: usize,
    params: Vec<(String, String)>,
}

impl MediaType {
    /// The type without parameters: `text/html`.
    #[inline]
    pub fn mimetype(&self) -> &str {
        &self.essence
    }

    /// Before the slash: `text`.
    #[inline]
    pub fn main_type(&self) -> &str {
        &self.essence[..self.slash]
    }

    /// After the slash, suffix included: `svg+xml`.
    #[inline]
    pub fn subtype(&self) -> &str {
        &self.essence[self.slash + 1..]
    }

    /// After the subtype's last plus sign (RFC 6839): `xml` of `svg+xml`.
    #[inline]
    pub fn suffix(&self) -> Option<&str> {
        self.subtype().rsplit_once('+').map(|(_, suffix)| suffix)
    }

    /// A parameter's value, unquoted; names compare without case.
    #[inline]
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    /// Every parameter, names in lower case.
    #[inline]
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The `charset` parameter as it was written.
    #[inline]
    pub fn charset(&self) -> Option<&str> {
        self.param("charset")
    }

    /// The `boundary` parameter of a multipart type (RFC 2046 section 5.1.1).
    #[inline]
    pub fn boundary(&self) -> Option<&str> {
        self.param("boundary")
    }

    /// Whether this is `application/json` or ends in `+json`, as Werkzeug's `is_json`.
    #[inline]
    pub fn is_json(&self) -> bool {
        self.essence == "application/json"
            || (self.main_type() == "application" && self.suffix() == Some("json"))
    }

    /// The type with one parameter set.
    ///
    /// ```
    /// # use carafe::http::values::MediaType;
    /// let html = "text/html".parse::<MediaType>()?.with_param("charset", "utf-8");
    /// assert_eq!(html.to_string(), "text/html; charset=utf-8");
    /// # Ok::<(), carafe::http::values::InvalidValue>(())
    /// ```
    #[inline]
    pub fn with_param(mut self, name: &str, value: &str) -> Self {
        self.params.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.params.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// The value of a `Content-Type` header.
    #[inline]
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }
}

/// Parameters that cannot be read are skipped; of equal names the last counts, as in Werkzeug.
impl FromStr for MediaType {
    type Err = InvalidValue;

    #[inline]
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        const WHAT: &str = "a media type";
        let (essence, mut params) = parse_params(capped(text, WHAT)?);
        match essence.split_once('/') {
            Some((main, sub)) if is_token(main) && is_token(sub) => {
                params.reverse();
                Ok(MediaType { essence: essence.to_ascii_lowercase(), slash: main.len(), params })
            }
            _ => Err(InvalidValue::new(WHAT, text)),
        }
    }
}

impl fmt::Display for MediaType {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = self.essence.clone();
        for (name, value) in &self.params {
            out.push_str("; ");
            push_pair(&mut out, name, Some(value));
        }
        f.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints() {
        let check = |text: &str, printed: Option<&str>| {
            let got = text.parse::<MediaType>().ok().map(|media| media.to_string());
            assert_eq!(got.as_deref(), printed, "{text}");
        };
        check("text/html", Some("text/html"));
        check(" Text/HTML ;Charset=\"utf-8\"", Some("text/html; charset=utf-8"));
        check(
            "multipart/form-data; boundary=\"a b\"",
            Some("multipart/form-data; boundary=\"a b\""),
        );
        check("text/html;;; x; y=", Some("text/html"));
        check("text", None);
        check("text/", None);
        check("/html", None);
        check("te xt/html", None);
        check("a/b/c", None);
        check("", None);
        check(&format!("a/b; c={}", "d".repeat(70_000)), None);
    }

    #[test]
    fn json() {
        let check = |text: &str, json| {
            assert_eq!(text.parse::<MediaType>().unwrap().is_json(), json, "{text}");
        };
        check("application/json", true);
        check("Application/JSON; charset=x", true);
        check("application/vnd.api+json", true);
        check("text/json", false);
        check("text/x+json", false);
        check("application/jsonp", false);
    }

    #[test]
    fn parts() {
        let media: MediaType = "image/svg+xml; a=1; b=2; a=3".parse().unwrap();
        assert_eq!((media.main_type(), media.subtype()), ("image", "svg+xml"));
        assert_eq!((media.suffix(), media.param("A")), (Some("xml"), Some("3")));
        assert_eq!(media.boundary(), None);
    }
}
