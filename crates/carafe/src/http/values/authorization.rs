//! The `Authorization` header (RFC 9110 section 11.6.2). Nothing here shows a secret in `Debug`.

use super::invalid::InvalidValue;
use super::syntax::{MAX_LEN, header_value, is_token, parse_pairs, push_pair, trim_ows};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::HeaderValue;
use std::fmt;
use std::str::FromStr;

/// Who a client says it is.
///
/// `Display` and `to_header_value` print the secret; `Debug` does not. Compare passwords and
/// tokens in constant time.
///
/// ```
/// use carafe::http::values::Authorization;
/// let auth: Authorization = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".parse()?;
/// assert_eq!(auth.username(), Some("Aladdin"));
/// assert_eq!(auth.password(), Some("open sesame"));
/// # Ok::<(), carafe::http::values::InvalidValue>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authorization {
    /// A name and a password (RFC 7617).
    Basic {
        /// Without a colon.
        username: String,
        /// With whatever it has.
        password: String,
    },
    /// A token (RFC 6750).
    Bearer(String),
    /// The answer to a challenge (RFC 7616).
    Digest(AuthParams),
    /// Any other scheme, as it was written.
    Other {
        /// Such as `Negotiate`.
        scheme: String,
        /// What follows the scheme.
        rest: String,
    },
}

/// The parameters of an authentication scheme, names in lower case.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AuthParams(Vec<(String, Option<String>)>);

impl AuthParams {
    /// Reads `name=value, name="quoted value"`.
    #[inline]
    pub fn parse(text: &str) -> Self {
        AuthParams(if text.len() <= MAX_LEN { parse_pairs(text) } else { Vec::new() })
    }

    /// A parameter's value, unquoted.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        found.1.as_deref()
    }

    /// Every parameter in order; `None` where there is only a name.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// Sets a parameter, in place of an equal one.
    #[inline]
    pub fn set(&mut self, name: &str, value: &str) {
        let value = Some(value.to_owned());
        match self.0.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            Some(found) => found.1 = value,
            None => self.0.push((name.to_ascii_lowercase(), value)),
        }
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Authorization {
    /// A name and a password. Fails when the name has a colon or either a control character
    /// (RFC 7617 section 2).
    #[inline]
    pub fn basic(
        username: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Self, InvalidValue> {
        let (username, password) = (username.into(), password.into());
        let controls = |text: &str| text.chars().any(char::is_control);
        if username.contains(':') || controls(&username) || controls(&password) {
            return Err(InvalidValue::secret("a user name and a password for Basic"));
        }
        Ok(Authorization::Basic { username, password })
    }

    /// The scheme as it is printed, such as `Basic`.
    #[inline]
    pub fn scheme(&self) -> &str {
        match self {
            Authorization::Basic { .. } => "Basic",
            Authorization::Bearer(_) => "Bearer",
            Authorization::Digest(_) => "Digest",
            Authorization::Other { scheme, .. } => scheme,
        }
    }

    /// The name of Basic or Digest.
    #[inline]
    pub fn username(&self) -> Option<&str> {
        match self {
            Authorization::Basic { username, .. } => Some(username),
            Authorization::Digest(params) => params.get("username"),
            _ => None,
        }
    }

    /// The password of Basic.
    #[inline]
    pub fn password(&self) -> Option<&str> {
        match self {
            Authorization::Basic { password, .. } => Some(password),
            _ => None,
        }
    }

    /// The token of Bearer.
    #[inline]
    pub fn token(&self) -> Option<&str> {
        match self {
            Authorization::Bearer(token) => Some(token),
            _ => None,
        }
    }

    /// The header's value, marked sensitive so that HTTP/2 does not index it.
    #[inline]
    pub fn to_header_value(&self) -> HeaderValue {
        let mut value = header_value(self.to_string());
        value.set_sensitive(true);
        value
    }
}

/// Schemes compare without case (RFC 9110 section 11.1). Fails without a scheme, and on Basic
/// credentials that are not UTF-8 in base64.
impl FromStr for Authorization {
    type Err = InvalidValue;

    #[inline]
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        const WHAT: &str = "an `Authorization` header";
        let (scheme, rest) = trim_ows(text).split_once(' ').unwrap_or((trim_ows(text), ""));
        if text.len() > MAX_LEN || !is_token(scheme) {
            return Err(InvalidValue::secret(WHAT));
        }
        let rest = trim_ows(rest);
        Ok(match scheme.to_ascii_lowercase().as_str() {
            "basic" => parse_basic(rest).ok_or(InvalidValue::secret("Basic credentials"))?,
            "bearer" => Authorization::Bearer(rest.to_owned()),
            "digest" => Authorization::Digest(AuthParams::parse(rest)),
            _ => Authorization::Other { scheme: scheme.to_owned(), rest: rest.to_owned() },
        })
    }
}

