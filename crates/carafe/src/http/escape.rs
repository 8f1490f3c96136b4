//! Text as it stands in HTML.

use std::fmt::{self, Write};

/// Writes `text` so that it is text in HTML and in quoted attributes; the characters are Markupsafe's.
pub(crate) fn write_escaped(out: &mut impl Write, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some(at) =
        rest.bytes().position(|byte| matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\''))
    {
        let (before, from) = rest.split_at(at);
        out.write_str(before)?;
        out.write_str(match from.as_bytes().first() {
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'&') => "&amp;",
            Some(b'"') => "&#34;",
            _ => "&#39;",
        })?;
        rest = from.get(1..).unwrap_or_default();
    }
    out.write_str(rest)
}

/// As [`write_escaped`], into a new text.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    // Writing into a `String` does not fail.
    let _ = write_escaped(&mut out, text);
    out
}
