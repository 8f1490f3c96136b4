//! `wordwrap`: lines of at most so many characters, as Python's `textwrap` breaks them.

use minijinja::{Error, Value};

use super::arguments::{Given, bind, count, flag, text};

pub(super) fn wordwrap(value: &Value, arguments: Given) -> Result<String, Error> {
    let names = ["width", "break_long_words", "wrapstring", "break_on_hyphens"];
    let [width, long, wrap, hyphens] = bind(names, arguments)?;
    let wrapper = Wrapper {
        width: count(width.as_ref(), 79, "width")?.max(1),
        breaks_long_words: flag(long.as_ref(), true),
        breaks_on_hyphens: flag(hyphens.as_ref(), true),
    };
    let wrap = text(wrap.as_ref()).unwrap_or_else(|| "\n".to_owned());
    let own = value.to_string();
    let lines: Vec<String> = own.lines().map(|line| wrapper.wrap(line).join(&wrap)).collect();
    Ok(lines.join(&wrap))
}

struct Wrapper {
    width: usize,
    breaks_long_words: bool,
    breaks_on_hyphens: bool,
}

impl Wrapper {
    fn wrap(&self, line: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let mut current = String::new();
        for chunk in self.chunks(line) {
            self.add(&mut lines, &mut current, chunk);
        }
        finish(&mut lines, &mut current);
        lines
    }

    /// Adds one word or gap to the current line, or begins another line with it.
    fn add(&self, lines: &mut Vec<String>, current: &mut String, chunk: &str) {
        let is_gap = chunk.trim().is_empty();
        if length(current) + length(chunk) <= self.width {
            if !(is_gap && current.is_empty() && !lines.is_empty()) {
                current.push_str(chunk);
            }
            return;
        }
        if is_gap {
            return finish(lines, current);
        }
        if length(chunk) <= self.width || !self.breaks_long_words {
            finish(lines, current);
            current.push_str(chunk);
            return;
        }
        let mut rest = chunk;
        while length(current) + length(rest) > self.width {
            let room = self.width - length(current).min(self.width);
            let at = rest.char_indices().nth(room).map_or(rest.len(), |(at, _)| at);
            let (part, after) = rest.split_at(at);
            current.push_str(part);
            rest = after;
            finish(lines, current);
        }
        current.push_str(rest);
    }

    /// Words and the gaps between them; a word with hyphens is several.
    fn chunks<'a>(&self, line: &'a str) -> Vec<&'a str> {
        let mut chunks = Vec::new();
        let mut start = 0;
        let chars: Vec<(usize, char)> = line.char_indices().collect();
        for (i, (at, c)) in chars.iter().enumerate().skip(1) {
            let before = chars[i - 1].1;
            let between = c.is_whitespace() != before.is_whitespace();
            let hyphen = self.breaks_on_hyphens && before == '-' && is_hyphenated(&chars, i - 1);
            if between || hyphen {
                chunks.push(&line[start..*at]);
                start = *at;
            }
        }
        chunks.push(&line[start..]);
        chunks
    }
}

/// Whether the hyphen at `i` is within a compound: at least two letters on both sides.
fn is_hyphenated(chars: &[(usize, char)], i: usize) -> bool {
    let letter = |at: Option<usize>| {
        at.and_then(|at| chars.get(at)).is_some_and(|(_, c)| c.is_alphabetic() || *c == '_')
    };
    letter(i.checked_sub(1))
        && letter(i.checked_sub(2))
        && letter(Some(i + 1))
        && letter(Some(i + 2))
}

/// Ends the current line, without the gap at its end.
fn finish(lines: &mut Vec<String>, current: &mut String) {
    let line = std::mem::take(current);
    let kept = line.trim_end();
    if !kept.is_empty() {
        lines.push(kept.to_owned());
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}
