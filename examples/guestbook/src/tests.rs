//! The guestbook through the test client, each test with a folder of its own.

use std::path::Path;

use carafe::testing::{TestClient, TestResponse};
use tempfile::TempDir;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest";

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("guestbook-").tempdir().unwrap()
}

/// A visitor of the guestbook whose data is in this folder.
fn visitor(folder: &Path) -> TestClient {
    super::app()
        .config("guestbook.data", folder.to_str().unwrap())
        .config("secret_key", "a key that outlives the app")
        .test_client()
}

fn sign(client: &TestClient, name: &str, message: &str) -> TestResponse {
    client.post("/").form(&[("name", name), ("message", message)]).follow_redirects().send()
}

fn sign_with(
    client: &TestClient,
    filename: &str,
    content_type: &str,
    bytes: &[u8],
) -> TestResponse {
    let form = client.post("/").multipart(|form| {
        form.field("name", "Ann").field("message", "See!").file(
            "picture",
            filename,
            content_type,
            bytes.to_vec(),
        )
    });
    form.follow_redirects().send()
}

/// How many files there are in the folder of pictures.
fn pictures(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("uploads")).map_or(0, Iterator::count)
}

/// The value of the first attribute that begins so.
fn attribute(page: &str, beginning: &str) -> String {
    let at = page.find(beginning).unwrap_or_else(|| panic!("no {beginning} in:\n{page}"));
    let value = page[at..].split_once('"').unwrap().1;
    value.split('"').next().unwrap().replace("&amp;", "&")
}

/// The messages on a page, in their order.
fn messages(page: &str) -> Vec<&str> {
    let after = page.split("<p class=\"message\">").skip(1);
    after.map(|rest| rest.split("</p>").next().unwrap()).collect()
}

#[test]
fn signs() {
    let folder = folder();
    let client = visitor(folder.path());
    assert!(client.get("/").send().text().contains("still blank"));
    let answer =
        client.post("/").form(&[("name", " Ann "), ("message", "<b>Hello</b>\r\nyou")]).send();
    assert_eq!(answer.status(), 303);
    let page = client.get("/").send().text();
    assert!(page.contains("Thank you, Ann."), "{page}");
    assert_eq!(messages(&page), ["&lt;b&gt;Hello&lt;/b&gt;\nyou"]);
    assert!(page.contains("just now"));
    // The message is shown once.
    assert!(!client.get("/").send().text().contains("Thank you"));
    let entry = client.get("/entries/1").send();
    assert_eq!(entry.status(), 200);
    assert!(entry.text().contains("<h3>Ann</h3>"));
}

#[test]
fn says_what_is_wrong_and_keeps_what_was_typed() {
    let folder = folder();
    let client = visitor(folder.path());
    let answer = client.post("/").form(&[("name", "Ann \"A\""), ("message", " ")]).send();
    assert_eq!(answer.status(), 422);
    let page = answer.text();
    assert!(page.contains("id=\"message-error\"") && !page.contains("id=\"name-error\""), "{page}");
    assert!(page.contains("value=\"Ann &#34;A&#34;\""), "{page}");
    let answer = sign(&client, "", "a long story");
    assert!(answer.text().contains("a long story</textarea>"));
    assert!(client.get("/").send().text().contains("still blank"));
}

