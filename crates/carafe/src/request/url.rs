//! The parts of a request's URL, as Flask names them.

use std::borrow::Cow;

use ::http::{HeaderMap, Uri, header};
use percent_encoding::{percent_decode, percent_decode_str, percent_encode_byte};

use super::Request;

/// The percent-decoded path when it differs from the one on the wire; `None` when it does not.
///
/// Bytes that are not UTF-8 become the replacement character, as in Werkzeug.
pub(crate) fn decode_path(uri: &Uri) -> Option<String> {
    let path = uri.path();
    if !path.as_bytes().contains(&b'%') {
        return None;
    }
    Some(percent_decode_str(path).decode_utf8_lossy().into_owned())
}

/// The host that a request names, without the default port of its scheme.
pub(crate) fn host_of<'a>(uri: &'a Uri, headers: &'a HeaderMap, secure: bool) -> &'a str {
    let host = match uri.authority() {
        // The target's own authority wins over the header (RFC 9112 section 3.2.2).
        Some(authority) => authority.as_str(),
        None => headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default(),
    };
    let default_port = if secure { ":443" } else { ":80" };
    host.strip_suffix(default_port).unwrap_or(host)
}

impl Request {
    /// The decoded path, such as `/users/Ann Lee`; without the query.
    pub fn path(&self) -> &str {
        self.0.decoded_path.as_deref().unwrap_or_else(|| self.0.uri.path())
    }

    /// The path with the query: always with a `?`, as in Flask.
    pub fn full_path(&self) -> String {
        format!("{}?{}", self.path(), self.query_string())
    }

    /// The query as it came over the wire, without the `?`; empty when there is none.
    pub fn query_string(&self) -> &str {
        self.0.uri.query().unwrap_or_default()
    }

    /// `http` or `https`: of the connection, or what a trusted proxy says of the client's.
    pub fn scheme(&self) -> &str {
        if self.0.peer.secure { "https" } else { "http" }
    }

    /// Whether the request came over an encrypted connection; see [`Request::scheme`].
    pub fn is_secure(&self) -> bool {
        self.scheme() == "https"
    }

    /// The host with its port, such as `example.com:8000`, as the client named it.
    ///
    /// The default port of the scheme is left out. Empty when the client named none.
    ///
    /// Behind a proxy that the config key `trusted_proxies` trusts, as the client named it there.
    pub fn host(&self) -> &str {
        host_of(&self.0.uri, &self.0.headers, self.0.peer.secure)
    }

    /// The path prefix under which the app is mounted; empty at the root. Flask's `script_root`.
    ///
    /// The config key `application_root`, or the prefix that a trusted proxy tells.
    pub fn root_path(&self) -> &str {
        self.told_prefix().unwrap_or(&self.0.shared.script_root)
    }

    /// The path prefix that a proxy told; empty at the root.
    pub(crate) fn told_prefix(&self) -> Option<&str> {
        self.0.script_root.as_deref()
    }

    /// The scheme and the host, with a slash: `http://example.com/`.
    pub fn host_url(&self) -> String {
        format!("{}://{}/", self.scheme(), self.host())
    }

    /// The URL of the app's root, with a slash: `http://example.com/prefix/`.
    pub fn root_url(&self) -> String {
        format!("{}://{}{}/", self.scheme(), self.host(), self.root_path())
    }

    /// The URL without the query, in a form to be read: see [`Request::url`].
    pub fn base_url(&self) -> String {
        format!(
            "{}://{}{}{}",
            self.scheme(),
            self.host(),
            self.root_path(),
            readable(self.0.uri.path(), b"/?#")
        )
    }

    /// The whole URL in a form to be read: percent-encoding stays only where the URL would mean
    /// something else without it. [`redirect`](crate::redirect) and links take it as it is.
    pub fn url(&self) -> String {
        match self.0.uri.query() {
            Some(query) => format!("{}?{}", self.base_url(), readable(query, b"&=+#")),
            None => self.base_url(),
        }
    }
}

/// Decodes percent-encoding as Werkzeug's `uri_to_iri` does (RFC 3987 section 3.2): all but white
/// space, controls, `%`, the characters in `keep`, and what is no UTF-8.
#[inline]
fn readable<'a>(text: &'a str, keep: &[u8]) -> Cow<'a, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let decoded = percent_decode(&rest[..rest.len().min(3)]).next();
        match decoded {
            Some(byte)
                if *first == b'%' && after.len() >= 2 && byte != b'%' && !stays(byte, keep) =>
            {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| decoded.push_str(percent_encode_byte(*byte)));
    }
    Cow::Owned(decoded)
}

#[inline]
fn stays(byte: u8, keep: &[u8]) -> bool {
    byte <= b' ' || byte == 0x7f || keep.contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_urls() {
        let check =
            |text: &str, expected: &str| assert_eq!(readable(text, b"/?#"), expected, "{text}");
        check("/a", "/a");
        check("/%ED%95%9C%41", "/\u{d55c}A");
        check("/a%20b%2Fc%3f%25%00", "/a%20b%2Fc%3f%25%00");
        check("/%ED%95", "/%ED%95");
        check("/%e9%C3%A9", "/%E9\u{e9}");
        check("/%zz%4", "/%zz%4");
        check("/%26&", "/&&");
    }
}
