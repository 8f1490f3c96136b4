//! An app in development: pages, parts of pages, hooks, templates, queries, and ways to fail.

use carafe::prelude::*;
use carafe::trace;
use carafe::{Body, Response};

const PAGE: &str = "<!doctype html><html><body><p>page</p></body></html>";

#[get("/")]
async fn index() -> &'static str {
    PAGE
}

#[get("/users/<int:id>")]
async fn user(id: i64, session: &Session) -> Result<Html> {
    session.set("seen", id)?;
    let started = std::time::Instant::now();
    trace::query("select name from users where id = ?", Some(1), started);
    carafe::render_string!("<p>{{ name }}</p>", name: "Ann", password: "hunter2", id: id)
}

#[post("/echo")]
async fn echo(request: &Request) -> Result<String> {
    tracing::warn!(length = request.content_length(), "an echo");
    let mut span = trace::span(trace::Kind::Other, "shout");
    span.detail(|| serde_json::json!({ "volume": 11, "token": "abc" }));
    Ok(request.text().await?.to_uppercase())
}

#[get("/part")]
async fn part() -> &'static str {
    "<p>a part</p>"
}

#[get("/plain")]
async fn plain() -> Response {
    Response::text(PAGE)
}

#[get("/gzip")]
async fn gzip() -> Response {
    Response::html(PAGE).with_header("content-encoding", "gzip")
}

#[get("/strict")]
async fn strict() -> Response {
    Response::html(PAGE).with_header("content-security-policy", "script-src 'none'")
}

#[get("/nonce")]
async fn nonce() -> Response {
    Response::html(PAGE).with_header("content-security-policy", "script-src 'nonce-abc'")
}

#[get("/tagged")]
async fn tagged() -> Response {
    Response::html(PAGE).with_header("etag", "\"1\"")
}

#[get("/stream")]
async fn stream() -> Response {
    Response::html(Body::iter(["<!doctype html>", "<p>a", "</p>"]))
}

#[get("/panic")]
async fn panic() -> &'static str {
    panic!("stop here")
}

#[get("/io")]
fn io() -> Result<String> {
    Ok(std::fs::read_to_string("/nonexistent/file")?)
}

async fn load_user(_request: Request) {}

fn count(_request: Request, response: Response) -> Response {
    response
}

pub(crate) fn app() -> App {
    App::new()
        .before_request(load_user)
        .after_request(count)
        .teardown_request(|_request, _error| {})
        .routes(routes![
            index, user, echo, part, plain, gzip, strict, nonce, tagged, stream, panic, io
        ])
}
