//! What most apps do not use must not be compiled for each of them: functions of these files are `#[inline]`, which the
//! compiler leaves to the crates that call them. One that lacks it is compiled with Carafe, with all that it calls.

use super::Problem;
use crate::workspace::TextFile;

/// Below `crates/carafe/src/`: folders and files.
const RARE: &[&str] = &[
    "testing/",
    "run/background.rs",
    "run/test_server.rs",
    "extract/multipart/",
    "http/response_headers.rs",
    "http/values/authorization.rs",
    "http/values/cache_control.rs",
    "http/values/csp.rs",
    "http/values/header_set.rs",
    "http/values/www_authenticate.rs",
    "request/headers.rs",
    "sse.rs",
    "templates/attribute.rs",
    "templates/stream.rs",
];

const SOURCE: &str = "crates/carafe/src/";

pub(crate) fn check(files: &[TextFile]) -> Vec<Problem> {
    let is_rare = |file: &&TextFile| {
        let inside = file.path.strip_prefix(SOURCE).filter(|path| path.ends_with(".rs"));
        inside.is_some_and(|path| RARE.iter().any(|rare| path.starts_with(rare)))
    };
    files.iter().filter(is_rare).flat_map(check_file).collect()
}

fn check_file(file: &TextFile) -> Vec<Problem> {
    let code = file.text.split("\n#[cfg(test)]\n").next().unwrap_or_default();
    let lines: Vec<&str> = code.lines().collect();
    let lacks = |at: usize| is_function(&lines[at..]) && !has_inline(&lines[..at]);
    let lacking = (0..lines.len()).filter(|at| lacks(*at));
    let message = "lacks `#[inline]`, and so is compiled for apps that do not use it";
    lacking
        .map(|at| Problem { path: file.path.clone(), line: at + 1, message: message.to_owned() })
        .collect()
}

/// Whether a function with a body begins on the first line.
fn is_function(lines: &[&str]) -> bool {
    const BEFORE: &[&str] = &["pub", "pub(crate)", "pub(super)", "const", "async"];
    let mut words = lines[0].split_whitespace().skip_while(|word| BEFORE.contains(word));
    let has_body = || {
        let ends = |line: &&&str| line.ends_with(['{', ';', '}']);
        lines.iter().find(ends).is_some_and(|end| !end.ends_with(';'))
    };
    words.next() == Some("fn") && has_body()
}

/// Whether the attributes at the end of these lines have it.
fn has_inline(before: &[&str]) -> bool {
    let attributes = before.iter().rev().take_while(|line| line.trim_start().starts_with('#'));
    attributes.into_iter().any(|line| line.trim() == "#[inline]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let file = TextFile { path: format!("{SOURCE}{path}"), text: text.to_owned() };
        check(&[file]).into_iter().map(|problem| problem.line).collect()
    }

    #[test]
    fn finds_what_is_compiled_for_all() {
        let text = "#[inline]\nfn a() {}\n\nimpl A {\n    #[inline]\n    #[must_use]\n    pub fn b(\n    ) {\n    }\n\n    pub(crate) async fn c() {\n    }\n}\ntrait T {\n    fn d();\n}\n\n#[cfg(test)]\nmod tests {\n    fn e() {}\n}\n";
        assert_eq!(lines("sse.rs", text), [11]);
        assert_eq!(lines("testing/jar.rs", text), [11]);
        assert!(lines("dispatch.rs", text).is_empty());
    }
}
