//! `carafe dap`: a debug adapter for editors, on standard input and output or on a port.

mod page;
mod port;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::dap::{Message, event, failure, read, success, write};
use crate::debug::{Client, Seat, Session};
use crate::output::complain;

/// How editors reach it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Listen on this port of this computer instead (0: any free one), and print a token that is
    /// demanded as `token` of `launch` or `attach`
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
}

/// An editor at the other end of two streams.
struct Editor<W> {
    out: Mutex<W>,
    seq: AtomicI64,
}

impl<W: Write> Editor<W> {
    fn new(out: W) -> Arc<Editor<W>> {
        Arc::new(Editor { out: Mutex::new(out), seq: AtomicI64::new(1) })
    }

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

/// Serves one editor on the standard streams, or any number of them on a port, until they leave.
pub(crate) fn run(arguments: &Args) -> ExitCode {
    let served = match arguments.port {
        Some(port) => port::serve(port),
        None => {
            let editor = Editor::new(io::stdout());
            serve(&Session::new(), &editor, &mut io::stdin().lock(), Role::Owner, None)
        }
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => complain(&words),
    }
}

/// What a client's leaving means.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    /// It started the program, which ends with it.
    Owner,
    /// It looks on, and leaves the program to its owner.
    Guest,
}

/// A request as it was read.
struct Asked {
    seq: i64,
    command: String,
    arguments: Value,
}

/// Answers a client until it leaves; the first request may have been read already.
fn serve<W: Write + Send + 'static>(
    session: &Arc<Session>,
    editor: &Arc<Editor<W>>,
    from: &mut impl io::BufRead,
    role: Role,
    first: Option<Asked>,
) -> Result<(), String> {
    let seat = Arc::new(session.join(editor.clone()));
    if let Some(first) = first {
        handle(session, &seat, editor, first);
    }
    let mut ends = role == Role::Owner;
    let result = loop {
        match read(from) {
            Ok(None) => break Ok(()),
            Err(error) => break Err(format!("the editor cannot be understood: {error}")),
            Ok(Some(value)) => {
                let Some(Message::Request { seq, command, arguments }) = Message::parse(value)
                else {
                    continue;
                };
                if command == "disconnect" {
                    ends |= arguments["terminateDebuggee"] == true;
                    let ended = if ends { seat.ask(&command, &arguments) } else { Ok(Value::Null) };
                    editor.answer(seq, &command, &ended);
                    break Ok(());
                }
                handle(session, &seat, editor, Asked { seq, command, arguments });
            }
        }
    };
    seat.leave();
    if ends {
        session.stop();
    }
    result
}

fn handle<W: Write + Send + 'static>(
    session: &Arc<Session>,
    seat: &Arc<Seat>,
    editor: &Arc<Editor<W>>,
    asked: Asked,
) {
    let Asked { seq, command, arguments } = asked;
    if command == "carafe/page" {
        return editor.answer(seq, &command, &page::open(session));
    }
    // Both are answered when the program runs; until then the editor sends its breakpoints.
    let is_long = command == "launch" || command == "restart";
    let (seat, editor) = (seat.clone(), editor.clone());
    let work = move || {
        seat.request(&command, &arguments, |result| editor.answer(seq, &command, result));
        if command == "attach" {
            seat.catch_up();
        }
    };
    match is_long {
        true => drop(std::thread::spawn(work)),
        false => work(),
    }
}
