//! TOML 1.0, read into a tree whose nodes know where they stand: <https://toml.io/en/v1.0.0>. Inline tables may also have line
//! breaks and a comma at their end, as in TOML 1.1.
//!
//! Here are documents, tables and lists; `text` reads characters, keys and texts, `scalar` numbers, dates and words.

mod scalar;
mod sections;
mod text;

use self::sections::Sections;
use self::text::{Key, Text};
use super::Source;
use super::tree::{Node, Table, Value};

/// Lists and tables in each other. Deeper is a mistake, and the stack is not endless.
const DEEPEST: usize = 64;

/// The first mistake: where, in bytes, and what. The words never quote a value.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) offset: usize,
    pub(super) words: &'static str,
}

/// Reads a document; `source` tells the source of what stands at an offset.
pub(super) fn parse(document: &str, source: &dyn Fn(usize) -> Source) -> Result<Table, Mistake> {
    let mut parser = Parser { text: Text::new(document), source, depth: 0 };
    parser.document()
}

struct Parser<'a> {
    text: Text<'a>,
    source: &'a dyn Fn(usize) -> Source,
    depth: usize,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<Table, Mistake> {
        let (mut root, mut sections) = (Table::default(), Sections::new(self.source));
        let mut path = Vec::new();
        loop {
            self.text.skip_lines();
            match self.text.peek() {
                None => return Ok(root),
                Some('[') => {
                    path = self.header(&mut root, &mut sections)?;
                }
                Some(_) => {
                    let (keys, value) = self.pair()?;
                    sections.insert(&mut root, &path, keys, value)?;
                }
            }
            self.text.end_of_line()?;
        }
    }

    /// `[a.b]` or `[[a.b]]`: where the next pairs go.
    fn header(
        &mut self,
        root: &mut Table,
        sections: &mut Sections<'_>,
    ) -> Result<Vec<Key>, Mistake> {
        let is_list = self.text.skip_if("[[");
        if !is_list {
            self.text.skip_if("[");
        }
        let keys = self.text.dotted_key()?;
        let end = if is_list { "]]" } else { "]" };
        if !self.text.skip_if(end) {
            return Err(self.text.mistake("the section's name ends with `]`"));
        }
        sections.open(root, &keys, is_list)?;
        Ok(keys)
    }

    /// `a.b = value`
    fn pair(&mut self) -> Result<(Vec<Key>, Node), Mistake> {
        let keys = self.text.dotted_key()?;
        if !self.text.skip_if("=") {
            return Err(self.text.mistake("a key is followed by `=` and its value"));
        }
        self.text.skip_spaces();
        let offset = keys.last().map_or(0, |key| key.offset);
        let value = self.value()?;
        Ok((keys, Node::new(value, (self.source)(offset))))
    }

    fn value(&mut self) -> Result<Value, Mistake> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.text.mistake("lists and tables lie too deep in each other"));
        }
        let value = match self.text.peek() {
            Some('"' | '\'') => self.text.quoted().map(Value::Text),
            Some('[') => self.list(),
            Some('{') => self.inline_table(),
            _ => scalar::read(&mut self.text),
        };
        self.depth -= 1;
        value
    }

    fn list(&mut self) -> Result<Value, Mistake> {
        let mut items = Vec::new();
        self.each("[", "]", "the list ends with `]`", &mut |parser| {
            let offset = parser.text.offset();
            let value = parser.value()?;
            items.push(Node::new(value, (parser.source)(offset)));
            Ok(())
        })?;
        Ok(Value::List(items))
    }

    fn inline_table(&mut self) -> Result<Value, Mistake> {
        let (mut table, mut sections) = (Table::default(), Sections::new(self.source));
        self.each("{", "}", "the table ends with `}`", &mut |parser| {
            let (keys, value) = parser.pair()?;
            sections.insert(&mut table, &[], keys, value)
        })?;
        Ok(Value::Table(table))
    }

    /// Reads what stands between brackets, parted by commas.
    fn each(
        &mut self,
        begin: &str,
        end: &str,
        unclosed: &'static str,
        read: &mut dyn FnMut(&mut Self) -> Result<(), Mistake>,
    ) -> Result<(), Mistake> {
        self.text.skip_if(begin);
        loop {
            let mut last = self.text.offset();
            self.text.skip_lines();
            if self.text.skip_if(end) {
                return Ok(());
            }
            if self.text.peek().is_some() {
                read(self)?;
                last = self.text.offset();
                self.text.skip_lines();
            }
            if !self.text.skip_if(",") {
                return match (self.text.skip_if(end), self.text.peek()) {
                    (true, _) => Ok(()),
                    // Where the last thing ended, and not after empty lines at the end.
                    (false, None) => Err(Mistake { offset: last, words: unclosed }),
                    (false, Some(_)) => Err(self.text.mistake(unclosed)),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests;
