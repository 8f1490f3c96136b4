//! `carafe.toml`: its text becomes a tree whose nodes know their lines.

use std::path::Path;
use std::sync::Arc;

use super::secret::{HIDDEN, hide_passwords, is_secret};
use super::toml::{self, Mistake};
use super::tree::{Node, Value, join};
use super::{ConfigError, ConfigErrors, Profile, Source};

/// The top level of a file, and the sections of its profiles.
pub(super) struct TomlFile {
    pub(super) top: Node,
    pub(super) profiles: Vec<(Profile, Node)>,
    /// Mistakes in the sections of profiles.
    pub(super) errors: ConfigErrors,
}

/// Parses the file; `path` is for messages. The error is the first mistake in its syntax.
pub(super) fn parse(text: &str, path: &Arc<Path>) -> Result<TomlFile, ConfigError> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = line_starts(text);
    let source = |offset| {
        let line = line_of(&lines, offset);
        Source::File { path: Arc::clone(path), line, section: None }
    };
    let mut top =
        toml::parse(text, &source).map_err(|mistake| syntax_error(text, path, &mistake))?;
    let mut file = TomlFile {
        top: Node::empty_table(source(0)),
        profiles: Vec::new(),
        errors: ConfigErrors::default(),
    };
    if let Some(profiles) = top.remove("profile") {
        file.split_profiles(profiles);
    }
    file.top.value = Value::Table(top);
    Ok(file)
}

impl TomlFile {
    fn split_profiles(&mut self, profiles: Node) {
        let Value::Table(sections) = profiles.value else {
            let what = "`profile` cannot be chosen here";
            let error = ConfigError::at("profile", &profiles.source, what);
            self.errors.push(error.with_hint(
                "set CARAFE_PROFILE in the environment; [profile.release] holds what is for one profile",
            ));
            return;
        };
        for (name, mut section) in sections {
            match name.parse::<Profile>() {
                Ok(profile) if section.table().is_some() => {
                    move_into(&mut section, profile);
                    self.profiles.push((profile, section));
                }
                Ok(_) => {
                    let key = format!("profile.{name}");
                    let what = format!("`{key}` must be a section");
                    let error = ConfigError::at(&key, &section.source, &what);
                    self.errors
                        .push(error.with_hint(format!("write [{key}] on a line of its own")));
                }
                Err(_) => self.errors.push(unknown_profile(&name, &section)),
            }
        }
    }
}

fn unknown_profile(name: &str, section: &Node) -> ConfigError {
    let key = format!("profile.{name}");
    let what = format!("`{key}` is not a profile");
    let hint = match Profile::closest(name) {
        Some(near) => format!("did you mean [profile.{near}]?"),
        None => "the profiles are development, release and testing".to_owned(),
    };
    ConfigError::at(&key, &section.source, &what).with_hint(hint)
}

/// Says in every source below that it lies in a profile's section.
fn move_into(node: &mut Node, profile: Profile) {
    if let Source::File { section, .. } = &mut node.source {
        *section = Some(profile);
    }
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| move_into(item, profile)),
        Value::Table(table) => table.iter_mut().for_each(|(_, node)| move_into(node, profile)),
        _ => {}
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// Counted from 1.
fn line_of(starts: &[usize], offset: usize) -> usize {
    starts.partition_point(|start| *start <= offset).max(1)
}

/// The line, a caret under the place, and the parser's words.
fn syntax_error(text: &str, path: &Arc<Path>, mistake: &Mistake) -> ConfigError {
    let starts = line_starts(text);
    let offset = mistake.offset;
    let line = line_of(&starts, offset);
    let start = starts[line - 1];
    let whole = text[start..].lines().next().unwrap_or("");
    let shown = without_secret(&text[..start], whole);
    let column = text[start..offset].chars().count().min(last_column(&shown, whole));
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    let caret = format!("{}^", " ".repeat(column));
    let source = Source::File { path: Arc::clone(path), line, section: None };
    ConfigError::new(format!("{source} is not valid TOML: {}", mistake.words))
        .with_origin(source)
        .with_excerpt(format!("{number} | {}\n{gutter} | {caret}", shown.replace('\t', " ")))
}

/// The line for an error message, without what must not be seen. It may go on a value that began `before`.
fn without_secret(before: &str, line: &str) -> String {
    let mut section = "";
    let mut key = "";
    for line in before.lines().chain([line]) {
        if let Some(header) = line.trim_start().strip_prefix('[') {
            let name = header.trim_matches(['[', ']', ' ']);
            (section, key) = if is_key(name) { (name, "") } else { (section, key) };
        } else if let Some(name) = key_of(line) {
            key = name;
        }
    }
    match key_of(line) {
        _ if !is_secret(&join(section, key)) => hide_passwords(line).into_owned(),
        Some(_) => format!("{key} = {HIDDEN}"),
        None if line.trim_start().starts_with('[') => line.to_owned(),
        None => HIDDEN.to_owned(),
    }
}

/// The key that a line sets.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    Some(key.trim()).filter(|key| is_key(key))
}

fn is_key(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !text.is_empty() && text.chars().all(is_part)
}

