//! The printed files at work.

use std::fs;

use super::apps::{self, App};
use super::carafe;
use super::front::{Front, Ground, Kind, free_port};
use super::wire::Wire;

const BOOK: &str = "book.example";
const PROBE: &str = "probe.example";
/// The largest body that the probe takes.
const LIMIT: usize = 100_000;

/// How the apps are reached.
#[derive(Clone, Copy)]
enum Way {
    Tcp,
    Unix,
}

impl Way {
    /// The prefix of the probe: none in one way, and one with a dot in the other.
    fn prefix(self) -> &'static str {
        match self {
            Way::Tcp => "",
            Way::Unix => "/v1.0/probe",
        }
    }
}

/// A web server with both apps behind it: the guestbook under `/app`, and the probe.
struct Street<'a> {
    front: Front<'a>,
    prefix: &'static str,
    book: App,
    probe: App,
}

fn street(kind: Kind, way: Way, ground: &Ground) -> Street<'_> {
    let srv = ground.path("srv");
    let files = srv.join("static");
    fs::create_dir_all(&files).unwrap();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/guestbook/static");
    // The other file, `carafe.svg`, is not installed: the app has it.
    fs::copy(format!("{source}/guestbook.css"), files.join("guestbook.css")).unwrap();
    fs::write(files.join("late.txt"), "only on the disk").unwrap();
    fs::write(files.join(".secret"), "hidden").unwrap();
    fs::write(srv.join("report.txt"), "the report").unwrap();
    let (book, book_site) = app(kind, way, ground, BOOK, &["--prefix", "/app"]);
    let (probe, probe_site) = app(kind, way, ground, PROBE, &["--prefix", way.prefix()]);
    let front = Front::start(kind, ground, &[book_site, probe_site]);
    Street { front, prefix: way.prefix(), book, probe }
}

/// Starts an app with the settings that the head of its printed file asks for.
fn app(kind: Kind, way: Way, ground: &Ground, domain: &str, more: &[&str]) -> (App, String) {
    let program = if domain == BOOK { apps::guestbook() } else { apps::probe() };
    let upstream = match way {
        Way::Tcp => format!("127.0.0.1:{}", free_port()),
        Way::Unix => format!("unix:{}", ground.text(&format!("{domain}.sock"))),
    };
    let (http, https) = (ground.http.to_string(), ground.https.to_string());
    let (certificate, key) = (ground.text("cert.pem"), ground.text("key.pem"));
    let (srv, program_path) = (ground.text("srv"), program.to_str().unwrap());
    let mut arguments = vec![
        "proxy",
        kind.name(),
        "--app",
        program_path,
        "--domain",
        domain,
        "--dir",
        &srv,
        "--upstream",
        &upstream,
        "--tls",
        "--certificate",
        &certificate,
        "--key",
        &key,
        "--listen",
        "127.0.0.1",
        "--listen-port",
        &http,
        "--tls-port",
        &https,
    ];
    arguments.extend(more);
    let (limit, report) = (LIMIT.to_string(), ground.text("srv/report.txt"));
    let own_folder = ground.text(domain);
    // nginx does not know `X-Sendfile`; the others send a file that the app only names.
    let names_files = if kind == Kind::Nginx { "false" } else { "true" };
    let own: &[(&str, &str)] = match domain {
        BOOK => &[("CARAFE_GUESTBOOK__DATA", &own_folder)],
        _ => &[
            ("CARAFE_MAX_CONTENT_LENGTH", &limit),
            ("CARAFE_USE_X_SENDFILE", names_files),
            ("PROBE_REPORT", &report),
        ],
    };
    let mut site = carafe(&arguments, own);
    if kind == Kind::Apache && domain == PROBE {
        // Two sites share their ports: the second says `Listen` again, which its comment forbids.
        site = site
            .lines()
            .filter(|line| !line.starts_with("Listen "))
            .fold(String::new(), |all, line| all + line + "\n");
    }
    let data = ground.path(domain);
    fs::create_dir(&data).unwrap();
    let toml = data.join("carafe.toml");
    fs::write(&toml, settings(&site)).unwrap();
    let config = [("CARAFE_CONFIG", toml.to_str().unwrap())];
    let environment: Vec<_> = config.iter().chain(own).copied().collect();
    let app = App::start(program, &data, &environment);
    if let Some(socket) = upstream.strip_prefix("unix:") {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(socket, fs::Permissions::from_mode(0o666)).unwrap();
    }
    (app, site)
}

/// The lines of `carafe.toml` in the head of a printed file.
fn settings(site: &str) -> String {
    let lines = site.lines().filter_map(|line| line.strip_prefix("#      "));
    let lines = lines.filter(|line| {
        line.split_once(" = ")
            .is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    });
    lines.fold(String::new(), |all, line| all + line + "\n")
}

fn check(kind: Kind, way: Way) {
    let ground = Ground::new();
    let street = street(kind, way, &ground);
    to_https(&street, &ground);
    pages(&street);
    form(&street);
    what_the_app_learns(&street);
    addresses(&street);
    uploads(&street);
    streams(&street);
    reports(&street);
    files(street);
}