/// Without a colon all of it is the name, as in Werkzeug.
#[inline]
fn parse_basic(encoded: &str) -> Option<Authorization> {
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (username, password) = text.split_once(':').unwrap_or((&text, ""));
    Some(Authorization::Basic { username: username.to_owned(), password: password.to_owned() })
}

impl fmt::Display for AuthParams {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        for (name, value) in self.iter() {
            out.push_str(if out.is_empty() { "" } else { ", " });
            push_pair(&mut out, name, value);
        }
        f.write_str(&out)
    }
}

impl fmt::Display for Authorization {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Authorization::Basic { username, password } => {
                write!(f, "Basic {}", BASE64_STANDARD.encode(format!("{username}:{password}")))
            }
            Authorization::Bearer(token) => write!(f, "Bearer {token}"),
            Authorization::Digest(params) => write!(f, "Digest {params}"),
            Authorization::Other { scheme, rest } => write!(f, "{scheme} {rest}"),
        }
    }
}

impl fmt::Debug for Authorization {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorization({}, ..)", self.scheme())
    }
}

impl fmt::Debug for AuthParams {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints() {
        let check = |text: &str, printed: Option<&str>| {
            let got = text.parse::<Authorization>().ok().map(|auth| auth.to_string());
            assert_eq!(got.as_deref(), printed, "{text}");
        };
        check("Basic dTpw", Some("Basic dTpw"));
        check("basic  dTpw ", Some("Basic dTpw"));
        check("Basic dQ==", Some("Basic dTo="));
        check("Basic dTpw=", None);
        check("Basic /w==", None);
        check("Basic", Some("Basic Og=="));
        check("bearer abc.def==", Some("Bearer abc.def=="));
        check("Digest Username=\"a b\", qop=auth", Some("Digest username=\"a b\", qop=auth"));
        check("Negotiate YII=", Some("Negotiate YII="));
        check("", None);
        check("\"a\" b", None);
    }

    #[test]
    fn reads_parts() {
        let auth: Authorization = "Basic dTpwOnE=".parse().unwrap();
        assert_eq!((auth.username(), auth.password()), (Some("u"), Some("p:q")));
        assert_eq!(Authorization::basic("u", "p:q"), Ok(auth));
        assert!(Authorization::basic("u:", "p").is_err());
        assert!(Authorization::basic("u", "p\n").is_err());
        let auth: Authorization = "Digest username=u".parse().unwrap();
        assert_eq!(auth.username(), Some("u"));
    }

    #[test]
    fn debug_and_errors_hide_secrets() {
        for text in ["Basic dTpodW50ZXIy", "Bearer hunter2", "Digest response=hunter2", "X hunter2"]
        {
            let shown = format!("{:?}", text.parse::<Authorization>());
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        let shown = "Basic hunter2!".parse::<Authorization>().unwrap_err().to_string();
        assert_eq!(shown, "the value is not Basic credentials");
        assert!(Authorization::Bearer("x".into()).to_header_value().is_sensitive());
    }
}
