//! Sending files: `send_file` and its kin, static files, conditional answers, ranges.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use carafe::testing::TestResponse;
use carafe::{App, Blueprint, Request, Response, Result, Rule, View};
use carafe::{send_bytes, send_file, send_from_directory};

const TEXT: &str = "hello world";
/// 14 Nov 2023 22:13:20 GMT.
const CHANGED: u64 = 1_700_000_000;

/// A folder with `hello.txt`, `big.bin`, `empty.bin`, `sub/page.html`, and a way out of it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for sub in ["static/sub", "outside", "blue"] {
        fs::create_dir_all(root.join(sub)).unwrap();
    }
    write(&root.join("static/hello.txt"), TEXT.as_bytes());
    write(&root.join("static/big.bin"), &big());
    write(&root.join("static/empty.bin"), b"");
    write(&root.join("static/sub/page.html"), b"<p>");
    write(&root.join("static/packed.tar.gz"), b"gz");
    write(&root.join("outside/secret.txt"), b"secret");
    write(&root.join("blue/sky.css"), b"a{}");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../outside", root.join("static/link")).unwrap();
        std::os::unix::fs::symlink("sub", root.join("static/inner")).unwrap();
    }
    folder
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(CHANGED)).unwrap();
}

/// Larger than a piece that is read at a time, and no two places alike.
fn big() -> Vec<u8> {
    (0..50_000_u32).flat_map(|n| n.to_be_bytes()).skip(1).collect()
}

fn route<F, Fut>(app: App, rule: &str, view: F) -> App
where
    F: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: carafe::IntoResponse> + 'static,
{
    let name: String =
        rule.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    app.add_url_rule(Rule::new(rule).endpoint(name), View::new(view))
}

fn app(root: &Path) -> App {
    let app = App::new().root(root);
    let app =
        route(app, "/plain", |r: Request| async move { send_file(&r, "static/hello.txt").await });
    let app = route(app, "/big", |r: Request| async move { send_file(&r, "static/big.bin").await });
    let app = route(app, "/blocking", |r: Request| async move {
        let request = r.clone();
        r.run_blocking(move || send_file(&request, "static/big.bin").send_blocking()).await?
    });
    let app =
        route(app, "/empty", |r: Request| async move { send_file(&r, "static/empty.bin").await });
    let app =
        route(app, "/missing", |r: Request| async move { send_file(&r, "static/none").await });
    let app = route(app, "/folder", |r: Request| async move { send_file(&r, "static").await });
    let app = route(app, "/attachment", |r: Request| async move {
        let file = send_file(&r, "static/packed.tar.gz").as_attachment();
        file.max_age(Duration::from_secs(60)).await
    });
    let app = route(app, "/packed", |r: Request| async move {
        send_file(&r, "static/packed.tar.gz").max_age(Duration::ZERO).await
    });
    let app = route(app, "/named", |r: Request| async move {
        let file =
            send_file(&r, "static/hello.txt").as_attachment().download_name("naïve file.txt");
        file.mimetype("application/x-twin").etag(false).await
    });
    let app = route(app, "/unconditional", |r: Request| async move {
        send_file(&r, "static/hello.txt").conditional(false).await
    });
    let app = route(app, "/bytes", |r: Request| async move { send_bytes(&r, TEXT, "a.csv").await });
    let app = route(app, "/dir/<path:name>", |r: Request| async move {
        let name = r.path().strip_prefix("/dir/").unwrap_or_default().to_owned();
        send_from_directory(&r, "static", &name).await
    });
    route(app, "/page", |r: Request| async move {
        let mut response = Response::html("page");
        response.add_etag();
        response.make_conditional(&r)
    })
}

fn get(path: &str, headers: &[(&str, &str)]) -> TestResponse {
    let folder = folder();
    let client = app(folder.path()).test_client();
    let request = client.get(path);
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
}

