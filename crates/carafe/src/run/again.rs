//! Commands that people can type: this process's own command line with something changed.

use std::ffi::OsString;

use super::command_line::with_option;
use crate::config::is_secret;

/// This command with another port.
pub(super) fn with_port(port: impl std::fmt::Display) -> String {
    with_port_in(std::env::args_os(), &port.to_string())
}

/// This command with a flag that it has not had.
pub(super) fn with_flag(flag: &str) -> String {
    let arguments = std::env::args_os().filter(|argument| argument != flag);
    format!("{} {flag}", line(arguments))
}

/// This process's program, as a shell takes it.
pub(super) fn program() -> String {
    let path = std::env::current_exe().map(OsString::from).ok();
    line(path.or_else(|| std::env::args_os().next()).into_iter())
}

fn with_port_in(arguments: impl Iterator<Item = OsString>, port: &str) -> String {
    with_option(without_port(printable(arguments)), "--port", port)
}

/// Words as a shell takes them.
fn line(arguments: impl Iterator<Item = OsString>) -> String {
    super::command_line::words(printable(arguments))
}

/// Without the short option, and without `--set port=`, which would go before the long one; another
/// port is not to be taken from anybody, so without `--take-port` too.
fn without_port(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut kept: Vec<OsString> = Vec::new();
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        let sets_port =
            |value: &OsString| value.to_string_lossy().trim_start().starts_with("port=");
        if text == "-p" || (text == "--set" && arguments.peek().is_some_and(sets_port)) {
            arguments.next();
            continue;
        }
        let goes =
            text == "--take-port" || text.starts_with("-p") || text.starts_with("--set=port=");
        if !goes || kept.is_empty() {
            kept.push(argument);
        }
    }
    kept.into_iter()
}

/// Without the values of secrets: what is printed ends in logs.
fn printable(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    arguments.map(|argument| {
        let text = argument.to_string_lossy();
        let setting = text.strip_prefix("--set=").unwrap_or(&text);
        match setting.split_once('=') {
            Some((key, _)) if is_secret(key.trim()) => {
                let kept = text.len() - setting.len() + key.len();
                OsString::from(format!("{}=...", &text[..kept]))
            }
            _ => argument,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str], wanted: &str) {
        let arguments = arguments.iter().map(OsString::from);
        assert_eq!(with_port_in(arguments, "8001"), wanted);
    }

    #[test]
    fn another_port_takes_the_place_of_every_earlier_one() {
        check(&["shop"], "shop --port 8001");
        check(&["-pshop"], "-pshop --port 8001");
        check(&["shop", "run", "--host", "lan"], "shop run --host lan --port 8001");
        check(&["shop", "--port", "8000"], "shop --port 8001");
        check(&["shop", "--port=8000", "--qr"], "shop --qr --port 8001");
        check(&["shop", "-p", "8000", "--qr"], "shop --qr --port 8001");
        check(&["shop", "-p8000"], "shop --port 8001");
        check(&["shop", "--take-port", "--qr"], "shop --qr --port 8001");
        check(
            &["shop", "--set", "port=8000", "--set", "workers=2"],
            "shop --set workers=2 --port 8001",
        );
        check(&["shop", "--set=port=8000"], "shop --port 8001");
        check(&["shop", "--set", "portal=1"], "shop --set portal=1 --port 8001");
    }

    #[test]
    fn secrets_are_not_repeated() {
        check(&["shop", "--set", "secret_key=abc"], "shop --set secret_key=... --port 8001");
        check(&["shop", "--set=secret_key=abc"], "shop --set=secret_key=... --port 8001");
    }
}
