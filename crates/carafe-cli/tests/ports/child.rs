//! Programs that hold ports, and the tool as it is run beside them.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use carafe_net::{System, my_uid, process};

/// The user of whom every system has one.
pub(crate) const NOBODY: u32 = 65534;

/// Whether this test may become other users; such tests are left out when not.
pub(crate) fn is_root() -> bool {
    my_uid() == 0
}

/// A Python program that listens on a port; ended with the test, and after two minutes by itself.
pub(crate) struct Child {
    process: Option<std::process::Child>,
    folder: tempfile::TempDir,
    user: String,
    pid: u32,
    pub(crate) port: u16,
}

impl Child {
    /// A server of the user who runs the tests.
    pub(crate) fn server() -> Child {
        Child::python("", "")
    }

    /// One that does this before it listens, and that afterwards.
    pub(crate) fn python(before: &str, after: &str) -> Child {
        Child::start(Command::new("/usr/bin/python3"), before, after)
    }

    /// A server of another user.
    pub(crate) fn server_of(uid: u32) -> Child {
        let mut command = Command::new("setpriv");
        let uid = format!("--reuid={uid}");
        command.args([uid.as_str(), "--clear-groups", "/usr/bin/python3"]);
        Child::start(command, "", "")
    }

    /// Nobody, for commands that tell of none.
    pub(crate) fn none() -> Child {
        let folder = tempfile::tempdir().unwrap();
        Child { process: None, folder, user: "?".to_owned(), pid: u32::MAX, port: u16::MAX }
    }

    fn start(mut command: Command, before: &str, after: &str) -> Child {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let script = folder.path().join("server.py");
        let text = format!(
            "import os, signal, socket, time\n\
             {before}\n\
             s = socket.create_server(('127.0.0.1', 0))\n\
             {after}\n\
             print(s.getsockname()[1], flush=True)\n\
             time.sleep(120)\n"
        );
        std::fs::write(script, text).unwrap();
        command.arg("server.py").current_dir(folder.path()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let user = process(&System::this(), child.id()).unwrap().user;
        let (pid, port) = (child.id(), line.trim().parse().unwrap());
        Child { process: Some(child), folder, user, pid, port }
    }

    pub(crate) fn port(&self) -> String {
        self.port.to_string()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn user(&self) -> String {
        self.user.clone()
    }

    pub(crate) fn runs(&mut self) -> bool {
        self.process.as_mut().unwrap().try_wait().unwrap().is_none()
    }

    pub(crate) fn end(&mut self) {
        if let Some(child) = &mut self.process {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

/// The tool, with a language and a user.
pub(crate) struct Tool {
    lang: &'static str,
    user: Option<u32>,
    runtime: PathBuf,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Tool {
    pub(crate) fn new(lang: &'static str) -> Tool {
        Tool { lang, user: None, runtime: PathBuf::from("/nowhere") }
    }

    pub(crate) fn user(self, uid: u32) -> Tool {
        Tool { user: Some(uid), ..self }
    }

    /// With this folder as the one of what runs.
    pub(crate) fn runtime(self, folder: &Path) -> Tool {
        Tool { runtime: folder.to_owned(), ..self }
    }

    pub(crate) fn path() -> PathBuf {
        env!("CARGO_BIN_EXE_carafe").into()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let Some(uid) = self.user else {
            return run(self.environment(Command::new(Tool::path()).args(arguments)));
        };
        // A copy, as that user may have no way to the folder of the build.
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let copy = folder.path().join("carafe");
        std::fs::copy(Tool::path(), &copy).unwrap();
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={uid}")).arg("--clear-groups").arg(copy).args(arguments);
        run(self.environment(command.current_dir("/")))
    }

    /// At a terminal, with this answer to its question; what is shown there is its stdout.
    pub(crate) fn answering(&self, answer: &str, arguments: &[&str]) -> Outcome {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ports/terminal.py");
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).arg(answer).arg(Tool::path()).args(arguments);
        run(self.environment(&mut command))
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env_remove("CARAFE_LANG").env_remove("LC_MESSAGES").env_remove("LC_ALL");
        command.env("XDG_RUNTIME_DIR", &self.runtime).env("LANG", self.lang)
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap_or(-1);
    Outcome { code, stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs a line of the shell.
pub(crate) fn shell(line: &str) -> Outcome {
    run(Command::new("sh").args(["-c", line]))
}

impl Outcome {
    /// All of it, with names for what differs each time.
    pub(crate) fn normal(&self, child: &Child) -> String {
        let mut text = self.stdout.clone();
        if !self.stderr.is_empty() {
            text.push_str(&format!("--- standard error\n{}", self.stderr));
        }
        text.push_str(&format!("--- exit status {}\n", self.code));
        let folder = child.folder.path().canonicalize().unwrap();
        let exe = Path::new("/usr/bin/python3").canonicalize().unwrap();
        let text = text.replace(folder.to_str().unwrap(), "{folder}");
        let text = text.replace(&format!("\"{}\"", exe.display()), "\"{exe}\"");
        let text = text.replace(&child.port(), "{port}");
        let text = ["pid ", "\"pid\": ", "kill "].into_iter().fold(text, |text, before| {
            text.replace(&format!("{before}{}", child.pid), &format!("{before}{{pid}}"))
        });
        let text = ["user ", "사용자 ", "\"user\": \""].into_iter().fold(text, |text, before| {
            text.replace(&format!("{before}{}", child.user), &format!("{before}{{user}}"))
        });
        let text = between(&text, ", started ", "\n", "{age}");
        let text = between(&text, "사용자 {user}, ", ")", "{age}");
        let text = between(&text, "\"uid\": ", ",", "{uid}");
        between(&text, "\"age_seconds\": ", ",", "{age}")
    }
}

/// Writes something in place of what stands between these two.
fn between(text: &str, before: &str, after: &str, new: &str) -> String {
    let mut parts = text.split(before);
    let mut result = parts.next().unwrap().to_owned();
    for part in parts {
        let rest = part.find(after).map_or("", |at| &part[at..]);
        result.push_str(before);
        result.push_str(new);
        result.push_str(rest);
    }
    result
}
