//! Clients that keep asking, each in its own way, and take nothing for granted: every answer is read
//! and compared in full, every failure is counted, and nothing is tried twice.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long one answer may take.
const LIMIT: Duration = Duration::from_secs(20);

/// How many requests a client that sends ahead has on the way.
const AHEAD: usize = 8;

/// Where the app is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// All clients, until they are asked to stop.
pub(crate) struct Load {
    tally: Arc<Tally>,
    clients: Vec<JoinHandle<()>>,
    began: Instant,
}

#[derive(Default)]
struct Tally {
    stop: AtomicBool,
    answers: AtomicUsize,
    goodbyes: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) answers: usize,
    /// How often the server closed a connection with an answer.
    pub(crate) goodbyes: usize,
    pub(crate) failures: Vec<String>,
    pub(crate) took: Duration,
}

type Kind = fn(&Place, &Tally) -> Result<(), String>;

impl Load {
    /// Starts one client of each kind.
    pub(crate) fn start(place: &Place) -> Load {
        let kinds: [(&str, Kind); 8] = [
            ("one connection", keep),
            ("another connection", keep),
            ("a connection each", fresh),
            ("a slow connection each", hesitant),
            ("sent ahead", ahead),
            ("sent ahead in pieces", ahead_in_pieces),
            ("bodies", bodies),
            ("slow answers", slow),
        ];
        let tally = Arc::new(Tally::default());
        let client = |(name, kind): (&'static str, Kind)| {
            let (tally, place) = (tally.clone(), place.clone());
            std::thread::spawn(move || {
                while !tally.stop.load(Relaxed) {
                    if let Err(error) = kind(&place, &tally) {
                        tally.failures.lock().unwrap().push(format!("{name}: {error}"));
                    }
                }
            })
        };
        let clients = kinds.into_iter().map(client).collect();
        Load { tally, clients, began: Instant::now() }
    }

    /// Waits until this many more answers have come.
    pub(crate) fn wait_for(&self, answers: usize) {
        let enough = self.tally.answers.load(Relaxed) + answers;
        super::app::wait_until("enough answers", || self.tally.answers.load(Relaxed) >= enough);
    }

    /// Lets every client finish what it is at.
    pub(crate) fn finish(self) -> Outcome {
        let took = self.began.elapsed();
        self.tally.stop.store(true, Relaxed);
        let answers = self.tally.answers.load(Relaxed);
        for client in self.clients {
            client.join().unwrap();
        }
        let failures = std::mem::take(&mut *self.tally.failures.lock().unwrap());
        Outcome { answers, goodbyes: self.tally.goodbyes.load(Relaxed), failures, took }
    }
}

/// Request upon request on one connection, until the server says that an answer was its last.
fn keep(place: &Place, tally: &Tally) -> Result<(), String> {
    let mut wire = Wire::connect(place)?;
    for round in 0.. {
        let length = [0, 1, 300, 4000, 20_000][round % 5];
        wire.send(&get(length))?;
        if wire.page(length, tally)? || tally.stop.load(Relaxed) {
            break;
        }
    }
    Ok(())
}

fn fresh(place: &Place, tally: &Tally) -> Result<(), String> {
    let mut wire = Wire::connect(place)?;
    wire.send(&get(100))?;
    wire.page(100, tally).map(|_| ())
}

/// Connects, and lets a little time pass: the connection may be accepted by a process that is ending
/// when the request comes.
fn hesitant(place: &Place, tally: &Tally) -> Result<(), String> {
    let mut wires = Vec::new();
    for _ in 0..20 {
        wires.push(Wire::connect(place)?);
    }
    std::thread::sleep(Duration::from_millis(30));
    for mut wire in wires {
        let (first, rest) = ("GET /page/", "50 HTTP/1.1\r\nHost: x\r\n\r\n");
        wire.send(first)?;
        std::thread::sleep(Duration::from_millis(1));
        wire.send(rest)?;
        wire.page(50, tally)?;
    }
    Ok(())
}

/// Several requests at once; all of them have to be answered, also if the last answer says goodbye.
fn ahead(place: &Place, tally: &Tally) -> Result<(), String> {
    let mut wire = Wire::connect(place)?;
    while !tally.stop.load(Relaxed) {
        wire.send(&get(200).repeat(AHEAD))?;
        if wire.pages(200, tally)? {
            break;
        }
    }
    Ok(())
}

/// The same, but the middle of a request is on the way while those before it are answered.
fn ahead_in_pieces(place: &Place, tally: &Tally) -> Result<(), String> {
    let mut wire = Wire::connect(place)?;
    while !tally.stop.load(Relaxed) {
        let requests = get(70).repeat(AHEAD);
        let (first, rest) = requests.split_at(requests.len() / 3);
        wire.send(first)?;
        std::thread::sleep(Duration::from_millis(2));
        wire.send(rest)?;
        if wire.pages(70, tally)? {
            break;
        }
    }
    Ok(())
}

