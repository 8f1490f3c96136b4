//! The characters of a document: spaces and comments, keys, texts in quotes.

use super::Mistake;

/// A part of a dotted key and where it stands.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) offset: usize,
}

pub(super) struct Text<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Text<'a> {
    pub(super) fn new(whole: &'a str) -> Text<'a> {
        Text { whole, rest: whole }
    }

    pub(super) fn offset(&self) -> usize {
        self.whole.len() - self.rest.len()
    }

    pub(super) fn mistake(&self, words: &'static str) -> Mistake {
        Mistake { offset: self.offset(), words }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// What stands before `end`, which is an offset into the rest.
    pub(super) fn take(&mut self, end: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.take(next.len_utf8());
        Some(next)
    }

    pub(super) fn skip_if(&mut self, start: &str) -> bool {
        let rest = self.rest.strip_prefix(start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    pub(super) fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Goes over spaces, comments and the ends of lines.
    pub(super) fn skip_lines(&mut self) {
        loop {
            self.skip_spaces();
            if self.peek() == Some('#') {
                self.rest = &self.rest[self.rest.find('\n').unwrap_or(self.rest.len())..];
            }
            if !self.skip_line_break() {
                return;
            }
        }
    }

    fn skip_line_break(&mut self) -> bool {
        self.skip_if("\n") || self.skip_if("\r\n")
    }

    /// Nothing more may stand on the line but a comment.
    pub(super) fn end_of_line(&mut self) -> Result<(), Mistake> {
        self.skip_spaces();
        if self.rest.is_empty()
            || self.rest.starts_with(['\n', '#'])
            || self.rest.starts_with("\r\n")
        {
            return Ok(());
        }
        Err(self.mistake("the line should end here"))
    }

    /// `a . "b"`, with spaces around it.
    pub(super) fn dotted_key(&mut self) -> Result<Vec<Key>, Mistake> {
        let mut keys = Vec::new();
        loop {
            self.skip_spaces();
            let offset = self.offset();
            keys.push(Key { name: self.key()?, offset });
            self.skip_spaces();
            if !self.skip_if(".") {
                return Ok(keys);
            }
        }
    }

    fn key(&mut self) -> Result<String, Mistake> {
        if self.rest.starts_with("\"\"\"") || self.rest.starts_with("'''") {
            return Err(self.mistake("a key cannot go over several lines"));
        }
        if let Some('"' | '\'') = self.peek() {
            return self.quoted();
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        match self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len()) {
            0 => {
                Err(self
                    .mistake("a key is made of letters, digits, `_` and `-`, or stands in quotes"))
            }
            end => Ok(self.take(end).to_owned()),
        }
    }

    /// A text in one of the four kinds of quotes.
    pub(super) fn quoted(&mut self) -> Result<String, Mistake> {
        let begin = Mistake { offset: self.offset(), words: "the text is not closed" };
        let text = if self.skip_if("\"\"\"") {
            self.lines('"')
        } else if self.skip_if("'''") {
            self.lines('\'')
        } else if self.skip_if("\"") {
            self.line('"')
        } else {
            self.skip_if("'");
            self.line('\'')
        };
        text?.ok_or(begin)
    }

    /// The rest of a text in single quotes of either kind; `None` when it is not closed.
    fn line(&mut self, quote: char) -> Result<Option<String>, Mistake> {
        let mut text = String::new();
        loop {
            match self.peek() {
                Some(c) if c == quote => {
                    self.next();
                    return Ok(Some(text));
                }
                None | Some('\n') => return Ok(None),
                Some('\r') if self.rest.starts_with("\r\n") => return Ok(None),
                Some('\\') if quote == '"' => text.push(self.escape()?),
                Some(_) => text.push(self.plain()?),
            }
        }
    }

    /// The rest of a text in triple quotes.
    fn lines(&mut self, quote: char) -> Result<Option<String>, Mistake> {
        let mut text = String::new();
        self.skip_line_break();
        loop {
            let quotes = self.rest.len() - self.rest.trim_start_matches(quote).len();
            if quotes >= 3 {
                // Up to two may stand before the closing ones.
                self.take(quotes.min(5));
                text.extend(std::iter::repeat_n(quote, quotes.min(5) - 3));
                return Ok(Some(text));
            }
            match self.peek() {
                None => return Ok(None),
                Some('\n') => {
                    self.next();
                    text.push('\n');
                }
                Some('\r') if self.skip_if("\r\n") => text.push('\n'),
                Some('\\') if quote == '"' && self.joins_lines() => {
                    self.next();
                    self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
                }
                Some('\\') if quote == '"' => text.push(self.escape()?),
                Some(_) => text.push(self.plain()?),
            }
        }
    }

    /// Whether the backslash here is the last thing on its line.
    fn joins_lines(&self) -> bool {
        let after = self.rest[1..].trim_start_matches([' ', '\t']);
        after.starts_with('\n') || after.starts_with("\r\n")
    }

    fn plain(&mut self) -> Result<char, Mistake> {
        match self.peek() {
            Some(c) if c == '\t' || !c.is_control() || c > '\u{7f}' => {
                self.next();
                Ok(c)
            }
            _ => {
                Err(self.mistake("this character has to be written as an escape, such as \\u0000"))
            }
        }
    }

    fn escape(&mut self) -> Result<char, Mistake> {
        let unknown = self.mistake("there is no such escape; write \\\\ for a backslash");
        self.next();
        let digits = match self.next() {
            Some('b') => return Ok('\u{8}'),
            Some('t') => return Ok('\t'),
            Some('n') => return Ok('\n'),
            Some('f') => return Ok('\u{c}'),
            Some('r') => return Ok('\r'),
            Some('e') => return Ok('\u{1b}'),
            Some(c @ ('"' | '\\')) => return Ok(c),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => return Err(unknown),
        };
        let number = self.rest.get(..digits).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let number = number.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(c) = number.and_then(char::from_u32) else { return Err(unknown) };
        self.take(digits);
        Ok(c)
    }
}
