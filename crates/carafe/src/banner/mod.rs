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

use carafe_net::Lang;

use self::facts::Facts;
pub(crate) use self::facts::{Details, Start};
pub(crate) use self::text::counted;
use crate::app::Site;
use crate::config::AccessLog;
use crate::run::lang;
use crate::server::Listener;

/// Where the words go, and in which language.
#[derive(Clone, Copy)]
enum Voice {
    /// Whoever asked for JSON reads the log with a program: every line of it has to be JSON, and
    /// English whatever the user speaks.
    Json,
    Text(Lang),
}

impl Voice {
    fn of(site: &Site) -> Voice {
        let settings = site.core.config.settings();
        match settings.access_log {
            AccessLog::Json => Voice::Json,
            _ => Voice::Text(lang(settings)),
        }
    }

    fn lang(self) -> Lang {
        match self {
            Voice::Json => Lang::English,
            Voice::Text(lang) => lang,
        }
    }

    fn say(self, words: &str) {
        match self {
            Voice::Json => tracing::info!(target: "carafe", "{words}"),
            Voice::Text(_) => write(&format!("{words}\n")),
        }
    }

    /// Whether it speaks to somebody at a terminal.
    fn is_seen(self) -> bool {
        matches!(self, Voice::Text(_)) && io::stderr().is_terminal()
    }
}

/// Says what runs, where, in which mode, and who can reach it; then a QR code, if one was asked for.
/// From then on the key `q` shows one, where somebody sits at a terminal.
pub(crate) fn print(site: &Site, start: &Start<'_>) {
    if is_rebuilt() {
        return;
    }
    let voice = Voice::of(site);
    let keys = voice.is_seen() && keys::are_readable();
    let facts = Facts::of(site, start, keys, voice.lang());
    let ways = ways::ways(&facts);
    match voice {
        Voice::Json => json::log(&facts, &ways),
        Voice::Text(_) => write(&text::banner(&facts, &ways)),
    }
    if start.qr {
        match voice.is_seen() {
            true => write(&code(&facts, &ways)),
            false => voice.say(text::code_unseen(facts.lang)),
        }
    }
    if keys {
        keys::listen(code(&facts, &ways));
    }
}

/// The URLs that lead to sockets.
pub(crate) fn urls(listeners: &[Listener], lang: Lang) -> Vec<String> {
    let ways = ways::ways(&Facts::of_sockets(listeners, lang));
    ways.into_iter().filter(|way| way.kind.is_some()).map(|way| way.url).collect()
}

/// The QR code of the URL for a phone, or why there is none.
pub(crate) fn phone_code(listeners: &[Listener], lang: Lang) -> String {
    let facts = Facts::of_sockets(listeners, lang);
    code(&facts, &ways::ways(&facts))
}

/// The QR code, or why there is none.
fn code(facts: &Facts, ways: &[ways::Way]) -> String {
    text::code(facts, ways).unwrap_or_else(|words| format!("{words}\n"))
}

/// Says that the server ends, and why.
pub(crate) fn print_stopping(site: &Site, signal: &str) {
    if is_tools() {
        return;
    }
    let voice = Voice::of(site);
    voice.say(&text::stopping(signal, voice.lang()));
}

/// Says that the server ended before its requests.
pub(crate) fn print_stopped(site: &Site) {
    let voice = Voice::of(site);
    voice.say(text::stopped(voice.lang()));
}

/// Whether `carafe run` started this process in place of an earlier build: its banner has been read.
fn is_rebuilt() -> bool {
    cfg!(debug_assertions) && std::env::var_os("CARAFE_TOOL_REBUILT").is_some()
}

/// Whether the tool started this process: it says itself why it ends it.
pub(crate) fn is_tools() -> bool {
    cfg!(debug_assertions) && std::env::var_os("CARAFE_TOOL_CHANNEL").is_some()
}

/// A terminal that is gone must not end the server.
fn write(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
