//! The `WWW-Authenticate` header of a 401 (RFC 9110 section 11.6.1).

use super::authorization::AuthParams;
use super::invalid::InvalidValue;
use super::syntax::{capped, header_value, is_token, push_pair, push_quoted, trim_ows};
use http::HeaderValue;
use std::fmt;
use std::str::FromStr;

/// A challenge: how a client may say who it is.
///
/// ```
/// use carafe::http::values::WwwAuthenticate;
/// assert_eq!(WwwAuthenticate::basic("staff only").to_string(), "Basic realm=\"staff only\"");
/// let expired = WwwAuthenticate::bearer().param("error", "invalid_token");
/// assert_eq!(expired.to_string(), "Bearer error=invalid_token");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WwwAuthenticate {
    scheme: String,
    token: Option<String>,
    params: AuthParams,
}

impl WwwAuthenticate {
    /// Asks for a name and a password (RFC 7617); browsers show a dialogue.
    #[inline]
    pub fn basic(realm: &str) -> Self {
        Self::scheme_named("Basic").param("realm", realm)
    }

    /// Asks for a token (RFC 6750).
    #[inline]
    pub fn bearer() -> Self {
        Self::scheme_named("Bearer")
    }

    /// Asks for a digest (RFC 7616) with the server's `nonce`.
    #[inline]
    pub fn digest(realm: &str, nonce: &str) -> Self {
        Self::scheme_named("Digest").param("realm", realm).param("nonce", nonce)
    }

    /// Any other scheme; fails when it is no token.
    #[inline]
    pub fn new(scheme: &str) -> Result<Self, InvalidValue> {
        if is_token(scheme) {
            Ok(Self::scheme_named(scheme))
        } else {
            Err(InvalidValue::new("an authentication scheme", scheme))
        }
    }

    #[inline]
    fn scheme_named(scheme: &str) -> Self {
        WwwAuthenticate { scheme: scheme.to_owned(), token: None, params: AuthParams::default() }
    }

    /// Sets a parameter, in place of an equal one. The value is quoted where it has to be; a name
    /// that is no token is left out.
    #[inline]
    pub fn param(mut self, name: &str, value: &str) -> Self {
        if is_token(name) {
            self.params.set(name, value);
        }
        self
    }

    /// Sets the token of schemes that have one in place of parameters.
    #[inline]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The scheme.
    #[inline]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The parameters.
    #[inline]
    pub fn params(&self) -> &AuthParams {
        &self.params
    }

    /// The header's value.
    #[inline]
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }
}

/// Reads one challenge.
impl FromStr for WwwAuthenticate {
    type Err = InvalidValue;

    #[inline]
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let text = trim_ows(capped(text, "a challenge")?);
        let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
        let challenge = Self::new(scheme)?;
        let rest = trim_ows(rest);
        // An equals sign that does not end the text is a parameter's; at the end it is padding.
        if rest.trim_end_matches('=').contains('=') {
            return Ok(WwwAuthenticate { params: AuthParams::parse(rest), ..challenge });
        }
        Ok(if rest.is_empty() { challenge } else { challenge.token(rest) })
    }
}

impl fmt::Display for WwwAuthenticate {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = self.scheme.clone();
        if let Some(token) = &self.token {
            return write!(f, "{out} {token}");
        }
        for (at, (name, value)) in self.params.iter().enumerate() {
            out.push_str(if at == 0 { " " } else { ", " });
            match value {
                Some(value) if self.always_quotes(name) => {
                    out.push_str(name);
                    out.push('=');
                    push_quoted(&mut out, value);
                }
                _ => push_pair(&mut out, name, value),
            }
        }
        f.write_str(&out)
    }
}

impl WwwAuthenticate {
    /// RFC 9110 section 11.5, which Werkzeug does not keep; RFC 7616 section 3.3.
    #[inline]
    fn always_quotes(&self, name: &str) -> bool {
        name == "realm"
            || (self.scheme.eq_ignore_ascii_case("digest")
                && ["domain", "nonce", "opaque", "qop"].contains(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints() {
        let check = |challenge: WwwAuthenticate, printed: &str| {
            assert_eq!(challenge.to_string(), printed);
            assert_eq!(printed.parse(), Ok(challenge));
        };
        check(WwwAuthenticate::basic("login"), "Basic realm=\"login\"");
        check(WwwAuthenticate::basic("a \"b\""), "Basic realm=\"a \\\"b\\\"\"");
        check(WwwAuthenticate::bearer(), "Bearer");
        let digest = WwwAuthenticate::digest("r", "n").param("qop", "auth").param("stale", "true");
        check(digest, "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", stale=true");
        check(WwwAuthenticate::new("Negotiate").unwrap().token("abc=="), "Negotiate abc==");
    }

    #[test]
    fn refuses_what_is_no_challenge() {
        assert!(WwwAuthenticate::new("a b").is_err());
        assert!("".parse::<WwwAuthenticate>().is_err());
        assert_eq!(WwwAuthenticate::bearer().param("a b", "c").to_string(), "Bearer");
        let value = WwwAuthenticate::basic("a\r\nb").to_header_value();
        assert_eq!(value, "Basic realm=\"a  b\"");
    }
}
