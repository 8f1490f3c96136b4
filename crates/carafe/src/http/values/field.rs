//! One header field out of many lines.

use http::{HeaderMap, header::AsHeaderName};
use std::borrow::Cow;

/// A list field's whole value: lines of the same name are one list (RFC 9110 section 5.3).
///
/// `None` when the field is absent. Bytes that are not UTF-8 become U+FFFD, which no header's
/// grammar allows. Not for `Set-Cookie`, which is not a list; `Cookie` joins with `;`.
///
/// ```
/// use carafe::http::values::field;
/// let mut headers = http::HeaderMap::new();
/// headers.append("accept", "text/html".parse().unwrap());
/// headers.append("accept", "*/*;q=0.1".parse().unwrap());
/// assert_eq!(field(&headers, "accept").as_deref(), Some("text/html, */*;q=0.1"));
/// ```
pub fn field(headers: &HeaderMap, name: impl AsHeaderName) -> Option<Cow<'_, str>> {
    let mut lines = headers.get_all(name).iter();
    let first = String::from_utf8_lossy(lines.next()?.as_bytes());
    Some(lines.fold(first, |mut whole, line| {
        let text = whole.to_mut();
        text.push_str(", ");
        text.push_str(&String::from_utf8_lossy(line.as_bytes()));
        whole
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_borrowed() {
        let mut headers = HeaderMap::new();
        assert_eq!(field(&headers, "vary"), None);
        headers.append("vary", "a".parse().unwrap());
        assert!(matches!(field(&headers, "vary"), Some(Cow::Borrowed("a"))));
        headers.append("vary", http::HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(field(&headers, "vary").unwrap(), "a, \u{fffd}");
    }
}
