//! The test client, tested.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use carafe::testing::TestClient;
use carafe::{App, Body, Request, Response, Rule, UrlFor, View, abort, flash};

/// Tells what came: the method, the URL, some headers, the body.
async fn echo(request: Request) -> carafe::Result<String> {
    let header = |name: &str| request.header(name).unwrap_or("-").to_owned();
    Ok(format!(
        "{} {} from {} type {} auth {} cookie {} length {} body {}",
        request.method(),
        request.url(),
        request.remote_addr().map(|address| address.ip().to_string()).unwrap_or_default(),
        header("content-type"),
        header("authorization"),
        header("cookie"),
        header("content-length"),
        request.text().await?,
    ))
}

fn redirect(to: &'static str, status: u16) -> View {
    View::new(move |_: Request| async move {
        Response::text("moved").with_status(status).with_header("location", to)
    })
}

fn app() -> App {
    App::new()
        .add_url_rule(Rule::new("/echo").endpoint("echo").any_method(), View::new(echo))
        .add_url_rule(Rule::new("/echo/<path:rest>").endpoint("rest").any_method(), View::new(echo))
        .add_url_rule(Rule::new("/to/echo").endpoint("303").any_method(), redirect("/echo?a", 303))
        .add_url_rule(Rule::new("/to/same").endpoint("307").any_method(), redirect("../echo", 307))
        .add_url_rule(Rule::new("/to/two").endpoint("302"), redirect("echo", 302))
        .add_url_rule(Rule::new("/to/circle").endpoint("circle"), redirect("/to/circle", 302))
        .add_url_rule(
            Rule::new("/to/world").endpoint("world"),
            redirect("https://example.com/", 302),
        )
}

fn client() -> TestClient {
    app().test_client()
}

#[test]
fn requests_arrive_as_they_were_built() {
    let client = client();
    let check = |request: carafe::testing::TestRequest<'_>, expected: &str| {
        assert_eq!(request.send().text(), expected);
    };
    let plain = "from 127.0.0.1 type - auth - cookie - length - body ";
    check(client.get("/echo"), &format!("GET http://localhost/echo {plain}"));
    check(client.get("echo?a=b"), &format!("GET http://localhost/echo?a=b {plain}"));
    check(
        client.get("/echo?a=b").query(&[("c", "d e"), ("é", "&")]),
        &format!("GET http://localhost/echo?a=b&c=d+e&é=%26 {plain}"),
    );
    check(client.get("/echo/a b"), &format!("GET http://localhost/echo/a%20b {plain}"));
    check(client.request("PURGE", "/echo"), &format!("PURGE http://localhost/echo {plain}"));
    check(client.trace("/echo"), &format!("TRACE http://localhost/echo {plain}"));
    check(
        client.get("/echo").base_url("https://shop.example:8443"),
        &format!("GET https://shop.example:8443/echo {plain}"),
    );
    check(
        client.get("https://shop.example/echo").subdomain("api"),
        &format!("GET https://api.shop.example/echo {plain}"),
    );
    check(
        client.put("/echo").text("hé").remote_addr([10, 0, 0, 1]),
        "PUT http://localhost/echo from 10.0.0.1 type text/plain; charset=utf-8 auth - cookie - length 3 body hé",
    );
    check(
        client.patch("/echo").json(&[1, 2]).basic_auth("ann", "pw"),
        "PATCH http://localhost/echo from 127.0.0.1 type application/json auth Basic YW5uOnB3 cookie - length 5 body [1,2]",
    );
    check(
        client.delete("/echo").form(&[("a", "b c"), ("d", "&")]).bearer("token"),
        "DELETE http://localhost/echo from 127.0.0.1 type application/x-www-form-urlencoded auth Bearer token cookie - length 11 body a=b+c&d=%26",
    );
    check(
        client.post("/echo").pieces(["ab", "cd"]),
        "POST http://localhost/echo from 127.0.0.1 type - auth - cookie - length - body abcd",
    );
    check(
        client.post("/echo").body("x").content_type("a/b").content_type("c/d"),
        "POST http://localhost/echo from 127.0.0.1 type c/d auth - cookie - length 1 body x",
    );
    let text = client.post("/echo").multipart(|form| form.field("a", "b")).send().text();
    assert!(text.contains("type multipart/form-data; boundary=carafe-test "), "{text}");
    assert!(text.ends_with("name=\"a\"\r\n\r\nb\r\n--carafe-test--\r\n"), "{text}");
}

