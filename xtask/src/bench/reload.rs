//! From saving to the new answer: the guestbook under `carafe run`, beside a guestbook of as many
//! handlers on axum and sqlx that is built by `cargo build` and started anew.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
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
    let carafe = Carafe::start(workspace)?;
    let mut twins = [Twin::start(workspace, "2")?, Twin::start(workspace, "0")?];
    let mut times = [const { Vec::new() }; 4];
    for turn in 0..turns + WARM {
        let saved = [
            carafe.save_template(turn)?,
            carafe.save_handler(turn)?,
            twins[0].save_handler(turn)?,
            twins[1].save_handler(turn)?,
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
    ];
    for (name, times) in names.into_iter().zip(times) {
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        let most = times.iter().copied().fold(0.0, f64::max);
        println!("| {name} | {:.3} | {least:.3} | {most:.3} |", median(times));
    }
    Ok(())
}

/// The guestbook, a copy of it that may be written to, under the tool.
struct Carafe {
    folder: PathBuf,
    tool: Child,
    address: SocketAddr,
}

impl Carafe {
    fn start(workspace: &Workspace) -> Result<Carafe> {
        process::output(process::cargo(&workspace.root).args([
            "build",
            "--quiet",
            "--package",
            "carafe-cli",
        ]))?;
        let folder = workspace.target().join("bench-reload/guestbook");
        copy(&workspace.root.join("examples/guestbook"), &folder)?;
        fs::copy(workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"))
            .map_err(failed(&folder))?;
        let manifest = read(&folder.join("Cargo.toml"))?;
        write(&folder.join("Cargo.toml"), &alone(&manifest, &workspace.root))?;
        let mut run = Command::new(workspace.target().join("debug/carafe"));
        run.args(["run", "--host", "127.0.0.1", "--port", "0", "--set", "access_log=off"]);
        run.current_dir(&folder)
            .env("CARGO_TARGET_DIR", workspace.target().join("bench-reload/target"));
        let mut tool =
            run.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(failed(&folder))?;
        let said = tool.stderr.take().map(BufReader::new);
        let mut lines =
            said.into_iter().flat_map(|said| said.lines().map_while(std::result::Result::ok));
        let address = lines.find_map(|line| {
            println!("{line}");
            line.split("http://").nth(1)?.split_whitespace().next()?.parse().ok()
        });
        // Whatever it says later must not fill the pipe.
        thread::spawn(move || lines.for_each(drop));
        match address {
            Some(address) => Ok(Carafe { folder, tool, address }),
            None => {
                let _ = tool.wait();
                Err(Error::new("`carafe run` did not start the guestbook"))
            }
        }
    }

    fn save_handler(&self, turn: usize) -> Result<Duration> {
        edit_feed(&self.folder, turn)?;
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
        // The port of a listener that is closed again: axum takes it back at each start.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
        let address = free.map_err(failed(&folder))?;
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
fn until(mut ask: impl FnMut() -> Option<String>, text: &str) -> Result<Duration> {
    let begin = Instant::now();
    while !ask().is_some_and(|answer| answer.contains(text)) {
        if begin.elapsed() > LONGEST {
            return Err(Error::new(format!("`{text}` is never answered")));
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(begin.elapsed())
}

fn ask(address: SocketAddr, path: &str) -> Option<String> {
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

fn failed(path: &Path) -> impl Fn(std::io::Error) -> Error {
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
