//! tower-http's layers around a whole app.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::time::Duration;

use carafe::http::HeaderName;
use carafe::http::HeaderValue;
use carafe::prelude::*;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::{SetRequestHeaderLayer, SetResponseHeaderLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

#[get("/")]
async fn index() -> String {
    "hello ".repeat(1000)
}

#[get("/header")]
async fn header(request: &Request) -> String {
    request.header("x-added").unwrap_or("-").to_owned()
}

#[post("/echo")]
async fn echo(request: &Request) -> Result<String> {
    request.text().await
}

#[get("/forever")]
async fn forever() -> &'static str {
    std::future::pending().await
}

fn app() -> App {
    App::new().routes(routes![index, header, echo, forever])
}

#[test]
fn cors_answers_preflights() {
    let cors = CorsLayer::new().allow_origin(Any).allow_methods([carafe::http::Method::PUT]);
    let client = app().layer(cors).test_client();
    let response = client
        .options("/echo")
        .header("origin", "https://other.example")
        .header("access-control-request-method", "PUT")
        .send();
    response.assert_status(200);
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    assert_eq!(response.header("access-control-allow-methods"), Some("PUT"));
    let response = client.get("/header").header("origin", "https://other.example").send();
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    assert_eq!(response.text(), "-");
}

#[test]
fn bodies_are_compressed() {
    let client = app().layer(CompressionLayer::new()).test_client();
    let plain = client.get("/").send();
    assert_eq!((plain.header("content-encoding"), plain.text().len()), (None, 6000));
    let response = client.get("/").header("accept-encoding", "gzip").send();
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    assert_eq!(response.header("content-length"), None);
    assert!(response.bytes().len() < 200);
    assert_eq!(unzip(response.bytes()), plain.text());
    let head = client.head("/").header("accept-encoding", "gzip").send();
    assert!(head.bytes().is_empty());
}

/// The text in a gzip file.
fn unzip(bytes: &[u8]) -> String {
    use std::io::Read;
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_last_layer_sees_a_request_first() {
    let set = |value: &'static str| {
        let name = HeaderName::from_static("x-added");
        SetRequestHeaderLayer::appending(name, HeaderValue::from_static(value))
    };
    let answer = |value: &'static str| {
        let name = HeaderName::from_static("x-answer");
        SetResponseHeaderLayer::appending(name, HeaderValue::from_static(value))
    };
    let client = app()
        .layer(set("inner"))
        .layer(set("outer"))
        .layer(answer("first"))
        .layer(answer("second"))
        .test_client();
    let response = client.get("/header").send();
    assert_eq!(response.text(), "outer");
    let answers: Vec<_> = response.headers().get_all("x-answer").iter().collect();
    assert_eq!(answers, ["first", "second"]);
}

#[test]
fn many_layers_fit_together() {
    let client = app()
        .layer(TraceLayer::new_for_http())
        .layer(RequestBodyLimitLayer::new(10))
        .layer(TimeoutLayer::with_status_code(Status::GATEWAY_TIMEOUT, Duration::from_millis(20)))
        .test_client();
    assert_eq!(client.post("/echo").text("0123456789").send().text(), "0123456789");
    client.post("/echo").text("0123456789x").send().assert_status(413);
    client.get("/forever").send().assert_status(504);
    client.get("/nowhere").send().assert_status(404);
}

/// What a layer learned of a visitor.
#[derive(Clone)]
struct Visitor(&'static str);

#[get("/visitor")]
async fn visitor(request: &Request) -> String {
    request.extension::<Visitor>().map_or("nobody", |visitor| visitor.0).to_owned()
}

/// A layer of one function on the request.
#[derive(Clone)]
struct Change<F, S = ()>(F, S);

impl<F: Clone, S> tower_layer::Layer<S> for Change<F> {
    type Service = Change<F, S>;

    fn layer(&self, inner: S) -> Change<F, S> {
        Change(self.0.clone(), inner)
    }
}

impl<F, S, R> tower_service::Service<R> for Change<F, S>
where
    F: Fn(&mut R) -> std::result::Result<(), &'static str>,
    S: tower_service::Service<R, Error = carafe::http::BoxError, Future: 'static>,
    S::Response: 'static,
{
    type Response = S::Response;
    type Error = carafe::http::BoxError;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = std::result::Result<S::Response, Self::Error>>>>;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::result::Result<(), Self::Error>> {
        self.1.poll_ready(cx)
    }

    fn call(&mut self, mut request: R) -> Self::Future {
        match (self.0)(&mut request) {
            Ok(()) => Box::pin(self.1.call(request)),
            Err(words) => Box::pin(async move { Err(words.into()) }),
        }
    }
}

type HttpRequest = http::Request<carafe::Body>;

#[test]
fn what_a_layer_learned_is_found_by_its_type() {
    let learn = |request: &mut HttpRequest| {
        request.extensions_mut().insert(Visitor("Ann"));
        Ok(())
    };
    let app = || App::new().routes(routes![visitor]);
    assert_eq!(app().layer(Change(learn, ())).test_client().get("/visitor").send().text(), "Ann");
    assert_eq!(app().test_client().get("/visitor").send().text(), "nobody");
}

#[test]
fn a_layer_that_fails_is_a_500() {
    let page = |debug: bool| {
        let fail = |_: &mut HttpRequest| Err("the layer is out of order");
        let client = app().config("debug", debug).layer(Change(fail, ())).test_client();
        let response = client.get("/").send();
        response.assert_status(500);
        // Each error has another id.
        let text = response.text();
        let (before, rest) = text.split_once("<p>Error <code>").unwrap();
        let (id, after) = rest.split_once("</code></p>\n").unwrap();
        assert_eq!(id.len(), 8, "{text}");
        format!("{before}{after}")
    };
    let start = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n\
                 <h1>Internal Server Error</h1>\n<p>Something went wrong on the server.</p>\n";
    assert_eq!(page(false), start);
    assert_eq!(page(true), format!("{start}<pre>the layer is out of order</pre>\n"));
}

#[test]
fn a_layer_that_panics_is_a_500() {
    let stop = |_: &mut HttpRequest| panic!("in a layer");
    app().layer(Change(stop, ())).test_client().get("/").send().assert_status(500);
}
