//! [`Page`]: the text of a configuration file, with comments in the reader's language.
//!
//! Every format that is printed here begins a comment with `#`, on a line of its own.

use carafe_net::Lang;

/// Comments are broken before this column.
const WIDTH: usize = 100;

/// A file in the making.
pub(super) struct Page {
    lang: Lang,
    text: String,
    indent: &'static str,
    depth: usize,
}

impl Page {
    /// An empty file; `indent` is what each level of [`Page::block`] begins with.
    pub(super) fn new(lang: Lang, indent: &'static str) -> Page {
        Page { lang, text: String::new(), indent, depth: 0 }
    }

    pub(super) fn lang(&self) -> Lang {
        self.lang
    }

    /// A comment in the reader's language, broken into lines.
    pub(super) fn say(&mut self, english: &str, korean: &str) {
        let words = self.lang.pick(english, korean);
        self.wrap("# ", words);
    }

    /// A numbered step at the head of a file.
    pub(super) fn step(&mut self, number: &mut u8, english: &str, korean: &str) {
        *number += 1;
        let words = self.lang.pick(english, korean);
        self.wrap(&format!("# {number}. "), words);
    }

    /// What a file is, and the command that it can be made with again.
    pub(super) fn title(&mut self, english: &str, korean: &str, made_by: &str) {
        self.say(english, korean);
        let how = self.lang.pick("Made by", "만든 명령");
        self.line(&format!("# {how}: {made_by}"));
        self.line("#");
    }

    /// A command or a setting inside a comment, never broken.
    pub(super) fn quote(&mut self, text: &str) {
        self.line(&format!("#      {text}"));
    }

    /// A line that the program reads.
    pub(super) fn line(&mut self, text: &str) {
        for _ in 0..self.depth {
            self.text.push_str(self.indent);
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Lines between an opening and a closing one, indented.
    pub(super) fn block(&mut self, open: &str, close: &str, body: impl FnOnce(&mut Page)) {
        self.line(open);
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line(close);
    }

    /// Lines below a first one, indented; nothing closes them.
    pub(super) fn under(&mut self, first: &str, body: impl FnOnce(&mut Page)) {
        self.line(first);
        self.depth += 1;
        body(self);
        self.depth -= 1;
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Writes words after `first`; further lines are aligned below its end.
    fn wrap(&mut self, first: &str, words: &str) {
        let room = WIDTH.saturating_sub(self.depth * self.indent.len() + first.len());
        let below = format!("#{}", " ".repeat(first.len() - 1));
        let mut line = String::new();
        let mut lines = Vec::new();
        for word in words.split(' ') {
            if !line.is_empty() && columns(&line) + 1 + columns(word) > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
        for (index, line) in lines.iter().enumerate() {
            let start = if index == 0 { first } else { &below };
            self.line(&format!("{start}{line}"));
        }
    }
}

/// How wide a terminal shows a text: Hangul and its punctuation take two columns.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_broken_and_indented() {
        let mut page = Page::new(Lang::English, "    ");
        let long = ["word"; 22].join(" ");
        page.block("a {", "}", |page| page.say(&long, ""));
        let lines = page.finish();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[1].starts_with("    # word") && lines[1].len() <= WIDTH, "{}", lines[1]);
        assert!(lines[2].starts_with("    # word"), "{}", lines[2]);
        let mut page = Page::new(Lang::Korean, "");
        let mut number = 0;
        page.step(&mut number, "", &["낱말이다"; 12].join(" "));
        let text = page.finish();
        let (first, second) = text.split_once('\n').unwrap();
        assert!(first.starts_with("# 1. 낱말") && columns(first) <= WIDTH);
        assert!(second.starts_with("#    낱말"), "{second}");
    }
}