#[test]
fn nginx() {
    check(Kind::Nginx, Way::Tcp);
}

#[test]
fn nginx_to_unix_sockets() {
    check(Kind::Nginx, Way::Unix);
}

#[test]
fn apache() {
    check(Kind::Apache, Way::Tcp);
}

#[test]
fn apache_to_unix_sockets() {
    check(Kind::Apache, Way::Unix);
}

#[test]
fn caddy() {
    check(Kind::Caddy, Way::Tcp);
}

#[test]
fn caddy_to_unix_sockets() {
    check(Kind::Caddy, Way::Unix);
}

fn to_https(street: &Street<'_>, ground: &Ground) {
    let mut wire = Wire::plain(ground.http);
    wire.send(format!(
        "GET /app/?q=a%20b HTTP/1.1\r\nHost: {BOOK}:{}\r\nConnection: close\r\n\r\n",
        ground.http
    ));
    let reply = wire.reply();
    let wanted = format!("https://{}/app/?q=a%20b", street.front.host(BOOK));
    assert_eq!((reply.status, reply.header("location")), (308, Some(&*wanted)), "{}", reply.head);
}

/// The page loads, and its links lead back through the proxy.
fn pages(street: &Street<'_>) {
    let front = &street.front;
    let reply = front.get(BOOK, "/app/");
    assert_eq!(reply.status, 200, "{}", reply.head);
    assert!(reply.body.contains("href=\"/app/static/guestbook.css\""), "{}", reply.body);
    assert!(reply.body.contains("action=\"/app/\""), "{}", reply.body);
    let reply = front.get(BOOK, "/app?q=a");
    assert_eq!(reply.status, 308, "{}", reply.head);
    let place = reply.header("location").unwrap();
    let place = place.strip_prefix(&format!("https://{}", front.host(BOOK))).unwrap_or(place);
    assert_eq!(place, "/app/?q=a");
    assert_eq!(front.get(BOOK, "/").status, 404, "what is not under the prefix is not the app's");
}

