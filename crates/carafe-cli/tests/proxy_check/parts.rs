//! The app, the proxy and the tool, as processes that end with the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;

use serde_json::Value;

use crate::process::PATIENCE;

/// A process that is ended with its handle.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// The first line with these words, of what the process prints there. The rest is read and dropped.
    pub(crate) fn line(stream: impl Read + Send + 'static, words: &'static str) -> String {
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        loop {
            let line = lines.recv_timeout(PATIENCE).unwrap();
            if line.contains(words) {
                return line;
            }
        }
    }
}

/// The app of `tests/apps/proxied.rs`.
pub(crate) struct App {
    process: Running,
    folder: tempfile::TempDir,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl App {
    /// Runs it with settings such as `trusted_proxies=127.0.0.1`.
    pub(crate) fn start(settings: &[&str]) -> App {
        let folder = tempfile::tempdir().unwrap();
        let control = folder.path().to_owned();
        App::start_in(folder, &control, settings)
    }

    /// Runs it with a Unix socket beside its port; gives the socket, too.
    pub(crate) fn start_at_socket(settings: &[&str]) -> (App, String) {
        let folder = tempfile::tempdir().unwrap();
        let control = folder.path().to_owned();
        let socket = format!("unix:{}", folder.path().join("app.sock").display());
        let host = format!("host=127.0.0.1,{socket}");
        let app = App::start_in(folder, &control, &[settings, &[&host]].concat());
        (app, socket)
    }

    /// Runs another one, which the tool finds beside this.
    pub(crate) fn start_beside(&self) -> App {
        App::start_in(tempfile::tempdir().unwrap(), self.folder(), &[])
    }

    fn start_in(folder: tempfile::TempDir, control: &Path, settings: &[&str]) -> App {
        let mut arguments = vec!["run", "--port", "0", "--set", "host=127.0.0.1"];
        arguments.extend(["--set", "access_log=json", "--set", "debug=false"]);
        for setting in settings {
            arguments.extend(["--set", setting]);
        }
        let mut command = crate::process::command("proxied", folder.path(), &arguments);
        command.env("XDG_RUNTIME_DIR", control).env("LANG", "C");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = Running(command.spawn().unwrap());
        let line = Running::line(process.0.stderr.take().unwrap(), "http://");
        let (_, address) = line.split_once("http://").unwrap();
        let address = address.split([' ', '"', '/']).next().unwrap().parse().unwrap();
        App { process, folder, address }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.0.id()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the tool for this app; gives its exit status and all that it printed.
    pub(crate) fn check(&self, arguments: &[&str], lang: &str) -> (i32, String) {
        let pid = self.pid().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_carafe"));
        command.args(["proxy", "check", "--pid", &pid]).args(arguments);
        command.env("XDG_RUNTIME_DIR", self.folder()).env("CARAFE_LANG", lang);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    /// What was found, by the name of each check: `ok`, `wrong` or `open`.
    pub(crate) fn verdicts(&self, arguments: &[&str]) -> Vec<(String, &'static str)> {
        let (_, text) = self.check(&[arguments, &["--json"]].concat(), "en");
        let told: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        let checks = told["checks"].as_array().unwrap_or_else(|| panic!("{text}"));
        let verdict = |check: &Value| match check["ok"].as_bool() {
            Some(true) => "ok",
            Some(false) => "wrong",
            None => "open",
        };
        let name = |check: &Value| check["check"].as_str().unwrap().to_owned();
        checks.iter().map(|check| (name(check), verdict(check))).collect()
    }
}

/// `proxy.py` with a configuration; gives the port.
pub(crate) struct Proxy {
    _process: Running,
    pub(crate) port: u16,
}

impl Proxy {
    pub(crate) fn start(config: &Value) -> Proxy {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proxy_check/proxy.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(config.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Running(command.spawn().unwrap());
        let port = Running::line(process.0.stdout.take().unwrap(), "").parse().unwrap();
        Proxy { _process: process, port }
    }
}

/// A certificate for `localhost` that signed itself, and its key, in one file.
pub(crate) fn certificate(folder: &Path) -> String {
    let (key, both) = (folder.join("key.pem"), folder.join("both.pem"));
    let mut command = Command::new("openssl");
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
    ]);
    command.args([
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
    ]);
    let output = command.arg("-keyout").arg(&key).arg("-out").arg(&both).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let both_text =
        std::fs::read_to_string(&both).unwrap() + &std::fs::read_to_string(key).unwrap();
    std::fs::write(&both, both_text).unwrap();
    both.to_str().unwrap().to_owned()
}

/// An answer to a GET in plain http.
pub(crate) fn get(port: u16, host: &str, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
