//! The API through the test client.

use carafe::testing::{TestClient, TestResponse};
use serde_json::{Value, json};

const TODOS: &str = "/api/v1/todos";

fn client() -> TestClient {
    super::app().test_client()
}

fn add(client: &TestClient, title: &str) -> TestResponse {
    client.post(TODOS).json(&json!({ "title": title })).send()
}

/// Checks that a response is a problem of this status, and gives it back.
#[track_caller]
fn problem(response: &TestResponse, status: u16) -> Value {
    assert_eq!(response.status(), status, "{}", response.text());
    assert_eq!(response.header("content-type"), Some("application/problem+json"));
    let problem: Value = response.json();
    assert_eq!(problem["status"], status);
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
    problem
}

#[test]
fn goes_through_a_to_dos_life() {
    let client = client();
    let made = add(&client, " Buy bread ");
    assert_eq!(made.status(), 201);
    assert_eq!(made.header("location"), Some("/api/v1/todos/1"));
    let todo = json!({ "id": 1, "title": "Buy bread", "done": false });
    assert_eq!(made.json::<Value>(), todo);
    let url = made.location().unwrap();
    assert_eq!(client.get(url).send().json::<Value>(), todo);

    let changed = client.patch(url).json(&json!({ "done": true })).send();
    assert_eq!(changed.json::<Value>(), json!({ "id": 1, "title": "Buy bread", "done": true }));
    let replaced = client.put(url).json(&json!({ "title": "Bake bread" })).send();
    assert_eq!(replaced.json::<Value>(), json!({ "id": 1, "title": "Bake bread", "done": false }));

    let gone = client.delete(url).send();
    assert_eq!((gone.status().as_u16(), gone.text().as_str()), (204, ""));
    problem(&client.get(url).send(), 404);
    problem(&client.delete(url).send(), 404);
    // Numbers are not used again.
    assert_eq!(add(&client, "Eat").header("location"), Some("/api/v1/todos/2"));
}

#[test]
fn lists_by_pages() {
    let client = client();
    for i in 1..=45 {
        add(&client, &format!("t{i}"));
    }
    client.patch("/api/v1/todos/7").json(&json!({ "done": true })).send();
    let list = |query: &str| client.get(&format!("{TODOS}{query}")).send().json::<Value>();
    for (query, count, first, page, pages, total) in [
        ("", 20, 1, 1, 3, 45),
        ("?page=3", 5, 41, 3, 3, 45),
        ("?page=2&per_page=10", 10, 11, 2, 5, 45),
        ("?per_page=1000", 45, 1, 1, 1, 45),
        ("?done=true", 1, 7, 1, 1, 1),
    ] {
        let found = list(query);
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
        assert_eq!(found["items"][0]["id"], first, "{query}");
        let rest = json!([found["page"], found["pages"], found["total"]]);
        assert_eq!(rest, json!([page, pages, total]), "{query}");
    }
    assert_eq!(list("?page=99")["items"], json!([]));
    for query in ["?page=0", "?page=x", "?per_page=-1", "?done=maybe", "?pgae=2"] {
        problem(&client.get(&format!("{TODOS}{query}")).send(), 400);
    }
}

#[test]
fn tells_errors_as_json() {
    let client = client();
    problem(&client.get("/nowhere").send(), 404);
    problem(&client.get("/api/v1/todos/1").send(), 404);
    let wrong_method = client.put(TODOS).send();
    problem(&wrong_method, 405);
    assert_eq!(wrong_method.header("allow"), Some("GET, HEAD, OPTIONS, POST"));
    problem(&client.post(TODOS).form(&[("title", "a")]).send(), 415);
    let refused = |body: Value| client.post(TODOS).json(&body).send();
    assert_eq!(problem(&refused(json!({ "title": "  " })), 422)["field"], "title");
    assert_eq!(problem(&refused(json!({ "title": "x".repeat(201) })), 422)["field"], "title");
    assert_eq!(problem(&refused(json!({ "title": 5 })), 400)["field"], "title");
    problem(&refused(json!({})), 400);
    problem(&refused(json!({ "title": "a", "colour": "red" })), 400);
    problem(&client.post(TODOS).content_type("application/json").body("{").send(), 400);
}

#[test]
fn refuses_changes_to_what_was_not_seen() {
    let client = client();
    let first = add(&client, "Buy bread").header("etag").unwrap().to_owned();
    let url = "/api/v1/todos/1";
    let change = |etag: &str| {
        client.patch(url).header("if-match", etag).json(&json!({ "done": true })).send()
    };
    let second = change(&first);
    assert_eq!(second.status(), 200);
    let second = second.header("etag").unwrap().to_owned();
    assert_ne!(first, second);
    problem(&change(&first), 412);
    problem(&client.delete(url).header("if-match", &first).send(), 412);
    assert_eq!(change(&format!("\"x\", {second}")).status(), 200);
    assert_eq!(change("*").status(), 200);
    assert_eq!(client.get(url).send().header("etag"), Some("\"4\""));
}
