//! [`Log`]: the last requests of the apps, within a bound of memory.
//!
//! A request's own lines are kept as they came; what lists need is read from them once.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most requests that are kept.
pub(crate) const MOST: usize = 10_000;
/// How long an error page's link works.
const TICKET_LIFE: Duration = Duration::from_secs(600);
/// The most bytes of lines that are kept.
const MOST_BYTES: usize = 96 << 20;

/// The requests that apps told of, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Log {
    records: VecDeque<Record>,
    /// Those without an answer: an app's number and the request's own id, to the record's number.
    open: HashMap<(u64, u64), u64>,
    /// The number of the last one.
    last: u64,
    bytes: usize,
    /// Counts changes.
    version: u64,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// When it changed last, by [`Log::version`].
    version: u64,
    pub(crate) summary: Summary,
    id: u64,
    begin: Arc<str>,
    end: Option<Arc<str>>,
    /// What the link on its error page names, until it was followed.
    ticket: Option<String>,
    answered: Option<Instant>,
}

/// What a list shows of a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Summary {
    /// Its number in the log, from 1 on.
    pub(crate) number: u64,
    /// The app's number in the channel.
    pub(crate) app: u64,
    /// The app's own name for it.
    pub(crate) id: u64,
    /// Milliseconds since 1970.
    pub(crate) at: f64,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) remote: String,
    /// The thread that took it, by the system's number.
    pub(crate) thread: u64,
    /// The answer's, once there is one.
    pub(crate) status: Option<u16>,
    pub(crate) micros: Option<u64>,
    #[serde(rename = "type")]
    pub(crate) media_type: String,
    pub(crate) bytes: Option<u64>,
    pub(crate) rule: String,
    pub(crate) endpoint: String,
    pub(crate) handler: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// There was an error, in its own words.
    pub(crate) error: String,
    /// The app went away before it answered.
    pub(crate) lost: bool,
}

#[derive(Deserialize)]
struct Begin {
    id: u64,
    at: f64,
    method: String,
    target: String,
    #[serde(default)]
    remote: Option<String>,
    #[serde(default)]
    thread: Option<u64>,
}

#[derive(Deserialize)]
struct End {
    id: u64,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    micros: Option<u64>,
    #[serde(default, rename = "type")]
    media_type: Option<String>,
    #[serde(default)]
    bytes: Option<u64>,
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    endpoint: Option<String>,
    #[serde(default)]
    handler: Option<String>,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    line: Option<u32>,
    #[serde(default)]
    error: Option<Failure>,
    #[serde(default)]
    ticket: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
}

impl Log {
    /// Takes the line of a request that came in; `false` when it is none.
    pub(super) fn begin(&mut self, app: u64, line: &str) -> bool {
        let Ok(begin) = serde_json::from_str::<Begin>(line) else { return false };
        self.last += 1;
        self.version += 1;
        let summary = Summary {
            number: self.last,
            app,
            id: begin.id,
            at: begin.at,
            method: begin.method,
            target: begin.target,
            remote: begin.remote.unwrap_or_default(),
            thread: begin.thread.unwrap_or_default(),
            ..Summary::default()
        };
        self.bytes += line.len();
        self.open.insert((app, begin.id), self.last);
        let (version, id) = (self.version, begin.id);
        let (begin, end) = (line.into(), None);
        let record = Record { version, summary, id, begin, end, ticket: None, answered: None };
        self.records.push_back(record);
        self.shrink();
        true
    }

    /// Takes the line of a request that was answered; `false` when nobody knows of it.
    pub(super) fn end(&mut self, app: u64, line: &str) -> bool {
        let Ok(end) = serde_json::from_str::<End>(line) else { return false };
        let Some(number) = self.open.remove(&(app, end.id)) else { return false };
        self.version += 1;
        let version = self.version;
        let Some(record) = self.find_mut(number) else { return false };
        let summary = &mut record.summary;
        summary.status = end.status;
        summary.micros = end.micros;
        summary.media_type = end.media_type.unwrap_or_default();
        summary.bytes = end.bytes;
        summary.rule = end.rule.unwrap_or_default();
        summary.endpoint = end.endpoint.unwrap_or_default();
        summary.handler = end.handler.unwrap_or_default();
        summary.file = end.file.unwrap_or_default();
        summary.line = end.line.unwrap_or_default();
        summary.error = end.error.map(|error| error.message).unwrap_or_default();
        record.version = version;
        record.end = Some(line.into());
        record.ticket = end.ticket;
        record.answered = Some(Instant::now());
        self.bytes += line.len();
        self.shrink();
        true
    }

    /// An app has gone: what it had not answered is lost.
    pub(super) fn gone(&mut self, app: u64) {
        let lost: Vec<u64> =
            self.open.iter().filter(|((own, _), _)| *own == app).map(|(_, n)| *n).collect();
        self.open.retain(|(own, _), _| *own != app);
        for number in lost {
            self.version += 1;
            let version = self.version;
            if let Some(record) = self.find_mut(number) {
                record.summary.lost = true;
                record.version = version;
            }
        }
    }

