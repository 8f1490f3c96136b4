//! An editor as far as the protocol goes: it sends requests and hears events, each with a deadline.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A first launch builds the app with complete debug information.
const BUILD_LIMIT: Duration = Duration::from_secs(400);
const LIMIT: Duration = Duration::from_secs(40);

pub(crate) struct Editor {
    /// `carafe dap`, where it is this editor's own.
    child: Option<Child>,
    to: Option<Box<dyn Write>>,
    from: Receiver<Value>,
    seq: i64,
    answers: HashMap<i64, Value>,
    events: VecDeque<Value>,
    output: String,
}

/// Where the program stopped.
pub(crate) struct Stop {
    pub(crate) body: Value,
    pub(crate) thread: i64,
    /// The frames that are not folded.
    pub(crate) own: Vec<Value>,
    pub(crate) variables: Vec<Value>,
}

impl Stop {
    pub(crate) fn variable(&self, name: &str) -> &Value {
        let found = self.variables.iter().find(|variable| variable["name"] == name);
        found.unwrap_or_else(|| panic!("no `{name}` in {:?}", self.variables))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub(crate) fn debuggee() -> PathBuf {
    root().join("crates/carafe-cli/tests/dap/debuggee.rs")
}

/// The line of the app's source that holds this text.
pub(crate) fn line_of(text: &str) -> i64 {
    let source = std::fs::read_to_string(debuggee()).unwrap();
    let at = source.lines().position(|line| line.contains(text));
    at.unwrap_or_else(|| panic!("no line with `{text}`")) as i64 + 1
}

/// The whole answer to a GET.
pub(crate) fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The whole answer to a POST of a form.
pub(crate) fn post(address: &str, path: &str, form: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let length = form.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer x\r\nx-thing: seen\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{form}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

impl Editor {
    pub(crate) fn start() -> Editor {
        Editor::start_with("DAP_TEST_MARK", "none")
    }

    /// With a variable by which all that it starts is known.
    pub(crate) fn start_with(variable: &str, value: &str) -> Editor {
        let mut child = Command::new(env!("CARGO_BIN_EXE_carafe"))
            .arg("dap")
            .env(variable, value)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let to = child.stdin.take().unwrap();
        let mut editor = Editor::over(out, to);
        editor.child = Some(child);
        editor.initialize();
        editor
    }

    /// An editor that comes over TCP.
    pub(crate) fn connect(port: u16) -> Editor {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let mut editor = Editor::over(stream.try_clone().unwrap(), stream);
        editor.initialize();
        editor
    }

    fn over(out: impl Read + Send + 'static, to: impl Write + 'static) -> Editor {
        let mut out = BufReader::new(out);
        let (heard, from) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut out) {
                let _ = heard.send(message);
            }
        });
        let (answers, events) = (HashMap::new(), VecDeque::new());
        let to: Option<Box<dyn Write>> = Some(Box::new(to));
        Editor { child: None, to, from, seq: 0, answers, events, output: String::new() }
    }

    fn initialize(&mut self) {
        let can = self.call("initialize", json!({"adapterID": "carafe", "clientID": "test"}));
        assert_eq!(can["supportsFunctionBreakpoints"], true);
    }

    /// Whether the other side closed the connection, and said nothing but what was read.
    pub(crate) fn is_cut_off(&mut self) -> bool {
        matches!(self.from.recv_timeout(LIMIT), Err(RecvTimeoutError::Disconnected))
    }

    /// Asks for the test's app, built first; its answer comes when it runs.
    pub(crate) fn launch(&mut self, more: Value) -> i64 {
        let mut launch = json!({
            "cargo": {"package": "carafe-cli", "args": ["--example", "debuggee"]},
            "args": ["--port", "0", "--host", "127.0.0.1"],
            "cwd": root(),
        });
        for (key, value) in more.as_object().unwrap() {
            launch[key] = value.clone();
        }
        self.send("launch", launch)
    }

    pub(crate) fn call(&mut self, command: &str, arguments: Value) -> Value {
        let seq = self.send(command, arguments);
        self.answer(seq)
    }

