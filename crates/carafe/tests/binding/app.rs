//! The app as these tests start it: other environments, other users, its output as it comes.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::process::{PATIENCE, command};

/// The user whom nobody is.
pub(crate) const NOBODY: &str = "65534";

/// Whether these tests may become other users.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    String::from_utf8(id).unwrap().trim() == "0"
}

/// A folder that other users may enter too.
pub(crate) fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

/// The app's program, where every user may run it.
pub(crate) fn program() -> PathBuf {
    static PROGRAM: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_folder, program) = PROGRAM.get_or_init(|| {
        let folder = open_folder();
        let built = command("served", Path::new("/"), &[]);
        let program = folder.path().join("shop");
        std::fs::copy(built.get_program(), &program).unwrap();
        (folder, program)
    });
    program.clone()
}

/// The words that make a command another user's; none where these tests may not.
pub(crate) fn as_nobody() -> Vec<String> {
    let user = ["--reuid", "--regid"].map(|option| format!("{option}={NOBODY}"));
    match is_root() {
        true => [&["setpriv".to_owned()], &user[..], &["--clear-groups".to_owned()]].concat(),
        false => Vec::new(),
    }
}

/// The words that run a command in a network namespace of its own, in which this was done before.
pub(crate) fn in_namespace(prepare: &str) -> Vec<String> {
    let unshare = if is_root() { "unshare --net" } else { "unshare --net --map-root-user" };
    let mut words: Vec<String> = unshare.split(' ').map(str::to_owned).collect();
    let script = format!("{prepare} && exec \"$@\"");
    words.extend(["sh", "-ec", &script, "sh"].map(str::to_owned));
    words
}

/// Runs a command in the network namespace of a process, and gives what it printed.
pub(crate) fn beside(pid: u32, command: &[&str]) -> String {
    let mut enter = Command::new("nsenter");
    enter.args(["--net", "--target", &pid.to_string()]);
    if !is_root() {
        enter.args(["--user", "--preserve-credentials"]);
    }
    String::from_utf8(enter.args(command).output().unwrap().stdout).unwrap()
}

/// The app behind these words, with settings that keep its output short.
pub(crate) fn shop(before: &[String], arguments: &[&str]) -> Command {
    let program = program().display().to_string();
    let mut words: Vec<&str> = before.iter().map(String::as_str).collect();
    words.push(&program);
    let mut shop = Command::new(words[0]);
    shop.args(&words[1..]);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARAFE_") {
            shop.env_remove(name);
        }
    }
    shop.env_remove("LC_ALL")
        .env("LANG", "C.UTF-8")
        .env("TEST_APP", "served")
        .env("CARAFE_ACCESS_LOG", "off")
        .env("CARAFE_DEBUG", "false")
        .current_dir("/")
        .args(arguments);
    shop
}

/// What a command that ends wrote, and its exit status.
pub(crate) fn end_of(mut command: Command) -> (String, Option<i32>) {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let (sender, written) = channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = stderr.read_to_string(&mut text);
        let _ = sender.send(text);
    });
    match written.recv_timeout(PATIENCE) {
        Ok(text) => (text, child.wait().unwrap().code()),
        Err(_late) => {
            let _ = child.kill();
            panic!("{command:?} does not end")
        }
    }
}

/// A program that runs until this is dropped, and the lines that it writes.
pub(crate) struct Running {
    pub(crate) child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    /// Starts a command and reads its standard error.
    pub(crate) fn start(mut command: Command) -> Running {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        Running { child, lines: lines(stderr), seen: Vec::new() }
    }

    /// Waits for a line with these words.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => self.seen.push(line),
                Err(error) => panic!("no line with `{words}` came ({error}): {:#?}", self.seen),
            }
        }
    }

    /// The ports of the next URLs of the banner, until it ends.
    pub(crate) fn urls(&mut self) -> Vec<String> {
        let mut urls = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap();
            if let Some(at) = line.find("http://").or_else(|| line.find("unix:")) {
                urls.push(line[at..].split([' ', '"']).next().unwrap().to_owned());
            }
            if line.contains("Ctrl+C") {
                return urls;
            }
            self.seen.push(line);
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits for that.
    pub(crate) fn stop(&mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(&pid).status().unwrap().success());
        self.wait();
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) {
        let deadline = std::time::Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(std::time::Instant::now() < deadline, "it does not end: {:#?}", self.seen);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a pipe, as they come.
pub(crate) fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
