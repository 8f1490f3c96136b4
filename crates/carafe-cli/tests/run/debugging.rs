//! From running to debugging and back, with a real debugger, and what a browser shows meanwhile.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::package::{Package, target};
use crate::reload::hammer;
use crate::session::{LONG, Session, get};
use crate::terminal::Terminal;
use crate::webdriver::Browser;

/// WebDriver's name of F5.
const F5: &str = "\u{e035}";

/// An app that answers `/` with one word, says who traces it, fails, and has a page.
fn app(package: &Package, answer: &str) {
    let text = format!(
        r##"use carafe::prelude::*;

#[get("/")]
async fn index() -> &'static str {{
    {answer:?}
}}

#[get("/tracer")]
fn tracer() -> Result<String> {{
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
    Ok(line.unwrap_or_default().trim().to_owned())
}}

#[get("/fails/<int:id>")]
async fn fails(id: i64) -> Result<String> {{
    let words = format!("number {{id}}");
    let number: u8 = words.parse()?;
    Ok(number.to_string())
}}

#[get("/html")]
async fn html() -> Response {{
    Response::html("<!doctype html><html><body><p id=answer>{answer}</p></body></html>")
}}

#[carafe::main]
fn app() -> App {{
    App::new().routes(routes![index, tracer, fails, html])
}}
"##
    );
    package.write("src/main.rs", &text);
}

fn package(name: &str) -> Package {
    let package = Package::new(name);
    app(&package, "one");
    // What is compiled for debugging is shared, too.
    std::fs::create_dir_all(target()).unwrap();
    std::os::unix::fs::symlink(target(), package.path("target")).unwrap();
    package
}

/// The process that traces the app.
fn tracer(address: SocketAddr) -> String {
    get(address, "/tracer").unwrap().1
}

/// Twenty clients ask on and on while something is done; none may be refused or cut.
fn while_asked(address: SocketAddr, work: impl FnOnce(&AtomicU32)) {
    let (over, answered) = (AtomicBool::new(false), AtomicU32::new(0));
    thread::scope(|scope| {
        let clients: Vec<_> = (0..20)
            .map(|number| {
                let (over, answered) = (&over, &answered);
                scope.spawn(move || hammer(address, number % 2 == 0, over, answered))
            })
            .collect();
        // Also where the work fails.
        let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&answered)));
        over.store(true, Ordering::Relaxed);
        let all: Vec<_> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        if let Err(panic) = worked {
            std::panic::resume_unwind(panic);
        }
        for one in all {
            assert_eq!(one, Ok(()));
        }
    });
}

/// Waits until something is so.
#[track_caller]
fn wait(what: &str, said: impl Fn() -> String, is: impl Fn() -> bool) {
    let deadline = Instant::now() + LONG;
    while !is() {
        assert!(Instant::now() < deadline, "{what} did not come:\n{}", said());
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_key_d_debugs_the_app_in_its_place() {
    let package = package("run-debug-key");
    let mut terminal = Terminal::new();
    let mut tool = terminal
        .start(&package, &["--host", "127.0.0.1", "--port", "0", "--set", "access_log=off"]);
    terminal.wait_for("h lists all keys", 1);
    let seen = terminal.seen();
    let url = seen.split("http://").nth(1).unwrap().split_whitespace().next().unwrap();
    let address: SocketAddr = url.trim_end_matches('/').parse().unwrap();
    assert_eq!(tracer(address), "0");
    while_asked(address, |answered| {
        terminal.press("d");
        terminal.wait_for("opened http://127.0.0.1:", 1);
        terminal.wait_for("the app runs under the debugger", 1);
        // All connections of the other one come to their end meanwhile.
        let before = answered.load(Ordering::Relaxed);
        wait(
            "more answers",
            || terminal.seen(),
            || answered.load(Ordering::Relaxed) > before + 500,
        );
    });
    wait("the debugged app alone", || terminal.seen(), || tracer(address) != "0");
    terminal.press("d");
    terminal.wait_for("the app is debugged already", 1);

    // A save is not followed, but started by a key; until then requests wait.
    app(&package, "two");
    terminal.wait_for("saved; the key r builds and starts it again under the debugger", 1);
    terminal.press("r");
    terminal.wait_for("the app runs under the debugger", 2);
    assert_eq!(get(address, "/").unwrap(), (200, "two".to_owned()));
    assert_ne!(tracer(address), "0");

    // One that is gone is run again without a debugger.
    let pid = traced("run-debug-key").expect("the app is traced").to_string();
    assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    terminal.wait_for("r runs it without a debugger", 1);
    let (status, words) = get(address, "/").unwrap();
    assert!(status == 500 && words.contains("under the debugger"), "{words}");
    terminal.press("r");
    wait(
        "the app without a debugger",
        || terminal.seen(),
        || get(address, "/").is_ok_and(|(status, _)| status == 200),
    );
    assert_eq!(tracer(address), "0");
    terminal.press("\u{3}");
    assert_eq!(tool.wait().unwrap().code(), Some(0));
    assert!(terminal.takes_lines() && carafe_net::is_free(address));
}

/// Runs a script in the page until it gives true.
#[track_caller]
fn shows(browser: &Browser, session: &Session, script: &str) {
    wait(
        script,
        || session.said(),
        || browser.run(&format!("return Boolean({script})"), json!([])) == Value::Bool(true),
    );
}

const HELD: &str = "document.body.dataset.mode === 'held'
    && document.querySelector('.part-stack [aria-selected=true]')?.innerText.includes('fails')
    && document.querySelector('.part-variables [data-path=\"Locals/id\"] .value')?.textContent === '7'";

#[test]
fn a_failed_request_is_debugged_from_its_page() {
    let package = package("run-debug-request");
    let mut session = Session::start(&package, &[]);
    let address = session.address();
    let browser = Browser::start();
    browser.resize(1440, 900);
    browser.open(&format!("http://{address}/fails/7"));
    let link = "a[href*='/debug?ticket=']";
    shows(&browser, &session, &format!("document.querySelector(\"{link}\")"));
    let page = browser.property(link, "href");
    // In this window, so that the driver follows.
    browser.run("document.querySelector(arguments[0]).target = '_self'", json!([link]));
    browser.click(link);
    // It says what goes on while the app is built.
    shows(&browser, &session, "['building', 'starting'].includes(document.body.dataset.mode)");
    assert_eq!(get(address, "/").unwrap(), (200, "one".to_owned()), "the app serves on");
    shows(&browser, &session, HELD);
    let text = std::fs::read_to_string(package.path("src/main.rs")).unwrap();
    let line = 1 + text.lines().position(|line| line.contains("words.parse()?")).unwrap();
    let here = format!("document.querySelector('.code-line.is-here')?.dataset.line === '{line}'");
    shows(&browser, &session, &here);
    assert!(traced("run-debug-request").is_some(), "it is under a debugger");
    browser.keys(F5);
    shows(&browser, &session, "document.body.dataset.mode === 'running'");
    // The link was for once.
    browser.open(page.as_str().unwrap());
    assert!(browser.text("body").contains("this link works once"));
    assert_eq!(session.end("-INT").code(), Some(0));
    session.check_nothing_left(Some(address));
}

/// The process of a program that a debugger traces.
fn traced(program: &str) -> Option<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let mut all = entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let exe = std::fs::read_link(entry.path().join("exe")).ok()?;
        let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
        let is_traced = !status.contains("TracerPid:\t0\n");
        (exe.file_name()? == program && is_traced).then_some(pid)
    });
    all.next()
}

