//! The parts of a request's URL, as Flask names them.

use std::borrow::Cow;

use ::http::{Uri, header};
use percent_encoding::percent_decode_str;

use super::Request;

/// The percent-decoded path when it differs from the one on the wire; `None` when it does not.
///
/// Bytes that are not UTF-8 become the replacement character, as in Werkzeug.
pub fn decode_path(uri: &Uri) -> Option<String> {
    let path = uri.path();
    if !path.as_bytes().contains(&b'%') {
        return None;
    }
    Some(percent_decode_str(path).decode_utf8_lossy().into_owned())
}

impl Request {
    /// The decoded path, such as `/users/Ann Lee`; without the query.
    pub fn path(&self) -> &str {
        self.0
            .decoded_path
            .as_deref()
            .unwrap_or_else(|| self.0.uri.path())
    }

    /// The path with the query: always with a `?`, as in Flask.
    pub fn full_path(&self) -> String {
        format!("{}?{}", self.path(), self.query_string())
    }

    /// The query as it came over the wire, without the `?`; empty when there is none.
    pub fn query_string(&self) -> &str {
        self.0.uri.query().unwrap_or_default()
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        if self.0.peer.secure { "https" } else { "http" }
    }

    /// Whether the request came over an encrypted connection.
    pub fn is_secure(&self) -> bool {
        self.scheme() == "https"
    }

    /// The host with its port, such as `example.com:8000`, as the client named it.
    ///
    /// The default port of the scheme is left out. Empty when the client named none.
    pub fn host(&self) -> &str {
        let host = match self.0.uri.authority() {
            // The target's own authority wins over the header (RFC 9112 section 3.2.2).
            Some(authority) => authority.as_str(),
            None => self.header(header::HOST).unwrap_or_default(),
        };
        let default_port = if self.is_secure() { ":443" } else { ":80" };
        host.strip_suffix(default_port).unwrap_or(host)
    }

    /// The path prefix under which the app is mounted; empty at the root. Flask's `script_root`.
    pub fn root_path(&self) -> &str {
        &self.0.shared.script_root
    }

    /// The scheme and the host, with a slash: `http://example.com/`.
    pub fn host_url(&self) -> String {
        format!("{}://{}/", self.scheme(), self.host())
    }

    /// The URL of the app's root, with a slash: `http://example.com/prefix/`.
    pub fn root_url(&self) -> String {
        format!("{}://{}{}/", self.scheme(), self.host(), self.root_path())
    }

    /// The URL without the query.
    pub fn base_url(&self) -> String {
        format!(
            "{}://{}{}{}",
            self.scheme(),
            self.host(),
            self.root_path(),
            self.iri_path()
        )
    }

    /// The whole URL.
    pub fn url(&self) -> String {
        match self.0.uri.query() {
            Some(query) => format!("{}?{query}", self.base_url()),
            None => self.base_url(),
        }
    }

    /// The path as it is safe inside a URL.
    fn iri_path(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0.uri.path())
    }
}
