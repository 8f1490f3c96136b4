//! Typed and untyped input: queries, forms, JSON, uploads; at their limits, cut off, hostile.

use std::fs;
use std::time::Duration;

use bytes::Bytes;
use carafe::testing::{TestClient, TestResponse};
use carafe::{
    App, Form, FormData, FromRequest, Json, JsonOptions, Multipart, Query, Request, Result, Rule,
    View,
};
use http::Method;
use serde::Deserialize;

#[derive(Deserialize)]
struct Person {
    name: String,
    age: u8,
    #[serde(default)]
    tag: Vec<String>,
}

impl Person {
    fn told(&self) -> String {
        format!("{} {} {:?}", self.name, self.age, self.tag)
    }
}

fn route<F, Fut>(app: App, rule: &str, view: F) -> App
where
    F: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: carafe::IntoResponse> + 'static,
{
    let name: String =
        rule.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let rule = Rule::new(rule).endpoint(name).methods([Method::GET, Method::POST]);
    app.add_url_rule(rule, View::new(view))
}

fn app() -> App {
    let app = App::new();
    let app = route(app, "/query", |r: Request| async move {
        Ok::<_, carafe::Error>(Query::<Person>::from_request(&r).await?.told())
    });
    let app = route(app, "/form", |r: Request| async move {
        Ok::<_, carafe::Error>(Form::<Person>::from_request(&r).await?.told())
    });
    let app = route(app, "/json", |r: Request| async move {
        Ok::<_, carafe::Error>(Json::<Person>::from_request(&r).await?.told())
    });
    let app = route(app, "/json/silent", |r: Request| async move {
        let person: Option<Person> = r.json_with(JsonOptions::new().silent()).await?;
        Ok::<_, carafe::Error>(person.map_or("none".to_owned(), |person| person.told()))
    });
    let app = route(app, "/json/force", |r: Request| async move {
        let person: Option<Person> = r.json_with(JsonOptions::new().force()).await?;
        Ok::<_, carafe::Error>(person.map_or("none".to_owned(), |person| person.told()))
    });
    let app = route(app, "/data", |r: Request| async move { told(&r.form().await?).await });
    let app = route(app, "/need", |r: Request| async move {
        let form = FormData::from_request(&r).await?;
        let name = form.get_or_400("name")?;
        Ok::<_, carafe::Error>(format!("{name} {}", form.file_or_400("doc")?.filename()))
    });
    let app = route(app, "/twice", |r: Request| async move {
        let length = r.bytes().await?.len();
        let first = told(&r.form().await?).await?;
        assert_eq!(first, told(&r.form().await?).await?);
        Ok::<_, carafe::Error>(format!("{length}\n{first}"))
    });
    let app = route(app, "/values", |r: Request| async move {
        let _ = r.arg("must")?;
        Ok::<_, carafe::Error>(format!("{:?}", r.values().await?))
    });
    route(app, "/stream", |r: Request| async move {
        let mut form = Multipart::from_request(&r).await?;
        let mut lines = Vec::new();
        while let Some(mut field) = form.next_field().await? {
            let (name, file) = (field.name().to_owned(), field.filename().map(str::to_owned));
            match name.as_str() {
                "skip" => {}
                "peek" => lines.push(format!("peek {}", field.chunk().await?.is_some())),
                _ => lines.push(format!("{name} {file:?} {}", field.text().await?)),
            }
        }
        Ok::<_, carafe::Error>(lines.join("\n"))
    })
}

/// A line a field: `name=value`, or `name: filename, type, size, content` for a file.
async fn told(form: &FormData) -> Result<String> {
    let mut lines: Vec<String> =
        form.fields().iter().map(|(name, value)| format!("{name}={value}")).collect();
    for file in form.files() {
        let (field, name, size) = (file.field(), file.filename(), file.size());
        let content = String::from_utf8_lossy(&file.read().await?).into_owned();
        let content = if size > 100 { String::new() } else { content };
        lines.push(format!("{field}: {name}, {}, {size}, {content}", file.mimetype()));
    }
    Ok(lines.join("\n"))
}

fn post(client: &TestClient, path: &str, kind: &str, body: impl Into<Bytes>) -> TestResponse {
    client.post(path).content_type(kind).accept("application/json").body(body).send()
}

