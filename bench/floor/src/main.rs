//! Raw hyper: one single-threaded runtime, no deadlines, and in place of a router three paths that
//! are compared by hand.
#![allow(clippy::print_stderr, reason = "the port has to be told")]

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, body::Incoming};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpListener;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The same as the measured app sends.
#[derive(Serialize)]
struct Issue {
    id: u64,
    title: &'static str,
    open: bool,
    labels: [&'static str; 3],
}

const ISSUE: Issue =
    Issue { id: 42, title: "It is too slow", open: true, labels: ["bug", "speed", "2.0"] };

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (kind, body) = match request.uri().path() {
        "/" => (HTML, Bytes::from_static(b"Hello, world!")),
        "/json" => (JSON, serde_json::to_vec(&ISSUE).unwrap_or_default().into()),
        path => match parameters(path) {
            Some((project, issue)) => (HTML, format!("project {project}, issue {issue}").into()),
            None => return Ok(not_found()),
        },
    };
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

fn parameters(path: &str) -> Option<(u64, u64)> {
    let (project, issue) = path.strip_prefix("/projects/")?.split_once("/issues/")?;
    Some((project.parse().ok()?, issue.parse().ok()?))
}

fn not_found() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

async fn serve() -> std::io::Result<()> {
    let port = std::env::var("CARAFE_PORT").unwrap_or_else(|_| "0".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    eprintln!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let _ = Builder::new()
                .pipeline_flush(true)
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    }
}

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let server = tokio::spawn(serve());
        end.recv().await;
        server.abort();
        Ok(())
    })
}
