//! `cargo xtask licences`: every dependency may be used in a work under MIT or Apache-2.0.
//!
//! Reads the SPDX expressions that crates declare; it does not read licence texts.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// Licences that ask for no more than a notice. MPL-2.0 is left out on purpose: it asks that
/// changed files be published.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Exceptions that only add permissions.
const ALLOWED_EXCEPTIONS: &[&str] = &["LLVM-exception"];

/// Checks every package that comes from outside the workspace; gives a line that says how many.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let outside: Vec<&Value> =
        workspace.packages().iter().filter(|package| !package["source"].is_null()).collect();
    let problems: Vec<String> = outside.iter().filter_map(|package| problem(package)).collect();
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        return Ok(format!("{} dependencies", outside.len()));
    }
    Err(Error::new(format!("{} dependencies cannot be used", problems.len()))
        .hint("choose another crate, or add the licence to xtask/src/licences.rs with its reason"))
}

fn problem(package: &Value) -> Option<String> {
    let name = package["name"].as_str().unwrap_or("?");
    let version = package["version"].as_str().unwrap_or("?");
    let Some(expression) = package["license"].as_str() else {
        return Some(format!("{name} {version}: names no licence expression"));
    };
    match allowed(expression) {
        Ok(true) => None,
        Ok(false) => Some(format!("{name} {version}: `{expression}` is not compatible")),
        Err(why) => Some(format!("{name} {version}: cannot read `{expression}`: {why}")),
    }
}

/// Whether an SPDX expression leaves a way to use the work under allowed licences only.
fn allowed(expression: &str) -> std::result::Result<bool, String> {
    // Before SPDX expressions cargo had `MIT/Apache-2.0`, which means OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words };
    let value = parser.any()?;
    match parser.words.first() {
        None => Ok(value),
        Some(word) => Err(format!("`{word}` was not expected")),
    }
}

/// SPDX annex D: WITH binds before AND, and AND before OR.
struct Parser<'a> {
    words: &'a [&'a str],
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> std::result::Result<bool, String> {
        let mut value = self.all()?;
        while self.eat("OR") {
            value |= self.all()?;
        }
        Ok(value)
    }

    fn all(&mut self) -> std::result::Result<bool, String> {
        let mut value = self.one()?;
        while self.eat("AND") {
            value &= self.one()?;
        }
        Ok(value)
    }

    fn one(&mut self) -> std::result::Result<bool, String> {
        if self.eat("(") {
            let value = self.any()?;
            return match self.eat(")") {
                true => Ok(value),
                false => Err("a `)` is missing".to_owned()),
            };
        }
        let licence = self.word()?;
        let exception = match self.eat("WITH") {
            true => Some(self.word()?),
            false => None,
        };
        Ok(ALLOWED.contains(&licence)
            && exception.is_none_or(|name| ALLOWED_EXCEPTIONS.contains(&name)))
    }

    fn word(&mut self) -> std::result::Result<&'a str, String> {
        match self.words.split_first() {
            Some((word, rest)) if !["(", ")", "OR", "AND", "WITH"].contains(word) => {
                self.words = rest;
                Ok(word)
            }
            Some((word, _)) => Err(format!("a licence was expected before `{word}`")),
            None => Err("a licence was expected at its end".to_owned()),
        }
    }

    fn eat(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let check = |text: &str, want: bool| assert_eq!(allowed(text), Ok(want), "{text}");
        check("MIT", true);
        check("MPL-2.0", false);
        check("MIT/Apache-2.0", true);
        check("GPL-3.0-only OR MIT", true);
        check("GPL-3.0-only AND MIT", false);
        check("(MIT OR Apache-2.0) AND Unicode-3.0", true);
        check("(MIT OR Apache-2.0) AND MPL-2.0", false);
        check("MIT OR GPL-2.0 AND GPL-3.0", true);
        check("Apache-2.0 WITH LLVM-exception", true);
        check("Apache-2.0 WITH Some-exception", false);
        check("GPL-2.0 WITH LLVM-exception OR MIT", true);
        check("mit", false);
    }

    #[test]
    fn broken_expressions() {
        for text in ["", "MIT OR", "(MIT", "MIT Apache-2.0", "MIT)", "WITH MIT"] {
            assert!(allowed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn packages() {
        let check = |package: Value, want: Option<&str>| {
            assert_eq!(problem(&package).as_deref(), want);
        };
        check(serde_json::json!({"name": "a", "version": "1.0.0", "license": "ISC"}), None);
        check(
            serde_json::json!({"name": "a", "version": "1.0.0", "license": "MPL-2.0"}),
            Some("a 1.0.0: `MPL-2.0` is not compatible"),
        );
        check(
            serde_json::json!({"name": "a", "version": "1.0.0", "license": null}),
            Some("a 1.0.0: names no licence expression"),
        );
    }
}
