//! A browser under remote control: W3C WebDriver spoken to chromedriver, and the few commands of the
//! DevTools protocol that WebDriver lacks. Everything panics on failure: this is for tests.

mod http;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The key under which WebDriver names an element (W3C WebDriver section 11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    // This machine's own addresses, whatever proxy it uses for others.
    "--no-proxy-server",
];

/// A headless Chromium with a profile of its own; it ends when dropped.
pub(crate) struct Browser {
    driver: Driver,
    session: String,
    /// Removed after the browser has ended.
    _profile: TempDir,
}

/// A running chromedriver.
struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    fn start() -> Driver {
        let program = program("CARAFE_TOOL_CHROMEDRIVER", "chromedriver");
        let mut child = Command::new(&program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| missing(&program, &error));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // "ChromeDriver was started successfully on port 36001."
        let port = lines.by_ref().find_map(|line| {
            let port = line.split_once("successfully on port ")?.1.trim_end_matches('.');
            port.parse().ok()
        });
        thread::spawn(move || lines.for_each(drop));
        let port = port.unwrap_or_else(|| panic!("`{program}` ended without naming its port"));
        Driver { child, port }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(variable: &str, default: &str) -> String {
    env::var(variable).unwrap_or_else(|_| default.to_owned())
}

fn missing(program: &str, error: &std::io::Error) -> ! {
    panic!(
        "cannot start `{program}`: {error}\n\nhint: `apt-get install chromium chromium-driver`, or \
         name the programs with CARAFE_TOOL_CHROMIUM and CARAFE_TOOL_CHROMEDRIVER"
    )
}

impl Browser {
    pub(crate) fn start() -> Browser {
        let driver = Driver::start();
        let profile = tempfile::Builder::new().prefix("chromium-").tempdir().unwrap();
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let mut options = json!({ "args": flags });
        if let Some(binary) = on_path(&program("CARAFE_TOOL_CHROMIUM", "chromium")) {
            options["binary"] = json!(binary);
        }
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let session = http::call(driver.port, "POST", "/session", &wanted)
            .unwrap_or_else(|error| panic!("{error}\n\nhint: `apt-get install chromium`"));
        let session = session["sessionId"].as_str().unwrap().to_owned();
        Browser { driver, session, _profile: profile }
    }

    fn try_call(&self, method: &str, command: &str, body: Value) -> Result<Value, String> {
        let path = format!("/session/{}{command}", self.session);
        http::call(self.driver.port, method, &path, &body)
    }

    #[track_caller]
    fn call(&self, method: &str, command: &str, body: Value) -> Value {
        self.try_call(method, command, body).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A command of the DevTools protocol.
    #[track_caller]
    fn devtools(&self, command: &str, params: Value) -> Value {
        self.call("POST", "/goog/cdp/execute", json!({ "cmd": command, "params": params }))
    }

    #[track_caller]
    fn find(&self, css: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": css });
        let element = self.call("POST", "/element", wanted);
        element[ELEMENT].as_str().unwrap().to_owned()
    }

    /// Loads a page and waits for it.
    #[track_caller]
    pub(crate) fn open(&self, url: &str) {
        self.call("POST", "/url", json!({ "url": url }));
    }

    #[track_caller]
    pub(crate) fn reload(&self) {
        self.call("POST", "/refresh", json!({}));
    }

    #[track_caller]
    pub(crate) fn title(&self) -> String {
        self.call("GET", "/title", Value::Null).as_str().unwrap().to_owned()
    }

    /// The text of the first element, as it is rendered.
    #[track_caller]
    pub(crate) fn text(&self, css: &str) -> String {
        let element = self.find(css);
        let text = self.call("GET", &format!("/element/{element}/text"), Value::Null);
        text.as_str().unwrap().to_owned()
    }

    /// A property of the first element, such as `value`.
    #[track_caller]
    pub(crate) fn property(&self, css: &str, name: &str) -> Value {
        let element = self.find(css);
        self.call("GET", &format!("/element/{element}/property/{name}"), Value::Null)
    }

    #[track_caller]
    pub(crate) fn is_missing(&self, css: &str) -> bool {
        let wanted = json!({ "using": "css selector", "value": css });
        self.call("POST", "/elements", wanted).as_array().unwrap().is_empty()
    }

    /// Presses the keys of a text; into a file field, the path of a file.
    #[track_caller]
    pub(crate) fn type_into(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.call("POST", &format!("/element/{element}/value"), json!({ "text": text }));
    }

    /// Presses and releases a key, wherever the focus is.
    #[track_caller]
    #[allow(dead_code, reason = "the tests of the debugger's page use it")]
    pub(crate) fn keys(&self, key: &str) {
        let actions = json!([
            { "type": "keyDown", "value": key },
            { "type": "keyUp", "value": key },
        ]);
        let keyboard = json!([{ "type": "key", "id": "keyboard", "actions": actions }]);
        self.call("POST", "/actions", json!({ "actions": keyboard }));
    }

    #[track_caller]
    pub(crate) fn click(&self, css: &str) {
        let element = self.find(css);
        self.call("POST", &format!("/element/{element}/click"), json!({}));
    }

    /// Clicks, and waits until another page is there.
    #[track_caller]
    pub(crate) fn submit(&self, css: &str) {
        self.run("document.leaving = true", json!([]));
        self.click(css);
        self.wait_for("return !document.leaving && document.readyState == 'complete'");
    }

    /// Runs a script in the page and gives back what it returns.
    #[track_caller]
    pub(crate) fn run(&self, script: &str, args: Value) -> Value {
        self.call("POST", "/execute/sync", json!({ "script": script, "args": args }))
    }

    /// Waits until a script returns true.
    #[track_caller]
    pub(crate) fn wait_for(&self, script: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let body = json!({ "script": script, "args": [] });
        // An error is a page that is just being exchanged.
        while self.try_call("POST", "/execute/sync", body.clone()) != Ok(json!(true)) {
            assert!(Instant::now() < deadline, "20 seconds, and not yet: {script}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Makes the page this large, in CSS pixels.
    #[track_caller]
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Makes the browser a phone with a screen of this size, in CSS pixels.
    #[track_caller]
    pub(crate) fn phone(&self, width: u32, height: u32) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 2, "mobile": true
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// `light` or `dark`, as the visitor's system would say it.
    #[track_caller]
    pub(crate) fn prefer_color_scheme(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Writes what is visible to a PNG file.
    #[track_caller]
    pub(crate) fn screenshot(&self, file: &Path) {
        let shot = self.devtools("Page.captureScreenshot", json!({ "format": "png" }));
        fs::write(file, base64(shot["data"].as_str().unwrap())).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser; dropping the driver alone would leave it behind.
        let _ = self.try_call("DELETE", "", Value::Null);
    }
}

/// The whole path of a program, which the driver wants to know.
fn on_path(program: &str) -> Option<String> {
    if program.contains('/') {
        return Some(program.to_owned());
    }
    let path = env::var_os("PATH")?;
    let found =
        env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
    found.and_then(|file| file.to_str().map(str::to_owned))
}

/// Decodes base64 with padding, as the driver sends it.
fn base64(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => u32::from(letter - b'A'),
        b'a'..=b'z' => u32::from(letter - b'a') + 26,
        b'0'..=b'9' => u32::from(letter - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        _ => panic!("{:?} is not base64", char::from(letter)),
    };
    let letters: Vec<u8> = text.bytes().filter(|letter| *letter != b'=').collect();
    let bytes = letters.chunks(4).flat_map(|letters| {
        let bits = letters
            .iter()
            .enumerate()
            .fold(0, |bits, (i, letter)| bits | value(*letter) << (18 - 6 * i));
        bits.to_be_bytes()[1..letters.len()].to_vec()
    });
    bytes.collect()
}
