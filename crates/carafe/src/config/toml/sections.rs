//! Which tables a document has, how each was made, and who may add to it.

use super::Mistake;
use super::text::Key;
use crate::config::Source;
use crate::config::tree::{Node, Table, Value};

/// How a table or a list of tables was made. Those in braces and brackets are not listed: nobody adds to them.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// By a longer header: its own may follow.
    Implicit,
    /// By its header.
    Defined,
    /// By a dotted key: other dotted keys may add to it.
    Dotted,
    /// By `[[..]]`: each adds a table.
    List,
}

pub(super) struct Sections<'a> {
    kinds: Vec<(String, Kind)>,
    source: &'a dyn Fn(usize) -> Source,
}

impl<'a> Sections<'a> {
    pub(super) fn new(source: &'a dyn Fn(usize) -> Source) -> Sections<'a> {
        Sections { kinds: Vec::new(), source }
    }

    fn kind(&self, path: &str) -> Option<Kind> {
        self.kinds.iter().rfind(|(known, _)| known == path).map(|(_, kind)| *kind)
    }

    /// Makes the table of a header.
    pub(super) fn open(
        &mut self,
        root: &mut Table,
        keys: &[Key],
        is_list: bool,
    ) -> Result<(), Mistake> {
        let Some((last, before)) = keys.split_last() else { return Ok(()) };
        let mut path = String::new();
        let parent = self.walk(root, before, &mut path, Kind::Implicit)?;
        push(&mut path, &last.name);
        let empty = Node::empty_table((self.source)(last.offset));
        let kind = self.kind(&path);
        match (parent.get_mut(&last.name), is_list) {
            (None, false) => parent.insert(last.name.clone(), empty),
            (None, true) => {
                let list = Value::List(vec![empty]);
                parent.insert(last.name.clone(), Node::new(list, (self.source)(last.offset)));
            }
            (Some(_), false) if kind == Some(Kind::Implicit) => {}
            (Some(Node { value: Value::List(tables), .. }), true) if kind == Some(Kind::List) => {
                tables.push(empty);
            }
            (Some(_), _) => return Err(twice(last)),
        }
        let kind = if is_list { Kind::List } else { Kind::Defined };
        self.kinds.push((path, kind));
        Ok(())
    }

    /// Adds a value to the table of the header `section`.
    pub(super) fn insert(
        &mut self,
        root: &mut Table,
        section: &[Key],
        keys: Vec<Key>,
        value: Node,
    ) -> Result<(), Mistake> {
        let mut path = String::new();
        let table = self.walk(root, section, &mut path, Kind::Implicit)?;
        let Some((last, before)) = keys.split_last() else { return Ok(()) };
        let table = self.walk(table, before, &mut path, Kind::Dotted)?;
        if table.get(&last.name).is_some() {
            return Err(twice(last));
        }
        table.insert(last.name.clone(), value);
        Ok(())
    }

    /// Goes into the tables of `keys`, of lists into the last; makes those that are not there.
    fn walk<'t>(
        &mut self,
        mut table: &'t mut Table,
        keys: &[Key],
        path: &mut String,
        make: Kind,
    ) -> Result<&'t mut Table, Mistake> {
        for key in keys {
            push(path, &key.name);
            if table.get(&key.name).is_none() {
                table.insert(key.name.clone(), Node::empty_table((self.source)(key.offset)));
                self.kinds.push((path.clone(), make));
            }
            let kind = self.kind(path);
            let is_open = match make {
                Kind::Dotted => kind == Some(Kind::Dotted),
                _ => kind.is_some(),
            };
            let node = table.get_mut(&key.name).filter(|_| is_open);
            table = match node.map(|node| &mut node.value) {
                Some(Value::Table(inner)) => inner,
                Some(Value::List(tables)) => {
                    push(path, &tables.len().to_string());
                    match tables.last_mut().map(|node| &mut node.value) {
                        Some(Value::Table(inner)) => inner,
                        _ => return Err(twice(key)),
                    }
                }
                _ => return Err(twice(key)),
            };
        }
        Ok(table)
    }
}

/// Parts are joined by what no key without quotes has in it.
fn push(path: &mut String, part: &str) {
    path.push('\0');
    path.push_str(part);
}

fn twice(key: &Key) -> Mistake {
    Mistake { offset: key.offset, words: "this is set twice" }
}
