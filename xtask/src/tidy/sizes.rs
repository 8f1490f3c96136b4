//! How long a file and a function may be. Lines of code count; tests, comments and blanks do not.

use std::collections::BTreeSet;

use super::tokens::{Kind, Token, past_group, tokens, without_tests};
use super::{Problem, is_fixture, is_test_file};
use crate::workspace::TextFile;

/// Past this a file is mentioned.
const FILE_NOTE: usize = 300;
/// Past this a file fails.
const FILE_LIMIT: usize = 500;
/// Past this a function fails.
const FUNCTION_LIMIT: usize = 60;

/// What is too long, and notes on what soon will be.
pub(crate) fn check(files: &[TextFile]) -> (Vec<Problem>, Vec<String>) {
    let mut problems = Vec::new();
    let mut notes = Vec::new();
    let counted = files.iter().filter(|file| {
        file.path.ends_with(".rs") && !is_test_file(&file.path) && !is_fixture(&file.path)
    });
    for file in counted {
        let all = tokens(&file.text);
        let code = without_tests(&all);
        let lines = lines_of(&code);
        let problem = |line, message| Problem { path: file.path.clone(), line, message };
        if lines > FILE_LIMIT {
            let message = format!("{lines} lines of code, at most {FILE_LIMIT}: split it");
            problems.push(problem(1, message));
        } else if lines > FILE_NOTE {
            notes.push(format!("{}: {lines} lines of code, {FILE_NOTE} is the aim", file.path));
        }
        for (name, line, lines) in functions(&code) {
            if lines > FUNCTION_LIMIT {
                let message = format!(
                    "`{name}` has {lines} lines of code, at most {FUNCTION_LIMIT}: split it"
                );
                problems.push(problem(line, message));
            }
        }
    }
    (problems, notes)
}

fn lines_of(code: &[Token<'_>]) -> usize {
    code.iter().flat_map(|token| token.line..=token.last_line).collect::<BTreeSet<_>>().len()
}

/// Each function with a body: its name, the line of its `fn`, and its lines of code.
fn functions<'a>(code: &[Token<'a>]) -> Vec<(&'a str, usize, usize)> {
    let mut found = Vec::new();
    for (index, pair) in code.windows(2).enumerate() {
        if !pair[0].is("fn") || pair[1].kind != Kind::Word {
            continue;
        }
        let mut at = index + 2;
        while let Some(token) = code.get(at) {
            if token.is("{") || token.is(";") || token.is("}") {
                break;
            }
            let group = token.is("(") || token.is("[");
            at = if group { past_group(code, at) } else { at + 1 };
        }
        if code.get(at).is_some_and(|token| token.is("{")) {
            let end = past_group(code, at);
            found.push((pair[1].text, pair[0].line, lines_of(&code[index..end])));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_source(path: &str, text: String, want: &[&str]) {
        let (problems, notes) = check(&[TextFile { path: path.to_owned(), text }]);
        let found: Vec<String> = problems.into_iter().map(|p| p.message).chain(notes).collect();
        assert_eq!(found, want);
    }

    #[test]
    fn files() {
        let lines = |count: usize| "//! a\n\nconst A: u8 = 1; // b\n".repeat(count);
        check_source("a.rs", lines(300), &[]);
        check_source("a.rs", lines(301), &["a.rs: 301 lines of code, 300 is the aim"]);
        check_source("a.rs", lines(501), &["501 lines of code, at most 500: split it"]);
        check_source("a/tests/b.rs", lines(501), &[]);
        check_source("a.rs", format!("#[cfg(test)] mod tests {{ {} }}", lines(501)), &[]);
    }

    #[test]
    fn function_bodies() {
        let body = |count: usize| format!("fn a(b: [u8; 2]) {{\n{}}}\n", "b();\n".repeat(count));
        check_source("a.rs", body(58), &[]);
        check_source("a.rs", body(59), &["`a` has 61 lines of code, at most 60: split it"]);
        check_source("a.rs", format!("trait A {{ fn b(); }} {}", body(58)), &[]);
    }
}
