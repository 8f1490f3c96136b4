//! A browser, a debugger, an app, and requests from other processes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::tool::{LIMIT, Tool, get, workspace};
use crate::webdriver::Browser;

/// A first start builds the app with complete debug information.
const BUILD_LIMIT: Duration = Duration::from_secs(400);
/// WebDriver's names of keys.
const F5: &str = "\u{e035}";
const F10: &str = "\u{e03a}";
const F11: &str = "\u{e03b}";
const ENTER: &str = "\u{e007}";

/// The page in a browser.
struct Page {
    browser: Browser,
    /// Where the app listens.
    app: String,
    _tool: Tool,
}

impl Page {
    fn open() -> Page {
        let arguments = ["-P", "carafe-cli", "--example", "debuggee", "--port", "0"];
        let tool = Tool::start(&workspace(), &arguments);
        let browser = Browser::start();
        browser.resize(1440, 900);
        browser.open(&tool.url);
        let mut page = Page { browser, app: String::new(), _tool: tool };
        page.is("document.body.dataset.mode === 'running'", BUILD_LIMIT);
        page.is("!document.getElementById('app-url').hidden", LIMIT);
        let url = page.value("document.getElementById('app-url').href");
        let url = url.as_str().unwrap().trim_start_matches("http://").trim_end_matches('/');
        page.app = url.replace("localhost", "127.0.0.1");
        page
    }

    fn value(&self, expression: &str) -> Value {
        self.browser.run(&format!("return {expression}"), json!([]))
    }

