//! From saving to the new answer: the guestbook under `carafe run` and under `carafe debug`, beside a
//! guestbook of as many handlers on axum and sqlx that is built by `cargo build` and started anew.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Place, median};
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

/// How often each is saved; the first saves warm up what is cached and do not count.
pub(super) const TURNS: usize = 11;
const WARM: usize = 1;
/// A first build compiles everything.
const LONGEST: Duration = Duration::from_secs(900);

/// Saves in turns and prints a table.
pub(super) fn print(workspace: &Workspace, turns: usize) -> Result<()> {
    let mut carafe = Carafe::start(workspace, Mode::Run)?;
    let mut debugged = Carafe::start(workspace, Mode::Debug)?;
    let mut twins = [Twin::start(workspace, "2")?, Twin::start(workspace, "0")?];
    let mut times = [const { Vec::new() }; 6];
    for turn in 0..turns + WARM {
        let saved = [
            carafe.save_template(turn)?,
            carafe.save_handler(turn)?,
            twins[0].save_handler(turn)?,
            twins[1].save_handler(turn)?,
            debugged.save_template(turn)?,
            debugged.save_handler(turn)?,
        ];
        let shown = saved.map(|time| format!("{:.2}", time.as_secs_f64())).join(", ");
        println!("turn {}: {shown} s", turn + 1);
        if turn >= WARM {
            times.iter_mut().zip(saved).for_each(|(all, time)| all.push(time.as_secs_f64()));
        }
    }
    println!("\nFrom saving to the new answer, medians of {turns}\n");
    println!("| what is saved | s | fastest | slowest |\n|---|--:|--:|--:|");
    let names = [
        "Carafe: a template",
        "Carafe: a handler, under `carafe run`",
        "axum and sqlx: a handler, `cargo build` and a new start",
        "the same with `debug = 0`",
        "Carafe: a template, under `carafe debug`",
        "Carafe: a handler, under `carafe debug`, where `r` is typed too",
    ];
    for (name, times) in names.into_iter().zip(times) {
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        let most = times.iter().copied().fold(0.0, f64::max);
        println!("| {name} | {:.3} | {least:.3} | {most:.3} |", median(times));
    }
    Ok(())
}

/// How the tool serves the guestbook.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Run,
    /// By lines, of which `r` builds and starts anew.
    Debug,
}

/// The guestbook, a copy of it that may be written to, under the tool.
struct Carafe {
    mode: Mode,
    folder: PathBuf,
    tool: Child,
    keys: Option<ChildStdin>,
    address: SocketAddr,
}

