//! What outlives a request: sessions and flashed messages; and `g`, which does not.

use carafe::prelude::*;
use carafe::{Text, get_flashed_messages};
use serde_json::Value;

/// A value as Python's `str` writes it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[get("/session/set/<key>/<value>")]
async fn session_set(session: Session, key: String, value: String) -> Result<&'static str> {
    session.set(key, value)?;
    Ok("set")
}

#[get("/session/count")]
async fn session_count(session: Session) -> Result<String> {
    let count = session.get::<u32>("count").unwrap_or(0) + 1;
    session.set("count", count)?;
    Ok(count.to_string())
}

/// `key=value` lines, keys sorted, without those that start with `_`.
#[get("/session")]
async fn session_contents(session: Session) -> Text {
    let values = session.values();
    let mut lines: Vec<_> = values
        .iter()
        .filter(|(key, _)| !key.starts_with('_'))
        .map(|(key, value)| format!("{key}={}", text(value)))
        .collect();
    lines.sort();
    Text(lines.join("\n"))
}

#[get("/session/pop/<key>")]
async fn session_pop(session: Session, key: String) -> String {
    session.pop::<Value>(&key).map_or("absent".to_owned(), |value| text(&value))
}

#[get("/session/clear")]
async fn session_clear(session: Session) -> &'static str {
    session.clear();
    "cleared"
}

#[get("/session/permanent")]
async fn session_permanent(session: Session) -> Result<&'static str> {
    session.set_permanent(true);
    session.set("kept", "yes")?;
    Ok("permanent")
}

#[get("/session/untouched")]
async fn session_untouched() -> &'static str {
    "untouched"
}

/// `?message=..&category=..`
#[get("/flash/add")]
async fn flash_add(request: &Request, session: Session) -> Result<&'static str> {
    let category = request.args().get("category").unwrap_or("message");
    flash((category, request.arg("message")?), &session);
    Ok("flashed")
}

/// `category: message` lines.
#[get("/flash/show")]
async fn flash_show(request: &Request) -> Text {
    let flashed = get_flashed_messages(request);
    let lines: Vec<_> =
        flashed.iter().map(|one| format!("{}: {}", one.category, one.message)).collect();
    Text(lines.join("\n"))
}

#[get("/flash/only/<category>")]
async fn flash_only(request: &Request, category: String) -> Text {
    let flashed = get_flashed_messages(request);
    let lines: Vec<_> = flashed.in_categories(&[category]).map(ToString::to_string).collect();
    Text(lines.join("\n"))
}

#[get("/flash/page")]
async fn flash_page() -> Result<Html> {
    render!("flashes.html")
}

struct Seen(&'static str);

/// A second request must not see the first one's value.
#[get("/g")]
async fn use_g(request: &Request) -> &'static str {
    let before = request.g().get::<Seen>().map_or("fresh", |seen| seen.0);
    request.g().set(Seen("stale"));
    before
}

pub(super) fn add(app: App) -> App {
    app.routes(routes![
        session_set,
        session_count,
        session_contents,
        session_pop,
        session_clear,
        session_permanent,
        session_untouched,
        flash_add,
        flash_show,
        flash_only,
        flash_page,
        use_g,
    ])
}
