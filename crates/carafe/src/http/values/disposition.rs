//! The `Content-Disposition` header: of downloads (RFC 6266) and of form parts (RFC 7578).

use super::ascii_fold::fold_to_ascii;
use super::invalid::InvalidValue;
use super::syntax::{capped, header_value, is_token, parse_params, push_pair};
use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;
use std::str::FromStr;

/// Everything but RFC 8187's `attr-char`.
#[rustfmt::skip]
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!').remove(b'#').remove(b'$').remove(b'&').remove(b'+').remove(b'-').remove(b'.')
    .remove(b'^').remove(b'_').remove(b'`').remove(b'|').remove(b'~');

/// What to do with a body, and its name. A name from a client is not a path: see
/// [`secure_filename`](super::secure_filename).
///
/// ```
/// use carafe::http::values::ContentDisposition;
/// let download = ContentDisposition::attachment(Some("café.txt"));
/// assert_eq!(
///     download.to_string(),
///     "attachment; filename=cafe.txt; filename*=UTF-8''caf%C3%A9.txt",
/// );
/// let part: ContentDisposition = "form-data; name=\"photo\"; filename=\"a b.png\"".parse()?;
/// assert_eq!((part.name(), part.filename()), (Some("photo"), Some("a b.png")));
/// # Ok::<(), carafe::http::values::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentDisposition {
    kind: String,
    name: Option<String>,
    filename: Option<String>,
}

impl ContentDisposition {
    /// To be saved.
    pub fn attachment(filename: Option<&str>) -> Self {
        Self::new("attachment", None, filename)
    }

    /// To be shown, with a name for when it is saved.
    pub fn inline(filename: Option<&str>) -> Self {
        Self::new("inline", None, filename)
    }

    /// A part of a multipart form.
    #[inline]
    pub fn form_data(name: &str, filename: Option<&str>) -> Self {
        Self::new("form-data", Some(name), filename)
    }

    fn new(kind: &str, name: Option<&str>, filename: Option<&str>) -> Self {
        ContentDisposition {
            kind: kind.to_owned(),
            name: name.map(str::to_owned),
            filename: filename.map(str::to_owned),
        }
    }

    /// `attachment`, `inline`, `form-data` or another, in lower case.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The form field's name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The file's name as the sender gave it; `filename*` goes before `filename`.
    pub fn filename(&self) -> Option<&str> {
        self.filename.as_deref()
    }

    /// The header's value.
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }

    /// Form parts are written as browsers do (HTML, multipart/form-data encoding).
    fn print_form_part(&self) -> String {
        let mut out = self.kind.clone();
        for (key, value) in [("name", &self.name), ("filename", &self.filename)] {
            if let Some(value) = value {
                let value = value.replace('\n', "%0A").replace('\r', "%0D").replace('"', "%22");
                out.push_str(&format!("; {key}=\"{value}\""));
            }
        }
        out
    }

    /// Downloads are written as Werkzeug's `send_file` does: an ASCII name for old clients first
    /// (RFC 6266 appendix D).
    fn print_download(&self) -> String {
        let mut out = self.kind.clone();
        if let Some(filename) = &self.filename {
            out.push_str("; ");
            push_pair(&mut out, "filename", Some(&fold_to_ascii(filename)));
            if !filename.is_ascii() {
                let encoded = utf8_percent_encode(filename, NOT_ATTR_CHAR).to_string();
                push_pair(&mut out, "; filename*", Some(&format!("UTF-8''{encoded}")));
            }
        }
        out
    }
}

/// Of equal parameters the last counts, as in Werkzeug.
impl FromStr for ContentDisposition {
    type Err = InvalidValue;

    #[inline]
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        const WHAT: &str = "a content disposition";
        let (kind, mut params) = parse_params(capped(text, WHAT)?);
        if !is_token(kind) {
            return Err(InvalidValue::new(WHAT, text));
        }
        // RFC 6266 section 4.3: `filename*` wins over `filename` wherever it stands.
        let mut take = |key: &str| {
            let at = params.iter().rposition(|(name, _)| name == key)?;
            Some(params.swap_remove(at).1)
        };
        Ok(ContentDisposition {
            kind: kind.to_ascii_lowercase(),
            name: take("name*").or_else(|| take("name")),
            filename: take("filename*").or_else(|| take("filename")),
        })
    }
}

