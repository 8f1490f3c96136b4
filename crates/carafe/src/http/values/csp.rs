//! The `Content-Security-Policy` header (CSP level 3, section 2.2): what a page may load.

use super::invalid::InvalidValue;
use super::syntax::{MAX_ITEMS, MAX_LEN};
use http::HeaderValue;
use std::fmt;

/// A policy. Directives are checked when it is printed: no value can add a directive.
///
/// ```
/// use carafe::http::values::ContentSecurityPolicy;
/// let policy = ContentSecurityPolicy::new()
///     .default_src("'self'")
///     .img_src("'self' data:")
///     .directive("upgrade-insecure-requests", "");
/// assert_eq!(
///     policy.to_header_value()?,
///     "default-src 'self'; img-src 'self' data:; upgrade-insecure-requests",
/// );
/// assert!(policy.script_src("'self'; img-src *").to_header_value().is_err());
/// # Ok::<(), carafe::http::values::InvalidValue>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentSecurityPolicy {
    directives: Vec<(String, String)>,
}

/// One builder method a directive.
macro_rules! directives {
    ($($(#[$doc:meta])* $method:ident = $name:literal;)*) => {
        impl ContentSecurityPolicy {
            $($(#[$doc])* pub fn $method(self, sources: &str) -> Self {
                self.directive($name, sources)
            })*
        }
    };
}

directives! {
    /// Where anything may come from that no other directive names.
    default_src = "default-src";
    /// Where scripts may come from.
    script_src = "script-src";
    /// Where style sheets may come from.
    style_src = "style-src";
    /// Where images may come from.
    img_src = "img-src";
    /// Where fonts may come from.
    font_src = "font-src";
    /// Where sound and video may come from.
    media_src = "media-src";
    /// Where plug-ins may come from.
    object_src = "object-src";
    /// Where frames may come from.
    frame_src = "frame-src";
    /// Where workers may come from.
    worker_src = "worker-src";
    /// Where manifests may come from.
    manifest_src = "manifest-src";
    /// What scripts may connect to.
    connect_src = "connect-src";
    /// Who may show this page in a frame.
    frame_ancestors = "frame-ancestors";
    /// Where forms may be sent.
    form_action = "form-action";
    /// What `<base>` may say.
    base_uri = "base-uri";
    /// The reporting group to tell of violations.
    report_to = "report-to";
    /// The URL to tell of violations, for older browsers.
    report_uri = "report-uri";
}

impl ContentSecurityPolicy {
    /// A policy that allows everything.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a header's value. Of equal names the first counts (CSP level 3, section 2.2.1).
    #[inline]
    pub fn parse(header: &str) -> Self {
        let header = if header.len() <= MAX_LEN { header } else { "" };
        let mut policy = Self::new();
        for text in header.split(';').map(str::trim_ascii).filter(|t| !t.is_empty()).take(MAX_ITEMS)
        {
            let (name, value) = text.split_once([' ', '\t']).unwrap_or((text, ""));
            if policy.get(name).is_none() {
                policy = policy.directive(name, value.trim_ascii());
            }
        }
        policy
    }

    /// A directive's sources; the empty text for a directive without.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.directives.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    /// Sets any directive, in place of an equal one.
    #[inline]
    pub fn directive(mut self, name: &str, sources: &str) -> Self {
        match self.directives.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            Some(found) => found.1 = sources.to_owned(),
            None => self.directives.push((name.to_ascii_lowercase(), sources.to_owned())),
        }
        self
    }

    /// Takes a directive out.
    #[inline]
    pub fn without(mut self, name: &str) -> Self {
        self.directives.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self
    }

    /// Whether there are no directives.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.directives.is_empty()
    }

    /// The header's value. Fails on a name with other than letters, digits and hyphens, and on
    /// sources with a semicolon, a comma, a control or a non-ASCII character: those would end the
    /// directive or the policy.
    #[inline]
    pub fn to_header_value(&self) -> Result<HeaderValue, InvalidValue> {
        for (name, sources) in &self.directives {
            let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            if name.is_empty() || !name.bytes().all(is_name) {
                return Err(InvalidValue::new("a policy directive", name));
            }
            if !sources.bytes().all(|b| matches!(b, b' '..=b'~') && !b",;".contains(&b)) {
                return Err(InvalidValue::new("a list of policy sources", sources));
            }
        }
        HeaderValue::try_from(self.to_string()).map_err(|_| InvalidValue::new("a policy", ""))
    }
}

impl fmt::Display for ContentSecurityPolicy {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, sources)) in self.directives.iter().enumerate() {
            write!(f, "{}{name}", if at == 0 { "" } else { "; " })?;
            if !sources.is_empty() {
                write!(f, " {sources}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints() {
        let check = |text, printed| {
            assert_eq!(ContentSecurityPolicy::parse(text).to_string(), printed, "{text}");
        };
        check("", "");
        check("default-src 'self'; script-src a  b", "default-src 'self'; script-src a  b");
        check(" ;IMG-src *;; ;img-src x", "img-src *");
        check("upgrade-insecure-requests", "upgrade-insecure-requests");
    }

    #[test]
    fn injection_is_an_error() {
        let check = |name, sources, ok| {
            let policy = ContentSecurityPolicy::new().directive(name, sources);
            assert_eq!(policy.to_header_value().is_ok(), ok, "{name} {sources}");
        };
        check("img-src", "*", true);
        check("img-src", "a;b", false);
        check("img-src", "a, b", false);
        check("img-src", "a\nb", false);
        check("img-src", "é", false);
        check("img src", "a", false);
        check("", "a", false);
    }
}
