//! A PostgreSQL server in a folder of the test's own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub(crate) struct Postgres {
    child: Child,
    port: u16,
    wal: PathBuf,
}

impl Postgres {
    /// With its tables in the folder, and its log of writes elsewhere: where that finds no space, the server stops.
    pub(crate) fn start(folder: &Path) -> Postgres {
        let bin = bin();
        let wal = std::env::temp_dir().join(format!("carafe-db-wal-{}", std::process::id()));
        std::fs::create_dir_all(&wal).unwrap();
        assert!(Command::new("chown").arg("nobody").arg(&wal).status().unwrap().success());
        let data = folder.join("data");
        let made = as_nobody(&bin.join("initdb"))
            .args(["--auth=trust", "--username=postgres", "--no-sync", "-D"])
            .arg(&data)
            .arg("--waldir")
            .arg(wal.join("wal"))
            .current_dir("/")
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = as_nobody(&bin.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args([
                "-p",
                &port.to_string(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
            ])
            .current_dir("/")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Postgres { child, port, wal };
        super::super::common::eventually("PostgreSQL answers", || {
            let mut ask = Command::new(bin.join("pg_isready"));
            ask.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status().unwrap().success()
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.wal);
    }
}

/// It refuses to run as root, which a file system of one's own needs.
fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "QUIT", "--reuid=nobody", "--regid=nogroup", "--clear-groups"])
        .arg(program);
    command
}

/// Where the programs are: Debian has a folder for each version.
fn bin() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").is_file())
        .max();
    found
        .or_else(|| {
            let path = std::env::var_os("PATH")?;
            std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file())
        })
        .unwrap()
}
