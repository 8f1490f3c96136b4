//! Flashed messages, from one request to the next.

use std::sync::{Arc, Mutex};

use carafe::testing::TestClient;
use carafe::{App, Request, Rule, Signal, View, flash, get_flashed_messages};

fn app() -> App {
    let say = View::new(|request: Request| async move {
        let session = request.session();
        flash("one", &session);
        flash(("error", format!("two <{}>", 2)), &session);
        flash(String::from("three"), &session);
    });
    let show = View::new(|request: Request| async move {
        let first = format!(
            "{:?}",
            get_flashed_messages(&request).iter().map(ToString::to_string).collect::<Vec<_>>()
        );
        flash("too late", &request.session());
        let again = get_flashed_messages(&request);
        let errors: Vec<_> =
            again.in_categories(&["error"]).map(|flashed| &*flashed.message).collect();
        format!("{first} {errors:?} {}", again.in_categories::<&str>(&[]).count())
    });
    App::new()
        .add_url_rule(Rule::new("/say").endpoint("say"), say)
        .add_url_rule(Rule::new("/show").endpoint("show"), show)
}

fn stored(client: &TestClient) -> String {
    client.session(|session| session.get_value("_flashes")).unwrap_or_default().to_string()
}

#[test]
fn messages_wait_for_the_next_page() {
    let client = app().test_client();
    client.get("/say").send().assert_status(200);
    assert_eq!(stored(&client), r#"[["message","one"],["error","two <2>"],["message","three"]]"#);
    let page = client.get("/show").send().text();
    assert_eq!(page, r#"["one", "two <2>", "three"] ["two <2>"] 3"#);
    assert_eq!(stored(&client), r#"[["message","too late"]]"#);
}

#[test]
fn nonsense_in_the_session_is_no_message() {
    let client = app().test_client();
    client.session(|session| session.set("_flashes", (1, ["a", "b"], ["c"]))).unwrap();
    assert_eq!(client.get("/show").send().text(), r#"["b"] [] 1"#);
    client.session(|session| session.set("_flashes", "text")).unwrap();
    client.get("/say").send().assert_status(200);
    assert!(stored(&client).starts_with(r#"[["message","one"]"#));
}

#[test]
fn nothing_flashed_leaves_the_session_alone() {
    let view =
        View::new(
            |request: Request| async move { get_flashed_messages(&request).len().to_string() },
        );
    let client = App::new().add_url_rule(Rule::new("/").endpoint("index"), view).test_client();
    let response = client.get("/").send();
    assert_eq!(response.text(), "0");
    assert!(response.cookies().is_empty());
    assert_eq!(response.header("vary"), Some("Cookie"));
}

#[test]
fn listeners_hear_of_it() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let notes = heard.clone();
    let client = app()
        .connect(move |signal| {
            if let Signal::MessageFlashed { message, category } = signal {
                notes.lock().unwrap().push(format!("{category}: {message}"));
            }
        })
        .test_client();
    client.get("/say").send();
    assert_eq!(*heard.lock().unwrap(), ["message: one", "error: two <2>", "message: three"]);
}