impl fmt::Display for ContentDisposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_form = self.kind == "form-data";
        f.write_str(&if is_form { self.print_form_part() } else { self.print_download() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are what Werkzeug's `send_file` sets.
    #[test]
    fn prints_as_send_file() {
        let check = |name, printed: &str| {
            assert_eq!(ContentDisposition::inline(Some(name)).to_string(), printed);
        };
        check("a.txt", "inline; filename=a.txt");
        check("a b.txt", "inline; filename=\"a b.txt\"");
        check("a\"b\\.txt", "inline; filename=\"a\\\"b\\\\.txt\"");
        check("", "inline; filename=\"\"");
        check("it's.txt", "inline; filename=it's.txt");
        check("100%.txt", "inline; filename=100%.txt");
        check("a;b=c", "inline; filename=\"a;b=c\"");
        check("café.txt", "inline; filename=cafe.txt; filename*=UTF-8''caf%C3%A9.txt");
        check(
            "naïve \"x\".txt",
            "inline; filename=\"naive \\\"x\\\".txt\"; filename*=UTF-8''na%C3%AFve%20%22x%22.txt",
        );
        check("한글.txt", "inline; filename=.txt; filename*=UTF-8''%ED%95%9C%EA%B8%80.txt");
        check("Łódź.pdf", "inline; filename=odz.pdf; filename*=UTF-8''%C5%81%C3%B3d%C5%BA.pdf");
        check(
            "ﬁ…Ａ½.txt",
            "inline; filename=fi...A12.txt; filename*=UTF-8''%EF%AC%81%E2%80%A6%EF%BC%A1%C2%BD.txt",
        );
        check("€ 5.txt", "inline; filename=\" 5.txt\"; filename*=UTF-8''%E2%82%AC%205.txt");
        check("áb.txt", "inline; filename=ab.txt; filename*=UTF-8''a%CC%81b.txt");
        check(
            "Việt Nam.txt",
            "inline; filename=\"Viet Nam.txt\"; filename*=UTF-8''Vi%E1%BB%87t%20Nam.txt",
        );
        check("𝐀𝟘.txt", "inline; filename=A0.txt; filename*=UTF-8''%F0%9D%90%80%F0%9D%9F%98.txt");
        check(
            "é'()*!#$&+-.^_`|~.txt",
            "inline; filename=\"e'()*!#$&+-.^_`|~.txt\"; filename*=UTF-8''%C3%A9%27%28%29%2A!#$&+-.^_`|~.txt",
        );
        check("a b.txt", "inline; filename=\"a b.txt\"; filename*=UTF-8''a%C2%A0b.txt");
        check("😀.png", "inline; filename=.png; filename*=UTF-8''%F0%9F%98%80.png");
        check("①™.x", "inline; filename=1TM.x; filename*=UTF-8''%E2%91%A0%E2%84%A2.x");
        assert_eq!(ContentDisposition::attachment(None).to_string(), "attachment");
        let bad = ContentDisposition::attachment(Some("a\r\nb"));
        assert_eq!(bad.to_header_value(), "attachment; filename=\"a  b\"");
    }

    #[test]
    fn parses() {
        let check = |text: &str, filename: Option<&str>| {
            let got = text.parse::<ContentDisposition>().unwrap();
            assert_eq!(got.filename(), filename, "{text}");
        };
        check("attachment", None);
        check("Attachment; FileName=a.txt", Some("a.txt"));
        check("attachment; filename=\"a;b.txt\"", Some("a;b.txt"));
        check("attachment; filename=\"a%22b\\\"c\"", Some("a\"b\"c"));
        check("attachment; filename=a; filename*=UTF-8''%c3%a9", Some("é"));
        check("attachment; filename*=UTF-8''%c3%a9; filename=a", Some("é"));
        check("attachment; filename=a; filename*=x''y", Some("a"));
        check("attachment; filename*=utf-8'en'%zz%ff", Some("%zz\u{fffd}"));
        check("attachment; filename=a; filename=b", Some("b"));
        check("attachment; filename=\"\"", Some(""));
        check("attachment; filename=\"open", None);
        assert!("".parse::<ContentDisposition>().is_err());
        assert!("; name=a".parse::<ContentDisposition>().is_err());
    }

    #[test]
    fn form_parts() {
        let part = ContentDisposition::form_data("a\"b", Some("é\r\n.txt"));
        assert_eq!(part.to_string(), "form-data; name=\"a%22b\"; filename=\"é%0D%0A.txt\"");
        let part: ContentDisposition = "form-data; name=\"x\"".parse().unwrap();
        assert_eq!((part.kind(), part.name(), part.filename()), ("form-data", Some("x"), None));
    }
}
