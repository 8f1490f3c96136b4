//! A release build holds nothing of development: no code, no text of it, and no route answers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::callgrind::Server;
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

/// Examples whose release builds are looked at; the first one is also run.
const EXAMPLES: [&str; 2] = ["hello", "guestbook"];
/// What a development build has in it: paths, variables, words of pages, and a module's symbols.
const TRACES: [&str; 9] = [
    "/__carafe__/live",
    "EventSource",
    "CARAFE_TOOL_CHANNEL",
    "CARAFE_TOOL_PAGE",
    "CARAFE_TOOL_EDITOR",
    "carafe-tool-out",
    "prefers-color-scheme:dark){:root",
    "What ran",
    "6carafe3dev",
];
/// What must not answer.
const ROUTES: [&str; 2] = ["/__carafe__/live.js", "/__carafe__/live"];
const PATIENCE: Duration = Duration::from_secs(20);

/// Builds and looks; gives a line that says at how many.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    // What is looked for is found where it should be, so that its absence means something.
    let debug = build(workspace, EXAMPLES[0], false)?;
    let absent = traces_in(&debug, |found| !found)?;
    if !absent.is_empty() {
        return Err(Error::new(format!("the development build lacks {}", absent.join(", ")))
            .hint("xtask/src/development.rs looks for what is no more"));
    }
    for example in EXAMPLES {
        let present = traces_in(&build(workspace, example, true)?, |found| found)?;
        if !present.is_empty() {
            let words = format!("the release build of `{example}` has {}", present.join(", "));
            return Err(Error::new(words).hint("is there a `#[cfg(debug_assertions)]` missing?"));
        }
    }
    let release = build(workspace, EXAMPLES[0], true)?;
    nothing_answers(&release)?;
    Ok(format!("{} release builds", EXAMPLES.len()))
}

fn build(workspace: &Workspace, example: &str, release: bool) -> Result<PathBuf> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "--quiet", "--package", example, "--bin", example]);
    if release {
        cargo.arg("--release");
    }
    process::run(&mut cargo)?;
    let profile = if release { "release" } else { "debug" };
    Ok(workspace.target().join(profile).join(example))
}

/// The traces for which it holds that they are found in a program, or are not.
fn traces_in(program: &Path, wanted: fn(bool) -> bool) -> Result<Vec<&'static str>> {
    let bytes = std::fs::read(program)
        .map_err(|error| Error::new(format!("cannot read `{}`: {error}", program.display())))?;
    let traces = TRACES.into_iter();
    Ok(traces.filter(|trace| wanted(contains(&bytes, trace.as_bytes()))).collect())
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    let Some((first, rest)) = text.split_first() else { return true };
    let mut left = bytes;
    while let Some(at) = left.iter().position(|byte| byte == first) {
        left = &left[at + 1..];
        if left.starts_with(rest) {
            return true;
        }
    }
    false
}

/// Runs a release build as a tool would, and asks for what only development has.
fn nothing_answers(program: &Path) -> Result<()> {
    let mut command = Command::new(program);
    // A development build would end: there is no tool.
    command.env("CARAFE_PORT", "0").env("CARAFE_TOOL_CHANNEL", "/nonexistent/tool.sock");
    let mut server = Server::start(&mut command)?;
    let port = server.port()?;
    for route in ROUTES {
        let status = status_of(port, route)
            .map_err(|error| Error::new(format!("cannot ask for `{route}`: {error}")))?;
        if status != "404" {
            return Err(Error::new(format!("a release build answers `{route}` with {status}")));
        }
    }
    server.stop().map(drop)
}

fn status_of(port: u16, route: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!("GET {route} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    Ok(answer.split(' ').nth(1).unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_texts_among_bytes() {
        let check = |bytes: &[u8], text: &str, found| {
            assert_eq!(contains(bytes, text.as_bytes()), found, "{text}");
        };
        check(b"aab", "ab", true);
        check(b"\0live\xff", "live", true);
        check(b"liv", "live", false);
        check(b"", "a", false);
    }
}
