//! The app that the tests put behind web servers: it tells what arrived.

use carafe::prelude::*;
use carafe::sse::{self, Event, EventStream};
use carafe::{Upgraded, send_file};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Who the client is and what it asked for, as the app understands it.
#[get("/")]
async fn index(request: &Request) -> String {
    let client = request.remote_addr().map(|address| address.ip().to_string());
    let said = |name: &'static str| request.header(name).unwrap_or("none").to_owned();
    format!(
        "client {}\nurl {}\nsecure {}\nfor {}\nport {}\nforwarded {}\n",
        client.unwrap_or_else(|| "none".to_owned()),
        url_for!(index, _external = true),
        request.is_secure(),
        said("x-forwarded-for"),
        said("x-forwarded-port"),
        said("forwarded"),
    )
}

#[post("/length")]
async fn length(request: &Request) -> Result<String> {
    Ok(request.bytes().await?.len().to_string())
}

/// The address as it arrived, with its percent-encoding.
#[get("/raw/<path:rest>")]
async fn raw(rest: String, request: &Request) -> String {
    format!("{rest} {}", request.url())
}

/// Answers with headers of more than 4 KiB.
#[get("/cookies")]
async fn cookies() -> Response {
    let cookie = |name: &str| format!("{name}={}; Path=/", "x".repeat(4000));
    let response = Response::text("cookies");
    response.with_header("set-cookie", cookie("a")).with_header("x-more", "y".repeat(2000))
}

/// One event, and then silence for longer than a test waits.
#[get("/events")]
async fn events() -> EventStream {
    let (sender, events) = sse::channel();
    tokio::task::spawn(async move {
        if sender.send(Event::data("first")).await.is_ok() {
            sender.closed().await;
        }
    });
    events
}

/// The file that a test put somewhere.
#[get("/report")]
async fn report(request: &Request) -> Result<Response> {
    let path = std::env::var("PROBE_REPORT").map_err(|_| abort(404))?;
    send_file(request, path).await
}

#[get("/socket", websocket)]
async fn socket(request: &Request) -> Result<Response> {
    // Of the one key that the tests send: RFC 6455 section 1.3.
    let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    let response = request.upgrade("websocket", echo_frames).await?;
    Ok(response.with_header("sec-websocket-accept", accept))
}

/// Sends the text of masked frames back (RFC 6455 section 5.2).
async fn echo_frames(mut connection: Upgraded) -> Result<()> {
    let mut head = [0; 6];
    while connection.read_exact(&mut head).await.is_ok() {
        let length = usize::from(head[1] & 0x7f);
        let mut text = vec![0; length];
        connection.read_exact(&mut text).await?;
        for (i, byte) in text.iter_mut().enumerate() {
            *byte ^= head[2 + i % 4];
        }
        connection.write_all(&[0x81, head[1] & 0x7f]).await?;
        connection.write_all(&text).await?;
    }
    Ok(())
}

#[carafe::main]
fn app() -> App {
    App::new().routes(routes![index, length, raw, cookies, events, report, socket])
}