/// What the client is told: the text of a 200, the description of an error.
fn words(response: &TestResponse) -> String {
    if response.status() == 200 {
        return response.text();
    }
    let page: serde_json::Value = response.json();
    page.to_string()
}

#[track_caller]
fn check(path: &str, kind: &str, body: &str, status: u16, expected: &str) {
    let client = app().test_client();
    let response = post(&client, path, kind, body.to_owned());
    let got = words(&response);
    assert_eq!(response.status(), status, "{path} {kind}: {got} {:?}", response.error());
    assert!(got.contains(expected), "{path} {kind}: {got}");
}

const URLENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=XX";

/// Parts of a multipart form: their disposition's parameters and their content.
fn multipart(parts: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (parameters, content) in parts {
        body +=
            &format!("--XX\r\nContent-Disposition: form-data; {parameters}\r\n\r\n{content}\r\n");
    }
    body + "--XX--\r\n"
}

#[test]
fn queries() {
    let client = app().test_client();
    let ask = |query: &str| {
        let response = client.get(&format!("/query?{query}")).accept("application/json").send();
        (response.status().as_u16(), words(&response))
    };
    assert_eq!(ask("name=Ann&age=3&tag=a&tag=b"), (200, "Ann 3 [\"a\", \"b\"]".to_owned()));
    let (status, told) = ask("name=Ann&age=x");
    assert_eq!(status, 400);
    assert!(told.contains("`age` must be a whole number, but is `x`"), "{told}");
    assert!(ask("").1.contains("`age` is missing") || ask("").1.contains("`name` is missing"));
}

#[test]
fn typed_forms() {
    check("/form", URLENCODED, "name=Ann&age=3", 200, "Ann 3 []");
    check(
        "/form",
        "Application/X-WWW-Form-Urlencoded; charset=utf-8",
        "name=Ann&age=3",
        200,
        "Ann 3 []",
    );
    let parts =
        multipart(&[("name=\"name\"", "Ann"), ("name=\"age\"", "3"), ("name=\"tag\"", "é")]);
    check("/form", MULTIPART, &parts, 200, "Ann 3 [\"é\"]");
    check("/form", URLENCODED, "age=3", 400, "`name` is missing");
    check(
        "/form",
        URLENCODED,
        "name=Ann&age=300",
        400,
        "a whole number from 0 to 255, but is `300`",
    );
    check("/form", "text/plain", "name=Ann&age=3", 415, "the body is `text/plain`, but a form");
    check("/form", "", "name=Ann&age=3", 415, "the request has no content type, but a form");
}

#[test]
fn json_bodies() {
    let ann = "{\"name\":\"Ann\",\"age\":3}";
    check("/json", "application/json", ann, 200, "Ann 3 []");
    check("/json", "application/problem+json; charset=utf-8", ann, 200, "Ann 3 []");
    check(
        "/json",
        "text/plain",
        ann,
        415,
        "the body is `text/plain`, but `application/json` is wanted",
    );
    check("/json", "application/json", "{", 400, "the body is not JSON: EOF");
    check("/json", "application/json", "", 400, "the body is empty");
    check("/json", "application/json", "{\"name\":\"Ann\",\"age\":-1}", 400, "`age` does not fit");
    check("/json", "application/json", "{\"name\":\"Ann\"}", 400, "`age` is missing");
    check("/json/silent", "text/plain", ann, 200, "none");
    check("/json/silent", "application/json", "{", 200, "none");
    check("/json/silent", "application/json", ann, 200, "Ann 3 []");
    check("/json/force", "text/plain", ann, 200, "Ann 3 []");
    check("/json/force", "text/plain", "{", 400, "the body is not JSON");
}