#[test]
fn responses_tell_everything() {
    let view = View::new(|_: Request| async {
        Response::typed("application/json", r#"{"a":[1]}"#).with_status(201).with_header("x-a", "b")
    });
    let client =
        App::new().add_url_rule(Rule::new("/").endpoint("index").any_method(), view).test_client();
    let response = client.get("/").send();
    assert_eq!(response.status(), 201);
    assert_eq!((response.header("x-a"), response.mimetype()), (Some("b"), "application/json"));
    assert_eq!(response.json::<serde_json::Value>()["a"][0], 1);
    assert_eq!(response.bytes().len(), 9);
    assert_eq!(response.header("content-length"), Some("9"));
    assert_eq!((response.url(), response.method().as_str()), ("http://localhost/", "GET"));
    assert!(response.error().is_none() && !response.is_cut() && response.history().is_empty());
    let head = client.head("/").send();
    assert_eq!((head.status().as_u16(), head.text().as_str()), (201, ""));
    assert_eq!(head.header("content-length"), Some("9"));
}

#[test]
fn redirects_are_followed_when_asked() {
    let client = client();
    let response = client.get("/to/echo").send();
    assert_eq!((response.status().as_u16(), response.location()), (303, Some("/echo?a")));
    let check = |method: &str, path: &str, expected: &str| {
        let request = client.request(method, path).text("body").follow_redirects();
        let response = request.send();
        assert!(response.text().starts_with(expected), "{response:?}");
        response
    };
    check("POST", "/to/echo", "GET http://localhost/echo?a from 127.0.0.1 type - auth");
    check("PUT", "/to/same", "PUT http://localhost/echo from 127.0.0.1 type text/plain");
    let response = check("GET", "/to/two", "GET http://localhost/echo?a");
    let history: Vec<_> = response.history().iter().map(|step| step.url().to_owned()).collect();
    assert_eq!(history, ["http://localhost/to/two", "http://localhost/to/echo"]);
    assert_eq!(response.url(), "http://localhost/echo?a");
    check("POST", "https://localhost/to/same", "POST https://localhost/echo");
}

fn panic_of(work: impl FnOnce()) -> String {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)) {
        Ok(()) => "nothing panicked".to_owned(),
        Err(caught) => caught.downcast_ref::<String>().cloned().unwrap_or_default(),
    }
}

#[test]
fn redirects_that_lead_nowhere_panic() {
    let client = client();
    let check = |path: &str, words: &str| {
        let text = panic_of(|| drop(client.get(path).follow_redirects().send()));
        assert!(text.contains(words), "{text}");
    };
    check("/to/circle", "more than 20 redirects");
    check("/to/world", "another site: https://example.com/");
}

#[test]
fn a_prefix_of_the_app_is_taken_off_by_redirects() {
    let client = app()
        .config("application_root", "/shop")
        .add_url_rule(Rule::new("/start").endpoint("start"), redirect("/shop/echo", 302))
        .test_client();
    let response = client.get("/start").follow_redirects().send();
    assert_eq!(response.status(), 200);
    assert!(response.text().starts_with("GET http://localhost/shop/echo "), "{response:?}");
}

#[test]
fn cookies_are_kept() {
    let view = View::new(|request: Request| async move {
        let cookies = request.cookies();
        let seen: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut response = Response::text(seen.join(" "));
        for header in [
            "a=1",
            "b=\"x\\073y\"; Path=/",
            "c=3; Path=/other",
            "d=4; Secure",
            "e=5; Domain=example.com",
        ] {
            response.headers_mut().append("set-cookie", header.parse().unwrap());
        }
        response
    });
    let client = App::new().add_url_rule(Rule::new("/").endpoint("index"), view).test_client();
    let response = client.get("/").send();
    assert_eq!(response.text(), "");
    assert_eq!(response.cookies().len(), 5);
    assert_eq!(response.cookie("b").unwrap().value(), "x;y");
    assert_eq!(client.get("/").send().text(), "a=1 b=x;y");
    assert_eq!(client.get("https://localhost/").send().text(), "a=1 b=x;y d=4");
    assert_eq!(client.get("/").cookie("a", "own; one").send().text(), "a=own; one b=x;y");
    assert_eq!(client.get("/").header("cookie", "z=1").send().text(), "z=1");
    assert_eq!(client.cookie("b").as_deref(), Some("x;y"));
    client.set_cookie("mine", "é");
    client.delete_cookie("a");
    client.delete_cookie("d");
    assert_eq!(client.another().get("/").send().text(), "");
    assert_eq!(client.get("/").send().text(), "b=x;y mine=é");
    client.clear_cookies();
    assert_eq!(client.get("/").send().text(), "");
}

#[test]
fn errors_can_be_read() {
    let view =
        |fail: fn() -> carafe::Result<String>| View::new(move |_: Request| async move { fail() });
    let app = || {
        App::new()
            .add_url_rule(
                Rule::new("/error").endpoint("error"),
                view(|| Ok(String::from_utf8(vec![0xff])?)),
            )
            .add_url_rule(Rule::new("/panic").endpoint("panic"), view(|| panic!("no {}", "way")))
            .add_url_rule(Rule::new("/refusal").endpoint("refusal"), view(|| Err(abort(400))))
    };
    let client = app().test_client();
    let error = |path: &str| client.get(path).send().error().map(str::to_owned);
    assert_eq!(error("/panic").as_deref(), Some("panicked: no way"));
    assert!(error("/error").unwrap().contains("invalid utf-8"));
    assert_eq!(error("/refusal"), None);
    let text = panic_of(|| {
        client.get("/panic").send().assert_status(200);
    });
    assert!(text.contains("the status is not 200") && text.contains("panicked: no way"), "{text}");
    let strict = app().test_client().propagate_errors();
    let text = panic_of(|| drop(strict.get("/panic").send()));
    assert_eq!(text, "GET http://localhost/panic failed: panicked: no way");
    assert_eq!(strict.get("/refusal").send().status(), 400);
}

