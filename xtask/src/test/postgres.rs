//! A PostgreSQL server for the tests: new, on a free loopback port, as a user without rights, and gone with its value.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::process;

/// How long it may take to begin.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; dropped, it ends and its folder is removed.
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
}

/// The program `postgres`; Debian keeps it out of `PATH`, in a folder for each version.
pub(crate) fn program() -> Option<PathBuf> {
    let below = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = below
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .map(|(version, folder)| (version, folder.join("bin/postgres")))
        .filter(|(_, program)| program.is_file())
        .collect();
    versions.sort();
    versions.pop().map(|(_, program)| program).or_else(|| process::find("postgres"))
}

impl Server {
    /// Starts one below `scratch`.
    pub(crate) fn start(scratch: &Path) -> Result<Server> {
        let program = program().ok_or_else(|| Error::new("no program `postgres` is here"))?;
        // Not below the target folder, into which another user may have no way.
        let folder = std::env::temp_dir().join(format!("carafe-postgres-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        make(&folder)?;
        let data = folder.join("data");
        let initdb = program.with_file_name("initdb");
        let mut init = as_nobody(&initdb);
        init.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D"])
            .arg(&data);
        process::output(init.current_dir(&folder))?;
        let log = scratch.join("postgres.log");
        let mut last = None;
        // Between finding a free port and using it, someone else may.
        for _ in 0..5 {
            match Server::start_on(free_port()?, &program, &folder, &log) {
                Ok(server) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| Error::new("PostgreSQL did not start")))
    }

    fn start_on(port: u16, program: &Path, folder: &Path, log: &Path) -> Result<Server> {
        let file = fs::File::create(log)
            .map_err(|error| Error::new(format!("cannot write `{}`: {error}", log.display())))?;
        let mut command = as_nobody(program);
        command.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string()]);
        // What is lost with the machine does not matter here.
        for setting in ["listen_addresses=127.0.0.1", "fsync=off", "max_connections=300"] {
            command.args(["-c", setting]);
        }
        command.arg("-c").arg(format!("unix_socket_directories={}", folder.display()));
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let child = command.spawn().map_err(|error| process::cannot_start(&command, &error))?;
        let mut server = Server { child, folder: folder.to_owned(), port };
        let ready = program.with_file_name("pg_isready");
        let until = Instant::now() + PATIENCE;
        loop {
            let mut ask = Command::new(&ready);
            ask.args(["-q", "-h", "127.0.0.1", "-U", "postgres", "-p", &port.to_string()]);
            if process::output(&mut ask).is_ok() {
                return Ok(server);
            }
            let ended = server.child.try_wait().is_ok_and(|status| status.is_some());
            if ended || Instant::now() > until {
                return Err(Error::new("PostgreSQL did not start")
                    .hint(format!("`{}` says why", log.display())));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Where its maintenance database is.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGQUIT ends it at once, with its children; SIGKILL would leave those to themselves.
        let _ = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A folder that the server's user owns.
fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)
        .map_err(|error| Error::new(format!("cannot make `{}`: {error}", folder.display())))?;
    match is_root()? {
        true => process::output(Command::new("chown").arg("nobody").arg(folder)).map(drop),
        false => Ok(()),
    }
}

fn is_root() -> Result<bool> {
    Ok(process::output(Command::new("id").arg("-u"))?.trim() == "0")
}

/// PostgreSQL refuses to run as root. It ends with this process, however that ends.
fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if is_root().unwrap_or(false) {
        command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]);
    }
    command.arg(program);
    command
}

fn free_port() -> Result<u16> {
    let found = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    found
        .map(|address| address.port())
        .map_err(|error| Error::new(format!("no port is free: {error}")))
}
