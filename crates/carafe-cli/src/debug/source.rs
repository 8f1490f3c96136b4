//! Lines of source files: where a handler's body begins, and where a line went that was edited.

use std::fs;
use std::path::Path;

/// Files larger than this, in bytes, nobody sets breakpoints in by hand.
const MAX_FILE: u64 = 8 << 20;

fn read(file: &Path) -> Option<String> {
    let is_small = fs::metadata(file).is_ok_and(|data| data.is_file() && data.len() <= MAX_FILE);
    if is_small { fs::read_to_string(file).ok() } else { None }
}

/// The text of a line without the space around it; empty where there is none. Lines count from 1.
pub(super) fn line(file: &Path, line: i64) -> String {
    let at = usize::try_from(line).unwrap_or(0).checked_sub(1);
    let text = at.and_then(|at| read(file)?.lines().nth(at).map(|text| text.trim().to_owned()));
    text.unwrap_or_default()
}

/// Where a line with this text is now; `None` when it is where it was, or cannot be found.
pub(super) fn moved(file: &Path, line: i64, text: &str) -> Option<i64> {
    // A brace alone is everywhere.
    if !text.contains(|c: char| c.is_alphanumeric()) {
        return None;
    }
    nearest(&read(file)?, line, text)
}

fn nearest(source: &str, line: i64, text: &str) -> Option<i64> {
    let same = source.lines().zip(1_i64..).filter(|(found, _)| found.trim() == text);
    let now = same.map(|(_, number)| number).min_by_key(|number| (number - line).abs())?;
    (now != line).then_some(now)
}

/// The first line of a handler's body: the rule's line is its attribute's.
pub(super) fn body(file: &Path, line: i64) -> i64 {
    let start = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    read(file).and_then(|source| body_line(&source, start)).map_or(line, |line| line as i64 + 1)
}

/// From a line of the attribute or the signature on, the first line of the body; lines count from 0.
fn body_line(source: &str, start: usize) -> Option<usize> {
    let mut lines = source.lines().enumerate().skip(start);
    let is_function = |line: &str| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "fn")
    };
    let (signature, first) =
        lines.find(|(_, line)| !line.trim_start().starts_with("#[") && is_function(line))?;
    let mut opened = first.trim_end().ends_with('{').then_some(signature);
    if opened.is_none() && first.contains('{') {
        // All in one line.
        return Some(signature);
    }
    for (number, line) in lines {
        let text = line.trim();
        if opened.is_some() && !text.is_empty() && !text.starts_with("//") {
            return Some(number);
        }
        if opened.is_none() && text.ends_with('{') {
            opened = Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_body() {
        let check = |source: &str, start: usize, expected: Option<usize>| {
            assert_eq!(body_line(source, start), expected, "{source}");
        };
        check("#[get(\"/\")]\nfn a() {\n    1\n}", 0, Some(2));
        check(
            "#[get(\"/\")]\nasync fn a(\n    x: u8,\n) -> u8 {\n\n    // why\n    x\n}",
            0,
            Some(6),
        );
        check("#[get(\"/\")]\nfn a() -> u8 { 1 }", 0, Some(1));
        check("fn a()\nwhere\n    X: Y,\n{\n    1\n}", 0, Some(4));
        check("nothing", 0, None);
    }

    #[test]
    fn a_line_is_found_where_it_went() {
        let source = "fn a() {\n    one();\n    two();\n    one();\n}\n";
        let check = |line: i64, text: &str, expected: Option<i64>| {
            assert_eq!(nearest(source, line, text), expected, "{line} {text}");
        };
        check(2, "one();", None);
        check(1, "two();", Some(3));
        check(5, "one();", Some(4));
        check(9, "two();", Some(3));
        check(2, "three();", None);
        assert_eq!(moved(Path::new("/nonexistent"), 1, "x"), None);
        assert_eq!(line(Path::new("/nonexistent"), 1), "");
    }
}