/// Bodies that are on the way while the head is handled.
fn bodies(place: &Place, tally: &Tally) -> Result<(), String> {
    let mut wire = Wire::connect(place)?;
    while !tally.stop.load(Relaxed) {
        let body = "b".repeat(40_000);
        wire.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n")?;
        std::thread::sleep(Duration::from_millis(1));
        wire.send(&body)?;
        if wire.answer("40000", tally)? {
            break;
        }
    }
    Ok(())
}

/// Answers that take three seconds, and so outlive many a process's turn.
fn slow(place: &Place, tally: &Tally) -> Result<(), String> {
    let mut wire = Wire::connect(place)?;
    wire.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")?;
    let pieces: String = (0..30).rev().map(|left| format!("piece {left}\n")).collect();
    wire.answer(&pieces, tally).map(|_| ())
}

fn get(length: usize) -> String {
    format!("GET /page/{length} HTTP/1.1\r\nHost: x\r\n\r\n")
}

fn page(length: usize) -> String {
    (0..length).map(|at| char::from(b'a' + ((at * 7 + length) % 26) as u8)).collect()
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// One connection.
struct Wire {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
}

impl Wire {
    fn connect(place: &Place) -> Result<Wire, String> {
        let failed = |error: std::io::Error| format!("no connection: {error}");
        let stream: Box<dyn Stream> = match place {
            Place::Tcp(address) => {
                let stream = TcpStream::connect_timeout(address, LIMIT).map_err(failed)?;
                stream.set_read_timeout(Some(LIMIT)).map_err(failed)?;
                stream.set_nodelay(true).map_err(failed)?;
                Box::new(stream)
            }
            Place::Unix(path) => {
                let stream = UnixStream::connect(path).map_err(failed)?;
                stream.set_read_timeout(Some(LIMIT)).map_err(failed)?;
                Box::new(stream)
            }
        };
        Ok(Wire { stream, buffer: Vec::new() })
    }

    fn send(&mut self, text: &str) -> Result<(), String> {
        self.stream.write_all(text.as_bytes()).map_err(|error| format!("not sent: {error}"))
    }

    /// Reads a page; whether it was the connection's last.
    fn page(&mut self, length: usize, tally: &Tally) -> Result<bool, String> {
        self.answer(&page(length), tally)
    }

    /// Reads the pages that were asked for at once.
    fn pages(&mut self, length: usize, tally: &Tally) -> Result<bool, String> {
        for left in (0..AHEAD).rev() {
            match self.page(length, tally)? {
                true if left > 0 => return Err(format!("goodbye with {left} answers missing")),
                true => return Ok(true),
                false => {}
            }
        }
        Ok(false)
    }

    fn answer(&mut self, expected: &str, tally: &Tally) -> Result<bool, String> {
        let head = self.until(b"\r\n\r\n")?;
        if !head.starts_with("HTTP/1.1 200 OK\r\n") {
            return Err(format!("an answer of another kind: {head}"));
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let body = match length {
            Some(length) => self.exactly(length.parse().map_err(|_| "a strange length")?)?,
            None => self.chunks()?,
        };
        if body != expected {
            let (wanted, came) = (expected.len(), body.len());
            return Err(format!("another body: {came} bytes in place of {wanted}"));
        }
        tally.answers.fetch_add(1, Relaxed);
        let last = head.contains("\r\nconnection: close\r\n");
        tally.goodbyes.fetch_add(usize::from(last), Relaxed);
        Ok(last)
    }

    fn chunks(&mut self) -> Result<String, String> {
        let mut body = String::new();
        loop {
            let size = self.until(b"\r\n")?;
            let size = usize::from_str_radix(size.trim(), 16).map_err(|_| "a strange chunk")?;
            body.push_str(&self.exactly(size)?);
            self.exactly(2)?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn until(&mut self, end: &[u8]) -> Result<String, String> {
        loop {
            let found = self.buffer.windows(end.len()).position(|part| part == end);
            if let Some(at) = found {
                return self.exactly(at + end.len());
            }
            self.fill()?;
        }
    }

    fn exactly(&mut self, length: usize) -> Result<String, String> {
        while self.buffer.len() < length {
            self.fill()?;
        }
        let bytes = self.buffer.drain(..length).collect();
        String::from_utf8(bytes).map_err(|_| "no text".to_owned())
    }

    fn fill(&mut self) -> Result<(), String> {
        let mut bytes = [0; 65536];
        match self.stream.read(&mut bytes) {
            Ok(0) => Err(format!("closed after {} bytes", self.buffer.len())),
            Ok(length) => {
                self.buffer.extend_from_slice(&bytes[..length]);
                Ok(())
            }
            Err(error) => Err(format!("after {} bytes: {error}", self.buffer.len())),
        }
    }
}