/// The status, the body, and what some headers hold; an empty value stands for no header.
#[track_caller]
fn check(path: &str, asked: &[(&str, &str)], status: u16, body: &str, headers: &[(&str, &str)]) {
    let response = get(path, asked);
    assert_eq!(response.status(), status, "{path} {asked:?} {:?}", response.error());
    if status < 400 {
        assert_eq!(response.text(), body, "{path} {asked:?}");
    }
    for (name, value) in headers {
        assert_eq!(response.header(*name).unwrap_or(""), *value, "{path} {asked:?}: {name}");
    }
}

#[test]
fn headers_of_a_file() {
    let changed = "Tue, 14 Nov 2023 22:13:20 GMT";
    check(
        "/plain",
        &[],
        200,
        TEXT,
        &[
            ("content-type", "text/plain; charset=utf-8"),
            ("content-disposition", "inline; filename=hello.txt"),
            ("cache-control", "no-cache"),
            ("accept-ranges", "bytes"),
            ("last-modified", changed),
            ("expires", ""),
            ("content-encoding", ""),
        ],
    );
    check(
        "/attachment",
        &[],
        200,
        "gz",
        &[
            ("content-type", "application/gzip"),
            ("content-disposition", "attachment; filename=packed.tar.gz"),
            ("cache-control", "public, max-age=60"),
            ("content-encoding", ""),
        ],
    );
    assert!(get("/attachment", &[]).header("expires").is_some());
    check(
        "/packed",
        &[],
        200,
        "gz",
        &[
            ("content-type", "application/x-tar"),
            ("content-encoding", "gzip"),
            ("cache-control", "no-cache, max-age=0"),
        ],
    );
    check(
        "/named",
        &[],
        200,
        TEXT,
        &[
            ("content-type", "application/x-twin"),
            (
                "content-disposition",
                "attachment; filename=\"naive file.txt\"; filename*=UTF-8''na%C3%AFve%20file.txt",
            ),
            ("etag", ""),
        ],
    );
    check(
        "/bytes",
        &[],
        200,
        TEXT,
        &[
            ("content-type", "text/csv; charset=utf-8"),
            ("content-disposition", "inline; filename=a.csv"),
            ("last-modified", ""),
        ],
    );
    check("/empty", &[("range", "bytes=0-1")], 200, "", &[("content-range", "")]);
    check("/unconditional", &[("range", "bytes=0-1")], 200, TEXT, &[("accept-ranges", "")]);
    check("/missing", &[], 500, "", &[]);
    check("/folder", &[], 500, "", &[]);
}

#[test]
fn ranges() {
    let range = |asked, status, body, range| {
        check("/plain", &[("range", asked)], status, body, &[("content-range", range)]);
        check("/bytes", &[("range", asked)], status, body, &[("content-range", range)]);
    };
    range("bytes=0-4", 206, "hello", "bytes 0-4/11");
    range("bytes=6-", 206, "world", "bytes 6-10/11");
    range("bytes=-3", 206, "rld", "bytes 8-10/11");
    range("bytes=-100", 206, TEXT, "bytes 0-10/11");
    range("bytes=6-100", 206, "world", "bytes 6-10/11");
    range("bytes=10-10", 206, "d", "bytes 10-10/11");
    range("bytes=0-3,2-4", 206, "hello", "bytes 0-4/11");
    range("bytes=0-1,50-60", 206, "he", "bytes 0-1/11");
    range("bytes=11-", 416, "", "bytes */11");
    range("bytes=-0", 416, "", "bytes */11");
    range("bytes=5-2", 416, "", "bytes */11");
    range("bytes=x", 416, "", "bytes */11");
    range("lines=0-1", 200, TEXT, "");
    let many = format!("bytes={}", ["0-0"; 17].join(","));
    range(&many, 416, "", "bytes */11");
}

