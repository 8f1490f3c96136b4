//! code-server: VS Code that serves its window to a browser, with a home of its own.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::node;

/// Starting includes reading 80 MB of JavaScript.
const START_LIMIT: Duration = Duration::from_secs(120);
const GRACE: Duration = Duration::from_secs(5);

/// Nothing that asks, offers or moves.
const SETTINGS: &str = r#"{
    "chat.disableAIFeatures": true,
    "extensions.ignoreRecommendations": true,
    "files.exclude": { "target": true },
    "files.watcherExclude": { "**/target/**": true },
    "git.enabled": false,
    "remote.autoForwardPorts": false,
    "security.workspace.trust.enabled": false,
    "workbench.reduceMotion": "on",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none"
}"#;

pub(crate) struct Editor {
    parts: PathBuf,
    home: PathBuf,
}

/// code-server, while it serves.
pub(crate) struct Serving {
    pub(crate) url: String,
    child: Child,
}

impl Editor {
    pub(crate) fn new(parts: &Path, folder: &Path) -> Editor {
        let home = folder.join("home");
        let user = home.join(".local/share/code-server/User");
        fs::create_dir_all(&user).unwrap();
        fs::write(user.join("settings.json"), SETTINGS).unwrap();
        Editor { parts: parts.to_owned(), home }
    }

    /// A command in the editor's environment: the tool, node, code-server and cargo are on `PATH`, and
    /// what cargo told this test is not there.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO") || text.starts_with("CARAFE") || text.starts_with("XDG_") {
                command.env_remove(&name);
            }
        }
        let tool = Path::new(env!("CARGO_BIN_EXE_carafe")).parent().unwrap();
        let cargo = env::var_os("CARGO").map(PathBuf::from);
        let mut path: Vec<PathBuf> =
            [tool.into(), node(&self.parts), self.parts.join("node_modules/.bin")].into();
        path[1].pop();
        path.extend(cargo.and_then(|cargo| Some(cargo.parent()?.to_owned())));
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        command
            .env("PATH", env::join_paths(path).unwrap())
            .env("HOME", &self.home)
            .env("CARGO_HOME", of_home("CARGO_HOME", ".cargo"))
            .env("RUSTUP_HOME", of_home("RUSTUP_HOME", ".rustup"))
            .env("EXTENSIONS_GALLERY", r#"{"serviceUrl": "http://127.0.0.1:9/"}"#);
        command
    }

    pub(crate) fn serve(&self) -> Serving {
        let mut command = self.command(&node(&self.parts));
        command.arg(self.parts.join("node_modules/code-server/out/node/entry.js"));
        command.args(["--bind-addr=127.0.0.1:0", "--auth=none", "--reconnection-grace-time=5"]);
        command.args([
            "--disable-telemetry",
            "--disable-update-check",
            "--disable-workspace-trust",
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut serving = Serving { url: String::new(), child };
        let (tell, told) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some((_, url)) = line.split_once("HTTP server listening on ") {
                    let _ = tell.send(url.trim_end_matches('/').to_owned());
                }
            }
        });
        serving.url = told.recv_timeout(START_LIMIT).expect("code-server did not start");
        serving
    }
}

/// A folder of cargo's or rustup's, which the editor's own home does not have.
fn of_home(variable: &str, name: &str) -> OsString {
    env::var_os(variable).unwrap_or_else(|| {
        let home = env::var_os("HOME").expect("HOME is set");
        Path::new(&home).join(name).into_os_string()
    })
}

impl Drop for Serving {
    /// It has children and they have, so the whole group is ended.
    fn drop(&mut self) {
        let group = Pid::from_child(&self.child);
        let _ = kill_process_group(group, Signal::TERM);
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline && test_kill_process_group(group).is_ok() {
            // Reaped, or it would stay in its group.
            let _ = self.child.try_wait();
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
    }
}