#[test]
fn keeps_pictures() {
    let folder = folder();
    let client = visitor(folder.path());
    let page = sign_with(&client, "../../evil.html", "text/html", PNG).text();
    let url = attribute(&page, "src=\"/pictures/");
    assert!(url.ends_with(".png") && !url.contains("evil"), "{url}");
    let picture = client.get(&url).send();
    assert_eq!(picture.status(), 200);
    assert_eq!(picture.bytes(), PNG);
    assert_eq!(picture.header("content-type"), Some("image/png"));
    assert_eq!(picture.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(pictures(folder.path()), 1);
    for path in ["/pictures/none.png", "/pictures/..%2fguestbook.db", "/pictures/%2e%2e"] {
        assert_eq!(client.get(path).send().status(), 404, "{path}");
    }
}

#[test]
fn refuses_what_is_no_picture() {
    let folder = folder();
    let client = visitor(folder.path());
    let answer = sign_with(&client, "a.png", "image/png", b"<svg onload=alert(1)>");
    assert_eq!(answer.status(), 422);
    assert!(answer.text().contains("not a PNG"));
    let mut large = PNG.to_vec();
    large.resize((5 << 20) + 1, 0);
    let answer = sign_with(&client, "a.png", "image/png", &large);
    assert_eq!(answer.status(), 422);
    assert!(answer.text().contains("larger than 5 MiB"));
    large.truncate(5 << 20);
    assert_eq!(sign_with(&client, "a.png", "image/png", &large).status(), 200);
    large.resize(17 << 20, 0);
    let answer = sign_with(&client, "a.png", "image/png", &large);
    assert_eq!(answer.status(), 413);
    assert!(answer.text().contains("Back to the guestbook"));
    assert_eq!(pictures(folder.path()), 1);
}

#[test]
fn turns_pages_that_stay_the_same() {
    let folder = folder();
    let client = visitor(folder.path());
    for i in 1..=25 {
        sign(&client, "Ann", &format!("m{i}"));
    }
    let numbers = |from: i64, to: i64| -> Vec<String> {
        (to..=from).rev().map(|i| format!("m{i}")).collect()
    };
    let first = client.get("/").send().text();
    assert_eq!(messages(&first), numbers(25, 16));
    assert!(!first.contains("rel=\"prev\""));
    let second_url = attribute(&first, "href=\"/?before=16");
    let second = client.get(&second_url).send().text();
    assert_eq!(messages(&second), numbers(15, 6));
    let third = client.get(&attribute(&second, "href=\"/?before=6")).send().text();
    assert_eq!(messages(&third), numbers(5, 1));
    assert!(!third.contains("rel=\"next\""));
    // Up again, from below.
    let up = client.get(&attribute(&third, "href=\"/?after=5")).send().text();
    assert_eq!(messages(&up), numbers(15, 6));
    // The page is the same after a new entry.
    sign(&client, "Ann", "m26");
    assert_eq!(messages(&client.get(&second_url).send().text()), numbers(15, 6));
    assert_eq!(client.get("/?before=soon").send().status(), 400);
}

#[test]
fn searches() {
    let folder = folder();
    let client = visitor(folder.path());
    sign(&client, "Ann", "100% linen");
    sign(&client, "Bob", "1000 stars");
    sign(&client, "Linenfeld", "Hello");
    for (words, found) in [
        ("linen", &["Hello", "100% linen"][..]),
        ("100%", &["100% linen"]),
        ("0_ ", &[]),
        ("bob", &["1000 stars"]),
        ("  ", &["Hello", "1000 stars", "100% linen"]),
    ] {
        let page = client.get("/").query(&[("q", words)]).send().text();
        assert_eq!(messages(&page), found, "{words:?}");
    }
    let page = client.get("/").query(&[("q", "<\"&")]).send().text();
    assert!(page.contains("value=\"&lt;&#34;&amp;\""), "{page}");
}

#[test]
fn lets_guests_delete_their_own_entries() {
    let folder = folder();
    let ann = visitor(folder.path());
    let page = sign_with(&ann, "a.png", "image/png", PNG).text();
    let delete = attribute(&page, "action=\"/entries/1/delete");
    let bob = ann.another();
    assert!(!bob.get("/").send().text().contains("/delete"));
    assert_eq!(bob.post(&delete).send().status(), 404);
    sign(&bob, "Bob", "Hi");
    assert_eq!(bob.post(&delete).send().status(), 404);
    assert_eq!(ann.get(&delete).send().status(), 405);
    let page = ann.post(&delete).follow_redirects().send().text();
    assert!(page.contains("Your entry is gone."));
    assert_eq!(messages(&page), ["Hi"]);
    assert_eq!(ann.get("/entries/1").send().status(), 404);
    assert_eq!(pictures(folder.path()), 0);
    // Numbers are not used again.
    sign(&ann, "Ann", "again");
    assert_eq!(ann.get("/entries/3").send().status(), 200);
}

#[test]
fn feeds_programs() {
    let folder = folder();
    let client = visitor(folder.path());
    for i in 1..=11 {
        sign(&client, "Ann", &format!("m{i}"));
    }
    let feed: serde_json::Value = client.get("/entries.json").send().json();
    assert_eq!(feed["entries"].as_array().unwrap().len(), 10);
    assert_eq!(feed["entries"][0]["message"], "m11");
    assert_eq!(feed["entries"][0]["url"], "http://localhost/entries/11");
    assert!(feed["entries"][0].get("author").is_none());
    let next: serde_json::Value = client.get(feed["next"].as_str().unwrap()).send().json();
    assert_eq!(next["entries"][0]["message"], "m1");
    assert!(next["next"].is_null());
}

#[test]
fn refuses_forms_of_other_sites() {
    let folder = folder();
    let client = visitor(folder.path());
    let post = |name: &str, value: &str| {
        let form = client.post("/").form(&[("name", "Ann"), ("message", "Hi")]);
        form.header(name, value).send().status().as_u16()
    };
    for (name, value, status) in [
        ("sec-fetch-site", "same-origin", 303),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "http://localhost", 303),
        ("origin", "http://localhost:81", 403),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
    ] {
        assert_eq!(post(name, value), status, "{name}: {value}");
    }
}

#[test]
fn has_error_pages_of_its_own() {
    let folder = folder();
    let client = visitor(folder.path());
    let page = client.get("/nowhere").send();
    assert_eq!(page.status(), 404);
    assert!(page.text().contains("Not in the book"));
    // What a broken disk looks like.
    let connection = rusqlite::Connection::open(folder.path().join("guestbook.db")).unwrap();
    connection.execute_batch("drop table entries").unwrap();
    let page = client.get("/").send();
    assert_eq!(page.status(), 500);
    assert!(page.text().contains("Something spilled") && !page.text().contains("entries\""));
}

#[test]
fn survives_a_restart() {
    let folder = folder();
    let before = visitor(folder.path());
    sign(&before, "Ann", "I was here");
    let after = visitor(folder.path());
    after.set_cookie("session", &before.cookie("session").unwrap());
    drop(before);
    let page = after.get("/").send().text();
    assert_eq!(messages(&page), ["I was here"]);
    assert!(page.contains("/entries/1/delete"), "still its author");
}
