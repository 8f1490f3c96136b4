//! [`Record`]: what is kept of one request while it lives. Only in debug builds.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Instant, SystemTime};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};

use super::Kind;

/// More spans than these are counted, and not kept.
const MOST_SPANS: usize = 1000;
/// Longer texts are cut to as many bytes.
const LONGEST: usize = 4 << 10;
/// As much of a request's body is kept, in bytes.
pub(crate) const MOST_BODY: usize = 64 << 10;

/// A place in the source.
pub(crate) type At = (&'static str, u32);

/// What is kept of one request.
pub(crate) struct Record {
    pub(crate) id: u64,
    began: Instant,
    /// Milliseconds since 1970.
    pub(crate) at: f64,
    spans: Mutex<Vec<Closed>>,
    lost: AtomicU64,
    matched: OnceLock<Matched>,
    panic: Mutex<Option<Arc<Panicked>>>,
    failure: Mutex<Failure>,
    body: Mutex<Vec<u8>>,
    /// Whether there was more than is kept.
    body_over: AtomicBool,
    /// Whether it was not read to its end.
    body_open: AtomicBool,
}

/// What a request led to.
#[derive(Debug, Default)]
pub(crate) struct Matched {
    pub(crate) rule: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) handler: Option<String>,
    pub(crate) place: Option<At>,
    pub(crate) values: Vec<(String, String)>,
}

/// A panic, as the hook saw it.
pub(crate) struct Panicked {
    pub(crate) message: String,
    pub(crate) place: Option<(String, u32, u32)>,
    pub(crate) backtrace: std::backtrace::Backtrace,
}

/// What went wrong, for the message that ends the request.
#[derive(Default)]
pub(crate) struct Failure {
    pub(crate) error: Option<Value>,
    pub(crate) ticket: Option<String>,
    /// Whether the development error page is the answer.
    pub(crate) has_page: bool,
}

/// A span that has ended. Times are microseconds since the request began.
#[derive(Clone)]
pub(crate) struct Closed {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) start: u64,
    pub(crate) took: u64,
    pub(crate) detail: Value,
    pub(crate) place: Option<At>,
}

impl Closed {
    pub(crate) fn json(&self) -> Value {
        json!({
            "kind": self.kind.name(),
            "name": self.name,
            "start": self.start,
            "took": self.took,
            "detail": self.detail,
            "file": self.place.map(|place| place.0),
            "line": self.place.map(|place| place.1),
        })
    }
}

/// A span that goes on; dropped, it is put into its record.
pub(crate) struct Open {
    record: Arc<Record>,
    span: Closed,
    began: Instant,
}

impl Open {
    pub(super) fn detail(&mut self, detail: Value) {
        self.span.detail = cut_all(detail);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.span.took = micros(self.began, Instant::now());
        let span = Closed {
            detail: self.span.detail.take(),
            name: std::mem::take(&mut self.span.name),
            ..self.span
        };
        self.record.push(span);
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.span.kind.name(), self.span.name)
    }
}

