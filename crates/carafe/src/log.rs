//! What `run` prints while it serves: log lines and the access log, through `tracing`.
//!
//! An app that installs a subscriber of its own gets the same events and this one stays out.

use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use crate::config::AccessLog;

/// The target of access log events: `method`, `path`, `status`, `bytes`, `micros`, `remote`.
pub(crate) const ACCESS: &str = "carafe::access";

/// Installs the default subscriber, unless the app has one.
pub(crate) fn install(access: AccessLog) {
    let json = matches!(access, AccessLog::Json);
    // The tool, which stands between, may write to a terminal.
    let seen = io::stderr().is_terminal()
        || (cfg!(debug_assertions) && std::env::var_os("CARAFE_TOOL_COLOUR").is_some());
    let colour = !json && seen && std::env::var_os("NO_COLOR").is_none();
    let _ =
        tracing::subscriber::set_global_default(Lines { json, colour, next: AtomicU64::new(1) });
}

/// One line per event on standard error; spans are not kept.
struct Lines {
    json: bool,
    colour: bool,
    next: AtomicU64,
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::INFO
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(tracing::level_filters::LevelFilter::INFO)
    }

    fn new_span(&self, _attributes: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(self.next.fetch_add(1, Ordering::Relaxed).max(1))
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        crate::trace::event(event);
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        let mut line = if self.json {
            json_line(metadata, fields, SystemTime::now())
        } else if metadata.target() == ACCESS {
            access_line(&fields, self.colour)
        } else {
            text_line(metadata, &fields, self.colour)
        };
        line.push('\n');
        // A log that cannot be written must not end the server.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }
}

/// The fields of an event, in order.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn text(&self, name: &str) -> String {
        match self.0.iter().find(|(field, _)| *field == name) {
            Some((_, Value::String(text))) => text.clone(),
            Some((_, value)) => value.to_string(),
            None => String::new(),
        }
    }

    fn number(&self, name: &str) -> u64 {
        let found = self.0.iter().find(|(field, _)| *field == name);
        found.and_then(|(_, value)| value.as_u64()).unwrap_or_default()
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push((field.name(), format!("{value:?}").into()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.push((field.name(), value.into()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.push((field.name(), value.into()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.push((field.name(), value.into()));
    }
}

fn json_line(metadata: &Metadata<'_>, fields: Fields, now: SystemTime) -> String {
    let mut line = Map::new();
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    line.insert("time".into(), ((seconds * 1000.0).round() / 1000.0).into());
    line.insert("level".into(), metadata.level().as_str().to_lowercase().into());
    line.insert("target".into(), metadata.target().into());
    line.extend(fields.0.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(line).to_string()
}

fn access_line(fields: &Fields, colour: bool) -> String {
    let status = fields.number("status");
    let took = Duration::from_micros(fields.number("micros"));
    let mut line = fields.text("remote");
    let code = match status {
        200..300 => "32",
        300..400 => "36",
        400..500 => "33",
        _ => "31",
    };
    // Control characters in a path must not reach the terminal.
    let path: String = fields.text("path").escape_debug().collect();
    let _ = write!(line, " {} {path} ", fields.text("method"));
    let _ = match colour {
        true => write!(line, "\x1b[{code}m{status}\x1b[0m"),
        false => write!(line, "{status}"),
    };
    // A stream's length is not known.
    let bytes = Some(fields.text("bytes")).filter(|bytes| !bytes.is_empty());
    let _ = write!(line, " {} {took:.1?}", bytes.as_deref().unwrap_or("-"));
    line
}

fn text_line(metadata: &Metadata<'_>, fields: &Fields, colour: bool) -> String {
    let (word, code) = match *metadata.level() {
        Level::ERROR => ("error", "31"),
        Level::WARN => ("warning", "33"),
        _ => ("info", "36"),
    };
    let message = printable(&fields.text("message"));
    let (first, more) = match message.find('\n') {
        Some(end) => message.split_at(end),
        None => (&*message, ""),
    };
    let mut line = match colour {
        true => format!("\x1b[{code}m{word}\x1b[0m: {first}"),
        false => format!("{word}: {first}"),
    };
    for (name, value) in fields.0.iter().filter(|(name, _)| *name != "message") {
        let _ = write!(line, " {name}={value}");
    }
    line.push_str(more);
    line
}

/// A message may quote what a client sent: its control characters must not reach the terminal, and
/// its further lines must not pass for lines of the log.
fn printable(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for c in message.chars() {
        match c {
            '\n' => text.push_str("\n  "),
            '\t' => text.push(c),
            _ if c.is_control() => text.extend(c.escape_debug()),
            _ => text.push(c),
        }
    }
    text
}