    fn shrink(&mut self) {
        while self.records.len() > MOST || self.bytes > MOST_BYTES && self.records.len() > 1 {
            let Some(record) = self.records.pop_front() else { return };
            self.bytes -= record.begin.len() + record.end.as_ref().map_or(0, |end| end.len());
            self.open.remove(&(record.summary.app, record.id));
        }
    }

    /// How much has changed so far.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The request with this number, while it is kept.
    pub(crate) fn find(&self, number: u64) -> Option<&Record> {
        let at = number.checked_sub(self.records.front()?.summary.number)?;
        self.records.get(usize::try_from(at).ok()?)
    }

    fn find_mut(&mut self, number: u64) -> Option<&mut Record> {
        let at = number.checked_sub(self.records.front()?.summary.number)?;
        self.records.get_mut(usize::try_from(at).ok()?)
    }

    /// All that are kept, the oldest first.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.iter()
    }

    /// Those that changed after a version, the oldest first.
    pub(crate) fn changed_since(&self, version: u64) -> Vec<Summary> {
        let changed = self.records.iter().filter(|record| record.version > version);
        changed.map(|record| record.summary.clone()).collect()
    }

    /// Takes the ticket of an error page: gives its request, once and for ten minutes.
    pub(crate) fn take_ticket(&mut self, ticket: &str) -> Option<u64> {
        let mut records = self.records.iter_mut().rev();
        let record = records.find(|record| record.ticket.as_deref() == Some(ticket))?;
        record.ticket = None;
        let is_fresh = record.answered.is_some_and(|then| then.elapsed() <= TICKET_LIFE);
        is_fresh.then_some(record.summary.number)
    }

    /// Forgets every request that was answered or lost.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.open.clear();
        self.bytes = 0;
        self.version += 1;
    }
}

impl Record {
    /// What the app told when the request came in: raw, with secrets.
    pub(crate) fn begin_value(&self) -> Value {
        serde_json::from_str(&self.begin).unwrap_or_default()
    }

    /// What the app told of the answer, or null: raw, with secrets.
    pub(crate) fn end_value(&self) -> Value {
        self.end.as_ref().and_then(|end| serde_json::from_str(end).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn begin(id: u64) -> String {
        json!({"event": "begin", "id": id, "at": 5.5, "method": "GET", "target": format!("/{id}"), "thread": 9})
            .to_string()
    }

    fn end(id: u64) -> String {
        json!({"event": "end", "id": id, "status": 200, "micros": 7, "rule": "/<int:id>", "line": 12,
            "error": null, "ticket": format!("t{id}")})
        .to_string()
    }

    #[test]
    fn an_answer_finds_its_request() {
        let mut log = Log::default();
        assert!(log.begin(1, &begin(7)) && log.begin(2, &begin(7)) && log.begin(1, &begin(8)));
        let version = log.version();
        assert!(log.end(2, &end(7)));
        let changed = log.changed_since(version);
        assert_eq!(changed.len(), 1);
        assert_eq!((changed[0].number, changed[0].status, changed[0].line), (2, Some(200), 12));
        assert!(!log.end(2, &end(7)), "it has its answer");
        assert!(!log.end(1, &end(9)) && !log.begin(1, "{}") && !log.end(1, "x"));
        log.gone(1);
        let lost: Vec<bool> = log.records().map(|record| record.summary.lost).collect();
        assert_eq!(lost, [true, false, true]);
        assert_eq!((log.take_ticket("t7"), log.take_ticket("t7")), (Some(2), None));
        assert_eq!(log.take_ticket("t8"), None);
    }

    #[test]
    fn keeps_the_last_ten_thousand() {
        let mut log = Log::default();
        for id in 0..MOST as u64 {
            log.begin(1, &begin(id));
        }
        assert_eq!((log.records().count(), log.find(1).is_some()), (MOST, true));
        log.begin(1, &begin(MOST as u64));
        assert_eq!((log.records().count(), log.find(1).is_none()), (MOST, true));
        assert_eq!(log.find(2).unwrap().summary.id, 1);
        assert!(!log.end(1, &end(0)), "it is forgotten");
        assert!(log.end(1, &end(1)));
        assert_eq!(log.find(2).unwrap().end_value()["status"], 200);
    }

    #[test]
    fn keeps_a_bound_of_memory() {
        let mut log = Log::default();
        let long = "x".repeat(1 << 20);
        for id in 0..200 {
            let line = json!({"id": id, "at": 1, "method": "GET", "target": "/", "host": long});
            log.begin(1, &line.to_string());
        }
        assert!(log.bytes <= MOST_BYTES && log.records().count() < 100);
        log.clear();
        assert_eq!((log.bytes, log.records().count()), (0, 0));
    }
}
