//! The app that the debugger's tests hold: values that debuggers get wrong, and waits in between.

use std::collections::HashMap;
use std::time::Duration;

use carafe::FormData;
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
    let nickname = user.nickname.unwrap_or_else(|| panic!("no nickname"));
    nickname + &user.id.to_string()
}

/// Waits in a function of its own.
async fn lookup(id: i64) -> i64 {
    let twice = id * 2;
    tokio::time::sleep(Duration::from_millis(10)).await; // in lookup
    twice + 1
}

#[get("/nested/<int:id>")]
async fn nested(id: i64) -> String {
    let first = lookup(id).await;
    let second = first + 1;
    format!("{first} {second}")
}

#[get("/looped/<int:count>")]
async fn looped(count: i64) -> String {
    let mut sum = 0;
    for at in 0..count {
        tokio::time::sleep(Duration::from_millis(5)).await;
        sum += at;
    }
    sum.to_string()
}

/// Does not use `id` after the wait.
#[get("/copied/<int:id>")]
async fn copied(id: i64, request: &Request) -> String {
    let text = format!("{} {id}", request.method());
    tokio::time::sleep(Duration::from_millis(20)).await;
    let shown = text;
    format!("{shown}!")
}

#[get("/fails/<int:id>")]
async fn fails(id: i64) -> Result<String> {
    let number: u8 = "x".parse()?;
    Ok(format!("{id} {number}"))
}

#[get("/unavailable")]
async fn unavailable() -> Response {
    Response::text("later").with_status(503)
}

#[post("/signs/<int:id>")]
async fn signs(request: &Request, id: i64, form: FormData, session: Session) -> Result<String> {
    session.set("visits", 3)?;
    request.g().set(user(id));
    let name = form.get("name").unwrap_or("nobody").to_owned();
    Ok(name)
}

#[carafe::main]
fn app() -> App {
    App::new().routes(routes![
        plain,
        slow,
        panics,
        nested,
        looped,
        copied,
        fails,
        unavailable,
        signs
    ])
}
