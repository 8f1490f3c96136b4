//! Adds entries to a list in a JSON file with comments, and leaves every other byte as it is.

use serde_json::Value;

use super::jsonc::{Kind, Node, parse};

/// An entry that the list should have.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// What names it: the value of the list's key, or the text itself where entries are texts.
    pub(super) name: String,
    /// JSON, indented by four spaces a level; it may have comments.
    pub(super) text: String,
}

/// A list in a file, and what should be in it.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// The list's key in the file's object.
    pub(super) list: &'static str,
    /// The key that names an entry; `None` where entries are texts.
    pub(super) key: Option<&'static str>,
    /// A list of what the user does not want to see in the first one.
    pub(super) unwanted: Option<&'static str>,
    pub(super) entries: Vec<Entry>,
    /// The file where there is none yet, with the list empty.
    pub(super) skeleton: &'static str,
}

/// A file as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Merged {
    pub(super) text: String,
    /// Entries that have one of our names and say something else; they stay.
    pub(super) conflicts: Vec<String>,
}

/// What happens to an entry of ours that the file has with other values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnConflict {
    Keep,
    Replace,
}

/// The text of the file with all entries. New ones come first, so that the first one is what an editor
/// takes that was told nothing else.
///
/// # Errors
/// Where the file is not what its editor could read.
pub(super) fn merge(
    old: Option<&str>,
    wanted: &Wanted,
    conflict: OnConflict,
) -> Result<Merged, String> {
    // An editor reads an empty file as one without entries.
    let old = old.filter(|text| !text.trim().is_empty());
    let mut text = old.unwrap_or(wanted.skeleton).to_owned();
    let mut conflicts = Vec::new();
    for entry in wanted.entries.iter().rev() {
        let root = parse(&text)?;
        if !matches!(root.kind, Kind::Object(_)) {
            return Err("line 1: expected an object".to_owned());
        }
        let Some(list) = root.get(wanted.list) else {
            text = with_list(&text, &root, wanted.list);
            let root = parse(&text)?;
            let list = root.get(wanted.list).ok_or("the list cannot be added")?;
            text = with_entry(&text, list, &entry.text);
            continue;
        };
        if !matches!(list.kind, Kind::Array(_)) {
            let line = text[..list.span.start].matches('\n').count() + 1;
            return Err(format!("line {line}: `{}` is expected to be a list", wanted.list));
        }
        match found(&root, list, wanted, entry) {
            Found::Nothing => text = with_entry(&text, list, &entry.text),
            Found::Same => {}
            Found::Other(node) if conflict == OnConflict::Replace => {
                text = with_replaced(&text, node, &entry.text);
            }
            Found::Other(_) => conflicts.push(entry.name.clone()),
        }
    }
    conflicts.reverse();
    Ok(Merged { text, conflicts })
}

/// What the file has of an entry.
enum Found<'a> {
    Nothing,
    Same,
    Other(&'a Node),
}

fn found<'a>(root: &Node, list: &'a Node, wanted: &Wanted, entry: &Entry) -> Found<'a> {
    let Some(key) = wanted.key else {
        let lists = [Some(list), wanted.unwanted.and_then(|key| root.get(key))];
        let mut texts = lists.into_iter().flatten().flat_map(Node::items).filter_map(Node::as_str);
        let is_there = texts.any(|text| text.eq_ignore_ascii_case(&entry.name));
        return if is_there { Found::Same } else { Found::Nothing };
    };
    let name = |node: &&Node| node.get(key).and_then(Node::as_str) == Some(entry.name.as_str());
    let Some(node) = list.items().iter().find(name) else { return Found::Nothing };
    let is_same = parse(&entry.text).is_ok_and(|ours| includes(&node.value(), &ours.value()));
    if is_same { Found::Same } else { Found::Other(node) }
}

/// Whether everything of ours is in theirs; people may have added to it.
fn includes(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => ours
            .iter()
            .all(|(key, ours)| theirs.get(key).is_some_and(|theirs| includes(theirs, ours))),
        _ => theirs == ours,
    }
}

/// How a file is laid out.
struct Layout<'a> {
    text: &'a str,
    line_break: &'static str,
    unit: &'a str,
}

