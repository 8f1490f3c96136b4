//! How far cargo is, read from the progress bar that it draws.
//!
//! Its messages in JSON tell of each crate that is done, but not of how many there are; the bar tells
//! both: `Building [====>    ] 57/130: serde`.

/// A part of what cargo writes to standard error.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Crates that are done, and all of them.
    Bar(u32, u32),
    /// A line of words.
    Line(String),
}

/// Cuts the stream into parts. Bars end with a carriage return, lines with a line break.
#[derive(Default)]
pub(crate) struct Parts(Vec<u8>);

/// More than this without an end is cut.
const LONGEST: usize = 64 << 10;

impl Parts {
    /// Takes more bytes, and gives each part that is whole.
    pub(crate) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(Part)) {
        for byte in bytes {
            match byte {
                b'\r' | b'\n' => take_part(&std::mem::take(&mut self.0), *byte, &mut take),
                _ => self.0.push(*byte),
            }
            if self.0.len() >= LONGEST {
                take_part(&std::mem::take(&mut self.0), b'\n', &mut take);
            }
        }
    }

    /// The end of the stream.
    pub(crate) fn end(&mut self, mut take: impl FnMut(Part)) {
        take_part(&std::mem::take(&mut self.0), b'\n', &mut take);
    }
}

fn take_part(bytes: &[u8], end: u8, take: &mut impl FnMut(Part)) {
    let text = String::from_utf8_lossy(bytes);
    // What clears the bar stands before what follows it.
    let text = text.trim_start_matches("\u{1b}[K").trim_end();
    if let Some((done, all)) = bar(text) {
        take(Part::Bar(done, all));
    } else if end == b'\n' && !text.is_empty() {
        take(Part::Line(text.to_owned()));
    }
}

/// The figures of a bar.
fn bar(text: &str) -> Option<(u32, u32)> {
    let text = text.trim_start().strip_prefix("Building [")?;
    let (_, rest) = text.split_once("] ")?;
    let figures = rest.split([':', ' ']).next()?;
    let (done, all) = figures.split_once('/')?;
    Some((done.parse().ok()?, all.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_lines() {
        let text = "   Compiling serde v1.0.0\n    Building [===>    ] 57/130: serde, libc(build)\r\
                    \u{1b}[K   Compiling libc\n    Building [=======>] 130/130\rwarning: half";
        let expected = [
            Part::Line("   Compiling serde v1.0.0".to_owned()),
            Part::Bar(57, 130),
            Part::Line("   Compiling libc".to_owned()),
            Part::Bar(130, 130),
            Part::Line("warning: half".to_owned()),
        ];
        for size in [1, 2, 7, 1000] {
            let (mut parts, mut found) = (Parts::default(), Vec::new());
            for bytes in text.as_bytes().chunks(size) {
                parts.push(bytes, |part| found.push(part));
            }
            parts.end(|part| found.push(part));
            assert_eq!(found, expected, "{size}");
        }
    }

    #[test]
    fn what_is_no_bar() {
        let check =
            |text: &str, expected: Option<(u32, u32)>| assert_eq!(bar(text), expected, "{text}");
        check("    Building [> ] 0/3: a", Some((0, 3)));
        check("    Building [> ] x/3: a", None);
        check("    Building [> ] 3", None);
        check("   Compiling a [1/2] 1/2", None);
    }
}
