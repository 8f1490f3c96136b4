//! `.env`: its variables with their lines. Nothing is put into the process's environment.

use std::cell::Cell;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::env::{Variable, is_ours};
use super::{ConfigError, Source};

/// The `CARAFE_*` variables of a `.env` file, and the lines that are not `NAME=value`.
pub(super) fn parse(text: &str, path: &Arc<Path>) -> (Vec<Variable>, Vec<ConfigError>) {
    let text = text.trim_start_matches('\u{feff}');
    let read = Rc::new(Cell::new(0));
    let lines = Lines { rest: text, read: Rc::clone(&read) };
    let mut variables: Vec<Variable> = Vec::new();
    let mut errors = Vec::new();
    let mut done = 0;
    for item in dotenvy::Iter::new(lines) {
        let line = first_line(text, done);
        done = read.get();
        let source = Source::DotEnv { path: Arc::clone(path), line };
        match item {
            Ok((name, text)) if is_ours(&name) => variables.push(Variable { name, text, source }),
            Ok(_) => {}
            // The line itself is not shown: it may hold a secret.
            Err(_) => errors.push(
                ConfigError::new(format!("{source} is not `NAME=value`"))
                    .with_origin(source)
                    .with_hint("put a value that holds spaces or quotes into single quotes"),
            ),
        }
    }
    (variables, errors)
}

/// The first line after line `done` that says something, counted from 1.
fn first_line(text: &str, done: usize) -> usize {
    let says_nothing = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    done + 1 + text.lines().skip(done).take_while(says_nothing).count()
}

/// Gives one line a read and counts them: dotenvy does not tell where it is.
struct Lines<'a> {
    rest: &'a str,
    read: Rc<Cell<usize>>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let line =
            self.rest.as_bytes().split_inclusive(|byte| *byte == b'\n').next().unwrap_or(b"");
        let mut size = line.len().min(buffer.len());
        while !self.rest.is_char_boundary(size) {
            size -= 1;
        }
        buffer[..size].copy_from_slice(&line[..size]);
        self.rest = &self.rest[size..];
        if size > 0 && size == line.len() {
            self.read.set(self.read.get() + 1);
        }
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: &[(&str, &str, usize)], errors: &[&str]) {
        let (variables, found) = parse(text, &Path::new(".env").into());
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
}
