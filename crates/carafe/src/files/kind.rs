//! A file's media type and encoding, told by its name.

use ::http::HeaderValue;

use crate::error::Result;
use crate::http::is_text;

use super::types;

const UNKNOWN: &str = "application/octet-stream";

/// What a name tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Guess {
    /// The type of the content once it is decoded.
    pub(super) mimetype: &'static str,
    /// The type of the file as it is on disk.
    pub(super) as_download: &'static str,
    /// How it is encoded, as `Content-Encoding` says it.
    pub(super) encoding: Option<&'static str>,
}

/// Endings that say how a file is packed: what they stand for in the name, the encoding, the type.
const PACKED: &[(&str, &str, &str, &str)] = &[
    (".tgz", ".tar", "gzip", "application/gzip"),
    (".svgz", ".svg", "gzip", "application/gzip"),
    (".gz", "", "gzip", "application/gzip"),
    (".br", "", "br", UNKNOWN),
    (".zst", "", "zstd", "application/zstd"),
    (".bz2", "", "bzip2", "application/x-bzip2"),
    (".xz", "", "xz", "application/x-xz"),
];

pub(super) fn guess(name: &str) -> Guess {
    for (ending, stands_for, encoding, as_download) in PACKED {
        if let Some(at) = name.len().checked_sub(ending.len())
            && name.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(ending))
        {
            let inner = format!("{}{stands_for}", &name[..at]);
            let mimetype = by_ending(&inner);
            return Guess { mimetype, as_download, encoding: Some(encoding) };
        }
    }
    let mimetype = by_ending(name);
    Guess { mimetype, as_download: mimetype, encoding: None }
}

fn by_ending(name: &str) -> &'static str {
    types::of_name(name).unwrap_or(UNKNOWN)
}

/// The `Content-Type`: text is UTF-8, as everywhere in Carafe.
pub(super) fn content_type(mimetype: &str) -> Result<HeaderValue> {
    if is_text(mimetype) && !mimetype.contains(';') {
        return Ok(HeaderValue::try_from(format!("{mimetype}; charset=utf-8"))?);
    }
    Ok(HeaderValue::from_str(mimetype)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, shown: &str, encoding: Option<&str>, as_download: &str) {
        let guess = guess(name);
        let shown_type = content_type(guess.mimetype).unwrap();
        assert_eq!((shown_type.to_str().unwrap(), guess.encoding), (shown, encoding), "{name}");
        let saved = content_type(guess.as_download).unwrap();
        assert_eq!(saved, as_download, "{name}");
    }

    #[test]
    fn types_by_name() {
        let plain = |name, mimetype| check(name, mimetype, None, mimetype);
        plain("a.txt", "text/plain; charset=utf-8");
        plain("a.HTML", "text/html; charset=utf-8");
        plain("a.css", "text/css; charset=utf-8");
        plain("a.js", "text/javascript; charset=utf-8");
        plain("a.mjs", "text/javascript; charset=utf-8");
        plain("a.svg", "image/svg+xml; charset=utf-8");
        plain("a.json", "application/json");
        plain("a.png", "image/png");
        plain("a.woff2", "font/woff2");
        plain("a.wasm", "application/wasm");
        plain("a.pdf", "application/pdf");
        plain("a.unknown", "application/octet-stream");
        plain("", "application/octet-stream");
        plain("한글.", "application/octet-stream");
        check("a.tar.gz", "application/x-tar", Some("gzip"), "application/gzip");
        check("a.TGZ", "application/x-tar", Some("gzip"), "application/gzip");
        check(
            "app.js.br",
            "text/javascript; charset=utf-8",
            Some("br"),
            "application/octet-stream",
        );
        check("한.gz", "application/octet-stream", Some("gzip"), "application/gzip");
    }
}