#[test]
fn several_ranges_are_multipart() {
    for path in ["/plain", "/bytes"] {
        let response = get(path, &[("range", "bytes=0-1,4-5")]);
        assert_eq!(response.status(), 206);
        let kind = response.content_type().unwrap();
        let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
        let own = if path == "/plain" { "plain" } else { "csv" };
        let expected = format!(
            "--{boundary}\r\nContent-Type: text/{own}; charset=utf-8\r\nContent-Range: bytes 0-1/11\r\n\r\nhe\
             \r\n--{boundary}\r\nContent-Type: text/{own}; charset=utf-8\r\nContent-Range: bytes 4-5/11\r\n\r\no \
             \r\n--{boundary}--\r\n"
        );
        assert_eq!(response.text(), expected);
        assert_eq!(response.header("content-range"), None);
    }
}

#[test]
fn conditions() {
    let tag = get("/plain", &[]).header("etag").unwrap().to_owned();
    // Each run has a folder of its own, and so a tag of its own: ask for both within one app.
    let folder = folder();
    let client = app(folder.path()).test_client();
    let etag = client.get("/plain").send().header("etag").unwrap().to_owned();
    assert_ne!(tag, etag);
    let weak = format!("W/{etag}");
    let same = "Tue, 14 Nov 2023 22:13:20 GMT";
    let (earlier, later) = ("Mon, 13 Nov 2023 00:00:00 GMT", "Wed, 15 Nov 2023 00:00:00 GMT");
    let cases: &[(&[(&str, &str)], u16)] = &[
        (&[("if-none-match", &etag)], 304),
        (&[("if-none-match", &weak)], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", "\"other\"")], 200),
        (&[("if-none-match", "\"other\""), ("if-modified-since", same)], 200),
        (&[("if-modified-since", same)], 304),
        (&[("if-modified-since", later)], 304),
        (&[("if-modified-since", earlier)], 200),
        (&[("if-modified-since", "yesterday")], 200),
        (&[("if-match", &etag)], 200),
        (&[("if-match", "*")], 200),
        (&[("if-match", "\"other\"")], 412),
        (&[("if-unmodified-since", same)], 200),
        (&[("if-unmodified-since", earlier)], 412),
        (&[("range", "bytes=0-4"), ("if-range", &etag)], 206),
        (&[("range", "bytes=0-4"), ("if-range", "\"other\"")], 200),
        (&[("range", "bytes=0-4"), ("if-range", same)], 206),
        (&[("range", "bytes=0-4"), ("if-range", earlier)], 200),
        (&[("range", "bytes=0-4"), ("if-none-match", &etag)], 304),
    ];
    for (headers, status) in cases {
        let request = client.get("/plain");
        let response = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(name, value))
            .send();
        assert_eq!(response.status(), *status, "{headers:?}");
        if *status == 304 {
            assert_eq!(response.bytes().len(), 0);
            assert_eq!(response.header("etag"), Some(&*etag));
            assert_eq!(response.header("cache-control"), Some("no-cache"));
            assert_eq!(response.header("content-type"), None);
            assert_eq!(response.header("last-modified"), None);
        }
    }
}

#[test]
fn head_says_the_length_and_sends_nothing() {
    let folder = folder();
    let client = app(folder.path()).test_client();
    for (path, length) in [("/plain", "11"), ("/big", "199999"), ("/empty", "0"), ("/bytes", "11")]
    {
        let response = client.head(path).header("range", "bytes=0-1").send();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(
            (response.header("content-length"), response.bytes().len()),
            (Some(length), 0),
            "{path}"
        );
    }
}

#[test]
fn large_files_come_whole() {
    let folder = folder();
    let client = app(folder.path()).test_client();
    assert!(client.get("/big").send().bytes() == &big());
    assert!(client.get("/blocking").send().bytes() == &big());
}

