//! The guestbook in a real browser: the built program, its printed URL, keystrokes and clicks.
//!
//! It needs Chromium and its driver; `CARAFE_TOOL_CHROMIUM` and `CARAFE_TOOL_CHROMEDRIVER` name other programs
//! than those on the `PATH`. Screenshots are written to `target/screenshots`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "the helpers are tests, too")]

mod server;
mod webdriver;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use server::{Server, run};
use webdriver::Browser;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/evening.png");

#[test]
fn a_guest_signs_and_comes_back() {
    let data = tempfile::Builder::new().prefix("guestbook-").tempdir().unwrap();
    run(data.path(), "seed");
    let server = Server::start(data.path(), 0);
    let port = server.port();
    let browser = Browser::start();
    browser.resize(1200, 800);

    browser.open(&server.url);
    assert_eq!(browser.title(), "Guestbook");
    browser.screenshot(&screenshots().join("first-visit.png"));
    a_forgotten_message_is_asked_for(&browser);
    the_entry_is_written(&browser);
    browser.open(&server.url);
    take_portraits(&browser);

    server.stop();
    let server = Server::start(data.path(), port);
    browser.open(&server.url);
    the_entry_is_still_ours(&browser);
    it_fits_a_phone(&browser);
    the_entry_can_be_deleted(&browser);
    server.stop();

    let export: Vec<Value> = serde_json::from_str(&run(data.path(), "export")).unwrap();
    assert_eq!(export.len(), 12);
    assert_eq!(export[0]["name"], "Hanna Weiss");
}

/// What stands in the banner is what a browser opens, on this computer and on its network.
#[test]
fn the_printed_urls_open() {
    let data = tempfile::Builder::new().prefix("guestbook-").tempdir().unwrap();
    let browser = Browser::start();
    let opens = |options: &[&str]| {
        let server = Server::start_with(data.path(), 0, options);
        for url in &server.urls {
            browser.open("about:blank");
            browser.open(url);
            assert_eq!(browser.title(), "Guestbook", "{url}");
            assert!(browser.text("footer, main, body").len() > 10, "{url}");
        }
        let urls = server.urls.clone();
        server.stop();
        urls
    };
    assert_eq!(opens(&[]).len(), 1);
    let urls = opens(&["--host", "0.0.0.0"]);
    assert!(urls.len() > 1, "this machine is on no network: {urls:?}");
}

fn a_forgotten_message_is_asked_for(browser: &Browser) {
    browser.type_into("#name", "Ada Moreau");
    browser.submit(".sign button");
    assert_eq!(browser.text("#message-error"), "Please write a few words");
    assert_eq!(browser.property("#message", "ariaInvalid"), "true");
    assert_eq!(browser.property("#name", "value"), "Ada Moreau");
    assert!(browser.is_missing("#name-error"));
    // The complaint is beside its field.
    let gap = browser.run(
        "const box = id => document.getElementById(id).getBoundingClientRect();
         return box('message-error').top - box('message').bottom",
        json!([]),
    );
    assert!((0.0..40.0).contains(&gap.as_f64().unwrap()), "{gap} pixels below");
    browser.screenshot(&screenshots().join("complaint.png"));
}

fn the_entry_is_written(browser: &Browser) {
    browser.type_into(
        "#message",
        "Watched the light go down over the lake.\nWe will be back in spring.",
    );
    browser.type_into("#picture", PICTURE);
    browser.submit(".sign button");
    assert!(browser.text(".flash").contains("Thank you, Ada Moreau"));
    assert_eq!(browser.text(".entry h3"), "Ada Moreau");
    assert!(browser.text(".entry .message").contains("We will be back"));
    the_picture_is_shown(browser);
}

fn the_picture_is_shown(browser: &Browser) {
    browser.wait_for("return document.querySelector('.entry .picture').complete");
    let width = browser.property(".entry .picture", "naturalWidth");
    assert!(width.as_u64() > Some(0), "the picture is {width} pixels wide");
}

fn the_entry_is_still_ours(browser: &Browser) {
    assert_eq!(browser.text(".entry h3"), "Ada Moreau");
    the_picture_is_shown(browser);
    assert_eq!(browser.text(".entry .mine summary"), "Delete");
    let own = browser.run("return document.querySelectorAll('.mine').length", json!([]));
    assert_eq!(own, 1, "only one's own entries can be deleted");
}

fn it_fits_a_phone(browser: &Browser) {
    browser.phone(390, 844);
    browser.reload();
    let sizes = browser.run(
        "const page = document.documentElement;
         return [window.innerWidth, page.scrollWidth, page.clientWidth]",
        json!([]),
    );
    assert_eq!(sizes[0], 390, "{sizes}");
    assert_eq!(sizes[1], sizes[2], "the page scrolls sideways: {sizes}");
    browser.screenshot(&screenshots().join("phone.png"));
    browser.resize(1200, 800);
}

fn the_entry_can_be_deleted(browser: &Browser) {
    browser.click(".entry .mine summary");
    browser.submit(".entry .mine .danger");
    assert_eq!(browser.text(".flash"), "Your entry is gone.");
    assert_ne!(browser.text(".entry h3"), "Ada Moreau");
}

/// The pictures in the documentation.
fn take_portraits(browser: &Browser) {
    the_picture_is_shown(browser);
    for scheme in ["light", "dark"] {
        browser.prefer_color_scheme(scheme);
        browser.screenshot(&screenshots().join(format!("desktop-{scheme}.png")));
    }
    let background = |browser: &Browser| -> Value {
        browser.run("return getComputedStyle(document.body).backgroundColor", json!([]))
    };
    let dark = background(browser);
    browser.prefer_color_scheme("light");
    assert_ne!(background(browser), dark, "dark and light differ");
}

fn screenshots() -> PathBuf {
    // The program is in target/<profile>/.
    let target = Path::new(env!("CARGO_BIN_EXE_guestbook")).ancestors().nth(2).unwrap();
    let folder = target.join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
