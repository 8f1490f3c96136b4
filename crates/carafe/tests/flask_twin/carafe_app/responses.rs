//! What a handler can answer with: `/r/<case>`, redirects, abort, cookies, files, JSON.

use std::time::{Duration, SystemTime};

use carafe::http::values::{ETag, SameSite, SetCookie, http_date};
use carafe::prelude::*;
use carafe::{Body, Redirect, SendFile, UrlFor, Uuid, send_file, send_from_directory};
use serde::Serialize;
use serde_json::{Value, json};

const UUID: Uuid = Uuid::from_u128(0x1234_5678_1234_5678_1234_5678_1234_5678);

fn moment() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn several_headers() -> (&'static str, [(&'static str, &'static str); 2]) {
    ("several", [("x-many", "one"), ("x-many", "two")])
}

fn cached() -> Response {
    let mut response = Response::html("cached");
    response.update_cache_control(|cache| cache.public().max_age(Duration::from_secs(60)));
    response.add_vary("Accept");
    response
}

fn conditional(request: &Request) -> Result<Response> {
    let mut response = Response::html("conditional");
    response.set_etag(&ETag::strong("abc")?);
    response.set_last_modified(moment());
    response.make_conditional(request)
}

fn raises() -> String {
    let zero = std::hint::black_box(0);
    (1 / zero).to_string()
}

#[route("/r/<case>", methods = ["GET", "POST"])]
async fn r(request: Request, case: String) -> Result<Response> {
    let to = &request;
    match &*case {
        "str" => "caf\u{e9}".into_response(to),
        "bytes" => b"\x00\x01\xff".to_vec().into_response(to),
        "empty" => "".into_response(to),
        "dict" => Json(json!({"one": 1})).into_response(to),
        "list" => Json(json!([1, "two", null, true])).into_response(to),
        "status" => ("created", 201).into_response(to),
        "headers" => {
            ("plain", [("X-Twin", "yes"), ("Content-Type", "text/plain")]).into_response(to)
        }
        "status-headers" => ("both", 202, [("X-Twin", "yes")]).into_response(to),
        "headers-list" => ("list", vec![("X-Twin", "yes")]).into_response(to),
        "dict-status" => (Json(json!({"error": "no"})), 422).into_response(to),
        "status-string" => ("teapot", Status::IM_A_TEAPOT).into_response(to),
        "no-content" => ((), 204).into_response(to),
        "not-modified" => ((), 304).into_response(to),
        "generator" => Body::iter(["a", "b", "c"]).into_response(to),
        "generator-csv" => {
            let lines = (0..3).map(|n| format!("{n},{}\n", n * n));
            let mut response = Response::new(Body::iter(lines));
            response.set_mimetype("text/csv");
            Ok(response)
        }
        "response" => {
            let mut response = Response::new("<x/>").with_status(203);
            response.set_mimetype("application/xml");
            Ok(response)
        }
        "response-in-tuple" => {
            let inner = Response::html("inner").with_status(203);
            (inner, 206, [("X-Twin", "outer")]).into_response(to)
        }
        "several-headers" => several_headers().into_response(to),
        "cached" => Ok(cached()),
        "conditional" => conditional(to),
        "none" => None::<String>.into_response(to),
        "raises" => raises().into_response(to),
        "unknown-status" => ("odd", 299).into_response(to),
        _ => abort!(404),
    }
}

#[route("/redirect/<case>", methods = ["GET", "POST"])]
async fn redirects(request: &Request, case: String) -> Result<Redirect> {
    let page = redirect("/r/str");
    Ok(match &*case {
        "plain" => page,
        "301" => page.with_status(301),
        "303" => page.see_other(),
        "307" => page.with_status(307),
        "308" => page.permanent(),
        "url-for" => redirect(request.url_for("c_int", UrlFor::new().value("x", 3))?),
        "external" => redirect("https://example.com/a?b=c#d"),
        "relative" => redirect("str"),
        "unicode" => redirect("/caf\u{e9}/\u{fc}"),
        "query" => redirect("/r/str?a=1&b=2"),
        _ => abort!(404),
    })
}

