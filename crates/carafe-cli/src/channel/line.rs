//! Lines of the channel: read with a cap, and their words.

use std::io::{self, BufRead, Read as _};

use serde::Deserialize;
use serde_json::Value;

use super::App;

/// The longest line, in bytes, without its end.
pub(crate) const MAX_LINE: usize = 1 << 20;

/// Reads the next line into `line`; a line that is too long is passed over. `false` at the end.
///
/// # Errors
/// When the connection broke.
pub(super) fn next(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        line.clear();
        let most = MAX_LINE as u64 + 1;
        if from.by_ref().take(most).read_until(b'\n', line)? == 0 {
            return Ok(false);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
            return Ok(true);
        }
        // The end of the stream within a line, or a line that is too long.
        if line.len() <= MAX_LINE || !skip_line(from)? {
            return Ok(false);
        }
    }
}

fn skip_line(from: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let piece = from.fill_buf()?;
        if piece.is_empty() {
            return Ok(false);
        }
        let end = piece.iter().position(|byte| *byte == b'\n');
        let read = end.map_or(piece.len(), |at| at + 1);
        from.consume(read);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// The event that a line tells.
pub(super) fn kind(line: &str) -> Option<&str> {
    #[derive(Deserialize)]
    struct Line<'a> {
        #[serde(borrow)]
        event: &'a str,
    }
    Some(serde_json::from_str::<Line<'_>>(line).ok()?.event)
}

/// The app of a `hello`; `None` when it speaks another version.
pub(super) fn app(number: u64, line: &str) -> Option<App> {
    #[derive(Deserialize)]
    struct Hello {
        version: u64,
        pid: u32,
        #[serde(default)]
        app: String,
        #[serde(default)]
        root: String,
        #[serde(default)]
        urls: Vec<String>,
        #[serde(default)]
        routes: Value,
    }
    let hello: Hello = serde_json::from_str(line).ok()?;
    (hello.version == 1).then(|| App {
        number,
        pid: hello.pid,
        name: hello.app,
        root: hello.root.into(),
        urls: hello.urls,
        routes: hello.routes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_cap() {
        let lines = |text: Vec<u8>| {
            let (mut from, mut line, mut all) = (io::Cursor::new(text), Vec::new(), Vec::new());
            while next(&mut from, &mut line).unwrap() {
                all.push(line.len());
            }
            all
        };
        assert_eq!(lines(b"ab\n\nabc\nhalf".to_vec()), [2, 0, 3]);
        let at_the_cap = [vec![b'x'; MAX_LINE], b"\nabc\n".to_vec()].concat();
        assert_eq!(lines(at_the_cap), [MAX_LINE, 3]);
        let over = [vec![b'x'; MAX_LINE + 1], b"\nabc\n".to_vec()].concat();
        assert_eq!(lines(over), [3]);
        assert_eq!(lines(vec![b'x'; 3 * MAX_LINE]), [0_usize; 0]);
    }

    #[test]
    fn knows_the_words() {
        assert_eq!(kind(r#"{"event":"begin","id":7}"#), Some("begin"));
        assert_eq!(kind(r#"{"id":7}"#), None);
        assert_eq!(kind("begin"), None);
        let hello = r#"{"event":"hello","version":1,"pid":4,"app":"a","root":"/a","urls":["http://127.0.0.1:5/"],"routes":[]}"#;
        let app = app(3, hello).unwrap();
        assert_eq!((app.number, app.pid, app.name.as_str()), (3, 4, "a"));
        assert_eq!(super::app(3, r#"{"event":"hello","version":2,"pid":4}"#), None);
    }
}
