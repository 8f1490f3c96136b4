//! How long `carafe ports` takes on a machine with a thousand more sockets than it has, and how long
//! an app takes there until it says that it runs.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::{Place, build, median};
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

/// Programs that listen, and the ports of each: as many files as any user may have open.
const PROGRAMS: usize = 4;
const SOCKETS: usize = 250;

const TURNS: usize = 41;

/// The processes, ended when this is dropped.
struct Listeners(Vec<Child>);

impl Drop for Listeners {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Builds the tool and prints a table of medians.
pub(super) fn print(workspace: &Workspace) -> Result<()> {
    let tool = build(workspace, Place::Own, "carafe-cli", "carafe")?;
    let (listeners, port) = listeners()?;
    let port = port.to_string();
    println!("| command | ms |\n|---|--:|");
    for arguments in [&["ports"][..], &["ports", "--json"], &["ports", &port], &["--version"]] {
        let mut times = Vec::new();
        for _ in 0..TURNS {
            let begin = Instant::now();
            process::output(Command::new(&tool).args(arguments))?;
            times.push(begin.elapsed().as_secs_f64() * 1000.0);
        }
        let command = arguments.join(" ").replace(&port, "PORT");
        println!("| `carafe {command}` | {:.1} |", median(times));
    }
    start_up(workspace)?;
    drop(listeners);
    Ok(())
}

/// From starting `hello` until its banner is printed: what looks at ports and addresses, beside a
/// command that looks at none.
fn start_up(workspace: &Workspace) -> Result<()> {
    let hello = build(workspace, Place::Own, "hello", "hello")?;
    let auto = ["run", "--port", "auto"];
    let wide = ["run", "--port", "auto", "--host", "0.0.0.0"];
    for arguments in [&["routes"][..], &["run", "--port", "0"], &auto, &wide] {
        let times =
            (0..TURNS).map(|_| until_told(&hello, arguments)).collect::<Result<Vec<_>>>()?;
        println!("| `hello {}` | {:.1} |", arguments.join(" "), median(times));
    }
    Ok(())
}

/// Milliseconds until the last line of the banner, or until the end of a command that has none.
fn until_told(program: &Path, arguments: &[&str]) -> Result<f64> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let begin = Instant::now();
    let mut child = command.spawn().map_err(|error| process::cannot_start(&command, &error))?;
    let lines = child.stderr.take().map(BufReader::new).into_iter().flat_map(|out| out.lines());
    let told = lines.map_while(std::io::Result::ok).find(|line| line.contains("Ctrl+C"));
    let took = begin.elapsed().as_secs_f64() * 1000.0;
    let _ = child.kill();
    let _ = child.wait();
    match told.is_some() || arguments[0] != "run" {
        true => Ok(took),
        false => Err(Error::new("`hello` does not say that it runs")),
    }
}

/// The programs, when all of them listen, and one of their ports.
fn listeners() -> Result<(Listeners, u16)> {
    let script = format!(
        "import socket, time\n\
         s = [socket.create_server(('127.0.0.1', 0)) for _ in range({SOCKETS})]\n\
         print(s[0].getsockname()[1], flush=True)\n\
         time.sleep(600)"
    );
    let mut listeners = Listeners(Vec::new());
    let mut port = 0;
    for _ in 0..PROGRAMS {
        let mut command = Command::new("python3");
        command.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.spawn().map_err(|error| process::cannot_start(&command, &error))?;
        listeners.0.push(child);
    }
    for child in &mut listeners.0 {
        let mut line = String::new();
        let read = child.stdout.take().map(|output| BufReader::new(output).read_line(&mut line));
        port = match (read, line.trim().parse()) {
            (Some(Ok(_)), Ok(port)) => port,
            _ => return Err(Error::new("python3 does not listen on 250 ports")),
        };
    }
    Ok((listeners, port))
}
