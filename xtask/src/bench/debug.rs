//! What a debugger costs that waits at a breakpoint nobody comes to: requests a second of one and the
//! same program, by turns with a debugger attached and without.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::median;
use super::serve::measure;
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

const TARGET: &str = "/";
/// Held by a breakpoint that no request of the benchmark comes to.
const ELSEWHERE: &str = "POST /entries/<int:id>/delete";

/// Measures and prints one row.
pub(super) fn print(workspace: &Workspace, turns: usize) -> Result<()> {
    for program in ["wrk", "taskset"] {
        if process::find(program).is_none() {
            return Err(Error::new(format!("`{program}` is not installed"))
                .hint("on Debian: `apt-get install wrk util-linux`"));
        }
    }
    process::output(process::cargo(&workspace.root).args(["build", "--package", "carafe-cli"]))?;
    let tool = workspace.target().join("debug/carafe");
    let built = json!({"cargo": {"package": "guestbook"}});
    let debugged = Session::start(&tool, &workspace.root, built)?;
    // The same file, without a debugger.
    let same = json!({"program": debugged.program.clone(), "noDebug": true});
    let plain = Session::start(&tool, &workspace.root, same)?;
    let (mut with, mut without, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..=turns {
        // Who begins changes, so that nobody always follows the other.
        let first = if turn % 2 == 0 { &debugged } else { &plain };
        let second = if turn % 2 == 0 { &plain } else { &debugged };
        let (a, b) = (first.turn()?, second.turn()?);
        let (debug, run) = if turn % 2 == 0 { (a, b) } else { (b, a) };
        // The first one only warms up.
        if turn > 0 {
            with.push(debug);
            without.push(run);
            ratios.push(debug / run);
        }
    }
    println!("`{TARGET}` of the guestbook, one debug build, {turns} turns of each\n");
    println!("| | requests/s |\n|---|--:|");
    println!("| without a debugger | {:.0} |", median(without));
    println!("| with one, and a breakpoint elsewhere | {:.0} |", median(with));
    println!("| of each pair | {:.2} |", median(ratios));
    debugged.end();
    plain.end();
    Ok(())
}

/// A program that `carafe dap` started.
struct Session {
    tool: Child,
    to: ChildStdin,
    seq: i64,
    program: String,
    process: u32,
    port: u16,
}

impl Session {
    fn start(tool: &Path, root: &Path, mut launch: Value) -> Result<Session> {
        launch["cwd"] = json!(root);
        launch["args"] = json!(["--port", "0", "--host", "127.0.0.1"]);
        let mut command = Command::new(tool);
        command.arg("dap").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| process::cannot_start(&command, &error))?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::new("`carafe dap` has no streams"));
        };
        let mut from = BufReader::new(from);
        let program = String::new();
        let mut session = Session { tool: child, to, seq: 0, program, process: 0, port: 0 };
        session.send("initialize", &json!({"adapterID": "carafe"}))?;
        session.send("launch", &launch)?;
        session.hear(&mut from)?;
        // What the app says of each request has to be read, as an editor does, or it would wait.
        std::thread::spawn(move || std::io::copy(&mut from, &mut std::io::sink()));
        Ok(session)
    }

    /// Listens until it is known where the program serves.
    fn hear(&mut self, from: &mut BufReader<ChildStdout>) -> Result<()> {
        let mut said = String::new();
        while self.port == 0 || self.process == 0 {
            let message = read(from)?;
            let body = &message["body"];
            match message["event"].as_str() {
                Some("initialized") => {
                    let points = json!({"breakpoints": [{"name": ELSEWHERE}]});
                    self.send("setFunctionBreakpoints", &points)?;
                    self.send("configurationDone", &json!({}))?;
                }
                Some("process") => {
                    body["name"].as_str().unwrap_or_default().clone_into(&mut self.program);
                    let id = body["systemProcessId"].as_u64().and_then(|id| id.try_into().ok());
                    self.process = id.unwrap_or_default();
                }
                Some("output") => {
                    said.push_str(body["output"].as_str().unwrap_or_default());
                    self.port = port_in(&said).unwrap_or_default();
                }
                Some("terminated") => return Err(Error::new("the guestbook ended").hint(said)),
                _ if message["success"] == false => {
                    let words = message["message"].as_str().unwrap_or_default();
                    return Err(Error::new(format!("`carafe dap` refuses: {words}")));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn turn(&self) -> Result<f64> {
        Ok(measure(self.process, self.port, TARGET)?.0)
    }

    fn send(&mut self, command: &str, arguments: &Value) -> Result<()> {
        self.seq += 1;
        let message =
            json!({"seq": self.seq, "type": "request", "command": command, "arguments": arguments});
        let body = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{body}", body.len())
            .and_then(|()| self.to.flush())
            .map_err(|error| Error::new(format!("`carafe dap` does not read: {error}")))
    }

    fn end(mut self) {
        let _ = self.send("disconnect", &json!({"terminateDebuggee": true}));
        // Its input closes, which ends it as well.
        drop(self.to);
        let _ = self.tool.wait();
    }
}

/// The next message.
fn read(from: &mut BufReader<ChildStdout>) -> Result<Value> {
    let gone = |error| Error::new(format!("`carafe dap` ended: {error}"));
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).map_err(gone)? == 0 {
            return Err(Error::new("`carafe dap` ended"));
        }
        match line.trim().split_once(": ") {
            Some((_, value)) => length = value.parse().unwrap_or_default(),
            None => break,
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).map_err(gone)?;
    serde_json::from_slice(&body)
        .map_err(|error| Error::new(format!("`carafe dap` sends no JSON: {error}")))
}

/// The port in the banner's `http://127.0.0.1:5000/`.
fn port_in(said: &str) -> Option<u16> {
    let (_, rest) = said.split_once("http://127.0.0.1:")?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_port() {
        assert_eq!(port_in("guestbook\n  http://127.0.0.1:4567/\n"), Some(4567));
        assert_eq!(port_in("http://127.0.0.1:45"), None, "the rest may still come");
        assert_eq!(port_in("nothing"), None);
    }
}