#[test]
fn untyped_forms() {
    check("/data", URLENCODED, "a=1&a=2&b=%C3%A9+x", 200, "a=1\na=2\nb=é x");
    check("/data", "text/plain", "a=1", 200, "");
    check(
        "/data",
        MULTIPART,
        &multipart(&[("name=\"a\"", "1"), ("name=\"a\"", "")]),
        200,
        "a=1\na=",
    );
    let file = |name: &str| multipart(&[(&format!("name=\"doc\"; filename=\"{name}\""), "x")]);
    check("/data", MULTIPART, &file("a.txt"), 200, "doc: a.txt, , 1, x");
    check("/data", MULTIPART, &file("café.txt"), 200, "doc: café.txt, , 1, x");
    check("/data", MULTIPART, &file("../../etc/passwd"), 200, "doc: ../../etc/passwd, , 1, x");
    check(
        "/data",
        MULTIPART,
        &multipart(&[("name=\"doc\"; filename=\"\"", "")]),
        200,
        "doc: , , 0, ",
    );
    check(
        "/data",
        "multipart/form-data; boundary=\"X X\"",
        &file("a").replace("--XX", "--X X"),
        200,
        "doc: a",
    );
    check("/data", MULTIPART, "--XX--\r\n", 200, "");
    check("/data", "multipart/form-data", &file("a"), 400, "no `boundary`");
    check("/data", "multipart/form-data; boundary=\"\"", &file("a"), 400, "no `boundary`");
    check("/data", MULTIPART, "", 400, "the form ended before it was whole");
    check(
        "/data",
        MULTIPART,
        "--XX\r\nbad header\r\n\r\nx\r\n--XX--\r\n",
        400,
        "the headers of a part",
    );
    check("/twice", URLENCODED, "a=1", 200, "3\na=1");
    check("/twice", MULTIPART, &multipart(&[("name=\"a\"", "1")]), 200, "\na=1");
}

#[test]
fn what_a_handler_needs() {
    check("/need", URLENCODED, "doc=x", 400, "`name` is missing in the form");
    check("/need", URLENCODED, "name=x&doc=x", 400, "enctype=");
    let none = multipart(&[("name=\"name\"", "Ann"), ("name=\"doc\"; filename=\"\"", "")]);
    check("/need", MULTIPART, &none, 400, "there is no file for `doc` in the form");
    let one = multipart(&[("name=\"name\"", "Ann"), ("name=\"doc\"; filename=\"a.txt\"", "")]);
    check("/need", MULTIPART, &one, 200, "Ann a.txt");
    check("/values?must=1", URLENCODED, "a=2", 200, "{\"must\": \"1\", \"a\": \"2\"}");
    check("/values", URLENCODED, "a=2", 400, "`must` is missing in the query");
}

#[test]
fn streamed_forms() {
    let parts = multipart(&[
        ("name=\"a\"", "1"),
        ("name=\"skip\"; filename=\"s\"", &"s".repeat(200_000)),
        ("name=\"peek\"; filename=\"p\"", &"p".repeat(200_000)),
        ("name=\"doc\"; filename=\"d.txt\"", "text\r\n--X almost"),
    ]);
    let expected = "a None 1\npeek true\ndoc Some(\"d.txt\") text\r\n--X almost";
    check("/stream", MULTIPART, &parts, 200, expected);
    check("/stream", URLENCODED, "a=1", 415, "`multipart/form-data` is wanted");
}

#[test]
fn a_form_may_arrive_in_any_pieces() {
    let client = app().test_client();
    let parts =
        multipart(&[("name=\"a\"", "1\r\n-"), ("name=\"doc\"; filename=\"f\"", "\r\n--X\r\n")]);
    for at in 0..parts.len() {
        let (first, rest) = parts.as_bytes().split_at(at);
        let pieces = [first.to_vec(), rest.to_vec()];
        let response = client.post("/data").content_type(MULTIPART).pieces(pieces).send();
        assert_eq!(response.text(), "a=1\r\n-\ndoc: f, , 7, \r\n--X\r\n", "split at {at}");
    }
    let single = parts.bytes().map(|byte| vec![byte]);
    let response = client.post("/data").content_type(MULTIPART).pieces(single).send();
    assert_eq!(response.text(), "a=1\r\n-\ndoc: f, , 7, \r\n--X\r\n");
}

#[test]
fn a_form_that_is_cut_off_is_refused() {
    let client = app().test_client();
    let parts = multipart(&[("name=\"a\"", "1"), ("name=\"doc\"; filename=\"f\"", "content")]);
    // The last two bytes are a line end, which nobody misses.
    for at in 0..parts.len() - 2 {
        let response = post(&client, "/data", MULTIPART, parts.as_bytes()[..at].to_vec());
        assert_eq!(response.status(), 400, "cut at {at}: {:?}", response.text());
    }
}

