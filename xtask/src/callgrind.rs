//! Runs a server under callgrind, asks it over one connection, and reads how many instructions
//! the whole run took. Knows HTTP/1.1 only as far as `Content-Length`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::process;

/// How long a server may take to say where it listens, and to end; callgrind is some fifty times
/// slower than the machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a server prints before its port.
const ADDRESSES: [&str; 2] = ["http://localhost:", "http://127.0.0.1:"];

/// Instructions that `binary` executes from its start to its end, with `requests` of `target`.
/// The server must print a line with its address and end cleanly on SIGTERM.
pub(crate) fn instructions(
    binary: &Path,
    environment: &[(&str, &str)],
    target: &str,
    requests: u32,
    scratch: &Path,
) -> Result<u64> {
    let name = binary.file_name().unwrap_or_default().to_string_lossy();
    let report = scratch.join(format!("callgrind.{name}.{requests}.out"));
    // A report of an earlier run must not pass for this one's.
    let _ = std::fs::remove_file(&report);
    let mut command = Command::new("valgrind");
    command
        .args(["--quiet", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", report.display()))
        .arg(binary)
        .env("CARAFE_PORT", "0")
        .envs(environment.iter().copied());
    let mut server = Server::start(&mut command)?;
    let port = server.port()?;
    ask(port, target, requests)
        .map_err(|error| Error::new(format!("cannot ask `{name}` for `{target}`: {error}")))?;
    let status = server.stop()?;
    let text = std::fs::read_to_string(&report).unwrap_or_default();
    match totals(&text) {
        Some(count) if status.success() => Ok(count),
        Some(_) => Err(Error::new(format!("`{name}` did not end cleanly on SIGTERM: {status}"))),
        None => Err(Error::new(format!("callgrind left no count in `{}`", report.display()))),
    }
}

/// A running server; killed if it is dropped before it ended.
pub(crate) struct Server {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Server {
    /// Starts it; what it prints is read until its end.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| process::cannot_start(command, &error))?;
        let (sender, lines) = mpsc::channel();
        if let Some(output) = child.stdout.take() {
            forward(output, sender.clone());
        }
        if let Some(output) = child.stderr.take() {
            forward(output, sender);
        }
        Ok(Self { child, lines })
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the line that says where it listens.
    pub(crate) fn port(&self) -> Result<u16> {
        let end = Instant::now() + PATIENCE;
        let mut said = Vec::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                return Err(Error::new(format!("the server printed no `{}PORT`", ADDRESSES[0]))
                    .hint(format!("it said: {}", said.join(" | "))));
            };
            if let Some(port) = port_in(&line) {
                return Ok(port);
            }
            said.push(line);
        }
    }

    /// Ends it by SIGTERM.
    pub(crate) fn stop(&mut self) -> Result<ExitStatus> {
        process::run(Command::new("kill").arg("-TERM").arg(self.child.id().to_string()))?;
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let status = self.child.try_wait();
            match status.map_err(|error| Error::new(format!("cannot wait: {error}")))? {
                Some(status) => return Ok(status),
                None => thread::sleep(Duration::from_millis(20)),
            }
        }
        Err(Error::new(format!("the server did not end within {PATIENCE:?} of SIGTERM")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both do nothing to a server that ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps reading to the end, so that the server never waits for a full pipe.
fn forward(output: impl Read + Send + 'static, sender: mpsc::Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(std::io::Result::ok) {
            // Once the port is known nobody listens, and reading on is all that matters.
            let _ = sender.send(line);
        }
    });
}

fn port_in(line: &str) -> Option<u16> {
    let after = ADDRESSES.iter().find_map(|address| Some(line.split_once(address)?.1))?;
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after[..end].parse().ok()
}

/// Sends `requests` one after another over one connection; each response must be a 200.
fn ask(port: u16, target: &str, requests: u32) -> std::io::Result<()> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let mut line = String::new();
    for _ in 0..requests {
        writer.write_all(request.as_bytes())?;
        read_response(&mut reader, &mut line)?;
    }
    Ok(())
}

fn read_response(reader: &mut impl BufRead, line: &mut String) -> std::io::Result<()> {
    let bad = |what: String| std::io::Error::new(std::io::ErrorKind::InvalidData, what);
    let mut next = |line: &mut String| -> std::io::Result<usize> {
        line.clear();
        reader.read_line(line)
    };
    if next(line)? == 0 {
        return Err(bad("it closed the connection".to_owned()));
    }
    if line.split(' ').nth(1) != Some("200") {
        return Err(bad(format!("it answered `{}`", line.trim_end())));
    }
    let mut length = None;
    while next(line)? > 0 && line.trim_end() != "" {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let length = length.ok_or_else(|| bad("it sent no content-length".to_owned()))?;
    let read = std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    if read == length { Ok(()) } else { Err(bad("its body was cut short".to_owned())) }
}

/// The count in callgrind's report: `totals:`, which ends it.
fn totals(report: &str) -> Option<u64> {
    let line = report.lines().rev().find_map(|line| line.strip_prefix("totals:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        let check = |line: &str, want: Option<u16>| assert_eq!(port_in(line), want, "{line}");
        check("listening on http://127.0.0.1:4321", Some(4321));
        check("  http://127.0.0.1:80/ (Ctrl+C ends it)", Some(80));
        check("  http://localhost:8000  this computer only", Some(8000));
        check("http://127.0.0.1:", None);
        check("http://127.0.0.1:99999", None);
        check("starting", None);
    }

    #[test]
    fn reports() {
        assert_eq!(totals("events: Ir\nfn=(1)\n1 2\n\ntotals: 1234\n"), Some(1234));
        assert_eq!(totals("events: Ir\n"), None);
    }

    #[test]
    fn responses() {
        let check = |text: &str, want: &str| {
            let mut reader = text.as_bytes();
            let found = read_response(&mut reader, &mut String::new());
            assert_eq!(found.map_or_else(|e| e.to_string(), |()| "ok".to_owned()), want, "{text}");
        };
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok");
        check("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "ok");
        check("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok", "its body was cut short");
        check("HTTP/1.1 200 OK\r\n\r\n", "it sent no content-length");
        check("HTTP/1.1 404 Not Found\r\n\r\n", "it answered `HTTP/1.1 404 Not Found`");
        check("", "it closed the connection");
    }
}