/// The slow way to answer a range: byte by byte.
fn model(specs: &[(Option<usize>, Option<usize>)], content: &[u8]) -> Option<Vec<u8>> {
    let [(first, last)] = specs else { return None };
    let length = content.len();
    let is_in = |at: usize| match (first, last) {
        (Some(first), Some(last)) => at >= *first && at <= *last,
        (Some(first), None) => at >= *first,
        (None, Some(count)) => at + count >= length,
        (None, None) => false,
    };
    let bytes: Vec<u8> =
        content.iter().enumerate().filter(|(at, _)| is_in(*at)).map(|(_, byte)| *byte).collect();
    Some(bytes)
}

#[test]
fn random_ranges_agree_with_a_slow_model() {
    let folder = folder();
    let client = app(folder.path()).test_client();
    let content = big();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for _ in 0..200 {
        let first = random(content.len() + 10);
        let span = if random(2) == 0 { random(100) } else { random(150_000) };
        let (text, spec) = match random(4) {
            0 => (format!("bytes={first}-"), (Some(first), None)),
            1 => (format!("bytes=-{span}"), (None, Some(span))),
            _ => (format!("bytes={first}-{}", first + span), (Some(first), Some(first + span))),
        };
        let expected = model(&[spec], &content).unwrap();
        let response = client.get("/big").header("range", &text).send();
        if expected.is_empty() {
            assert_eq!(response.status(), 416, "{text}");
        } else {
            assert_eq!(response.status(), 206, "{text}");
            assert!(response.bytes() == &expected, "{text}");
        }
    }
}

/// The parts of a multipart answer: where each says it begins, and its bytes.
fn parts(response: &TestResponse) -> Vec<(usize, Vec<u8>)> {
    let kind = response.content_type().unwrap();
    let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let mut rest = &response.bytes()[..];
    let mut parts = Vec::new();
    while !rest.starts_with(format!("\r\n--{boundary}--\r\n").as_bytes()) {
        let end = rest.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let head = std::str::from_utf8(&rest[..end]).unwrap();
        let place = head.split("bytes ").nth(1).unwrap().split('/').next().unwrap();
        let (first, last) = place.split_once('-').unwrap();
        let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
        let length = last + 1 - first;
        parts.push((first, rest[end..end + length].to_vec()));
        rest = &rest[end + length..];
    }
    parts
}

#[test]
fn random_sets_of_ranges_cover_what_was_asked_for() {
    let folder = folder();
    let client = app(folder.path()).test_client();
    let content = big();
    let mut seed = 7_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for _ in 0..40 {
        let specs: Vec<(usize, usize)> = (0..2 + random(5))
            .map(|_| (random(content.len()), random(20_000)))
            .map(|(first, span)| (first, (first + span).min(content.len() - 1)))
            .collect();
        let asked: Vec<String> =
            specs.iter().map(|(first, last)| format!("{first}-{last}")).collect();
        let asked = format!("bytes={}", asked.join(","));
        let response = client.get("/big").header("range", &asked).send();
        assert_eq!(response.status(), 206);
        let mut sent = vec![0; content.len()];
        let got = match response.header("content-range") {
            Some(range) => {
                let first = range["bytes ".len()..].split('-').next().unwrap();
                vec![(first.parse().unwrap(), response.bytes().to_vec())]
            }
            None => parts(&response),
        };
        for (first, bytes) in got {
            assert!(content[first..].starts_with(&bytes), "{asked}");
            sent[first..first + bytes.len()].iter_mut().for_each(|times| *times += 1);
        }
        for (at, times) in sent.iter().enumerate() {
            let wanted = specs.iter().any(|(first, last)| (first..=last).contains(&&at));
            assert_eq!(*times, usize::from(wanted), "{asked} at {at}");
        }
    }
}

