//! `.env`: its variables with their lines. Nothing is put into the process's environment.
//!
//! A line is `NAME=value`, with `export` before it or not, and with spaces around the `=` or not. `#` begins a comment,
//! after a value only with a space before it. Parts of a value may be quoted, and what is quoted may have spaces and go
//! over several lines. Within `'..'` everything stands for itself. Elsewhere `\n` is a line break, `\` before `\`, a
//! quote, `$` or a space takes its meaning away, and `$NAME` or `${NAME}` is the value of a variable: the
//! environment's, or else one of a line above.

use std::path::Path;
use std::sync::Arc;

use super::env::{Variable, is_ours};
use super::{ConfigError, Source};

/// The `CARAFE_*` variables of a `.env` file, and the lines that are not `NAME=value`. `lookup` knows the environment.
pub(super) fn parse(
    text: &str,
    path: &Arc<Path>,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> (Vec<Variable>, Vec<ConfigError>) {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader { rest: text, line: 1, above: Vec::new(), lookup };
    let (mut variables, mut errors) = (Vec::new(), Vec::new());
    while reader.finds_entry() {
        let source = Source::DotEnv { path: Arc::clone(path), line: reader.line };
        match reader.entry() {
            Some((name, text)) => {
                reader.above.push((name.clone(), text.clone()));
                if is_ours(&name) {
                    variables.push(Variable { name, text, source });
                }
            }
            // The line itself is not shown: it may hold a secret.
            None => errors.push(
                ConfigError::new(format!("{source} is not `NAME=value`"))
                    .with_origin(source)
                    .with_hint("put a value that holds spaces or quotes into single quotes"),
            ),
        }
        reader.skip_line();
    }
    (variables, errors)
}

struct Reader<'a> {
    rest: &'a str,
    /// The line that `rest` begins in, from 1.
    line: usize,
    /// The variables that were read.
    above: Vec<(String, String)>,
    lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Reader<'a> {
    /// Goes to the next line that says something.
    fn finds_entry(&mut self) -> bool {
        loop {
            self.skip(self.rest.len() - self.rest.trim_start().len());
            if !self.rest.starts_with('#') {
                return !self.rest.is_empty();
            }
            self.skip_line();
        }
    }

    /// `NAME=value`; `None` when it is something else.
    fn entry(&mut self) -> Option<(String, String)> {
        let mut name = self.name()?;
        if name == "export" && !self.rest.starts_with('=') {
            name = self.name()?;
        }
        self.rest = self.rest.strip_prefix('=')?;
        self.skip_blanks();
        let value = if self.rest.starts_with('#') { String::new() } else { self.value()? };
        Some((name.to_owned(), value))
    }

    /// A name and the space behind it.
    fn name(&mut self) -> Option<&'a str> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let name = &self.rest[..end];
        self.skip(end);
        self.skip_blanks();
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_').then_some(name)
    }

    fn value(&mut self) -> Option<String> {
        let mut value = String::new();
        while !self.is_at_end() {
            match self.next()? {
                ' ' | '\t' => {
                    self.skip_blanks();
                    return (self.is_at_end() || self.rest.starts_with('#')).then_some(value);
                }
                '\'' => {
                    let Some(end) = self.rest.find('\'') else { return self.never_closed() };
                    value.push_str(&self.rest[..end]);
                    self.skip(end + 1);
                }
                '"' => self.quoted(&mut value)?,
                c => self.piece(c, &mut value)?,
            }
        }
        Some(value)
    }

    /// What stands between double quotes.
    fn quoted(&mut self, value: &mut String) -> Option<()> {
        loop {
            match self.next() {
                None => return self.never_closed(),
                Some('"') => return Some(()),
                Some(c) => self.piece(c, value)?,
            }
        }
    }

    /// A character that is no quote, an escape, or a variable.
    fn piece(&mut self, c: char, value: &mut String) -> Option<()> {
        match c {
            '\\' => value.push(match self.next()? {
                'n' => '\n',
                c @ ('\\' | '\'' | '"' | '$' | ' ') => c,
                _ => return None,
            }),
            '$' => self.variable(value)?,
            c => value.push(c),
        }
        Some(())
    }

    /// What follows a `$`; alone it stands for itself.
    fn variable(&mut self, value: &mut String) -> Option<()> {
        let is_braced = self.rest.starts_with('{');
        self.skip(usize::from(is_braced));
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let name = &self.rest[..end];
        self.skip(end);
        if is_braced {
            self.rest = self.rest.strip_prefix('}')?;
        }
        if name.is_empty() {
            value.push('$');
        } else if let Some(text) = (self.lookup)(name) {
            value.push_str(&text);
        } else if let Some((_, text)) = self.above.iter().rfind(|(above, _)| above == name) {
            value.push_str(text);
        }
        Some(())
    }

    /// A quote that is open takes in the rest of the file.
    fn never_closed<T>(&mut self) -> Option<T> {
        self.rest = "";
        None
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.skip(next.len_utf8());
        Some(next)
    }

    fn skip(&mut self, size: usize) {
        let (skipped, rest) = self.rest.split_at(size);
        self.line += skipped.matches('\n').count();
        self.rest = rest;
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn skip_line(&mut self) {
        self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
    }

    fn is_at_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with('\n') || self.rest.starts_with("\r\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: &[(&str, &str, usize)], errors: &[&str]) {
        let (variables, found) = parse(text, &Path::new(".env").into(), &|name| {
            (name == "HOME").then(|| "/opt".to_owned())
        });
        let variables: Vec<_> = variables
            .iter()
            .map(|variable| {
                let Source::DotEnv { line, .. } = variable.source else { panic!() };
                (variable.name.as_str(), variable.text.as_str(), line)
            })
            .collect();
        assert_eq!(variables, wanted, "{text}");
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), errors, "{text}");
    }

    #[test]
    fn variables_and_their_lines() {
        check("", &[], &[]);
        check("CARAFE_PORT=80", &[("CARAFE_PORT", "80", 1)], &[]);
        check("\u{feff}CARAFE_PORT=80\r\n", &[("CARAFE_PORT", "80", 1)], &[]);
        check(
            "# a comment\n\nOTHER=1\nexport CARAFE_A='x # y'  # why\n\nCARAFE_B=\"1\n2\n3\"\nCARAFE_C=\n",
            &[("CARAFE_A", "x # y", 4), ("CARAFE_B", "1\n2\n3", 6), ("CARAFE_C", "", 9)],
            &[],
        );
        check(
            "CARAFE_A=1\nnot a line\nCARAFE_B=a b\nCARAFE_C=3\n",
            &[("CARAFE_A", "1", 1), ("CARAFE_C", "3", 4)],
            &[".env line 2 is not `NAME=value`", ".env line 3 is not `NAME=value`"],
        );
        check("\nCARAFE_A='open\n\n", &[], &[".env line 2 is not `NAME=value`"]);
        let long = "é".repeat(10_000);
        check(&format!("X={long}\nCARAFE_A={long}"), &[("CARAFE_A", &long, 2)], &[]);
    }

    /// The value of the last line.
    fn value(text: &str) -> Option<String> {
        let (variables, errors) = parse(&format!("{text}\n"), &Path::new(".env").into(), &|name| {
            (name == "HOME").then(|| "/opt".to_owned())
        });
        assert_eq!(errors.is_empty(), !variables.is_empty(), "{text}");
        variables.into_iter().next_back().map(|variable| variable.text)
    }

    #[test]
    fn values() {
        let check = |text, wanted: &str| assert_eq!(value(text).as_deref(), Some(wanted), "{text}");
        check("CARAFE_A=1", "1");
        check("CARAFE_A = 1", "1");
        check("export CARAFE_A=1", "1");
        check("export\tCARAFE_A=1", "1");
        check("export=1\nCARAFE_A=$export", "1");
        check("CARAFE_A=", "");
        check("CARAFE_A=   # why", "");
        check("CARAFE_A=#why", "");
        check("CARAFE_A=a#b", "a#b");
        check("CARAFE_A=a #b", "a");
        check("CARAFE_A=a\t", "a");
        check("CARAFE_A='a # b\\n $HOME'", "a # b\\n $HOME");
        check("CARAFE_A=\"a # b\\n\\\\ \\$x \\\"\"", "a # b\n\\ $x \"");
        check("CARAFE_A=a'b c'\"d\"e", "ab cde");
        check("CARAFE_A=a\\ b", "a b");
        check("CARAFE_A=\"1\n2\"", "1\n2");
        check("CARAFE_A=$HOME/x", "/opt/x");
        check("CARAFE_A=\"${HOME}x\"", "/optx");
        check("CARAFE_A=$HOME$HOME", "/opt/opt");
        check("CARAFE_A=1$", "1$");
        check("CARAFE_A=$gone.", ".");
        check("MY_DIR=a\nMY_DIR=b\nCARAFE_A=$MY_DIR/c", "b/c");
        check("HOME=elsewhere\nCARAFE_A=$HOME", "/opt");
    }

    #[test]
    fn what_is_no_value() {
        for text in [
            "CARAFE_A",
            "1A=1",
            "=1",
            "CARAFE_A b=1",
            "export CARAFE_A",
            "CARAFE_A=a b",
            "CARAFE_A='a' b",
            "CARAFE_A=a\\b",
            "CARAFE_A=\"\\t\"",
            "CARAFE_A=\"a",
            "CARAFE_A=${HOME",
            "CARAFE_A=${a b}",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
