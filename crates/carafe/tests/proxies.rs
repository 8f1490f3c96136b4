//! Behind proxies: what an app whose config key `trusted_proxies` names them makes of URLs, redirects,
//! cookies and hosts, and what of visitors who only pretend.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use carafe::config::{Config, Loader};
use carafe::prelude::*;
use carafe::testing::{TestClient, TestResponse};
use carafe::{ProxyFix, TestServer};
use serde_json::json;

#[get("/")]
async fn index(request: &Request) -> String {
    let client = request.remote_addr().map_or("-".to_owned(), |client| client.ip().to_string());
    let external = url_for!(index, _external = true);
    let (local, secure) = (url_for!(index), request.is_secure());
    format!("{client} {} {external} {local} {} {secure}", request.host(), request.url())
}

#[get("/branch/")]
async fn branch() -> &'static str {
    "branch"
}

#[get("/away")]
async fn away() -> Redirect {
    redirect(url_for!(index))
}

#[get("/visit")]
async fn visit(session: &Session) -> Result<&'static str> {
    session.set("visited", true)?;
    Ok("")
}

fn app() -> App {
    App::new()
        .config("secret_key", "a key of these tests")
        .routes(routes![index, branch, away, visit])
}

fn client(trusted_proxies: serde_json::Value) -> TestClient {
    app().config("trusted_proxies", trusted_proxies).test_client()
}

/// As nginx would, for `https://a.test/app/...` and a client at 192.0.2.7.
fn proxied(client: &TestClient, path: &str) -> TestResponse {
    client
        .get(path)
        .header("x-forwarded-for", "192.0.2.7")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "a.test")
        .header("x-forwarded-prefix", "/app")
        .send()
}

#[test]
fn urls_are_the_visitor_s() {
    let client = client(json!(["127.0.0.1"]));
    let expected = "192.0.2.7 a.test https://a.test/app/ /app/ https://a.test/app/ true";
    assert_eq!(proxied(&client, "/").text(), expected);
    let direct = "127.0.0.1 localhost http://localhost/ / http://localhost/ false";
    assert_eq!(client.get("/").send().text(), direct);
    // Somebody else's headers are only text.
    let stranger =
        client.get("/").remote_addr([10, 0, 0, 1]).header("x-forwarded-for", "192.0.2.7");
    let stranger = stranger.header("x-forwarded-host", "evil.test").send().text();
    assert_eq!(stranger, "10.0.0.1 localhost http://localhost/ / http://localhost/ false");
}

#[test]
fn redirects_stay_under_the_prefix() {
    let client = client(json!({ "from": ["loopback"] }));
    let location = |path| proxied(&client, path).header("location").map(str::to_owned);
    assert_eq!(location("/away").as_deref(), Some("/app/"));
    let slash = location("/branch").unwrap();
    assert!(slash.ends_with("/app/branch/"), "{slash}");
    assert!(!slash.contains("localhost"), "{slash}");
}

#[test]
fn the_session_s_cookie_is_secure_and_below_the_prefix() {
    let cookie =
        |client: &TestClient| proxied(client, "/visit").header("set-cookie").unwrap().to_owned();
    let told = cookie(&client(json!(["127.0.0.1"])));
    assert!(told.contains("; Secure") && told.ends_with("; Path=/app; SameSite=Lax"), "{told}");
    let stranger = cookie(&client(json!([])));
    assert!(!stranger.contains("Secure") && stranger.contains("; Path=/;"), "{stranger}");
    let fixed = app().config("trusted_proxies", json!("127.0.0.1"));
    let fixed = cookie(&fixed.config("session_cookie_path", "/everywhere").test_client());
    assert!(fixed.contains("; Path=/everywhere;"), "{fixed}");
}

#[test]
fn the_header_of_rfc_7239() {
    let client = client(json!({ "from": ["private"], "forwarded": true }));
    let value = "for=1.1.1.1, for=\"[2001:db8::1]:4711\";proto=https;host=\"a.test:8443\"";
    let answer = client.get("/").remote_addr([10, 0, 0, 1]).header("forwarded", value).send();
    let url = "https://a.test:8443/";
    assert_eq!(answer.text(), format!("2001:db8::1 a.test:8443 {url} / {url} true"));
}

