//! What a handler can learn of its request's headers, and say in its response's.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use carafe::http::values::{ContentSecurityPolicy, ETag, WwwAuthenticate};
use carafe::{App, Request, Response, Rule, View, stream_with_context};

/// Asks with these headers and has `learn` look at the request.
#[track_caller]
fn check(headers: &[(&str, &str)], learn: fn(&Request) -> String, expected: &str) {
    let view = View::new(move |request: Request| async move { learn(&request) });
    let client = App::new().add_url_rule(Rule::new("/").endpoint("learn"), view).test_client();
    let request =
        headers.iter().fold(client.get("/?a=1&b=x&a=2"), |r, (name, value)| r.header(name, value));
    assert_eq!(request.send().text(), expected, "{headers:?}");
}

fn or_none<T: ToString>(value: Option<T>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}

#[test]
fn headers_by_their_meaning() {
    check(&[], |r| format!("{:?}", r.args().getlist("a").collect::<Vec<_>>()), "[\"1\", \"2\"]");
    check(&[], |r| r.arg("b").unwrap().to_owned(), "x");
    check(&[], |r| r.arg("c").unwrap_err().description().to_owned(), "`c` is missing in the query");
    check(
        &[("content-type", "Text/HTML; charset=utf-8")],
        |r| r.mimetype().into_owned(),
        "text/html",
    );
    check(&[], |r| r.mimetype().into_owned(), "");
    check(
        &[("content-type", "a/b; c=d")],
        |r| or_none(r.mimetype_params().unwrap().param("c")),
        "d",
    );
    check(&[("content-type", "application/vnd.api+JSON")], |r| r.is_json().to_string(), "true");
    check(&[("content-type", "text/json")], |r| r.is_json().to_string(), "false");
    check(&[("accept", "application/json")], |r| r.prefers_json().to_string(), "true");
    check(&[("accept", "text/html, */*")], |r| r.prefers_json().to_string(), "false");
    check(
        &[("accept", "text/html;q=0.5, application/json")],
        |r| or_none(r.accept_mimetypes().best_match(&["text/html", "application/json"])),
        "application/json",
    );
    check(
        &[("accept-language", "ko, en;q=0.5")],
        |r| or_none(r.accept_languages().best_match(&["en", "ko"])),
        "ko",
    );
    check(
        &[("accept-encoding", "gzip;q=0, br")],
        |r| or_none(r.accept_encodings().best_match(&["gzip", "br"])),
        "br",
    );
    check(&[("accept-charset", "utf-8")], |r| or_none(r.accept_charsets().best()), "utf-8");
    check(&[("authorization", "Basic QW5uOnB3")], |r| or_none(r.remote_user()), "Ann");
    check(&[("authorization", "Bearer t")], |r| or_none(r.authorization().unwrap().token()), "t");
    check(&[("authorization", "x")], |r| or_none(r.remote_user()), "none");
    check(&[("referer", "/from")], |r| or_none(r.referrer()), "/from");
    check(&[("origin", "https://a.b")], |r| or_none(r.origin()), "https://a.b");
    check(&[("user-agent", "me/1")], |r| or_none(r.user_agent()), "me/1");
    check(
        &[("if-none-match", "\"a\", W/\"b\"")],
        |r| r.if_none_match().to_string(),
        "\"a\", W/\"b\"",
    );
    check(&[("if-match", "*")], |r| r.if_match().is_any().to_string(), "true");
    check(&[("if-modified-since", "x")], |r| r.if_modified_since().is_none().to_string(), "true");
    check(
        &[("if-unmodified-since", "Thu, 01 Jan 1970 00:00:09 GMT")],
        |r| {
            r.if_unmodified_since()
                .unwrap()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_secs()
                .to_string()
        },
        "9",
    );
    check(&[("if-range", "\"a\"")], |r| or_none(r.if_range()), "\"a\"");
    check(&[("range", "bytes=0-4,-2")], |r| or_none(r.range()), "bytes=0-4,-2");
    check(
        &[("cache-control", "max-age=5")],
        |r| or_none(r.cache_control().seconds("max-age")),
        "5",
    );
    check(&[("pragma", "no-cache")], |r| r.pragma().contains("NO-CACHE").to_string(), "true");
    check(&[("max-forwards", "7")], |r| or_none(r.max_forwards()), "7");
    check(&[("date", "x")], |r| r.date().is_none().to_string(), "true");
    check(&[("content-encoding", "gzip")], |r| or_none(r.content_encoding()), "gzip");
    check(
        &[("access-control-request-headers", "x-a, X-B")],
        |r| r.access_control_request_headers().len().to_string(),
        "2",
    );
    check(
        &[("access-control-request-method", "PUT")],
        |r| or_none(r.access_control_request_method()),
        "PUT",
    );
}

#[track_caller]
fn says(change: impl FnOnce(&mut Response), name: &str, expected: &str) {
    let mut response = Response::text("hello");
    change(&mut response);
    let got: Vec<&str> =
        response.headers().get_all(name).iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(got.join(" | "), expected, "{name}");
}