/// In Python a dict; its keys keep this order.
#[derive(Serialize)]
struct Struct {
    name: &'static str,
    id: u32,
    tags: [&'static str; 1],
}

/// A map with an order of its own.
#[derive(Serialize)]
struct Unsorted {
    b: u32,
    a: u32,
}

#[get("/jsonify/<case>")]
async fn jsons(request: Request, case: String) -> Result<Response> {
    let value = match &*case {
        "struct" => return Json(Struct { name: "x", id: 1, tags: ["a"] }).into_response(&request),
        "sorted" => return Json(Unsorted { b: 1, a: 2 }).into_response(&request),
        "unicode" => json!({"a": "\u{e9}\u{1f600}"}),
        "nested" => json!({"list": [1, {"x": null}], "float": 1.5, "bool": false}),
        "uuid" => json!({"id": UUID.to_string()}),
        "datetime" => json!({"at": http_date(moment())}),
        "args" => json!([1, 2, 3]),
        "string" => json!("text"),
        "null" => Value::Null,
        "escape" => json!({"html": "</script>&'\"\\\n"}),
        _ => abort!(404),
    };
    Json(value).into_response(&request)
}

#[get("/cookie/<case>")]
async fn cookies(case: String) -> Result<Response> {
    let with = |value: &str| SetCookie::new("c", value);
    let minute = Duration::from_secs(60);
    let cookie = match &*case {
        "plain" => with("v"),
        "empty" => with(""),
        "space" => with("a b"),
        "quote" => with("b c;\"\u{e9}"),
        "comma" => with("a,b"),
        "backslash" => with("a\\b"),
        "max-age" => with("v").max_age(minute),
        "expires" => with("v").expires(moment()),
        "path" => with("v").path("/p"),
        "domain" => with("v").domain("example.com"),
        "secure" => with("v").secure(true),
        "http-only" => with("v").http_only(true),
        "lax" => with("v").same_site(SameSite::Lax),
        "strict" => with("v").same_site(SameSite::Strict),
        "none" => with("v").same_site(SameSite::None).secure(true),
        "partitioned" => with("v").partitioned(true),
        "all" => {
            let cookie = with("v").max_age(minute).path("/").domain("example.com");
            cookie.secure(true).http_only(true).same_site(SameSite::Lax)
        }
        "several" => {
            let response = Response::html("cookies").with_cookie(SetCookie::new("a", "1"));
            return Ok(response.with_cookie(SetCookie::new("b", "2").path("/r")));
        }
        "deleted" => {
            let cookie = SetCookie::delete("c").path("/x").domain("example.com");
            return Ok(Response::html("deleted").with_cookie(cookie));
        }
        _ => abort!(404),
    };
    Ok(Response::html("cookie").with_cookie(cookie))
}

fn file(request: &Request, case: &str) -> Option<SendFile> {
    let fixed = send_file(request, "files/fixed.txt");
    Some(match case {
        "plain" => fixed,
        "attachment" => fixed.as_attachment(),
        "named" => fixed.as_attachment().download_name("my file.txt"),
        "unicode" => fixed.as_attachment().download_name("na\u{ef}ve.txt"),
        "mimetype" => fixed.mimetype("application/x-twin"),
        "max-age" => fixed.max_age(Duration::from_secs(60)),
        "json" => send_file(request, "files/data.json"),
        "empty" => send_file(request, "files/empty.bin"),
        _ => return None,
    })
}

#[get("/file/<case>")]
async fn files(request: &Request, case: String) -> Result<Response> {
    file(request, &case).or_404()?.await
}

#[get("/dir/<path:name>")]
async fn dir(request: &Request, name: String) -> Result<Response> {
    send_from_directory(request, "files", &name).await
}

#[get("/abort/<int:code>")]
async fn stop(code: u16) -> Error {
    match code {
        405 => abort(405).with_header("allow", "GET, POST"),
        code => abort(code),
    }
}

#[get("/abort/<int:code>/<text>")]
async fn stop_text(code: u16, text: String) -> Error {
    abort(code).describe(text)
}

#[get("/abort/response")]
async fn stop_response() -> Error {
    Error::from_response(Response::html("mine").with_status(409))
}

pub(super) fn add(app: App) -> App {
    app.routes(routes![r, redirects, jsons, cookies, files, dir, stop, stop_text, stop_response])
}