#[test]
fn endless_answers_end() {
    let endless =
        View::new(|_: Request| async { Response::new(Body::iter(std::iter::repeat("tick "))) });
    let silent = View::new(|_: Request| async { std::future::pending::<String>().await });
    let client = App::new()
        .add_url_rule(Rule::new("/").endpoint("endless"), endless)
        .add_url_rule(Rule::new("/silent").endpoint("silent"), silent)
        .test_client();
    let response = client.get("/").max_body(12).send();
    assert_eq!(response.text(), "tick tick ");
    assert!(response.is_cut() && response.error().unwrap().contains("12 bytes"));
    assert!(!client.get("/").max_body(0).head_has_body());
    let text = panic_of(|| drop(client.get("/silent").deadline(Duration::ZERO).send()));
    assert!(text.contains("GET http://localhost/silent was not answered within"), "{text}");
}

trait HeadHasBody {
    fn head_has_body(self) -> bool;
}

impl HeadHasBody for carafe::testing::TestRequest<'_> {
    fn head_has_body(self) -> bool {
        !self.send().bytes().is_empty()
    }
}

#[test]
fn steps_run_around_the_clients() {
    let (started, stopped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (up, down) = (started.clone(), stopped.clone());
    let client = app()
        .on_startup(move |_| {
            let up = up.clone();
            async move {
                tokio::time::sleep(Duration::ZERO).await;
                up.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        })
        .on_shutdown(move |_| {
            let down = down.clone();
            async move {
                down.fetch_add(1, Ordering::Relaxed);
            }
        })
        .test_client();
    assert_eq!(started.load(Ordering::Relaxed), 1);
    let another = client.another();
    drop(client);
    assert_eq!(another.get("/echo").send().status(), 200);
    assert_eq!(stopped.load(Ordering::Relaxed), 0);
    drop(another);
    assert_eq!((started.load(Ordering::Relaxed), stopped.load(Ordering::Relaxed)), (1, 1));
}

#[test]
fn an_app_that_cannot_start_says_so() {
    let failing = app().on_startup(|_| async { Err(abort(500).describe("no database")) });
    let error = failing.try_test_client().err().unwrap().to_string();
    assert!(error.contains("a start-up step failed: no database"), "{error}");
    let text = panic_of(|| drop(App::new().setup_problem("nothing works").test_client()));
    assert!(text.contains("nothing works"), "{text}");
}

#[test]
fn the_app_is_under_test() {
    let client = app()
        .on_startup(|running| async move {
            assert!(running.config().settings().testing);
            Ok(())
        })
        .test_client();
    assert_eq!(client.get("/echo").send().status(), 200);
}

#[test]
fn contexts_without_a_handler() {
    let context = client().post("/echo/a").text("hello").cookie("a", "b").context();
    let request = context.request();
    assert_eq!((request.method().as_str(), request.endpoint()), ("POST", Some("rest")));
    assert_eq!(request.cookies().get("a"), Some("b"));
    assert_eq!(context.wait(request.text()).unwrap(), "hello");
    assert_eq!(context.url_for("rest", UrlFor::new().value("rest", "x y")).unwrap(), "/echo/x%20y");
    let context = app()
        .before_request(|request: Request| async move {
            (request.path() == "/stop").then(|| Response::text("stopped"))
        })
        .test_request("/stop");
    assert!(context.preprocess().unwrap().is_some());
    assert_eq!(context.enter(|request| request.path().to_owned()), "/stop");
}

#[test]
fn sessions_are_open_to_tests() {
    let view = View::new(|request: Request| async move {
        request.session().get::<String>("name").unwrap_or_default()
    });
    let client = App::new().add_url_rule(Rule::new("/").endpoint("index"), view).test_client();
    client.session(|session| session.set("name", "Ann")).unwrap();
    assert_eq!(client.get("/").send().text(), "Ann");
    assert_eq!(client.session_get::<String>("name").as_deref(), Some("Ann"));
    client.session(|session| session.clear());
    assert_eq!(client.cookie("session"), None);
}

#[test]
fn templates_without_a_handler() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("templates")).unwrap();
    std::fs::write(root.path().join("templates/a.html"), "{{ request.path }} {{ name }}").unwrap();
    let context = app().root(root.path()).test_request("/echo");
    let values = || carafe::context!(name: "<Ann>");
    assert_eq!(context.render("a.html", values()).unwrap(), "/echo &lt;Ann&gt;");
    assert_eq!(context.render_string("{{ url_for('echo') }}", values()).unwrap(), "/echo");
    assert!(context.render("b.html", values()).is_err());
    context.request().session().set("user", "Ann").unwrap();
    flash(("error", "no"), &context.request().session());
    let source = "{{ session.user }} {{ get_flashed_messages(with_categories=true) }}";
    let text = context.render_string(source, values()).unwrap();
    assert!(text.starts_with("Ann ") && text.contains("error") && text.contains("no"), "{text}");
}