    /// Waits until an expression holds.
    #[track_caller]
    fn is(&self, expression: &str, limit: Duration) {
        let deadline = Instant::now() + limit;
        while self.value(&format!("Boolean({expression})")) != json!(true) {
            if Instant::now() >= deadline {
                self.browser.screenshot(&screenshots().join("debugger-failed.png"));
                let state = self.value("document.body.innerText");
                panic!("not within {limit:?}: {expression}\n{state}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    fn mode(&self, mode: &str) {
        self.is(&format!("document.body.dataset.mode === '{mode}'"), LIMIT);
    }

    /// Presses a key where nothing is typed into.
    fn press(&self, key: &str) {
        self.browser.run("document.activeElement?.blur()", json!([]));
        self.browser.keys(key);
    }

    /// Waits until the program is held in a function, on a line with this text, and the values are there.
    #[track_caller]
    fn held(&self, function: &str, text: &str) {
        let line = line_of(text);
        self.is(
            &format!(
                "document.body.dataset.mode === 'held'
                 && document.querySelector('.part-stack [aria-selected=true]')?.innerText.startsWith('debuggee::{function}')
                 && document.querySelector('.code-line.is-here')?.dataset.line === '{line}'
                 && document.querySelector('.part-variables [data-path^=\"Locals/\"]')"
            ),
            LIMIT,
        );
    }

    /// Steps, and waits for the line where that leads.
    #[track_caller]
    fn step(&self, key: &str, function: &str, text: &str) {
        self.press(key);
        self.held(function, text);
    }

    /// Waits until a value is shown.
    #[track_caller]
    fn shows(&self, path: &str, value: &str) {
        self.is(
            &format!(
                "document.querySelector('.part-variables [data-path=\"{path}\"] .value')?.textContent.includes({})",
                json!(value)
            ),
            LIMIT,
        );
    }

    /// Opens what is behind a value, where it is not open yet.
    #[track_caller]
    fn unfold(&self, path: &str) {
        let row = format!(".part-variables [data-path=\"{path}\"]");
        self.is(&format!("document.querySelector('{row}')"), LIMIT);
        let open = self.value(&format!("document.querySelector('{row}').ariaExpanded"));
        if open == "false" {
            self.browser.run("document.querySelector(arguments[0]).click()", json!([row]));
        }
    }

    fn get(&self, path: &str) -> JoinHandle<String> {
        let (app, path) = (self.app.clone(), path.to_owned());
        std::thread::spawn(move || get(&app, &path))
    }

    fn picture(&self, name: &str) {
        for scheme in ["light", "dark"] {
            self.browser.prefer_color_scheme(scheme);
            self.browser.screenshot(&screenshots().join(format!("{name}-{scheme}.png")));
        }
    }

    /// What an earlier test left, kept in the workspace.
    fn clear_points(&self) {
        self.browser.click("#tab-points");
        while self.value("Boolean(document.querySelector('#panel-points .row-item'))") == true {
            let count = "document.querySelectorAll('#panel-points .row-item').length";
            let before = self.value(count);
            self.browser.run(
                "document.querySelector('#panel-points .row-item [aria-label=Remove]').click()",
                json!([]),
            );
            self.is(&format!("{count} < {before}"), LIMIT);
        }
    }

    /// Types into the filter of the requests.
    fn filter(&self, words: &str) {
        self.browser.run(
            "const input = document.getElementById('request-filter');
             input.value = arguments[0];
             input.dispatchEvent(new Event('input'));",
            json!([words]),
        );
    }

    /// Switches a route's breakpoint.
    fn switch(&self, route: &str, on: bool) {
        self.browser.click("#tab-routes");
        let switch = format!("[data-route=\"{route}\"] [role=switch]");
        self.browser.click(&switch);
        self.is(&format!("document.querySelector('{switch}').ariaChecked === '{on}'"), LIMIT);
    }
}

fn screenshots() -> PathBuf {
    let folder = workspace().join("target/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The line of the app's source that holds this text.
fn line_of(text: &str) -> usize {
    let source = workspace().join("crates/carafe-cli/tests/dap/debuggee.rs");
    let source = std::fs::read_to_string(source).unwrap();
    source.lines().position(|line| line.contains(text)).unwrap() + 1
}

#[test]
fn a_browser_debugs_an_app() {
    let page = Page::open();
    page.clear_points();
    a_condition_holds_one_request_only(&page);
    values_open_change_and_are_changed(&page);
    a_step_over_an_await_stays_with_its_request(&page);
    a_request_is_sent_again_under_the_debugger(&page);
    ten_thousand_requests_are_listed(&page);
    page.clear_points();
}

/// A breakpoint by a click, a condition by its box, requests from elsewhere.
fn a_condition_holds_one_request_only(page: &Page) {
    let browser = &page.browser;
    browser.click("#tab-routes");
    browser.click("[data-route='GET /slow/<int:id>'] .row-text");
    let line = line_of("let after =");
    let gutter = format!(".code-line[data-line='{line}'] .gutter");
    page.is(&format!("document.querySelector(\"{gutter}\")"), LIMIT);
    browser.click(&gutter);
    let dot = format!("document.querySelector(\"{gutter} .dot:not(.ghost, .unverified)\")");
    page.is(&dot, LIMIT);
    browser.run(
        "document.querySelector(arguments[0]).dispatchEvent(new MouseEvent('contextmenu', {bubbles: true}))",
        json!([gutter]),
    );
    browser.type_into("#rule-condition", "id == 7");
    browser.type_into("#rule-condition", ENTER);
    page.is(&format!("document.querySelector(\"{gutter} .conditional\")"), LIMIT);

    assert_eq!(page.get("/slow/3").join().unwrap(), "3 1 true", "its condition does not hold");
    let seventh = page.get("/slow/7");
    page.held("slow", "let after =");
    page.shows("Locals/id", "7");
    page.shows("Locals/none", "None");
    // Moved out, and so perhaps in pieces: it must not hang.
    page.is("document.querySelector('.part-variables [data-path=\"Locals/counts\"]')", LIMIT);
    page.unfold("Locals/moved");
    page.is("document.querySelector('.part-variables [data-path^=\"Locals/moved/\"]')", LIMIT);
    let inside = page.value(
        "[...document.querySelectorAll('.part-variables [data-path^=\"Locals/moved/\"]')].map(row => row.innerText).join(' ')",
    );
    assert!(inside.as_str().unwrap().contains("one"), "{inside}");
    page.shows("Request/rule", "/slow/<int:id>");
    page.is("document.querySelector('.request.is-held')?.innerText.includes('/slow/7')", LIMIT);
    page.picture("debugger");
    page.press(F5);
    assert_eq!(seventh.join().unwrap(), "7 1 true");
    page.mode("running");
    page.is("!document.querySelector('.request.is-held')", LIMIT);
}

/// Into a function; a value that has changed; a value that is typed over.
fn values_open_change_and_are_changed(page: &Page) {
    page.switch("GET /plain/<int:id>", true);
    let answer = page.get("/plain/7");
    page.held("plain", "let user = user(id);");
    page.step(F10, "plain", "let length = describe(&user);");
    page.unfold("Locals/user");
    page.shows("Locals/user/nickname", "None");
    page.unfold("Locals/user/tags");
    page.shows("Locals/user/tags/[1]", "bc");
    page.step(F11, "describe", "let mut length = user.name.len();");
    page.step(F10, "describe", "length += user.tags.len();");
    page.shows("Locals/length", "6");
    page.press(F10);
    page.is(
        "document.querySelector('.part-variables .changed[data-path=\"Locals/length\"] .value')?.textContent === '8'",
        LIMIT,
    );
    page.browser.run(
        "document.querySelector('.part-variables [data-path=\"Locals/length\"]').dispatchEvent(new MouseEvent('dblclick', {bubbles: true}))",
        json!([]),
    );
    page.browser.run("document.activeElement.value = ''", json!([]));
    page.browser.type_into(".part-variables [data-path=\"Locals/length\"] input", "100");
    page.browser.type_into(".part-variables [data-path=\"Locals/length\"] input", ENTER);
    page.shows("Locals/length", "100");
    page.press(F5);
    assert_eq!(answer.join().unwrap(), "user 7 100");
    page.switch("GET /plain/<int:id>", false);
}

fn a_step_over_an_await_stays_with_its_request(page: &Page) {
    let line = line_of("let none: Option<String>");
    page.browser.run(
        "document.querySelector(\".code-line[data-line='\" + arguments[0] + \"'] .gutter\").click()",
        json!([line]),
    );
    let first = page.get("/slow/8");
    page.held("slow", "let none: Option<String>");
    // It would hold the others.
    page.browser.run(
        "document.querySelector(\".code-line[data-line='\" + arguments[0] + \"'] .gutter\").click()",
        json!([line]),
    );
    page.is(
        &format!("document.querySelector(\".code-line[data-line='{line}'] .dot.ghost\")"),
        LIMIT,
    );
    let others: Vec<_> = (0..20).map(|id| page.get(&format!("/slow/{}", id + 100))).collect();
    for text in ["let mut counts", "counts.insert(", "tokio::time::sleep(", "let moved = counts;"] {
        page.step(F10, "slow", text);
        page.shows("Locals/id", "8");
    }
    page.press(F5);
    assert_eq!(first.join().unwrap(), "8 1 true");
    for other in others {
        assert!(other.join().unwrap().ends_with(" 1 true"));
    }
}

fn a_request_is_sent_again_under_the_debugger(page: &Page) {
    page.mode("running");
    // Only the rows in sight exist.
    page.filter("/plain/7 get");
    page.is("document.querySelectorAll('.virtual .request').length === 1", LIMIT);
    page.browser.click(".virtual .request");
    page.is("document.querySelector('.detail .fall-row')", LIMIT);
    page.picture("request");
    page.browser.run(
        "[...document.querySelectorAll('.detail .actions button')].find(button => button.innerText.includes('Debug')).click()",
        json!([]),
    );
    page.held("plain", "let user = user(id);");
    page.press(F5);
    page.mode("running");
    page.filter("");
}

/// All that are kept, and the page still answers at once.
fn ten_thousand_requests_are_listed(page: &Page) {
    const EACH: usize = 2_600;
    let listed = "document.getElementById('request-count').textContent === '10,000 requests'";
    let deadline = Instant::now() + 3 * LIMIT;
    // A busy app that cannot tell of all its requests counts those that it leaves out.
    while page.value(listed) == false {
        assert!(Instant::now() < deadline, "{}", page.value("document.body.innerText"));
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let app = page.app.clone();
                std::thread::spawn(move || many(&app, EACH))
            })
            .collect();
        clients.into_iter().for_each(|client| client.join().unwrap());
        let settled = Instant::now() + Duration::from_secs(3);
        while page.value(listed) == false && Instant::now() < settled {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let rows = page.value("document.querySelectorAll('.virtual .request').length");
    assert!(rows.as_u64().unwrap() < 200, "{rows} rows are in the document");
    // From a key to the frame that shows what it did; a loaded machine may be late now and then.
    let script = "
        const list = document.querySelector('.requests-list');
        list.focus();
        const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        const times = [];
        for (const key of ['End', 'ArrowUp', 'PageUp', 'Home', 'ArrowDown', 'PageDown', 'ArrowUp', 'End', 'ArrowUp']) {
            const began = performance.now();
            list.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
            await frame();
            times.push(performance.now() - began);
        }
        return times.sort((a, b) => a - b)[4];";
    let took = page.browser.run(&format!("return (async () => {{ {script} }})()"), json!([]));
    assert!(took.as_f64().unwrap() < 100.0, "a key took {took} ms");
    let filter = "
        const input = document.getElementById('request-filter');
        const began = performance.now();
        input.value = 'nothing-like-this';
        input.dispatchEvent(new Event('input'));
        return [performance.now() - began, document.getElementById('request-count').textContent];";
    let filtered = page.browser.run(filter, json!([]));
    assert_eq!(filtered[1], "0 of 10,000");
    assert!(filtered[0].as_f64().unwrap() < 100.0, "a letter took {} ms", filtered[0]);
}

/// Many requests on one connection.
fn many(app: &str, count: usize) {
    let mut stream = TcpStream::connect(app).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let mut from = BufReader::new(stream.try_clone().unwrap());
    let request = format!("GET /unavailable HTTP/1.1\r\nhost: {app}\r\n\r\n");
    for _ in 0..count {
        stream.write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            from.read_line(&mut line).unwrap();
            let line = line.to_ascii_lowercase();
            if let Some(text) = line.strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        from.read_exact(&mut vec![0; length]).unwrap();
    }
}