/// A copy of the guestbook that stands alone, and the tool, built.
pub(super) fn guestbook(workspace: &Workspace, name: &str) -> Result<(PathBuf, PathBuf)> {
    let mut build = process::cargo(&workspace.root);
    process::output(build.args(["build", "--quiet", "--package", "carafe-cli"]))?;
    let folder = workspace.target().join("bench-reload").join(name);
    copy(&workspace.root.join("examples/guestbook"), &folder)?;
    fs::copy(workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"))
        .map_err(failed(&folder))?;
    let manifest = read(&folder.join("Cargo.toml"))?;
    write(&folder.join("Cargo.toml"), &alone(&manifest, &workspace.root))?;
    Ok((folder, workspace.target().join("debug/carafe")))
}

impl Carafe {
    fn start(workspace: &Workspace, mode: Mode) -> Result<Carafe> {
        let (name, line): (_, &[&str]) = match mode {
            Mode::Run => ("guestbook", &["run", "--set", "access_log=off"]),
            Mode::Debug => ("guestbook-debugged", &["debug", "--plain", "--page-port", "0"]),
        };
        let (folder, tool) = guestbook(workspace, name)?;
        let mut run = Command::new(tool);
        run.args(line).args(["--host", "127.0.0.1", "--port", &free(&folder)?.port().to_string()]);
        run.current_dir(&folder)
            .env("CARGO_TARGET_DIR", workspace.target().join("bench-reload/target"));
        run.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut tool = run.spawn().map_err(failed(&folder))?;
        let keys = tool.stdin.take();
        let (said, heard) = mpsc::channel();
        tool.stdout.take().into_iter().for_each(|out| hear(out, said.clone()));
        tool.stderr.take().into_iter().for_each(|err| hear(err, said.clone()));
        // Else the end of both would not be noticed.
        drop(said);
        let address = heard.iter().find_map(|line| {
            println!("{line}");
            // The debugger's page has a token.
            let url = line.split("http://").nth(1)?.split_whitespace().next()?;
            url.parse().ok()
        });
        match address {
            Some(address) => Ok(Carafe { mode, folder, tool, keys, address }),
            None => {
                let _ = tool.wait();
                Err(Error::new("the tool did not start the guestbook"))
            }
        }
    }

    fn save_handler(&mut self, turn: usize) -> Result<Duration> {
        edit_feed(&self.folder, turn)?;
        // `carafe run` sees by itself that something was saved.
        if let (Mode::Debug, Some(keys)) = (self.mode, &mut self.keys) {
            keys.write_all(b"r\n").map_err(failed(&self.folder))?;
        }
        until(|| ask(self.address, "/entries.json"), &mark(turn))
    }

    fn save_template(&self, turn: usize) -> Result<Duration> {
        let path = self.folder.join("templates/base.html");
        let text = read(&path)?;
        let text = text.split("<!-- saved-").next().unwrap_or_default();
        write(&path, &format!("{text}<!-- {} -->", mark(turn)))?;
        until(|| ask(self.address, "/"), &mark(turn))
    }
}

impl Drop for Carafe {
    fn drop(&mut self) {
        let _ = self.tool.kill();
        let _ = self.tool.wait();
    }
}

/// The guestbook on axum and sqlx.
struct Twin {
    folder: PathBuf,
    target: PathBuf,
    debug: &'static str,
    app: Option<Child>,
    address: SocketAddr,
}

impl Twin {
    fn start(workspace: &Workspace, debug: &'static str) -> Result<Twin> {
        let folder = workspace.target().join(format!("bench-reload/twin-{debug}"));
        let peers = workspace.root.join("bench/peers");
        copy(&peers.join("axum-guestbook"), &folder)?;
        fs::copy(peers.join("Cargo.lock"), folder.join("Cargo.lock")).map_err(failed(&folder))?;
        let manifest = read(&folder.join("Cargo.toml"))?;
        write(&folder.join("Cargo.toml"), &alone(&manifest, &Place::Peers.root(workspace)))?;
        let target = workspace.target().join(format!("bench-reload/target-{debug}"));
        let address = free(&folder)?;
        let mut twin = Twin { folder, target, debug, app: None, address };
        twin.restart()?;
        Ok(twin)
    }

    fn restart(&mut self) -> Result<()> {
        let mut cargo = process::cargo(&self.folder);
        cargo.args(["build", "--quiet", "--target-dir"]).arg(&self.target);
        process::output(cargo.env("CARGO_PROFILE_DEV_DEBUG", self.debug))?;
        self.stop();
        let mut app = Command::new(self.target.join("debug/axum-guestbook"));
        app.arg(self.address.port().to_string()).current_dir(&self.folder);
        self.app = Some(app.spawn().map_err(failed(&self.folder))?);
        Ok(())
    }

    fn stop(&mut self) {
        if let Some(mut app) = self.app.take() {
            let _ = app.kill();
            let _ = app.wait();
        }
    }

    fn save_handler(&mut self, turn: usize) -> Result<Duration> {
        let begin = Instant::now();
        edit_feed(&self.folder, turn)?;
        self.restart()?;
        until(|| ask(self.address, "/entries.json"), &mark(turn))?;
        Ok(begin.elapsed())
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Tells each line; whatever is said must not fill the pipe.
fn hear(from: impl Read + Send + 'static, tell: mpsc::Sender<String>) {
    thread::spawn(move || {
        let lines = BufReader::new(from).lines().map_while(std::result::Result::ok);
        lines.for_each(|line| drop(tell.send(line)));
    });
}

/// The address of a listener that is closed again: it is taken anew at each start.
pub(super) fn free(folder: &Path) -> Result<SocketAddr> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
    free.map_err(failed(folder))
}

fn mark(turn: usize) -> String {
    format!("saved-{turn}")
}

/// Changes what the handler `feed` does, which both guestbooks have.
fn edit_feed(folder: &Path, turn: usize) -> Result<()> {
    const END: &str = "    Ok(Json(Feed {";
    let path = folder.join("src/views.rs");
    let text = read(&path)?;
    let (before, after) = text.split_once(END).ok_or_else(|| {
        Error::new(format!("`{}` has no handler `feed` of this kind", path.display()))
    })?;
    let before = before.split("    let next = Some(\"saved-").next().unwrap_or_default();
    let line = format!("    let next = Some(\"{}\".to_owned()).or(next);\n", mark(turn));
    write(&path, &format!("{before}{line}{END}{after}"))
}

/// Asks until the answer has this text; the time that it took.
pub(super) fn until(mut ask: impl FnMut() -> Option<String>, text: &str) -> Result<Duration> {
    let begin = Instant::now();
    while !ask().is_some_and(|answer| answer.contains(text)) {
        if begin.elapsed() > LONGEST {
            return Err(Error::new(format!("`{text}` is never answered")));
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(begin.elapsed())
}

pub(super) fn ask(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(LONGEST)).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// A manifest that stands alone: what it takes from its workspace is written out.
fn alone(manifest: &str, workspace: &Path) -> String {
    let carafe = format!("carafe = {{ path = {:?}", workspace.join("crates/carafe"));
    let mut text = manifest
        .replace("carafe = { workspace = true", &carafe)
        .replace("edition.workspace = true", "edition = \"2024\"")
        .replace("publish.workspace = true", "publish = false")
        .replace("[lints]\nworkspace = true\n", "");
    text.push_str("\n[workspace]\n");
    text
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(failed(to))?;
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let entry = entry.map_err(failed(from))?;
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to)?,
            false => {
                fs::copy(entry.path(), &to).map_err(failed(&to))?;
            }
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(failed(path))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(failed(path))
}

pub(super) fn failed(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |error| Error::new(format!("`{path}`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_stands_alone() {
        let manifest = "edition.workspace = true\n[dependencies]\n\
                        carafe = { workspace = true, features = [\"commands\"] }\n\n[lints]\nworkspace = true\n";
        let expected = "edition = \"2024\"\n[dependencies]\n\
                        carafe = { path = \"/w/crates/carafe\", features = [\"commands\"] }\n\n\n[workspace]\n";
        assert_eq!(alone(manifest, Path::new("/w")), expected);
    }
}
