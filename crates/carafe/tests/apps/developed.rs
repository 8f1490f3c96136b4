//! An app in development: pages, parts of pages, hooks, templates, queries, and ways to fail.

use carafe::prelude::*;
use carafe::trace;
use carafe::{Body, Response};

const SECRET: &str = "hunter2";
const PAGE: &str = "<!doctype html><html><body><p>page</p></body></html>";

#[get("/")]
async fn index() -> &'static str {
    PAGE
}

#[get("/styled")]
async fn styled() -> &'static str {
    "<!doctype html><title>styled</title><link rel=stylesheet href=/static/style.css><p>page</p>"
}

#[get("/users/<int:id>")]
async fn user(id: i64, session: &Session) -> Result<Html> {
    session.set("seen", id)?;
    let started = std::time::Instant::now();
    trace::query("select name from users where id = ?", Some(1), started);
    carafe::render_string!("<p>{{ name }}</p>", name: "Ann", password: SECRET, id: id)
}

#[post("/echo")]
async fn echo(request: &Request) -> Result<String> {
    tracing::warn!(length = request.content_length(), "an echo");
    let mut span = trace::span(trace::Kind::OTHER, "shout");
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

#[post("/form")]
async fn form(form: Form<Entry>, session: &Session) -> Result<String> {
    session.set("last", form.stars)?;
    Ok(form.name.clone())
}

#[derive(serde::Deserialize)]
struct Entry {
    name: String,
    stars: u8,
}

#[post("/json")]
async fn json(entry: Json<Entry>) -> String {
    entry.0.name
}

#[get("/item/<int:id>")]
async fn item(id: i64) -> Result<String> {
    if id > 5 {
        abort!(404, "there is no item {id}");
    }
    Ok(id.to_string())
}

#[get("/broken-template")]
async fn broken_template(session: &Session) -> Result<Html> {
    session.set("password", SECRET)?;
    render!("broken.html", name: "Ann")
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
            index,
            styled,
            user,
            echo,
            part,
            plain,
            gzip,
            strict,
            nonce,
            tagged,
            stream,
            panic,
            io,
            form,
            json,
            item,
            broken_template
        ])
}