#[test]
fn limits() {
    let client = app()
        .config("max_form_parts", 3)
        .config("max_form_memory_size", 10)
        .config("max_content_length", 2_000)
        .test_client();
    let ask = |kind: &str, body: String, status: u16, expected: &str| {
        let response = post(&client, "/data", kind, body);
        assert_eq!(response.status(), status);
        assert!(words(&response).contains(expected), "{}", words(&response));
    };
    let fields = |count| multipart(&vec![("name=\"a\"", "1"); count]);
    ask(MULTIPART, fields(3), 200, "a=1\na=1\na=1");
    ask(MULTIPART, fields(4), 413, "`max_form_parts` of 3");
    ask(URLENCODED, "a&b&c".to_owned(), 200, "a=\nb=\nc=");
    ask(URLENCODED, "a&b&c&d".to_owned(), 413, "`max_form_parts` of 3");
    ask(MULTIPART, multipart(&[("name=\"a\"", "12345"), ("name=\"b\"", "67890")]), 200, "b=67890");
    ask(
        MULTIPART,
        multipart(&[("name=\"a\"", "12345"), ("name=\"b\"", "678901")]),
        413,
        "`max_form_memory_size` of 10",
    );
    ask(
        MULTIPART,
        multipart(&[("name=\"a\"; filename=\"f\"", &"x".repeat(1000))]),
        200,
        "a: f, , 1000",
    );
    ask(
        MULTIPART,
        multipart(&[("name=\"a\"; filename=\"f\"", &"x".repeat(2000))]),
        413,
        "`max_content_length` of 2000",
    );
    let long = multipart(&[("name=\"a\"; filename=\"f\"", &"x".repeat(2000))]);
    let pieces = long.as_bytes().chunks(100).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let response = client.post("/data").content_type(MULTIPART).pieces(pieces).send();
    assert_eq!(response.status(), 413);
}

#[test]
fn headers_without_an_end_are_refused_early() {
    let client = app().test_client();
    let mut body = b"--XX\r\nContent-Disposition: form-data; name=\"a\"\r\nX: ".to_vec();
    body.resize(10 * 1024 * 1024, b'x');
    for body in [body, vec![b'p'; 10 * 1024 * 1024]] {
        let response = post(&client, "/data", MULTIPART, body);
        assert_eq!(response.status(), 400);
        assert!(words(&response).contains("are too long"), "{}", words(&response));
    }
}

#[test]
fn uploads_are_kept_saved_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("saved.bin");
    let path = target.clone();
    let app = route(App::new(), "/", move |request: Request| {
        let path = path.clone();
        async move {
            let form = request.form().await?;
            let doc = form.file_or_400("doc")?.clone();
            let whole = doc.read().await?;
            doc.save(&path).await?;
            let again = path.clone();
            let name = doc.safe_filename();
            let same = request
                .run_blocking(move || {
                    use std::io::{Read, Seek, SeekFrom};
                    let mut reader = doc.open();
                    let mut tail = Vec::new();
                    reader.seek(SeekFrom::End(-3))?;
                    reader.read_to_end(&mut tail)?;
                    doc.save_blocking(&again)?;
                    let missing = doc.save_blocking("/no/such/folder/x").is_err();
                    Ok::<_, std::io::Error>((tail, doc.read_blocking()?, missing))
                })
                .await??;
            assert!(same.1 == whole && whole.ends_with(&same.0) && same.2);
            Ok::<_, carafe::Error>(format!("{name} {}", whole.len()))
        }
    });
    let client = app.test_client();
    for size in [0, 10, 500_000, 500_001, 900_000, 5_000_000] {
        let content: Vec<u8> = (0..size + 3).map(|n: usize| (n % 251) as u8).collect();
        let expected = format!("a_b.bin {}", content.len());
        let sent = content.clone();
        let response = client
            .post("/")
            .multipart(|form| form.file("doc", "../a b.bin", "application/octet-stream", sent))
            .deadline(Duration::from_secs(20))
            .send();
        assert_eq!(response.text(), expected, "{:?}", response.error());
        assert!(fs::read(&target).unwrap() == content);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&target).unwrap().permissions().mode();
        assert_eq!(mode & 0o600, 0o600);
    }
}