/// Signing the book: the redirect and the cookie are right for the outside.
fn form(street: &Street<'_>) {
    let front = &street.front;
    let origin = format!("https://{}", front.host(BOOK));
    let body = "name=Ann&message=Hello+through+the+proxy";
    let reply = front.ask(
        BOOK,
        "POST",
        "/app/",
        &format!(
            "Origin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    assert_eq!(reply.status, 303, "{}\n{}", reply.head, reply.body);
    let place = reply.header("location").unwrap();
    assert_eq!(place.strip_prefix(&origin).unwrap_or(place), "/app/#entry-1");
    let cookie = reply.header("set-cookie").unwrap();
    let has = |wanted: &str| cookie.split("; ").any(|part| part == wanted);
    assert!(has("Secure") && has("Path=/app") && has("HttpOnly"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    let reply = front.ask(BOOK, "GET", "/app/", &format!("Cookie: {pair}\r\n\r\n"));
    assert!(reply.body.contains("Thank you, Ann."), "the flashed message comes: {}", reply.body);
    let reply = front.get(BOOK, "/app/entries.json");
    let wanted = format!("\"{origin}/app/entries/1\"");
    assert!(reply.body.contains(&wanted), "{wanted}: {}", reply.body);
}

/// What the client says of itself in the proxy's headers is not believed.
fn what_the_app_learns(street: &Street<'_>) {
    let (front, prefix) = (&street.front, street.prefix);
    let lies = "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 66\r\n\
                X-Forwarded-Host: evil.example\r\nX-Forwarded-Prefix: /evil\r\n\
                Forwarded: for=6.6.6.6;host=evil.example;proto=http\r\n\r\n";
    for rest in ["", lies] {
        let reply = front.ask(PROBE, "GET", &format!("{prefix}/"), rest);
        let port = front.host(PROBE).rsplit(':').next().unwrap().to_owned();
        let wanted = format!(
            "client 127.0.0.1\nurl https://{PROBE}:{port}{prefix}/\nsecure true\nfor 127.0.0.1\n\
             port {port}\nforwarded none\n"
        );
        assert!(reply.body.contains(&wanted), "wanted {wanted} not {}\n{}", reply.head, reply.body);
    }
    // Another name leads to the same server, but the app does not know it.
    let mut wire = front.open(PROBE);
    wire.send(format!("GET {prefix}/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"));
    let reply = wire.reply();
    assert!(!reply.body.contains("evil.example/"), "{}\n{}", reply.head, reply.body);
}

/// Addresses arrive as they were written.
fn addresses(street: &Street<'_>) {
    let (front, prefix) = (&street.front, street.prefix);
    let reply = front.get(PROBE, &format!("{prefix}/raw/a%2Fb%20c%3Fd?e=%2F"));
    let wanted = format!("a/b c?d https://{}{prefix}/raw/a%2Fb%20c%3Fd?e=/", front.host(PROBE));
    assert_eq!((reply.status, unchunked(&reply.body)), (200, wanted), "{}", reply.head);
    let reply = front.get(PROBE, &format!("{prefix}/cookies"));
    assert_eq!(reply.status, 200, "more than 4 KiB of headers pass: {}", reply.head);
}

/// The one chunk of a body, or the body itself.
fn unchunked(body: &str) -> String {
    body.split("\r\n").find(|line| line.len() > 4).unwrap_or(body).to_owned()
}

fn uploads(street: &Street<'_>) {
    let body = |length: usize, chunked: bool| {
        let mut rest = match chunked {
            true => format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n"),
            false => format!("Content-Length: {length}\r\n\r\n"),
        };
        rest.push_str(&"x".repeat(length));
        if chunked {
            rest.push_str("\r\n0\r\n\r\n");
        }
        rest
    };
    let target = format!("{}/length", street.prefix);
    let upload = |length, chunked| street.front.ask(PROBE, "POST", &target, &body(length, chunked));
    for chunked in [false, true] {
        let reply = upload(LIMIT, chunked);
        assert_eq!(
            (reply.status, unchunked(&reply.body)),
            (200, LIMIT.to_string()),
            "{}",
            reply.head
        );
        let refused = || street.front.status(PROBE, "POST", &target, &body(LIMIT + 1, chunked));
        match street.front.kind {
            // Caddy may close before its answer was read, which then is lost on the way.
            Kind::Caddy => {
                let mut answers: Vec<_> = (0..8).filter_map(|_| refused()).collect();
                answers.dedup();
                assert_eq!(answers, [413], "chunked {chunked}");
            }
            _ => assert_eq!(refused(), Some(413), "chunked {chunked}"),
        }
    }
    // More than any buffer on the way holds.
    let (long, kind) = (LIMIT + (8 << 20), street.front.kind);
    if kind == Kind::Nginx {
        assert_eq!((upload(long, false).status, upload(long, true).status), (413, 413));
    }
    if kind == Kind::Apache {
        assert_eq!(upload(long, false).status, 413);
        // The app hangs up while Apache still sends, which Apache calls a bad gateway.
        assert!(matches!(upload(long, true).status, 413 | 502));
    }
    // Caddy hangs up on whoever goes on sending, so that the answer may be lost.
}

/// Websockets and events come through as they are sent.
fn streams(street: &Street<'_>) {
    let (host, prefix) = (street.front.host(PROBE), street.prefix);
    let mut wire = street.front.open(PROBE);
    wire.send(format!(
        "GET {prefix}/socket HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ));
    let head = String::from_utf8(wire.until(b"\r\n\r\n")).unwrap();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    for _ in 0..2 {
        // RFC 6455 section 5.7: a masked "Hello", and the same unmasked.
        wire.send(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
        wire.until(b"\x81\x05Hello");
    }
    let mut wire = street.front.open(PROBE);
    wire.send(format!("GET {prefix}/events HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    wire.until(b"data: first\n\n");
}

/// A file that the app sends, or has the proxy send.
fn reports(street: &Street<'_>) {
    let reply = street.front.get(PROBE, &format!("{}/report", street.prefix));
    assert!(
        reply.status == 200 && reply.body.contains("the report"),
        "{}{}",
        reply.head,
        reply.body
    );
    assert_eq!(reply.header("x-sendfile"), None, "a path of the machine is nobody's business");
}

/// Static files are the proxy's; the app need not even run.
fn files(street: Street<'_>) {
    let Street { front, book, probe, .. } = street;
    let reply = front.get(BOOK, "/app/static/carafe.svg");
    assert_eq!(reply.status, 200, "the app has the file: {}", reply.head);
    book.stop();
    probe.stop();
    let reply = front.get(BOOK, "/app/static/guestbook.css");
    assert_eq!(reply.status, 200, "{}", reply.head);
    assert_eq!(reply.header("content-type").map(|kind| kind.starts_with("text/css")), Some(true));
    assert_eq!(reply.header("cache-control"), Some("no-cache"));
    let tag = reply.header("etag").unwrap();
    let again = front.ask(
        BOOK,
        "GET",
        "/app/static/guestbook.css",
        &format!("If-None-Match: {tag}\r\n\r\n"),
    );
    assert_eq!(again.status, 304, "{}", again.head);
    assert!(front.get(BOOK, "/app/static/late.txt").body.contains("only on the disk"));
    for path in ["/app/static/.secret", "/app/static/%2esecret"] {
        let reply = front.get(BOOK, path);
        assert!(matches!(reply.status, 403 | 404), "{path}: {}", reply.head);
    }
    for path in
        ["/app/static/../../cert.pem", "/app/static/..%2f..%2fcert.pem", "/app/static../key.pem"]
    {
        let reply = front.get(BOOK, path);
        assert!(reply.status >= 400 && !reply.body.contains("BEGIN"), "{path}: {}", reply.head);
    }
    assert!(matches!(front.get(BOOK, "/app/").status, 502 | 503), "the app is down");
}