#[test]
fn a_build_error_is_laid_over_the_page() {
    let package = package("run-overlay");
    let session = Session::start(&package, &[]);
    let address = session.address();
    let browser = Browser::start();
    browser.open(&format!("http://{address}/html"));
    shows(&browser, &session, "document.getElementById('answer').textContent === 'one'");
    let main = std::fs::read_to_string(package.path("src/main.rs")).unwrap();
    package.write("src/main.rs", &main.replace("App::new()", "let x: u32 = \"\"; App::new()"));
    let layer = "document.querySelector('carafe-live')?.shadowRoot.querySelector('.box')";
    shows(&browser, &session, &format!("{layer}?.textContent.includes('mismatched types')"));
    let file = package.path("src/main.rs").canonicalize().unwrap();
    let link = browser.run(&format!("return {layer}.querySelector('a').href"), json!([]));
    let expected = format!("vscode://file{}:", file.display());
    assert!(link.as_str().unwrap().starts_with(&expected), "{link} is not {expected}");
    assert_eq!(get(address, "/").unwrap(), (200, "one".to_owned()), "the last build serves on");
    // Mended, it goes away by itself, and the page shows what is new.
    app(&package, "two");
    shows(&browser, &session, "document.getElementById('answer')?.textContent === 'two'");
    shows(&browser, &session, "!document.querySelector('carafe-live')");
}

#[test]
fn a_debug_build_that_fails_leaves_the_app_as_it_is() {
    let package = package("run-debug-fails");
    // What `run` builds is not what the debugger reads: only the latter fails.
    package.write(
        "build.rs",
        "fn main() { assert!(!std::env::var(\"OUT_DIR\").unwrap().contains(\"carafe-debug\")); }",
    );
    let line = ["--host", "127.0.0.1", "--port", "0", "--no-reload"];
    let mut terminal = Terminal::new();
    let mut tool = terminal.start(&package, &line);
    terminal.wait_for("h lists all keys", 1);
    let seen = terminal.seen();
    let url = seen.split("http://").nth(1).unwrap().split_whitespace().next().unwrap();
    let address: SocketAddr = url.trim_end_matches('/').parse().unwrap();
    terminal.press("d");
    terminal.wait_for("it serves on without a debugger", 1);
    assert_eq!(get(address, "/").unwrap(), (200, "one".to_owned()));
    std::fs::remove_file(package.path("build.rs")).unwrap();
    terminal.press("d");
    terminal.wait_for("the app runs under the debugger", 1);
    wait("the debugged app alone", || terminal.seen(), || tracer(address) != "0");
    // However it ends, nothing is left.
    let pid = tool.id().to_string();
    assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    tool.wait().unwrap();
    wait("a free port", || terminal.seen(), || carafe_net::is_free(address));
    wait("its end", || terminal.seen(), || traced("run-debug-fails").is_none());
}
