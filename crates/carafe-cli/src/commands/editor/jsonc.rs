//! JSON with comments and trailing commas, as VS Code's settings have it: read with the place of each
//! value, so that a file can be added to without disturbing what people wrote around it.
//!
//! It does not write: `merge` puts text into the places that are found here.

use std::ops::Range;

use serde_json::{Map, Value};

/// Deeper files are refused; VS Code's own have five levels.
const MAX_DEPTH: usize = 64;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    /// Bytes of the text, from the value's first to past its last.
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Kind {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    Other(Value),
}

impl Node {
    /// The value of a key; the last one counts where a key stands twice, as in VS Code.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Object(members) => {
                members.iter().rev().find(|(name, _)| name == key).map(|(_, node)| node)
            }
            _ => None,
        }
    }

    /// The items of an array; none of anything else.
    pub(super) fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::Array(items) => items,
            _ => &[],
        }
    }

    /// The text that this is, where it is one.
    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Other(value) => value.as_str(),
            _ => None,
        }
    }

    /// The value without its comments.
    pub(super) fn value(&self) -> Value {
        match &self.kind {
            Kind::Object(members) => {
                let pairs = members.iter().map(|(key, node)| (key.clone(), node.value()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
            Kind::Array(items) => items.iter().map(Node::value).collect(),
            Kind::Other(value) => value.clone(),
        }
    }
}

/// Reads a whole file.
///
/// # Errors
/// Where it is not JSON with comments, as `line 3: expected ...`.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    let mut reader = Reader { text, at: text.len() - text.trim_start_matches('\u{feff}').len() };
    let node = reader.value(0)?;
    reader.blank()?;
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.wrong("the end of the file")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, expected: &str) -> String {
        let line = self.text[..self.at].matches('\n').count() + 1;
        match self.rest().chars().next() {
            Some(found) => format!("line {line}: expected {expected}, but found `{found}`"),
            None => format!("line {line}: expected {expected}, but the file ends"),
        }
    }

    /// Passes white space and comments.
    fn blank(&mut self) -> Result<(), String> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                let Some(end) = rest.find("*/") else {
                    return Err(self.wrong("a comment that ends"));
                };
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong(&format!("at most {MAX_DEPTH} levels")));
        }
        self.blank()?;
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => Kind::Object(self.members(depth)?),
            Some(b'[') => Kind::Array(self.elements(depth)?),
            Some(b'"') => Kind::Other(Value::String(self.string()?)),
            _ => Kind::Other(self.word()?),
        };
        Ok(Node { span: start..self.at, kind })
    }

    fn members(&mut self, depth: usize) -> Result<Vec<(String, Node)>, String> {
        let mut members = Vec::new();
        self.at += 1;
        loop {
            self.blank()?;
            match self.peek() {
                Some(b'}') => break,
                Some(b'"') => {}
                _ => return Err(self.wrong("`\"` or `}`")),
            }
            let key = self.string()?;
            self.blank()?;
            if self.peek() != Some(b':') {
                return Err(self.wrong("`:`"));
            }
            self.at += 1;
            members.push((key, self.value(depth + 1)?));
            if !self.comma(b'}')? {
                break;
            }
        }
        self.at += 1;
        Ok(members)
    }

    fn elements(&mut self, depth: usize) -> Result<Vec<Node>, String> {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            self.blank()?;
            if self.peek() == Some(b']') {
                break;
            }
            items.push(self.value(depth + 1)?);
            if !self.comma(b']')? {
                break;
            }
        }
        self.at += 1;
        Ok(items)
    }

    /// Passes a comma, if there is one before the closing bracket.
    fn comma(&mut self, closing: u8) -> Result<bool, String> {
        self.blank()?;
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(found) if found == closing => Ok(false),
            _ => Err(self.wrong(&format!("`,` or `{}`", char::from(closing)))),
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(b'\n') | None => return Err(self.wrong("a text that ends with `\"`")),
                Some(_) => end += 1,
            }
        }
        let text = serde_json::from_str(&self.text[self.at..=end])
            .map_err(|_| self.wrong("a text without wrong escapes"))?;
        self.at = end + 1;
        Ok(text)
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let value = serde_json::from_str(&rest[..end]).map_err(|_| self.wrong("a value"))?;
        self.at += end;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_people_write() {
        let check = |text: &str, expected: Value| {
            assert_eq!(parse(text).unwrap().value(), expected, "{text}");
        };
        check("{}", json!({}));
        check(
            "\u{feff}// x\r\n{ /* [ */ \"a\": [1, true, null,], }\n// end",
            json!({"a": [1, true, null]}),
        );
        check(
            r#"{"a\u0041\"": "x // no \" comment", "n": -1.5e3}"#,
            json!({"aA\"": "x // no \" comment", "n": -1500.0}),
        );
        check("[]", json!([]));
        check("\"가\"", json!("가"));
    }

    #[test]
    fn knows_places() {
        let text = "{ \"a\": /* x */ [ {\"b\": 1} ] }";
        let node = parse(text).unwrap();
        let array = node.get("a").unwrap();
        assert_eq!(&text[array.span.clone()], "[ {\"b\": 1} ]");
        assert_eq!(&text[array.items()[0].span.clone()], "{\"b\": 1}");
    }

    #[test]
    fn says_what_is_wrong() {
        let check = |text: &str, expected: &str| assert_eq!(parse(text).unwrap_err(), expected);
        check("", "line 1: expected a value, but the file ends");
        check("{\n\"a\" 1}", "line 2: expected `:`, but found `1`");
        check("{,}", "line 1: expected `\"` or `}`, but found `,`");
        check("[1 2]", "line 1: expected `,` or `]`, but found `2`");
        check("[1] x", "line 1: expected the end of the file, but found `x`");
        check("/* x", "line 1: expected a comment that ends, but found `/`");
        check("\"a\nb\"", "line 1: expected a text that ends with `\"`, but found `\"`");
        check("\"a\\", "line 1: expected a text that ends with `\"`, but found `\"`");
        check("[tru]", "line 1: expected a value, but found `t`");
        check(&"[".repeat(100), "line 1: expected at most 64 levels, but found `[`");
        check("\"\\q\"", "line 1: expected a text without wrong escapes, but found `\"`");
        check("가", "line 1: expected a value, but found `가`");
    }
}
