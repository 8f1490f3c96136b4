//! An app to be served: echoes, failures, handlers that wait, and an upgrade.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use carafe::prelude::*;
use carafe::{Body, Upgraded};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

/// Handlers at `/gate` wait for a permit, which `/open` adds.
static GATE: Semaphore = Semaphore::const_new(0);

#[get("/")]
async fn index() -> &'static str {
    "hello"
}

#[post("/echo")]
async fn echo(request: &Request) -> Result<Vec<u8>> {
    Ok(request.bytes().await?.to_vec())
}

#[post("/unread")]
async fn unread() -> &'static str {
    "not read"
}

#[get("/gate")]
async fn gate() -> Result<&'static str> {
    tell("waiting at the gate");
    GATE.acquire().await?.forget();
    Ok("through the gate")
}

#[post("/open")]
async fn open(request: &Request) -> Result<&'static str> {
    request.bytes().await?;
    GATE.add_permits(1);
    Ok("open")
}

#[get("/panic/async")]
async fn panic_async() -> &'static str {
    panic!("on the reactor")
}

#[get("/panic/plain")]
fn panic_plain() -> &'static str {
    panic!("on the pool")
}

#[get("/panic/after")]
async fn panic_after(request: &Request) -> &'static str {
    request.after_this_request(|_| panic!("after this request"));
    "never seen"
}

#[get("/failed/<name>")]
async fn failed(name: String) -> Result<()> {
    Err(std::io::Error::other(format!("no {name}")))?
}

/// 64 MiB, more than any socket's buffers hold.
#[get("/large")]
async fn large() -> Vec<u8> {
    vec![b'x'; 64 << 20]
}

#[get("/stream")]
async fn stream() -> Body {
    Body::iter(["one ", "two ", "three"])
}

#[get("/endless")]
async fn endless() -> Body {
    Body::iter(std::iter::repeat("x".repeat(1 << 16)))
}

#[get("/thread")]
async fn thread() -> String {
    std::thread::current().name().unwrap_or("?").to_owned()
}

#[get("/host")]
async fn host(request: &Request) -> String {
    format!("{} {:?}", request.host(), request.version())
}

#[get("/socket", websocket)]
async fn socket(request: &Request) -> Result<Response> {
    // Of the one key that the tests send: RFC 6455 section 1.3.
    let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    let response = request.upgrade("websocket", echo_frames).await?;
    Ok(response.with_header("sec-websocket-accept", accept))
}

/// Sends the text of one masked frame back (RFC 6455 section 5.2), and goodbye at the end.
async fn echo_frames(mut connection: Upgraded) -> Result<()> {
    tell("upgraded");
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
    connection.write_all(&[0x88, 0]).await?;
    tell("said goodbye");
    Ok(())
}

#[get("/echo-protocol")]
async fn echo_protocol(request: &Request) -> Result<Response> {
    let talk = async |mut connection: Upgraded| {
        let mut byte = [0];
        connection.read_exact(&mut byte).await?;
        connection.write_all(&byte).await?;
        Ok(())
    };
    request.upgrade("echo", talk).await
}

/// Writes a line that a test waits for.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

static ENDED: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn app() -> App {
    App::new()
        .routes(routes![index, echo, unread, gate, open, panic_async, panic_plain, panic_after])
        .routes(routes![failed, large, stream, endless, thread, host, socket, echo_protocol])
        .teardown_request(|request, _| {
            ENDED.fetch_add(1, Ordering::Relaxed);
            if request.path() == "/gate" {
                tell("teardown of /gate");
            }
        })
        .on_shutdown(|_| async { tell("the shut-down step ran") })
}

/// What a program that the app starts has of its environment and its sockets.
#[get("/child")]
fn child() -> Result<Vec<u8>> {
    let script = r#"printf 'LISTEN_FDS=%s LISTEN_PID=%s sockets=%s' "$LISTEN_FDS" "$LISTEN_PID" \
        "$(ls -l /proc/self/fd | grep -c socket)""#;
    Ok(std::process::Command::new("sh").args(["-c", script]).output()?.stdout)
}

/// With a route that starts another program.
pub(crate) fn parent() -> App {
    app().routes(routes![child])
}

pub(crate) fn failing_start() -> App {
    app().on_startup(|_| async { Err(abort(500).describe("the database does not answer")) })
}
