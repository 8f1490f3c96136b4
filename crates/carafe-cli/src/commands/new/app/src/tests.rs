//! The app as a browser sees it, without a socket.

use crate::app;

#[test]
fn keeps_a_note() {
    let client = app().test_client();
    let sent = client.post("/").form(&[("text", "Buy milk")]).send();
    assert_eq!(sent.assert_status(303).location(), Some("/"));
    let list = client.get("/").send();
    assert!(list.assert_status(200).text().contains("Buy milk"));
    let page = client.get("/notes/1").send();
    assert!(page.assert_status(200).text().contains("Buy milk"));
}

#[test]
fn keeps_no_empty_note() {
    let client = app().test_client();
    client.post("/").form(&[("text", " ")]).send();
    let page = client.get("/").send().text();
    assert!(page.contains("[[empty]]"));
    client.get("/notes/1").send().assert_status(404);
}

#[test]
fn escapes_what_is_typed() {
    let client = app().test_client();
    client.post("/").form(&[("text", "<b>bold</b>")]).send();
    assert!(client.get("/").send().text().contains("&lt;b&gt;"));
}
