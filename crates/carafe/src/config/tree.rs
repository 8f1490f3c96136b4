//! A tree of values in which every node knows where it was set, and merging in which later places win leaf by leaf.

use std::borrow::Cow;

use super::Source;
use crate::few::SortedMap;

/// The keys of one section.
pub(super) type Table = SortedMap<String, Node>;

/// A value, whatever it was written in.
#[derive(Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Table(Table),
}

/// A value and where it was set. No `Debug`: a tree holds secrets.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) source: Source,
    /// What was typed, for a value from the environment or the command line, where everything is text at first.
    pub(super) text: Option<String>,
}

impl Node {
    pub(super) fn new(value: Value, source: Source) -> Node {
        Node { value, source, text: None }
    }

    #[inline]
    pub(super) fn null() -> Node {
        Node::new(Value::Null, Source::Default)
    }

    pub(super) fn empty_table(source: Source) -> Node {
        Node::new(Value::Table(Table::default()), source)
    }

    /// A value of an environment variable or the command line: JSON if it is valid JSON, else the text itself.
    pub(super) fn from_text(text: String, source: Source) -> Node {
        match serde_json::from_slice(text.as_bytes()) {
            Ok(json) => Node { text: Some(text), ..Node::from_json(json, &source) },
            Err(_) => Node { value: Value::Text(text.clone()), source, text: Some(text) },
        }
    }

    pub(super) fn from_json(json: serde_json::Value, source: &Source) -> Node {
        use serde_json::Value as Json;
        let value = match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(value),
            Json::Number(number) => match number.as_i128() {
                Some(integer) => Value::Integer(integer),
                None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::Text(text),
            Json::Array(items) => {
                Value::List(items.into_iter().map(|item| Node::from_json(item, source)).collect())
            }
            Json::Object(entries) => {
                let mut table = Table::default();
                for (key, item) in entries {
                    table.insert(key, Node::from_json(item, source));
                }
                Value::Table(table)
            }
        };
        Node::new(value, source.clone())
    }

    /// Puts `later` over this node: tables are joined key by key, anything else is replaced.
    pub(super) fn merge(&mut self, later: Node) {
        match (&mut self.value, later) {
            (Value::Table(entries), Node { value: Value::Table(more), source, .. }) => {
                for (key, node) in more {
                    match entries.get_mut(&key) {
                        Some(earlier) => earlier.merge(node),
                        None => entries.insert(key, node),
                    }
                }
                self.source = source;
                self.text = None;
            }
            (_, later) => *self = later,
        }
    }

    /// Puts `later` under `path`, with the tables it needs on the way.
    pub(super) fn merge_at(&mut self, path: &[&str], later: Node) {
        let source = later.source.clone();
        let nested = path.iter().rev().fold(later, |node, key| {
            let mut table = Table::default();
            table.insert((*key).to_owned(), node);
            Node::new(Value::Table(table), source.clone())
        });
        self.merge(nested);
    }

    pub(super) fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// What is in a section; nothing in anything else.
    pub(super) fn entries(&self) -> &[(String, Node)] {
        self.table().map_or(&[], Table::as_slice)
    }

    /// The node under a dotted key; the empty key is this node.
    pub(super) fn find(&self, key: &str) -> Option<&Node> {
        if key.is_empty() {
            return Some(self);
        }
        key.split('.').try_fold(self, |node, part| node.table()?.get(part))
    }