#[test]
fn response_headers_by_their_meaning() {
    let time = UNIX_EPOCH + Duration::from_secs(9);
    let date = "Thu, 01 Jan 1970 00:00:09 GMT";
    says(|r| r.set_last_modified(time), "last-modified", date);
    says(|r| r.set_expires(time), "expires", date);
    says(|r| r.set_date(time), "date", date);
    says(|r| r.set_age(Duration::from_secs(5)), "age", "5");
    says(|r| r.set_retry_after(Duration::from_secs(5)), "retry-after", "5");
    says(|r| r.set_retry_after(time), "retry-after", date);
    says(|r| r.set_etag(&ETag::weak("a").unwrap()), "etag", "W/\"a\"");
    says(|r| r.add_etag(), "etag", "\"2cf24dba5fb0a30e26e83b2ac5b9e29e\"");
    says(
        |r| {
            r.set_etag(&ETag::strong("a").unwrap());
            r.add_etag();
        },
        "etag",
        "\"a\"",
    );
    says(
        |r| r.update_cache_control(|c| c.private().no_cache()),
        "cache-control",
        "private, no-cache",
    );
    says(
        |r| {
            r.add_vary("Accept");
            r.add_vary("accept");
            r.add_vary("Cookie");
        },
        "vary",
        "Accept, Cookie",
    );
    says(
        |r| {
            r.add_allow("GET");
            r.add_allow("POST");
        },
        "allow",
        "GET, POST",
    );
    says(|r| r.add_content_language("ko"), "content-language", "ko");
    says(|r| r.set_accept_ranges("bytes"), "accept-ranges", "bytes");
    says(|r| r.set_content_range(&"bytes 0-1/2".parse().unwrap()), "content-range", "bytes 0-1/2");
    says(|r| r.set_mimetype("text/csv"), "content-type", "text/csv; charset=utf-8");
    says(|r| r.set_mimetype("image/png"), "content-type", "image/png");
    says(|r| r.set_content_type("a/b\r\nx: y"), "content-type", "text/plain; charset=utf-8");
    says(
        |r| {
            r.add_www_authenticate(&WwwAuthenticate::basic("a b"));
            r.add_www_authenticate(&WwwAuthenticate::bearer());
        },
        "www-authenticate",
        "Basic realm=\"a b\" | Bearer",
    );
    says(
        |r| {
            let policy = ContentSecurityPolicy::new().default_src("'self'");
            r.set_content_security_policy(&policy).unwrap();
        },
        "content-security-policy",
        "default-src 'self'",
    );
    says(|r| r.set_access_control_allow_origin("*"), "access-control-allow-origin", "*");
    says(|r| r.add_access_control_allow_header("x-a"), "access-control-allow-headers", "x-a");
    says(|r| r.set_access_control_max_age(Duration::from_secs(9)), "access-control-max-age", "9");
    says(
        |r| r.set_access_control_allow_credentials(true),
        "access-control-allow-credentials",
        "true",
    );
    says(
        |r| r.set_cross_origin_opener_policy("same-origin"),
        "cross-origin-opener-policy",
        "same-origin",
    );
    says(
        |r| r.set_cross_origin_embedder_policy("require-corp"),
        "cross-origin-embedder-policy",
        "require-corp",
    );
    let response = Response::html("x");
    assert_eq!((response.mimetype().as_str(), response.is_json()), ("text/html", false));
    assert_eq!(response.mimetype_params().unwrap().charset(), Some("utf-8"));
}

#[test]
fn a_closed_body_is_told() {
    let closed = Arc::new(AtomicUsize::new(0));
    let count = closed.clone();
    let view = View::new(move |request: Request| {
        let count = count.clone();
        async move {
            let body = if request.args().contains("empty") { "" } else { "hello" };
            let mut response = Response::text(body);
            let before = count.load(Ordering::SeqCst);
            let counter = count.clone();
            response.call_on_close(move || {
                counter.fetch_add(1, Ordering::SeqCst);
            });
            assert_eq!(count.load(Ordering::SeqCst), before, "not before it is sent");
            response
        }
    });
    let client = App::new().add_url_rule(Rule::new("/").endpoint("close"), view).test_client();
    assert_eq!(client.get("/").send().text(), "hello");
    assert_eq!(closed.load(Ordering::SeqCst), 1);
    assert_eq!(client.head("/").send().header("content-length"), Some("5"));
    assert_eq!(closed.load(Ordering::SeqCst), 2);
    assert_eq!(client.get("/?empty").send().text(), "");
    assert_eq!(closed.load(Ordering::SeqCst), 3);
}

#[test]
fn streams_and_events() {
    use carafe::sse::{self, Event};
    let view = View::new(|request: Request| async move {
        let (sender, events) = sse::channel();
        tokio::spawn(async move {
            for n in 0..3 {
                if sender.send(Event::data(n.to_string())).await.is_err() {
                    break;
                }
            }
        });
        assert_eq!(sse::last_event_id(&request), Some("7"));
        events
    });
    let app = App::new().add_url_rule(Rule::new("/events").endpoint("events"), view);
    let view =
        View::new(
            |request: Request| async move { stream_with_context(&request, Once(Some("piece"))) },
        );
    let client = app.add_url_rule(Rule::new("/stream").endpoint("stream"), view).test_client();
    let response = client.get("/events").header("last-event-id", "7").send();
    assert_eq!(response.content_type(), Some("text/event-stream"));
    assert_eq!(response.header("cache-control"), Some("no-cache"));
    assert_eq!(response.text(), "data: 0\n\ndata: 1\n\ndata: 2\n\n");
    assert_eq!(client.get("/stream").send().text(), "piece");
}

struct Once(Option<&'static str>);

impl futures_core::Stream for Once {
    type Item = Result<&'static str, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.take().map(Ok))
    }
}
