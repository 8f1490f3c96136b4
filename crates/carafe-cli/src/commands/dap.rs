//! `carafe dap`: a debug adapter on standard input and output, for editors.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::dap::{Message, event, failure, read, success, write};
use crate::debug::{Client, Session};
use crate::output::complain;

/// An editor at the other end of two streams.
struct Editor<W> {
    out: Mutex<W>,
    seq: AtomicI64,
}

impl<W: Write> Editor<W> {
    fn send(&self, make: impl FnOnce(i64) -> Value) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // An editor that went away is noticed where its requests are read.
        let _ = write(&mut *out, &make(self.seq.fetch_add(1, Ordering::Relaxed)));
    }

    fn answer(&self, request: i64, command: &str, result: &Result<Value, String>) {
        self.send(|seq| match result {
            Ok(body) => success(seq, request, command, body),
            Err(words) => failure(seq, request, command, words),
        });
    }
}

impl<W: Write + Send> Client for Editor<W> {
    fn tell(&self, name: &str, body: &Value) {
        self.send(|seq| event(seq, name, body));
    }
}

/// Serves one editor until it leaves.
pub(crate) fn run() -> ExitCode {
    match serve(&mut io::stdin().lock(), io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => complain(&words),
    }
}

fn serve(from: &mut impl io::BufRead, to: impl Write + Send + 'static) -> Result<(), String> {
    let editor = Arc::new(Editor { out: Mutex::new(to), seq: AtomicI64::new(1) });
    let session = Session::new();
    session.join(editor.clone());
    let result = loop {
        match read(from) {
            Ok(None) => break Ok(()),
            Err(error) => break Err(format!("the editor cannot be understood: {error}")),
            Ok(Some(value)) => {
                let Some(Message::Request { seq, command, arguments }) = Message::parse(value)
                else {
                    continue;
                };
                let leaves = command == "disconnect";
                handle(&session, &editor, seq, command, arguments);
                if leaves {
                    break Ok(());
                }
            }
        }
    };
    session.stop();
    result
}

fn handle<W: Write + Send + 'static>(
    session: &Arc<Session>,
    editor: &Arc<Editor<W>>,
    seq: i64,
    command: String,
    arguments: Value,
) {
    // Both are answered when the program runs; until then the editor sends its breakpoints.
    let is_long = command == "launch" || command == "restart";
    let (session, editor) = (session.clone(), editor.clone());
    let work = move || {
        session.request(&command, &arguments, |result| editor.answer(seq, &command, result));
    };
    match is_long {
        true => drop(std::thread::spawn(work)),
        false => work(),
    }
}
