//! `carafe dap --port N`: editors that come over TCP, from this computer only and with a token.
//!
//! Whoever can debug a program can do all that its user can, and any page in a browser can reach a
//! port of this computer. So nothing but `initialize` is answered before the token has come; what is
//! no message of the protocol, such as the head of an HTTP request, ends the connection.

use std::io::{self, BufReader, Read};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::dap::{Message, read_at_most};
use crate::debug::{Session, capabilities};
use crate::output::print;

use super::{Asked, Editor, Role, serve as serve_editor};

/// How long a client may take to show its token.
const DEADLINE: Duration = Duration::from_secs(10);
/// The largest message before the token, in bytes.
const MAX_MESSAGE: u64 = 64 << 10;
/// How many may be without a token at one time.
const MOST_STRANGERS: usize = 16;

/// Serves until the process ends.
pub(super) fn serve(port: u16) -> Result<(), String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        format!("port {port} cannot be listened on: {error}\n\nhint: `carafe ports {port}` tells who holds it")
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let token: Arc<str> = token()?.into();
    print(&format!("{}\n", json!({"host": "127.0.0.1", "port": address.port(), "token": &*token})));
    let session = Session::new();
    let strangers = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        // A connection that broke before it was taken is none.
        let Ok(stream) = stream else { continue };
        if strangers.fetch_add(1, Ordering::SeqCst) >= MOST_STRANGERS {
            strangers.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let (session, token, strangers) = (session.clone(), token.clone(), strangers.clone());
        std::thread::spawn(move || {
            let known = introduce(&stream, &token);
            strangers.fetch_sub(1, Ordering::SeqCst);
            // Whoever talks nonsense hears nothing: it may be a browser.
            if let Ok(Some(known)) = known {
                let _ = known.serve(&session);
            }
            let _ = stream.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}

/// A client that has shown the token, by `launch` or `attach`.
struct Known {
    editor: Arc<Editor<TcpStream>>,
    from: BufReader<Hurried>,
    asked: Asked,
}

/// A stream that has to be read until some moment, however slowly its bytes come.
struct Hurried {
    stream: TcpStream,
    until: Option<Instant>,
}

impl Read for Hurried {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(left)?;
        self.stream.read(buffer)
    }
}

/// Waits for the token; `None` when the client left, or had none or a wrong one.
fn introduce(stream: &TcpStream, token: &str) -> io::Result<Option<Known>> {
    stream.set_nodelay(true)?;
    let editor = Editor::new(stream.try_clone()?);
    let until = Some(Instant::now() + DEADLINE);
    let mut from = BufReader::new(Hurried { stream: stream.try_clone()?, until });
    while let Ok(Some(value)) = read_at_most(&mut from, MAX_MESSAGE) {
        let Some(Message::Request { seq, command, arguments }) = Message::parse(value) else {
            break;
        };
        match command.as_str() {
            "initialize" => editor.answer(seq, &command, &Ok(capabilities())),
            "launch" | "attach" if is_token(&arguments["token"], token) => {
                from.get_mut().until = None;
                let asked = Asked { seq, command, arguments };
                return Ok(Some(Known { editor, from, asked }));
            }
            _ => {
                let words = "a token is needed\n\nhint: give the one that `carafe dap --port` printed as `token` in the configuration";
                editor.answer(seq, &command, &Err(words.to_owned()));
                break;
            }
        }
    }
    Ok(None)
}

impl Known {
    fn serve(mut self, session: &Arc<Session>) -> Result<(), String> {
        let Asked { seq, command, .. } = &self.asked;
        let role = if command == "launch" { Role::Owner } else { Role::Guest };
        if role == Role::Owner && session.is_busy() {
            let words = "a program runs already\n\nhint: `attach` joins its session";
            self.editor.answer(*seq, command, &Err(words.to_owned()));
            return Ok(());
        }
        serve_editor(session, &self.editor, &mut self.from, role, Some(self.asked))
    }
}

/// Compares in a time that tells nothing of where they differ.
fn is_token(given: &Value, token: &str) -> bool {
    let given = given.as_str().unwrap_or_default().as_bytes();
    let differing = given.iter().zip(token.as_bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == token.len() && differing == 0
}

/// 128 bits that nobody can guess, as text.
fn token() -> Result<String, String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_the_whole_token() {
        let token = token().unwrap();
        assert_eq!(token.len(), 32);
        let check = |given: Value, expected: bool| assert_eq!(is_token(&given, &token), expected);
        check(json!(token), true);
        check(json!(token[..31]), false);
        check(json!(format!("{token}0")), false);
        check(json!(""), false);
        check(Value::Null, false);
        check(json!(5), false);
    }
}
