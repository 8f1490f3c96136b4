//! What the client would like to get: its `Accept` headers.

use ::http::header::{self, HeaderName};

use crate::http::values::{Accept, field};

use super::Request;

impl Request {
    /// The media types that the client accepts (`Accept`).
    ///
    /// ```
    /// # fn demo(request: &carafe::Request) {
    /// let best = request.accept_mimetypes().best_match(&["text/html", "application/json"]);
    /// # }
    /// ```
    pub fn accept_mimetypes(&self) -> Accept {
        self.accept(header::ACCEPT, Accept::media_types)
    }

    /// The charsets that the client accepts (`Accept-Charset`).
    pub fn accept_charsets(&self) -> Accept {
        self.accept(header::ACCEPT_CHARSET, Accept::charsets)
    }

    /// The encodings that the client accepts (`Accept-Encoding`).
    pub fn accept_encodings(&self) -> Accept {
        self.accept(header::ACCEPT_ENCODING, Accept::encodings)
    }

    /// The languages that the client accepts (`Accept-Language`).
    pub fn accept_languages(&self) -> Accept {
        self.accept(header::ACCEPT_LANGUAGE, Accept::languages)
    }

    /// Whether the client likes JSON better than HTML: true for API clients, false for browsers.
    pub fn prefers_json(&self) -> bool {
        self.accept_mimetypes().prefers_json()
    }

    fn accept(&self, name: HeaderName, read: fn(&str) -> Accept) -> Accept {
        read(&field(self.headers(), name).unwrap_or_default())
    }
}
