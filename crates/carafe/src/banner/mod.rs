//! What `run` says when it starts and when it stops: for people as text, for programs as JSON lines.
//!
//! What is said follows from [`Facts`] alone.

mod facts;
mod json;
mod keys;
mod qr;
mod reach;
#[cfg(test)]
mod tests;
mod text;
mod ways;

use std::io::{self, IsTerminal, Write};

use self::facts::Facts;
pub(crate) use self::facts::{Details, Start};
pub(crate) use self::text::counted;
use crate::app::Site;
use crate::config::{AccessLog, Settings};
use crate::run::lang;

/// Where the words go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Whoever asked for JSON reads the log with a program: every line of it has to be JSON.
    Json,
    Text,
}

impl Form {
    fn of(settings: &Settings) -> Form {
        match settings.access_log {
            AccessLog::Json => Form::Json,
            _ => Form::Text,
        }
    }
}

/// Says what runs, where, in which mode, and who can reach it; then a QR code, if one was asked for.
/// From then on the key `q` shows one, where somebody sits at a terminal.
pub(crate) fn print(site: &Site, start: &Start<'_>) {
    let settings = site.core.config.settings();
    let form = Form::of(settings);
    let keys = form == Form::Text && io::stderr().is_terminal() && keys::are_readable();
    let facts = Facts::of(site, start, keys, lang(settings));
    let ways = ways::ways(&facts);
    match form {
        Form::Json => json::log(&facts, &ways),
        Form::Text => write(&text::banner(&facts, &ways)),
    }
    if start.qr {
        print_code(settings, &facts, &ways);
    }
    if keys {
        let code = text::code(&facts, &ways);
        keys::listen(code.unwrap_or_else(|words| format!("{words}\n")));
    }
}

fn print_code(settings: &Settings, facts: &Facts, ways: &[ways::Way]) {
    let lang = facts.lang;
    let code = match (Form::of(settings), io::stderr().is_terminal()) {
        (Form::Text, true) => text::code(facts, ways),
        _ => Err(lang
            .pick(
                "no QR code: standard error is not a terminal, or carries JSON",
                "QR 코드 없음: 표준 오류가 터미널이 아니거나 JSON을 출력하고 있습니다",
            )
            .to_owned()),
    };
    match code {
        Ok(code) => write(&code),
        Err(words) => say(settings, &words),
    }
}

/// Says that the server ends, and why.
pub(crate) fn print_stopping(site: &Site, signal: &str) {
    let settings = site.core.config.settings();
    say(settings, &text::stopping(signal, lang(settings)));
}

/// Says that the server ended before its requests.
pub(crate) fn print_stopped(site: &Site) {
    let settings = site.core.config.settings();
    say(settings, text::stopped(lang(settings)));
}

fn say(settings: &Settings, words: &str) {
    match Form::of(settings) {
        Form::Json => tracing::info!(target: "carafe", "{words}"),
        Form::Text => write(&format!("{words}\n")),
    }
}

/// A terminal that is gone must not end the server.
fn write(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
