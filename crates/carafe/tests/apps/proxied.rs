//! An app that says how it sees its visitors, for tests with proxies in front of it.

use carafe::prelude::*;

/// The client, and the page's own URLs.
#[get("/")]
async fn index(request: &Request) -> String {
    let client = request.remote_addr().map_or("-".to_owned(), |client| client.ip().to_string());
    let page = url_for!(page, name = "a b", _external = true);
    format!("{client} {} {page} {}", request.url(), url_for!(index))
}

#[get("/page/<name>/")]
async fn page(name: String) -> String {
    name
}

/// Remembers the visitor and sends them to the start.
#[get("/visit")]
async fn visit(session: &Session) -> Result<Redirect> {
    session.set("visited", true)?;
    Ok(redirect(url_for!(index)))
}

pub(crate) fn app() -> App {
    App::new().config("secret_key", "a key of these tests only").routes(routes![index, page, visit])
}
