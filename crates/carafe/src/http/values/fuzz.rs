//! Every parser in one call, for fuzzing: no bytes may make any of them panic.

use super::*;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Hands `bytes` to every parser of bytes, and as text to every parser of text.
pub fn every_parser(bytes: &[u8]) {
    let _ = MultiDict::parse(bytes).map(|dict| dict.to_string());
    let _ = parse_cookies(bytes);
    forwarded(bytes);
    every_text_parser(&String::from_utf8_lossy(bytes));
}

/// What a proxy adds is read as it is, whatever stands before it; elements end where they say.
fn forwarded(bytes: &[u8]) {
    let node = |element: Result<Forwarded<'_>, _>| element.ok()?.client()?.ok();
    let of_visitor = Forwarded::from_right(bytes).map(node).collect::<Vec<_>>();
    let added = [bytes, b", for=\"[2001:db8::1]:4711\";host=\"a\\\"b\""].concat();
    let mut elements = Forwarded::from_right(&added);
    let last = elements.next().and_then(Result::ok).unwrap_or_default();
    assert_eq!(last.for_.as_deref(), Some("[2001:db8::1]:4711"));
    assert_eq!(last.host.as_deref(), Some("a\"b"));
    assert!(elements.map(node).eq(of_visitor));
}

fn every_text_parser(text: &str) {
    for accept in [Accept::media_types, Accept::charsets, Accept::encodings, Accept::languages] {
        let accept = accept(text);
        let _ = (accept.best_match(&["text/html", "en", "*/*", text]), accept.prefers_json());
        let _ = accept.to_header_value();
    }
    let _ = text.parse::<MediaType>().map(|value| value.to_header_value());
    let _ = text.parse::<ETag>().map(|value| value.to_header_value());
    let _ = ETags::parse(text).to_header_value();
    let _ = parse_date(text).map(http_date);
    if let Ok(range) = text.parse::<Range>() {
        let _ = (range.resolve(0), range.resolve(1000), range.resolve(u64::MAX));
    }
    let _ = IfRange::parse(text).to_header_value();
    let _ = text.parse::<ContentRange>().map(|value| value.to_header_value());
    let _ = CacheControl::parse(text).to_header_value();
    let _ = text.parse::<Authorization>().map(|value| value.to_header_value());
    let _ = text.parse::<WwwAuthenticate>().map(|value| value.to_header_value());
    let _ = text.parse::<ContentDisposition>().map(|value| value.to_header_value());
    let _ = HeaderSet::parse(text).to_header_value();
    let _ = ContentSecurityPolicy::parse(text).to_header_value();
    let _ = host_is_trusted(text, &[text, "."]);
    let _ = request_host("http", Some(text), None, &[text]);
    let _ = text.parse::<IpNetwork>().map(|network| network.to_string());
    every_printer(text);
}

/// Text from outside in the place of an application's own.
fn every_printer(text: &str) {
    let cookie = SetCookie::new(text, text).domain(text).path(text);
    let _ = cookie.to_header_value(UNIX_EPOCH);
    let _ = ContentDisposition::attachment(Some(text)).to_header_value();
    let _ = ContentDisposition::form_data(text, Some(text)).to_header_value();
    let _ = WwwAuthenticate::basic(text).param(text, text).to_header_value();
    let _ = (safe_join(Path::new("base"), text), secure_filename(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces that parsers care about; random text alone seldom gets past the first token.
    const PIECES: [&[u8]; 36] = [
        b"\"",
        b"\\",
        b",",
        b";",
        b"=",
        b" ",
        b"\t",
        b"*",
        b"/",
        b"-",
        b"%",
        b"%41",
        b"'",
        b"..",
        b":",
        b"[",
        b"]",
        b"W/",
        b"q=0.5",
        b"bytes=",
        b"0-",
        b"99999999999999999999",
        b"a",
        b"\xff",
        "é".as_bytes(),
        "한".as_bytes(),
        b"\r\n",
        b"\0",
        b"Basic ",
        b"filename*=UTF-8''",
        b"+",
        b"&",
        b"for=",
        b";proto=",
        b"[::1]",
        b"_a",
    ];

    /// The generator of Knuth's MMIX: the same texts on every run.
    fn next(state: &mut u64) -> usize {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as usize
    }

    #[test]
    fn nothing_panics() {
        let mut state = 1;
        for _ in 0..20_000 {
            let mut bytes = Vec::new();
            for _ in 0..next(&mut state) % 24 {
                match next(&mut state) % 4 {
                    0 => bytes.push(next(&mut state) as u8),
                    _ => bytes.extend_from_slice(PIECES[next(&mut state) % PIECES.len()]),
                }
            }
            every_parser(&bytes);
        }
    }

    /// A long header of any one piece is read in a moment: no step looks back at all others.
    #[test]
    fn long_repetitions_are_linear() {
        let start = std::time::Instant::now();
        for piece in PIECES {
            every_parser(&piece.repeat(65_536 / piece.len()));
            let pair = [piece, b"a=b;"].concat();
            every_parser(&pair.repeat(65_536 / pair.len()));
        }
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }
}