#[test]
fn only_files_inside_the_folder_are_sent() {
    check(
        "/dir/hello.txt",
        &[],
        200,
        TEXT,
        &[("content-disposition", "inline; filename=hello.txt")],
    );
    check("/dir/sub/page.html", &[], 200, "<p>", &[]);
    check("/dir/none", &[], 404, "", &[]);
    check("/dir/sub", &[], 404, "", &[]);
    check("/dir/hello.txt/x", &[], 404, "", &[]);
    for path in
        ["/dir/%2e%2e/outside/secret.txt", "/dir/sub%5c..%5chello.txt", "/dir/a%00b", "/dir/c:x"]
    {
        check(path, &[], 404, "", &[]);
    }
    #[cfg(unix)]
    {
        check("/dir/link/secret.txt", &[], 404, "", &[]);
        check("/dir/inner/page.html", &[], 200, "<p>", &[]);
    }
}

#[test]
fn static_routes() {
    let folder = folder();
    let blue = Blueprint::new("blue").prefix("/b").static_folder("blue");
    let client = app(folder.path()).blueprint(blue).test_client();
    let got = |path: &str| client.get(path).send();
    assert_eq!(got("/static/hello.txt").text(), TEXT);
    assert_eq!(
        got("/static/hello.txt").header("content-disposition"),
        Some("inline; filename=hello.txt")
    );
    assert_eq!(got("/static/none").status(), 404);
    assert_eq!(got("/static/link/secret.txt").status(), 404);
    assert_eq!(got("/b/blue/sky.css").content_type(), Some("text/css; charset=utf-8"));
    assert_eq!(client.post("/static/hello.txt").send().status(), 405);
    let cached =
        App::new().root(folder.path()).config("send_file_max_age_default", 60).test_client();
    assert_eq!(
        cached.get("/static/hello.txt").send().header("cache-control"),
        Some("public, max-age=60")
    );
    let none = Blueprint::new("none").static_folder("nowhere");
    let error = App::new().root(folder.path()).blueprint(none).try_test_client().err().unwrap();
    assert!(error.to_string().contains("nowhere` does not exist"), "{error}");
}

#[test]
fn a_server_in_front_sends_the_file() {
    let folder = folder();
    let client = app(folder.path()).config("use_x_sendfile", true).test_client();
    let response = client.get("/plain").send();
    assert_eq!(response.bytes().len(), 0);
    let path = folder.path().join("static/hello.txt");
    assert_eq!(response.header("x-sendfile"), path.to_str());
    let since = "Tue, 14 Nov 2023 22:13:20 GMT";
    let response = client.get("/plain").header("if-modified-since", since).send();
    assert_eq!((response.status().as_u16(), response.header("x-sendfile")), (304, None));
}

#[test]
fn a_file_that_shrinks_ends_the_response() {
    let folder = folder();
    let path = folder.path().join("static/big.bin");
    let app = route(App::new().root(folder.path()), "/", move |request: Request| {
        let path = path.clone();
        async move {
            let response = send_file(&request, "static/big.bin").await?;
            fs::write(&path, b"short")?;
            Ok::<Response, carafe::Error>(response)
        }
    });
    let response = app.test_client().get("/").deadline(Duration::from_secs(5)).send();
    assert!(response.is_cut());
}

#[test]
fn conditional_pages() -> Result<()> {
    let folder = folder();
    let client = app(folder.path()).test_client();
    let etag = client.get("/page").send().header("etag").unwrap().to_owned();
    let again = client.get("/page").header("if-none-match", &etag).send();
    assert_eq!((again.status().as_u16(), again.bytes().len()), (304, 0));
    let other = client.get("/page").header("if-match", "\"other\"").send();
    assert_eq!(other.status(), 412);
    Ok(())
}

#[test]
fn times_before_1970_do_no_harm() {
    let folder = folder();
    let path = folder.path().join("static/hello.txt");
    let file = fs::File::options().write(true).open(path).unwrap();
    if file.set_modified(SystemTime::UNIX_EPOCH - Duration::from_secs(10)).is_ok() {
        let response = app(folder.path()).test_client().get("/plain").send();
        assert_eq!(response.status(), 200);
    }
}
