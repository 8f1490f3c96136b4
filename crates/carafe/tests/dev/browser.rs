//! Live reload and the error page in a real browser.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::tool::Tool;
use crate::webdriver::Browser;

/// A page that has not been loaded again still has it.
const MARK: &str = "window.mark = 1";
const MARKED: &str = "return window.mark === 1";
const OVERLAY: &str = "document.querySelector('carafe-live')?.shadowRoot.querySelector('.back')";

fn screenshots() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Waits until the page has this colour of text, which the style sheet says.
fn wait_for_colour(browser: &Browser, colour: &str) {
    browser.wait_for(&format!("return getComputedStyle(document.body).color === '{colour}'"));
}

#[test]
fn a_page_follows_its_app() {
    let write = |root: &Path, colour: &str| {
        std::fs::create_dir_all(root.join("static")).unwrap();
        std::fs::write(root.join("static/style.css"), format!("body {{ color: {colour} }}"))
            .unwrap();
    };
    let mut folder = PathBuf::new();
    let mut tool = Tool::start_with(|_, root| {
        write(root, "red");
        folder = root.to_owned();
    });
    let browser = Browser::start();
    browser.resize(1100, 700);
    browser.open(&tool.url("/styled"));
    wait_for_colour(&browser, "rgb(255, 0, 0)");
    browser.run(MARK, json!([]));

    // A style sheet comes anew, in the same page.
    write(&folder, "blue");
    tool.command(&json!({"command": "css", "path": "/static/style.css"}));
    wait_for_colour(&browser, "rgb(0, 0, 255)");
    assert_eq!(browser.run("return document.querySelectorAll('link').length", json!([])), 1);

    // A build that fails lies over the page, and goes when one works.
    tool.command(&json!({"command": "build", "state": "building"}));
    let diagnostic = json!({
        "level": "error", "message": "mismatched types", "file": "/etc/hostname", "line": 3, "column": 5,
        "rendered": "\u{1b}[1m\u{1b}[91merror[E0308]\u{1b}[0m: mismatched types\n --> src/main.rs:3:5\n  |\n\
                     3 |     <b>\"a\"</b>\n  |     ^^^ expected `i64`, found `&str`\n",
    });
    tool.command(&json!({"command": "build", "state": "failed", "diagnostics": [diagnostic]}));
    browser.wait_for(&format!("return {OVERLAY} != null"));
    let text = browser.run(&format!("return {OVERLAY}.innerText"), json!([]));
    let text = text.as_str().unwrap();
    assert!(text.contains("The build failed") && text.contains("error[E0308]"), "{text}");
    assert!(
        text.contains("<b>\"a\"</b>") && !text.contains('\u{1b}') && !text.contains("[91m"),
        "{text}"
    );
    // No link to what is not the app's.
    assert_eq!(
        browser.run(&format!("return {OVERLAY}.querySelector('a')"), json!([])),
        json!(null)
    );
    browser.screenshot(&screenshots().join("build-failed.png"));
    tool.command(&json!({"command": "build", "state": "ok"}));
    browser.wait_for(&format!("return {OVERLAY} == null"));
    assert_eq!(browser.run(MARKED, json!([])), true);

    tool.command(&json!({"command": "reload"}));
    browser.wait_for("return window.mark === undefined && document.readyState === 'complete'");
    the_next_app_is_found(&browser, tool);
}

/// Another process at the same port: the page loads itself again, and once.
fn the_next_app_is_found(browser: &Browser, tool: Tool) {
    browser.run(MARK, json!([]));
    let port = tool.address().port().to_string();
    let mut old = tool.hang_up();
    assert!(old.wait().0.success());
    let mut tool = Tool::start_with(|command, root| {
        std::fs::create_dir_all(root.join("static")).unwrap();
        std::fs::write(root.join("static/style.css"), "body { color: red }").unwrap();
        command.env("CARAFE_PORT", port);
    });
    browser.wait_for("return window.mark === undefined && document.readyState === 'complete'");
    wait_for_colour(browser, "rgb(255, 0, 0)");
    browser.run(MARK, json!([]));
    // Who hears this has been told the version before.
    tool.command(&json!({"command": "build", "state": "failed", "diagnostics": []}));
    browser.wait_for(&format!("return {OVERLAY} != null"));
    assert_eq!(browser.run(MARKED, json!([])), true);
}

#[test]
fn the_error_page_needs_no_mouse() {
    let tool = Tool::start_at_site(|command| {
        command.env("CARAFE_TOOL_PAGE", "http://127.0.0.1:9173");
    });
    let browser = Browser::start();
    browser.resize(1280, 1000);
    browser.open(&tool.url("/broken-template?page=2"));
    assert!(browser.text("h1").contains("there is no filter"), "{}", browser.text("h1"));
    let end = tool.event("end");
    let link = browser.property("a.button", "href");
    let ticket = end["ticket"].as_str().unwrap();
    assert_eq!(link, format!("http://127.0.0.1:9173/debug?ticket={ticket}"));
    assert_eq!(ticket.len(), 32);
    let editor = browser.property(".card .place", "href");
    assert!(editor.as_str().unwrap().starts_with("vscode://file/"), "{editor}");
    browser.prefer_color_scheme("light");
    browser.screenshot(&screenshots().join("error-page-light.png"));
    browser.prefer_color_scheme("dark");
    browser.screenshot(&screenshots().join("error-page-dark.png"));
    // Folded functions open by a key.
    let others = "return document.querySelector('details.others').open";
    assert_eq!(browser.run(others, json!([])), false);
    browser.type_into("details.others summary", "\u{e007}");
    browser.wait_for(others);
    // Nothing is wider than a phone.
    browser.phone(390, 800);
    browser.open(&tool.url("/io"));
    browser.screenshot(&screenshots().join("error-page-phone.png"));
    let wide = "return document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(browser.run(wide, json!([])), true);
    // What the page may load: its script, and nothing from elsewhere.
    let loaded = browser.run(
        "return performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname)",
        json!([]),
    );
    let loaded = loaded.as_array().unwrap();
    assert!(
        loaded.iter().all(
            |path| path.as_str().unwrap().starts_with("/__carafe__/") || path == "/favicon.ico"
        ),
        "{loaded:?}"
    );
}
