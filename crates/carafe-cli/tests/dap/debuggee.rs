//! The app that the debugger's tests hold: values that debuggers get wrong, and waits in between.

use std::collections::HashMap;
use std::time::Duration;

use carafe::prelude::*;

struct User {
    id: i64,
    name: String,
    tags: Vec<String>,
    nickname: Option<String>,
}

fn user(id: i64) -> User {
    let tags = vec!["a".to_owned(), "bc".to_owned()];
    User { id, name: format!("user {id}"), tags, nickname: None }
}

/// Plain: a stack of ordinary frames.
#[get("/plain/<int:id>")]
fn plain(id: i64) -> String {
    let user = user(id);
    let length = describe(&user);
    let answer = format!("{} {length}", user.name);
    answer
}

fn describe(user: &User) -> usize {
    let mut length = user.name.len();
    length += user.tags.len();
    length
}

/// Asynchronous, with a wait in the middle.
#[get("/slow/<int:id>")]
async fn slow(id: i64) -> String {
    let none: Option<String> = None;
    let mut counts: HashMap<String, u32> = HashMap::new();
    counts.insert("one".to_owned(), 1);
    tokio::time::sleep(Duration::from_millis(30)).await;
    let moved = counts;
    let after = format!("{id} {} {}", moved.len(), none.is_none());
    after
}

#[get("/panic")]
fn panics() -> String {
    let user = user(1);
    let nickname = user.nickname.expect("no nickname");
    nickname + &user.id.to_string()
}

#[carafe::main]
fn app() -> App {
    App::new().routes(routes![plain, slow, panics])
}