impl<'a> Layout<'a> {
    fn of(text: &'a str) -> Layout<'a> {
        let indents = text.lines().map(leading).filter(|indent| !indent.is_empty());
        let unit = indents.min_by_key(|indent| indent.len()).unwrap_or("    ");
        let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Layout { text, line_break, unit }
    }

    /// The white space before the line that holds this byte.
    fn indent_at(&self, at: usize) -> &'a str {
        leading(&self.text[self.line_start(at)..])
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |found| found + 1)
    }

    /// Whether only white space stands before this byte in its line.
    fn is_first_in_line(&self, at: usize) -> bool {
        self.text[self.line_start(at)..at].trim().is_empty()
    }

    /// Our JSON in the file's indentation; the first line is not indented.
    fn laid_out(&self, json: &str, indent: &str) -> String {
        let mut lines = json.lines();
        let mut text = lines.next().unwrap_or_default().to_owned();
        for line in lines {
            let content = line.trim_start();
            let levels = (line.len() - content.len()) / 4;
            text.push_str(self.line_break);
            text.push_str(indent);
            text.push_str(&self.unit.repeat(levels));
            text.push_str(content);
        }
        text
    }

    /// Where something new goes that is to stand first between brackets: past a comment that belongs to
    /// the opening one.
    fn past_opening(&self, opening: usize) -> usize {
        let rest = &self.text[opening + 1..];
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        let is_comment = line.trim_start().starts_with("//");
        if is_comment { opening + 1 + line.trim_end().len() } else { opening + 1 }
    }
}

fn leading(line: &str) -> &str {
    let rest = line.trim_start_matches([' ', '\t']);
    // A line of white space alone says nothing.
    if rest.is_empty() { "" } else { &line[..line.len() - rest.len()] }
}

fn put(text: &str, at: usize, new: &str) -> String {
    format!("{}{new}{}", &text[..at], &text[at..])
}

/// Adds an empty list to the file's object.
fn with_list(text: &str, root: &Node, list: &str) -> String {
    let layout = Layout::of(text);
    let Kind::Object(members) = &root.kind else { return text.to_owned() };
    let indent = layout.indent_at(root.span.start);
    let comma = if members.is_empty() { "" } else { "," };
    let mut new = format!("{}{indent}{}\"{list}\": []{comma}", layout.line_break, layout.unit);
    let inside = &text[root.span.start + 1..root.span.end - 1];
    if !inside.contains('\n') {
        new.push_str(layout.line_break);
        new.push_str(indent);
    }
    put(text, layout.past_opening(root.span.start), &new)
}

/// Adds an entry to a list, as its first.
fn with_entry(text: &str, list: &Node, json: &str) -> String {
    let layout = Layout::of(text);
    let indent = layout.indent_at(list.span.start);
    match list.items().first() {
        Some(first) if !layout.is_first_in_line(first.span.start) => {
            let new = layout.laid_out(json, &format!("{indent}{}", layout.unit));
            put(text, first.span.start, &format!("{new}, "))
        }
        Some(first) => {
            let indent = layout.indent_at(first.span.start);
            let new = layout.laid_out(json, indent);
            let at = layout.past_opening(list.span.start);
            put(text, at, &format!("{}{indent}{new},", layout.line_break))
        }
        None => {
            let inner = format!("{indent}{}", layout.unit);
            let mut new = format!("{}{inner}{}", layout.line_break, layout.laid_out(json, &inner));
            if !text[list.span.clone()].contains('\n') {
                new.push_str(layout.line_break);
                new.push_str(indent);
            }
            put(text, layout.past_opening(list.span.start), &new)
        }
    }
}