impl Record {
    pub(crate) fn new() -> Arc<Record> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Arc::new(Record {
            id: NEXT.fetch_add(1, Relaxed),
            began: Instant::now(),
            at: since.as_secs_f64() * 1000.0,
            spans: Mutex::default(),
            lost: AtomicU64::new(0),
            matched: OnceLock::new(),
            panic: Mutex::default(),
            failure: Mutex::default(),
            body: Mutex::default(),
            body_over: AtomicBool::new(false),
            body_open: AtomicBool::new(false),
        })
    }

    /// Microseconds since the request began.
    pub(crate) fn elapsed(&self) -> u64 {
        micros(self.began, Instant::now())
    }

    pub(super) fn open(self: &Arc<Record>, kind: Kind, name: String, place: Option<At>) -> Open {
        let began = Instant::now();
        let start = micros(self.began, began);
        let span = Closed { kind, name, start, took: 0, detail: Value::Null, place };
        Open { record: self.clone(), span, began }
    }

    fn push(&self, span: Closed) {
        let mut spans = lock(&self.spans);
        match spans.len() < MOST_SPANS {
            true => spans.push(span),
            false => {
                self.lost.fetch_add(1, Relaxed);
            }
        }
    }

    pub(super) fn query(&self, sql: &str, rows: Option<u64>, started: Instant, place: At) {
        let name = sql.split_whitespace().take(8).collect::<Vec<_>>().join(" ");
        self.push(Closed {
            kind: Kind::QUERY,
            name: cut(&name, 80),
            start: micros(self.began, started),
            took: micros(started, Instant::now()),
            detail: json!({ "sql": cut(sql, LONGEST), "rows": rows }),
            place: Some(place),
        });
    }

    pub(super) fn event(&self, event: &tracing::Event<'_>) {
        let metadata = event.metadata();
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let message = match fields.0.remove("message") {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let mut detail = json!({
            "level": metadata.level().as_str().to_lowercase(),
            "target": metadata.target(),
            "message": cut(&message, LONGEST),
        });
        if let (false, Value::Object(detail)) = (fields.0.is_empty(), &mut detail) {
            let fields = crate::masking::value("", cut_all(Value::Object(fields.0)));
            detail.insert("fields".to_owned(), fields);
        }
        self.push(Closed {
            kind: Kind::LOG,
            name: cut(message.lines().next().unwrap_or_default(), 80),
            start: self.elapsed(),
            took: 0,
            detail,
            place: metadata.file().zip(metadata.line()),
        });
    }

    /// The spans that have ended, by when they began; and how many were not kept.
    pub(crate) fn spans(&self) -> (Vec<Closed>, u64) {
        let mut spans = lock(&self.spans).clone();
        // Of two that began together, the longer one encloses the other.
        spans.sort_by(|a, b| a.start.cmp(&b.start).then(b.took.cmp(&a.took)));
        (spans, self.lost.load(Relaxed))
    }

    pub(crate) fn set_matched(&self, matched: Matched) {
        // A layer that sends a request twice keeps the first one.
        let _ = self.matched.set(matched);
    }

    pub(crate) fn matched(&self) -> Option<&Matched> {
        self.matched.get()
    }

    pub(crate) fn set_panic(&self, panic: Panicked) {
        *lock(&self.panic) = Some(Arc::new(panic));
    }

    pub(crate) fn panic(&self) -> Option<Arc<Panicked>> {
        lock(&self.panic).clone()
    }

    pub(crate) fn failure(&self) -> MutexGuard<'_, Failure> {
        lock(&self.failure)
    }

    /// Keeps a piece of the request's body.
    pub(crate) fn keep(&self, piece: &[u8]) {
        let mut body = lock(&self.body);
        let room = MOST_BODY - body.len();
        body.extend_from_slice(&piece[..piece.len().min(room)]);
        if piece.len() > room {
            self.body_over.store(true, Relaxed);
        }
    }

    /// Says that there is a body, of which nothing was read yet.
    pub(crate) fn body_begins(&self) {
        self.body_open.store(true, Relaxed);
    }

    /// Says that the body was read to its end.
    pub(crate) fn body_ended(&self) {
        self.body_open.store(false, Relaxed);
    }

    /// What was kept of the body, and whether it is less than all.
    pub(crate) fn body(&self) -> (Vec<u8>, bool) {
        let cut = self.body_over.load(Relaxed) || self.body_open.load(Relaxed);
        (lock(&self.body).clone(), cut)
    }
}

/// No code of a user runs under these locks, so a poisoned one is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn micros(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(u64::MAX)
}

/// A text of at most so many bytes.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.len() <= most {
        true => text.to_owned(),
        false => format!("{}…", &text[..text.floor_char_boundary(most)]),
    }
}

fn cut_all(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(cut(&text, LONGEST)),
        Value::Array(all) => all.into_iter().map(cut_all).collect(),
        Value::Object(all) => {
            Value::Object(all.into_iter().map(|(key, value)| (key, cut_all(value))).collect())
        }
        other => other,
    }
}

/// The fields of a log event.
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_in_order_and_capped() {
        let record = Record::new();
        let outer = record.open(Kind::HOOK, "outer".into(), None);
        drop(record.open(Kind::OTHER, "inner".into(), Some(("src/main.rs", 3))));
        drop(outer);
        let (spans, lost) = record.spans();
        let names: Vec<&str> = spans.iter().map(|span| &*span.name).collect();
        assert_eq!((names, lost), (vec!["outer", "inner"], 0));
        for _ in 0..MOST_SPANS {
            record.query("select  1\n from t", Some(1), Instant::now(), ("a", 1));
        }
        let (spans, lost) = record.spans();
        assert_eq!((spans.len(), lost), (MOST_SPANS, 2));
        assert_eq!(spans[5].name, "select 1 from t");
    }

    #[test]
    fn bodies_are_kept_to_their_cap() {
        let record = Record::new();
        record.keep(&vec![b'x'; MOST_BODY]);
        assert!(!record.body().1);
        record.keep(b"y");
        let (kept, cut) = record.body();
        assert_eq!((kept.len(), cut), (MOST_BODY, true));
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("가나", 4), "가…");
        assert_eq!(cut("abc", 3), "abc");
    }
}