    pub(crate) fn send(&mut self, command: &str, arguments: Value) -> i64 {
        self.seq += 1;
        let message =
            json!({"seq": self.seq, "type": "request", "command": command, "arguments": arguments});
        let body = message.to_string();
        let to = self.to.as_mut().unwrap();
        write!(to, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        to.flush().unwrap();
        self.seq
    }

    /// The good answer to a request.
    pub(crate) fn answer(&mut self, seq: i64) -> Value {
        let answer = self.any_answer(seq);
        assert_eq!(answer["success"], true, "{answer}\n{}", self.output);
        answer["body"].clone()
    }

    /// The words with which a request was refused.
    pub(crate) fn refusal(&mut self, seq: i64) -> String {
        let answer = self.any_answer(seq);
        assert_eq!(answer["success"], false, "{answer}");
        answer["message"].as_str().unwrap().to_owned()
    }

    fn any_answer(&mut self, seq: i64) -> Value {
        self.until(&format!("an answer to request {seq}"), |editor| editor.answers.remove(&seq))
    }

    /// The body of the next event of this name.
    pub(crate) fn wait_for(&mut self, name: &str) -> Value {
        let limit = if name == "initialized" { BUILD_LIMIT } else { LIMIT };
        self.until_within(limit, &format!("the event `{name}`"), |editor| {
            let at = editor.events.iter().position(|event| event["event"] == name)?;
            Some(editor.events.remove(at)?["body"].clone())
        })
    }

    /// Whether an event of this name comes within a time.
    pub(crate) fn hears(&mut self, name: &str, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        loop {
            if self.events.iter().any(|event| event["event"] == name) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.from.recv_timeout(left) {
                Ok(message) => self.take(message),
                Err(_) => return false,
            }
        }
    }

    fn take(&mut self, message: Value) {
        match message["type"].as_str() {
            Some("response") => {
                let seq = message["request_seq"].as_i64().unwrap();
                self.answers.insert(seq, message);
            }
            _ if message["event"] == "output" => {
                self.output.push_str(message["body"]["output"].as_str().unwrap_or_default());
            }
            _ => self.events.push_back(message),
        }
    }

    pub(crate) fn wait_for_output(&mut self, text: &str) {
        self.until(&format!("`{text}`"), |editor| editor.output.contains(text).then_some(()));
    }

    /// So that only what is said from now on is looked at.
    pub(crate) fn forget_output(&mut self) {
        self.output.clear();
    }

    /// The address that the banner names.
    pub(crate) fn url(&mut self) -> String {
        self.until("the banner", |editor| {
            let (_, rest) = editor.output.split_once("http://")?;
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != ':')?;
            Some(format!("http://{}", &rest[..end]))
        })
    }

    pub(crate) fn stopped(&mut self) -> Stop {
        let body = self.wait_for("stopped");
        let thread = body["threadId"].as_i64().unwrap();
        let frames = self.call("stackTrace", json!({"threadId": thread}));
        let frames = frames["stackFrames"].as_array().unwrap().clone();
        let is_own = |frame: &&Value| frame["presentationHint"] != "subtle";
        let own: Vec<Value> = frames.iter().filter(is_own).cloned().collect();
        let frame = own.first().unwrap_or_else(|| panic!("no frame of the app in {frames:#?}"));
        let scopes = self.call("scopes", json!({"frameId": frame["id"]}));
        let locals = scopes["scopes"][0]["variablesReference"].clone();
        let variables = self.call("variables", json!({"variablesReference": locals}));
        let variables = variables["variables"].as_array().unwrap().clone();
        Stop { body, thread, own, variables }
    }

    pub(crate) fn step(&mut self, command: &str, stop: &Stop) -> Stop {
        self.call(command, json!({"threadId": stop.thread}));
        self.stopped()
    }

    /// What stands in a scope, by paths such as `form/name`.
    pub(crate) fn scope(&mut self, stop: &Stop, name: &str) -> HashMap<String, String> {
        let scopes = self.call("scopes", json!({"frameId": stop.own[0]["id"]}));
        let scopes = scopes["scopes"].as_array().unwrap();
        let scope = scopes.iter().find(|scope| scope["name"] == name).unwrap().clone();
        let mut found = HashMap::new();
        let mut left = vec![(String::new(), scope["variablesReference"].clone())];
        while let Some((path, reference)) = left.pop() {
            let variables = self.call("variables", json!({"variablesReference": reference}));
            for variable in variables["variables"].as_array().unwrap() {
                let path = format!("{path}{}", variable["name"].as_str().unwrap());
                if variable["variablesReference"] != 0 {
                    left.push((format!("{path}/"), variable["variablesReference"].clone()));
                }
                found.insert(path, variable["value"].as_str().unwrap().to_owned());
            }
        }
        found
    }

    /// The value of an expression in the app's innermost frame, or why there is none.
    pub(crate) fn watch(&mut self, stop: &Stop, expression: &str) -> Result<String, String> {
        let frame = stop.own[0]["id"].clone();
        let asked = json!({"expression": expression, "frameId": frame, "context": "watch"});
        let seq = self.send("evaluate", asked);
        let answer = self.any_answer(seq);
        match answer["success"] == true {
            true => Ok(answer["body"]["result"].as_str().unwrap().to_owned()),
            false => Err(answer["message"].as_str().unwrap().to_owned()),
        }
    }

    /// Kills `carafe dap`, which has no say in it.
    pub(crate) fn kill(&mut self) {
        let child = self.child.as_mut().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends the session as editors do; the adapter has to end by itself.
    pub(crate) fn leave(mut self) {
        self.call("disconnect", json!({"terminateDebuggee": true}));
        self.wait_for("terminated");
        self.vanish();
    }

    /// Closes the streams without a word.
    pub(crate) fn vanish(mut self) {
        self.to = None;
        let Some(child) = &mut self.child else { return };
        let deadline = Instant::now() + Duration::from_secs(20);
        while child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "`carafe dap` does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn until<T>(&mut self, what: &str, found: impl FnMut(&mut Editor) -> Option<T>) -> T {
        self.until_within(LIMIT, what, found)
    }

    fn until_within<T>(
        &mut self,
        limit: Duration,
        what: &str,
        mut found: impl FnMut(&mut Editor) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(found) = found(self) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(message) = self.from.recv_timeout(left) else {
                panic!("{what} never came; output: {}", self.output)
            };
            self.take(message);
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn read(stream: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().ok()?,
            _ if line.trim().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