/// The status line's number for these bytes.
fn status(server: &TestServer, request: &str) -> u16 {
    let mut stream = TcpStream::connect(server.addr()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn hosts_that_are_not_trusted_are_refused() {
    let hosts = json!(["example.com", ".shop.example", "[::1]"]);
    let app = app().config("trusted_hosts", hosts).config("trusted_proxies", json!(["loopback"]));
    let server = app.test_server();
    let check = |host: &str, expected: u16| {
        let told = format!("GET / HTTP/1.1\r\nHost: inside\r\nX-Forwarded-Host: {host}");
        // The host of a whole target counts, whatever the header says (RFC 9112 section 3.2.2).
        let ways = [
            format!("GET / HTTP/1.1\r\nHost: {host}"),
            format!("GET /nowhere HTTP/1.1\r\nHost: {host}"),
            format!("GET http://{host}/ HTTP/1.1\r\nHost: example.com"),
            format!("GET http://{host}/ HTTP/1.1\r\nHost: evil.test"),
            told,
        ];
        for way in ways {
            let got = status(&server, &format!("{way}\r\nConnection: close\r\n\r\n"));
            let expected = if way.contains("nowhere") && expected == 200 { 404 } else { expected };
            assert_eq!(got, expected, "{way}");
        }
    };
    check("example.com", 200);
    check("EXAMPLE.com:8000", 200);
    check("shop.example", 200);
    check("a.b.shop.example:443", 200);
    check("[::1]:8000", 200);
    check("www.example.com", 400);
    check("evilshop.example", 400);
    check("evil.test", 400);
    check("evil.test:80", 400);
    check("example.com.evil.test", 400);
    check("example.com@evil.test", 400);
    check("[::2]", 400);
    check("127.0.0.1", 400);
    // What is no host is not believed, and then `inside` is none of ours either.
    let odd = "GET / HTTP/1.1\r\nHost: inside\r\nX-Forwarded-Host: example.com/x";
    assert_eq!(status(&server, &format!("{odd}\r\nConnection: close\r\n\r\n")), 400);
    assert_eq!(status(&server, "GET / HTTP/1.0\r\n\r\n"), 400);
}

#[test]
fn a_stranger_s_forwarded_host_is_not_looked_at() {
    let app = app().config("trusted_hosts", json!(["example.com"]));
    let server = app.config("trusted_proxies", json!(["192.0.2.1"])).test_server();
    let request = |host: &str, told: &str| {
        let lines = format!("Host: {host}\r\nX-Forwarded-Host: {told}\r\nConnection: close");
        status(&server, &format!("GET / HTTP/1.1\r\n{lines}\r\n\r\n"))
    };
    assert_eq!(request("example.com", "evil.test"), 200);
    assert_eq!(request("evil.test", "example.com"), 400);
}

#[test]
fn over_a_socket() {
    let app = app().config("trusted_proxies", json!(["loopback"]));
    let server = app.test_server();
    let mut stream = TcpStream::connect(server.addr()).unwrap();
    let head =
        "GET / HTTP/1.1\r\nHost: inner\r\nX-Forwarded-For: 192.0.2.7\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("192.0.2.7 inner http://inner/ / http://inner/ false"), "{answer}");
}

#[test]
fn one_of_two_ways_to_believe() {
    let line = line!() + 1;
    let app = app().config("trusted_proxies", json!(["loopback"])).proxy_fix(ProxyFix::new());
    let words = app.try_test_client().err().unwrap().to_string();
    assert_eq!(
        words.replace(file!(), "{file}"),
        format!(
            "the app cannot start: 1 mistake in its setup\n\n\
             1. both `App::proxy_fix` and the config key `trusted_proxies` say whom to believe\n   \
             at {{file}}:{line}\n   hint: keep `trusted_proxies`, and take `.proxy_fix(..)` out\n"
        )
    );
}

/// What is wrong with a `carafe.toml`, without the head of the report.
#[track_caller]
fn mistake(toml: &str, expected: &str) {
    let errors = Loader::in_memory().text("carafe.toml", toml).load().err().unwrap().to_string();
    let (_, mistakes) = errors.split_once("\n\n").unwrap();
    assert_eq!(mistakes, expected, "{toml}");
}

#[test]
fn mistakes_in_the_key() {
    mistake(
        "trusted_proxies = ['127.0.0.1', '10.0.0.1/8']",
        "1. `trusted_proxies[1]` is not valid: `10.0.0.1/8` has bits set past its length; the network is \
         `10.0.0.0/8` (carafe.toml line 1)",
    );
    mistake(
        "trusted_proxies = ['*']",
        "1. `trusted_proxies[0]` must be an address, a network such as `10.0.0.0/8`, `loopback`, \
         `private` or `unix`, but is `\"*\"` (carafe.toml line 1)",
    );
    mistake(
        "trusted_proxies = 1",
        "1. `trusted_proxies` must be a list of addresses and networks, or a section, but is `1` \
         (carafe.toml line 1)\n   hint: the default is []",
    );
    mistake(
        "[trusted_proxies]\nx_for = 1\n",
        "1. `trusted_proxies.from` is not set\n   hint: add `from = ...` under [trusted_proxies] in \
         carafe.toml, or set CARAFE_TRUSTED_PROXIES__FROM in the environment",
    );
    mistake(
        "[trusted_proxies]\nfrom = ['unix']\nx_fro = 1\n",
        "1. `trusted_proxies.x_fro` is not a known key (carafe.toml line 3)\n   hint: did you mean \
         `trusted_proxies.x_for`?",
    );
    mistake(
        "[trusted_proxies]\nfrom = ['unix']\nx_for = 300\n",
        "1. `trusted_proxies.x_for` must be a number of proxies from 0 to 255, or `\"auto\"`, but is \
         `300` (carafe.toml line 3)",
    );
    mistake(
        "[trusted_proxies]\nfrom = ['unix']\nforwarded = true\nx_prefix = 1\nx_port = 1\n",
        "1. `trusted_proxies.x_port` must be left out with `forwarded`, which has no port, but is `1` \
         (carafe.toml line 5)\n\n\
         2. `trusted_proxies.x_prefix` must be left out with `forwarded`, which has no prefix, but is \
         `1` (carafe.toml line 4)",
    );
}

/// From every place that configuration comes from, the same.
#[test]
fn forms_of_the_key() {
    let of_toml = |toml: &str| Loader::in_memory().text("carafe.toml", toml).load().unwrap();
    let of_env = |name: &str, text: &str| Loader::in_memory().env([(name, text)]).load().unwrap();
    let check = |config: Config, expected: serde_json::Value| {
        let proxies = &config.settings().trusted_proxies;
        assert_eq!(serde_json::to_value(proxies).unwrap(), expected);
    };
    check(of_toml(""), json!([]));
    check(of_toml("trusted_proxies = ['::1', 'unix']"), json!(["::1", "unix"]));
    check(of_toml("[trusted_proxies]\nfrom = ['::1']"), json!(["::1"]));
    check(of_env("CARAFE_TRUSTED_PROXIES", "::1"), json!(["::1"]));
    check(
        of_env("CARAFE_TRUSTED_PROXIES", "10.0.0.0/8, private"),
        json!(["10.0.0.0/8", "private"]),
    );
    check(of_env("CARAFE_TRUSTED_PROXIES", "[\"loopback\"]"), json!(["loopback"]));
    check(of_env("CARAFE_TRUSTED_PROXIES", ""), json!([]));
    check(of_env("CARAFE_TRUSTED_PROXIES__FROM", "::1,unix"), json!(["::1", "unix"]));
    check(
        of_toml("[trusted_proxies]\nfrom = ['::1']\nx_for = 2\nx_port = 'auto'"),
        json!({
            "from": ["::1"], "forwarded": false, "x_for": 2, "x_proto": "auto", "x_host": "auto",
            "x_port": "auto", "x_prefix": "auto",
        }),
    );
}