/// Where a caret may stand at most: not inside or behind something hidden.
fn last_column(shown: &str, whole: &str) -> usize {
    match shown.find(HIDDEN) {
        Some(at) if shown != whole => shown[..at].chars().count(),
        _ => shown.chars().count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> TomlFile {
        parse(text, &Path::new("carafe.toml").into()).unwrap()
    }

    #[test]
    fn lines_of_values() {
        let text = "port = 80\r\n\r\n# why\nhosts = [\n  \"a\",\n  \"b\",\n]\n[database]\npool = { max = 5 }\n[database.replica]\nurl = 'x'\n";
        let check = |key: &str, line: usize| {
            let file = file(text);
            let Source::File { line: found, .. } = file.top.find(key).unwrap().source else {
                panic!("{key}")
            };
            assert_eq!(found, line, "{key}");
        };
        check("port", 1);
        check("hosts", 4);
        check("database", 8);
        check("database.pool.max", 9);
        check("database.replica", 10);
        check("database.replica.url", 11);
        let Value::List(hosts) = file(text).top.find("hosts").unwrap().value.clone() else {
            panic!()
        };
        assert_eq!(hosts[1].source.to_string(), "carafe.toml line 6");
    }

    #[test]
    fn profiles_are_set_apart() {
        let file =
            file("port = 1\n[profile.release]\nport = 2\n[profile.release.database]\nurl = 'x'\n");
        assert!(file.errors.is_empty());
        assert!(file.top.find("profile").is_none());
        let (profile, section) = &file.profiles[0];
        assert_eq!(*profile, Profile::Release);
        let source = &section.find("database.url").unwrap().source;
        assert_eq!(source.to_string(), "carafe.toml line 5, in [profile.release]");
    }

    #[test]
    fn mistakes_in_profiles() {
        let check = |text: &str, wanted: &str, hint: &str| {
            let errors = file(text).errors;
            let error = errors.iter().next().unwrap();
            assert_eq!((error.message(), error.hint()), (wanted, Some(hint)));
        };
        check(
            "profile = 'release'",
            "`profile` cannot be chosen here (carafe.toml line 1)",
            "set CARAFE_PROFILE in the environment; [profile.release] holds what is for one profile",
        );
        check(
            "[profile.relase]\nport = 1",
            "`profile.relase` is not a profile (carafe.toml line 1)",
            "did you mean [profile.release]?",
        );
        check(
            "[profile.staging]",
            "`profile.staging` is not a profile (carafe.toml line 1)",
            "the profiles are development, release and testing",
        );
        check(
            "[profile]\nrelease = 1",
            "`profile.release` must be a section (carafe.toml line 2)",
            "write [profile.release] on a line of its own",
        );
    }

    #[test]
    fn syntax_errors_point() {
        let check = |text: &str, wanted: &str| {
            let error = parse(text, &Path::new("carafe.toml").into()).err().unwrap();
            let shown = format!("{error}\n{}", error.excerpt().unwrap());
            assert_eq!(shown, wanted);
        };
        check(
            "host = 'é'\nport = = 80\n",
            "carafe.toml line 2 is not valid TOML: a value is missing
2 | port = = 80
  |        ^",
        );
        check(
            "a = 'é' 'x'",
            "carafe.toml line 1 is not valid TOML: the line should end here
1 | a = 'é' 'x'
  |         ^",
        );
        check(
            "\u{feff}\r\n\thost = local\n",
            "carafe.toml line 2 is not valid TOML: a text stands in quotes
2 |  host = local
  |         ^",
        );
        check(
            &format!("{}port = 1\nport = 2", "\n".repeat(8)),
            "carafe.toml line 10 is not valid TOML: this is set twice
10 | port = 2
   | ^",
        );
        check(
            "[open",
            "carafe.toml line 1 is not valid TOML: the section's name ends with `]`
1 | [open
  |      ^",
        );
        check(
            "a = [1,\n2\n",
            "carafe.toml line 2 is not valid TOML: the list ends with `]`
2 | 2
  |  ^",
        );
    }

    #[test]
    fn syntax_errors_hide_secrets() {
        let check = |text: &str, wanted: &str| {
            let error = parse(text, &Path::new("carafe.toml").into()).err().unwrap();
            assert_eq!(error.excerpt().unwrap(), wanted, "{text}");
            assert!(!error.to_string().contains("hush"));
        };
        check("secret_key = 'hush", "1 | secret_key = (hidden)\n  |              ^");
        check("secret_key = hush", "1 | secret_key = (hidden)\n  |              ^");
        check("[mail]\npassword = 'hush", "2 | password = (hidden)\n  |            ^");
        check("[secrets]\na = 'hush", "2 | a = (hidden)\n  |     ^");
        check("secret_key_fallbacks = [\n  'hush\n]", "2 | (hidden)\n  | ^");
        check(
            "mail = { password = 'hush }",
            "1 | mail = { password = (hidden)\n  |                     ^",
        );
        check("url = 'pg://a:hush@b", "1 | url = 'pg://a:(hidden)@b\n  |       ^");
    }
}