fn with_replaced(text: &str, node: &Node, json: &str) -> String {
    let layout = Layout::of(text);
    let new = layout.laid_out(json, layout.indent_at(node.span.start));
    format!("{}{new}{}", &text[..node.span.start], &text[node.span.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        let entry = |name: &str| Entry {
            name: name.to_owned(),
            text: format!(
                "{{\n    // ours\n    \"name\": \"{name}\",\n    \"a\": {{\n        \"b\": 1\n    }}\n}}"
            ),
        };
        Wanted {
            list: "list",
            key: Some("name"),
            unwanted: None,
            entries: vec![entry("one"), entry("two")],
            skeleton: "{\n    \"list\": []\n}\n",
        }
    }

    fn texts() -> Wanted {
        let entry = |name: &str| Entry { name: name.to_owned(), text: format!("\"{name}\"") };
        Wanted {
            list: "list",
            key: None,
            unwanted: Some("not"),
            entries: vec![entry("p.one"), entry("p.two")],
            skeleton: "{\n    \"list\": []\n}\n",
        }
    }

    /// Merges, and checks that it is read as it should be and that merging again changes nothing.
    #[track_caller]
    fn merged(old: Option<&str>, wanted: &Wanted) -> String {
        let merged = merge(old, wanted, OnConflict::Keep).unwrap();
        assert_eq!(merged.conflicts, [""; 0]);
        let value = parse(&merged.text).unwrap().value();
        let list = value["list"].as_array().unwrap();
        if let Some(key) = wanted.key {
            for entry in &wanted.entries {
                assert!(list.iter().any(|item| item[key] == entry.name), "{}", merged.text);
            }
        }
        if let Some(before) = old.and_then(|old| parse(old).ok()) {
            for item in before.value()["list"].as_array().into_iter().flatten() {
                assert!(list.contains(item), "{}", merged.text);
            }
            // What somebody wrote about it is still there.
            for comment in old.unwrap().lines().filter_map(|line| line.split_once("//")) {
                assert!(merged.text.contains(comment.1.trim()), "{comment:?}: {}", merged.text);
            }
        }
        let again = merge(Some(&merged.text), wanted, OnConflict::Keep).unwrap();
        assert_eq!(again.text, merged.text);
        merged.text
    }

    const BOTH: &str = "        {
            // ours
            \"name\": \"one\",
            \"a\": {
                \"b\": 1
            }
        },
        {
            // ours
            \"name\": \"two\",
            \"a\": {
                \"b\": 1
            }
        }";

    #[test]
    fn writes_a_new_file() {
        let expected = format!("{{\n    \"list\": [\n{BOTH}\n    ]\n}}\n");
        assert_eq!(merged(None, &wanted()), expected);
        assert_eq!(merged(Some("  \n"), &wanted()), expected);
        assert_eq!(
            merged(None, &texts()),
            "{\n    \"list\": [\n        \"p.one\",\n        \"p.two\"\n    ]\n}\n"
        );
    }

    #[test]
    fn leaves_what_is_there() {
        let old = "// mine\n{\n    \"version\": \"1\", // v\n    \"list\": [ // first\n        // about it\n        {\"name\": \"x\"}, // trailing\n    ],\n}\n";
        let expected = old.replace("// first\n", &format!("// first\n{BOTH},\n"));
        assert_eq!(merged(Some(old), &wanted()), expected);
    }

    #[test]
    fn fits_in_with_many_layouts() {
        for old in [
            "{}",
            "{ }",
            "{\n}",
            "{ // c\n}",
            "{\"x\": 1}",
            "{\n\t\"x\": [1],\n\t// end\n}\n",
            "{\"list\":[]}",
            "{\"list\": [ /* none */ ]}",
            "{\r\n  \"list\": [\r\n    // none\r\n  ]\r\n}\r\n",
            "{\"list\": [{\"name\": \"x\"}]}",
            "{\"list\": [{\n    \"name\": \"x\"\n}, {\n    \"name\": \"y\" // y\n}]}",
            "\u{feff}{\n  \"list\": [\n    {\n      \"name\": \"x\",\n    },\n  ]\n}",
            "{\"list\": [] // c\n}",
            "{ // {[\n \"list\": [ // ]\n ] }",
        ] {
            let text = merged(Some(old), &wanted());
            assert_eq!(text.contains("\r\n"), old.contains("\r\n"), "{text}");
            assert!(!text.replace("\r\n", "").contains('\r'));
        }
        assert_eq!(
            merged(Some("{\n\t\"list\": [\"a.b\"]\n}"), &texts()),
            "{\n\t\"list\": [\"p.one\", \"p.two\", \"a.b\"]\n}"
        );
    }

    #[test]
    fn leaves_out_what_is_not_wanted() {
        let old = "{\"list\": [\"P.One\"], \"not\": [\"p.two\"]}";
        assert_eq!(merge(Some(old), &texts(), OnConflict::Keep).unwrap().text, old);
    }

    #[test]
    fn keeps_or_replaces_what_differs() {
        let more = "{\"list\": [{\"name\": \"one\", \"a\": {\"b\": 1, \"c\": 2}, \"env\": {}}, {\"name\": \"two\", \"a\": {\"b\": 1}}]}";
        assert_eq!(merged(Some(more), &wanted()), more, "people may add to ours");

        let old = "{\n  \"list\": [\n    {\"name\": \"one\", \"a\": 2} // mine\n  ]\n}";
        let kept = merge(Some(old), &wanted(), OnConflict::Keep).unwrap();
        assert_eq!(kept.conflicts, ["one"]);
        assert!(kept.text.contains("{\"name\": \"one\", \"a\": 2} // mine"), "{}", kept.text);
        let replaced = merge(Some(old), &wanted(), OnConflict::Replace).unwrap();
        assert_eq!(replaced.conflicts, [""; 0]);
        let one = "    {\n      // ours\n      \"name\": \"one\",\n      \"a\": {\n        \"b\": 1\n      }\n    } // mine";
        assert!(replaced.text.contains(one), "{}", replaced.text);
    }

    #[test]
    fn refuses_what_an_editor_could_not_read() {
        let check = |old: &str, expected: &str| {
            assert_eq!(merge(Some(old), &wanted(), OnConflict::Replace).unwrap_err(), expected);
        };
        check("[]", "line 1: expected an object");
        check("{\n\"list\": 5}", "line 2: `list` is expected to be a list");
        check("{\n\n\"list\": [}", "line 3: expected a value, but found `}`");
    }
}