    /// The string this is, or the text it was typed as.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => self.text.as_deref(),
        }
    }

    /// The whole number this is. A string counts only where everything is text at first.
    pub(super) fn as_integer(&self) -> Option<i128> {
        match &self.value {
            Value::Integer(integer) => Some(*integer),
            Value::Text(text) if self.text.is_some() => text.trim().replace('_', "").parse().ok(),
            _ => None,
        }
    }

    /// The number this is. A string counts only where everything is text at first.
    #[inline]
    pub(super) fn as_float(&self) -> Option<f64> {
        match &self.value {
            Value::Float(float) => Some(*float),
            Value::Integer(integer) => Some(*integer as f64),
            Value::Text(text) if self.text.is_some() => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The truth value this is. `yes`, `on`, `1` and their opposites count only where everything is text at first.
    pub(super) fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            _ => match self.text.as_deref()?.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(true),
                "false" | "no" | "off" | "0" => Some(false),
                _ => None,
            },
        }
    }

    /// The list this is; `a, b` counts where everything is text at first.
    pub(super) fn as_list(&self) -> Option<Cow<'_, [Node]>> {
        match &self.value {
            Value::List(items) => Some(Cow::Borrowed(items)),
            Value::Table(_) | Value::Null => None,
            _ => {
                self.text.as_ref()?;
                let parts =
                    self.as_text()?.split(',').map(str::trim).filter(|part| !part.is_empty());
                let node = |part: &str| Node::from_text(part.to_owned(), self.source.clone());
                Some(Cow::Owned(parts.map(node).collect()))
            }
        }
    }
}

/// `key` under `parent`, dotted.
pub(super) fn join(parent: &str, key: &str) -> String {
    if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(text: &str) -> Node {
        Node::from_text(text.to_owned(), Source::Env { name: "X".into() })
    }

    fn code(json: serde_json::Value) -> Node {
        Node::from_json(json, &Source::Code { file: "main.rs", line: 1 })
    }

    #[test]
    fn text_becomes_what_is_wanted() {
        assert_eq!(env("080").as_integer(), Some(80));
        assert_eq!(env(" 8_000 ").as_integer(), Some(8000));
        assert_eq!(env("1.5").as_integer(), None);
        assert_eq!(env("1.5").as_float(), Some(1.5));
        assert_eq!(env("123").as_text(), Some("123"));
        assert_eq!(env("\"123\"").as_text(), Some("123"));
        assert_eq!(env("{\"a\": 1}").as_text(), Some("{\"a\": 1}"));
        assert_eq!(env("Yes").as_bool(), Some(true));
        assert_eq!(env("0").as_bool(), Some(false));
        assert_eq!(env("maybe").as_bool(), None);
        assert_eq!(env("a, 2,").as_list().unwrap().len(), 2);
        assert_eq!(env("").as_list().unwrap().len(), 0);
        assert_eq!(env("[1, 2, 3]").as_list().unwrap().len(), 3);
    }

    #[test]
    fn typed_values_stay_what_they_are() {
        assert_eq!(code("80".into()).as_integer(), None);
        assert_eq!(code("true".into()).as_bool(), None);
        assert_eq!(code(1.into()).as_bool(), None);
        assert_eq!(code("a,b".into()).as_list().map(|list| list.len()), None);
        assert_eq!(code(5.into()).as_text(), None);
    }

    #[test]
    fn later_wins_leaf_by_leaf() {
        let mut tree = code(serde_json::json!({"a": {"b": 1, "c": 2}, "list": [1, 2]}));
        tree.merge_at(&["a", "b"], env("5"));
        tree.merge_at(&["list"], env("[3]"));
        tree.merge_at(&["new", "deep"], env("x"));
        assert_eq!(tree.find("a.b").unwrap().as_integer(), Some(5));
        assert_eq!(tree.find("a.c").unwrap().as_integer(), Some(2));
        assert_eq!(tree.find("list").unwrap().as_list().unwrap().len(), 1);
        assert_eq!(tree.find("new.deep").unwrap().as_text(), Some("x"));
        assert_eq!(tree.find("a.c").unwrap().source, Source::Code { file: "main.rs", line: 1 });
        tree.merge_at(&["a"], env("{\"c\": 9}"));
        assert_eq!(tree.find("a.b").unwrap().as_integer(), Some(5));
        assert_eq!(tree.find("a.c").unwrap().as_integer(), Some(9));
        tree.merge_at(&["a"], env("gone"));
        assert!(tree.find("a.b").is_none());
    }
}
