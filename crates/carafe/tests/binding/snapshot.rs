//! What was said, with the numbers that change replaced by their names, beside what should be said.

use std::path::Path;

use crate::app::program;

/// What a snapshot's names stand for.
#[derive(Default)]
pub(crate) struct Names(Vec<(String, &'static str)>);

impl Names {
    /// A text that stands under this name.
    pub(crate) fn with(mut self, text: impl ToString, name: &'static str) -> Names {
        self.0.push((text.to_string(), name));
        self
    }

    fn put_into(&self, text: &str) -> String {
        let program = program().display().to_string();
        let mut text = text.replace(&program, "shop");
        for (value, name) in &self.0 {
            text = whole(&text, value, name);
        }
        let offers =
            ["next free port: `", "다음 빈 포트를 쓰려면: `", "a higher port: `", "더 큰 포트: `"];
        let next = offers.iter().find_map(|words| after(text.split_once(words)?.1, "--port "));
        let text = match next {
            Some(next) => whole(&text, &next, "{next}"),
            None => text,
        };
        without_age(&text)
    }
}

/// The word behind these.
fn after(text: &str, words: &str) -> Option<String> {
    let (_, rest) = text.split_once(words)?;
    Some(rest.chars().take_while(char::is_ascii_alphanumeric).collect())
}

/// Replaces a text where it is not a part of a longer number.
fn whole(text: &str, value: &str, name: &str) -> String {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut rest = text;
    let mut replaced = String::new();
    while let Some(at) = rest.find(value) {
        let (before, found) = rest.split_at(at);
        let behind = &found[value.len()..];
        let apart = !is_digit(before.chars().next_back()) && !is_digit(behind.chars().next());
        replaced.push_str(before);
        replaced.push_str(if apart { name } else { value });
        rest = behind;
    }
    replaced + rest
}

/// How long a program has run is never the same twice.
fn without_age(text: &str) -> String {
    let line = |line: &str| -> String {
        if let Some((before, _)) = line.split_once(", started ") {
            return format!("{before}, started {{age}}");
        }
        match (line.split_once(", 방금 시작"), line.find("초 전 시작")) {
            (Some((before, behind)), _) => format!("{before}, {{age}} 시작{behind}"),
            (None, Some(at)) => {
                let (before, behind) = line.split_at(at);
                let before = before.trim_end_matches(|c: char| c.is_ascii_digit());
                format!("{before}{{age}} 시작{}", &behind["초 전 시작".len()..])
            }
            (None, None) => line.to_owned(),
        }
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

/// Compares with the snapshot of this name, or writes it when `UPDATE_SNAPSHOTS` is set.
pub(crate) fn check(name: &str, said: &str, names: &Names) {
    let said = names.put_into(said);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/binding/snapshots");
    let file = folder.join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(file, said).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    assert!(said == expected, "{name} says\n{said}\nand not\n{expected}");
}
