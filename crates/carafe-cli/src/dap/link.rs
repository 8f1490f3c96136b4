//! A conversation with an adapter in which we are the client.

use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{Message, failure, read, request, write};

/// Why a request got no good answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LinkError {
    /// The adapter refused, in its own words.
    Refused(String),
    /// The adapter did not answer in time.
    Late(Duration),
    /// The adapter is gone.
    Gone,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::Refused(words) => f.write_str(words),
            LinkError::Late(limit) => {
                write!(f, "the debugger did not answer within {} s", limit.as_secs_f32())
            }
            LinkError::Gone => f.write_str("the debugger is gone"),
        }
    }
}

impl std::error::Error for LinkError {}

type Answer = Result<Value, String>;

/// What came from the adapter that is no answer: its events, and its end.
#[derive(Debug)]
pub(crate) enum Told {
    /// An event with its body.
    Event(String, Value),
    /// The stream ended; the words say what was wrong with it.
    Ended(Option<String>),
}

/// The adapter's end of the conversation.
pub(crate) struct Link {
    out: Mutex<Box<dyn Write + Send>>,
    seq: AtomicI64,
    waiting: Mutex<HashMap<i64, Sender<Answer>>>,
    gone: AtomicBool,
}

/// A request whose answer has not been waited for yet.
pub(crate) struct Pending {
    seq: i64,
    answer: Receiver<Answer>,
}

impl Link {
    /// Begins to read; events arrive at the receiver in the order in which they were sent.
    pub(crate) fn new(
        mut from: impl BufRead + Send + 'static,
        to: impl Write + Send + 'static,
    ) -> (Arc<Link>, Receiver<Told>) {
        let link = Arc::new(Link {
            out: Mutex::new(Box::new(to)),
            seq: AtomicI64::new(1),
            waiting: Mutex::default(),
            gone: AtomicBool::new(false),
        });
        let (told, events) = channel();
        let reader = link.clone();
        thread::spawn(move || {
            let end = loop {
                match read(&mut from) {
                    Ok(Some(value)) => reader.take(value, &told),
                    Ok(None) => break None,
                    Err(error) => break Some(error.to_string()),
                }
            };
            reader.gone.store(true, Ordering::SeqCst);
            // Whoever still waits learns that nothing will come.
            reader.waiting().clear();
            let _ = told.send(Told::Ended(end));
        });
        (link, events)
    }

    fn take(&self, value: Value, told: &Sender<Told>) {
        match Message::parse(value) {
            Some(Message::Response { request_seq, result }) => {
                // An answer that came too late has nobody who waits for it.
                if let Some(waiting) = self.waiting().remove(&request_seq) {
                    let _ = waiting.send(result);
                }
            }
            Some(Message::Event { event, body }) => {
                let _ = told.send(Told::Event(event, body));
            }
            Some(Message::Request { seq, command, .. }) => {
                let words = format!("`{command}` is not something this client does");
                let answer = failure(self.next_seq(), seq, &command, &words);
                let _ = write(&mut *self.out(), &answer);
            }
            None => {}
        }
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn call(
        &self,
        command: &str,
        arguments: &Value,
        limit: Duration,
    ) -> Result<Value, LinkError> {
        let pending = self.send(command, arguments)?;
        self.wait(pending, limit)
    }

    /// Sends a request; its answer can be waited for later.
    pub(crate) fn send(&self, command: &str, arguments: &Value) -> Result<Pending, LinkError> {
        let (sender, answer) = channel();
        let seq = self.next_seq();
        self.waiting().insert(seq, sender);
        let sent = write(&mut *self.out(), &request(seq, command, arguments));
        // Looked at after the insertion: whoever ends the reading either sees it or is seen here. An
        // adapter may also have answered before it went.
        let is_gone = sent.is_err() || self.gone.load(Ordering::SeqCst);
        if is_gone && self.waiting().remove(&seq).is_some() {
            return Err(LinkError::Gone);
        }
        Ok(Pending { seq, answer })
    }

    /// Waits for the answer to a request that was sent.
    pub(crate) fn wait(&self, pending: Pending, limit: Duration) -> Result<Value, LinkError> {
        match pending.answer.recv_timeout(limit) {
            Ok(answer) => answer.map_err(LinkError::Refused),
            Err(RecvTimeoutError::Disconnected) => Err(LinkError::Gone),
            Err(RecvTimeoutError::Timeout) => {
                self.waiting().remove(&pending.seq);
                Err(LinkError::Late(limit))
            }
        }
    }

    fn next_seq(&self) -> i64 {
        self.seq.fetch_add(1, Ordering::Relaxed)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Sender<Answer>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn out(&self) -> std::sync::MutexGuard<'_, Box<dyn Write + Send>> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, PipeReader, PipeWriter, pipe};

    use serde_json::json;

    use super::*;
    use crate::dap::{event, success};

    const LIMIT: Duration = Duration::from_secs(5);

    /// A link, its events, and the adapter's ends of the two pipes.
    fn linked() -> (Arc<Link>, Receiver<Told>, BufReader<PipeReader>, PipeWriter) {
        let (from_adapter, adapter_out) = pipe().unwrap();
        let (adapter_in, to_adapter) = pipe().unwrap();
        let (link, told) = Link::new(BufReader::new(from_adapter), to_adapter);
        (link, told, BufReader::new(adapter_in), adapter_out)
    }

    #[test]
    fn answers_find_their_questions() {
        let (link, told, mut adapter_in, mut adapter_out) = linked();
        let first = link.send("a", &json!({})).unwrap();
        let second = link.send("b", &json!({})).unwrap();
        let seqs: Vec<i64> = (0..2)
            .map(|_| read(&mut adapter_in).unwrap().unwrap()["seq"].as_i64().unwrap())
            .collect();
        write(&mut adapter_out, &success(1, seqs[1], "b", &json!("second"))).unwrap();
        write(&mut adapter_out, &event(2, "output", &json!("words"))).unwrap();
        write(&mut adapter_out, &failure(3, seqs[0], "a", "no")).unwrap();
        assert_eq!(link.wait(second, LIMIT), Ok(json!("second")));
        assert!(matches!(link.wait(first, LIMIT), Err(LinkError::Refused(_))));
        assert!(matches!(told.recv().unwrap(), Told::Event(event, _) if event == "output"));
    }

    #[test]
    fn silence_has_an_end() {
        let (link, _told, _adapter_in, _adapter_out) = linked();
        let limit = Duration::from_millis(20);
        assert_eq!(link.call("a", &json!({}), limit), Err(LinkError::Late(limit)));
    }

    #[test]
    fn an_adapter_that_ends_leaves_nobody_waiting() {
        let (link, told, adapter_in, mut adapter_out) = linked();
        let pending = link.send("a", &json!({})).unwrap();
        adapter_out.write_all(b"Content-Length: 100\r\n\r\n{\"half").unwrap();
        drop((adapter_in, adapter_out));
        assert_eq!(link.wait(pending, LIMIT), Err(LinkError::Gone));
        assert!(matches!(told.recv().unwrap(), Told::Ended(Some(_))));
        assert_eq!(link.call("b", &json!({}), LIMIT), Err(LinkError::Gone));
    }
}
