//! Sessions as visitors meet them: the cookie, its attributes, and what breaks it.

use std::time::SystemTime;

use carafe::testing::{TestClient, TestCookie, TestResponse};
use carafe::{App, Request, Result, Rule, Session, View, get, routes};

const SECRET: &str = "a secret of more than 16 bytes";

/// `/set`, `/get`, `/clear`, .. do to the session what their names say.
fn app() -> App {
    fn view<F>(act: F) -> View
    where
        F: Fn(&Request) -> Result<String> + Send + Sync + Clone + 'static,
    {
        View::new(move |request: Request| {
            let act = act.clone();
            async move { act(&request) }
        })
    }
    let rule = |name: &str| Rule::new(format!("/{name}")).endpoint(name);
    App::new()
        .config("secret_key", SECRET)
        .add_url_rule(rule("nothing"), view(|_| Ok(String::new())))
        .add_url_rule(rule("open"), view(|request| Ok(request.session().is_new().to_string())))
        .add_url_rule(
            rule("get"),
            view(|request| Ok(request.session().get::<String>("key").unwrap_or_default())),
        )
        .add_url_rule(
            rule("set"),
            view(|request| {
                request.session().set("key", "value")?;
                Ok(String::new())
            }),
        )
        .add_url_rule(
            rule("permanent"),
            view(|request| {
                let session = request.session();
                session.set_permanent(true);
                session.set("key", "value").map(|()| String::new())
            }),
        )
        .add_url_rule(
            rule("clear"),
            view(|request| {
                request.session().clear();
                Ok(String::new())
            }),
        )
}

fn set_cookie(response: &TestResponse) -> String {
    response.header("set-cookie").unwrap_or_default().to_owned()
}

#[test]
fn values_come_back() {
    let client = app().test_client();
    assert_eq!(client.get("/get").send().text(), "");
    client.get("/set").send().assert_status(200);
    assert_eq!(client.get("/get").send().text(), "value");
    assert_eq!(client.another().get("/get").send().text(), "");
    client.get("/clear").send();
    assert_eq!(client.cookie("session"), None);
    assert_eq!(client.get("/get").send().text(), "");
}

#[get("/plain")]
fn plain(session: Session) -> carafe::Result<String> {
    session.set("key", session.get::<i64>("key").unwrap_or(0) + 1)?;
    Ok(format!("{session:?}"))
}

#[get("/waiting")]
async fn waiting(session: Session) -> String {
    tokio::task::yield_now().await;
    session.get_value("key").unwrap_or_default().to_string()
}

#[test]
fn plain_and_async_functions_take_it() {
    let client = app().routes(routes![plain, waiting]).test_client();
    assert_eq!(client.get("/waiting").send().text(), "null");
    assert_eq!(client.get("/plain").send().text(), "[\"key\"]");
    assert_eq!(client.get("/waiting").send().text(), "1");
    assert_eq!(client.session_get::<i64>("key"), Some(1));
}

/// What the response says about the session: its cookie, and whether it varies.
#[test]
fn responses_say_as_much_as_needed() {
    let check = |before: &[&str], path: &str, cookie: &str, varies: bool| {
        let client = app().test_client();
        for path in before {
            client.get(path).send().assert_status(200);
        }
        let response = client.get(path).send();
        let header = set_cookie(&response);
        assert!(header.starts_with(cookie) && cookie.is_empty() == header.is_empty(), "{header}");
        assert_eq!(response.header("vary").is_some(), varies, "{before:?} {path}");
    };
    check(&[], "/nothing", "", false);
    check(&[], "/open", "", false);
    check(&[], "/get", "", true);
    check(&[], "/clear", "session=; Expires=Thu, 01 Jan 1970", true);
    check(&[], "/set", "session=1.", true);
    check(&["/set"], "/nothing", "", false);
    check(&["/set"], "/get", "", true);
    check(&["/set"], "/set", "session=1.", true);
    check(&["/set"], "/clear", "session=; Expires=Thu, 01 Jan 1970", true);
    check(&["/permanent"], "/get", "session=1.", true);
    check(&["/permanent"], "/nothing", "", false);
}

#[test]
fn attributes_follow_the_settings() {
    let attributes = |app: App, url: &str| {
        let response = app.test_client().get(url).send();
        let header = set_cookie(&response);
        let (_, attributes) = header.split_once("; ").unwrap_or_default();
        attributes.to_owned()
    };
    let check = |key: &str, value: serde_json::Value, expected: &str| {
        assert_eq!(attributes(app().config(key, value), "/set"), expected, "{key}");
    };
    check("debug", false.into(), "HttpOnly; Path=/; SameSite=Lax");
    check("session_cookie_secure", true.into(), "Secure; HttpOnly; Path=/; SameSite=Lax");
    check("session_cookie_httponly", false.into(), "Path=/; SameSite=Lax");
    check("session_cookie_samesite", "Strict".into(), "HttpOnly; Path=/; SameSite=Strict");
    check("session_cookie_samesite", "Unset".into(), "HttpOnly; Path=/");
    check("session_cookie_path", "/shop".into(), "HttpOnly; Path=/shop; SameSite=Lax");
    check("application_root", "/app".into(), "HttpOnly; Path=/app; SameSite=Lax");
    check(
        "session_cookie_domain",
        "shop.example".into(),
        "Domain=shop.example; HttpOnly; Path=/; SameSite=Lax",
    );
    check(
        "session_cookie_partitioned",
        true.into(),
        "Secure; HttpOnly; Path=/; SameSite=Lax; Partitioned",
    );
    let over_https = "https://localhost/set";
    assert_eq!(attributes(app(), over_https), "Secure; HttpOnly; Path=/; SameSite=Lax");
    let never = app().config("session_cookie_secure", false);
    assert_eq!(attributes(never, over_https), "HttpOnly; Path=/; SameSite=Lax");
}

#[test]
fn a_deleted_cookie_has_the_attributes_it_was_set_with() {
    let client = app()
        .config("session_cookie_name", "sid")
        .config("session_cookie_path", "/clear")
        .config("session_cookie_domain", "localhost")
        .test_client();
    client.get("/set").send();
    assert!(client.cookie("sid").is_some());
    let cookie = client.get("/clear").send().cookie("sid").unwrap();
    assert!(cookie.is_deletion() && cookie.http_only());
    assert_eq!((cookie.path(), cookie.domain()), (Some("/clear"), Some("localhost")));
    assert_eq!(client.cookie("sid"), None);
}

#[test]
fn permanent_sessions_outlive_the_browser() {
    let client = app().config("permanent_session_lifetime", "1h").test_client();
    let first = client.get("/permanent").send().cookie("session").unwrap();
    let lasts = |cookie: &TestCookie| {
        let left = cookie.expires().unwrap().duration_since(SystemTime::now()).unwrap();
        (3590..=3600).contains(&left.as_secs())
    };
    assert!(lasts(&first));
    let again = client.get("/get").send().cookie("session").unwrap();
    assert!(lasts(&again));
    let client = app().config("session_refresh_each_request", false).test_client();
    client.get("/permanent").send();
    assert!(client.get("/get").send().cookie("session").is_none());
    assert!(client.session(|session| session.is_permanent()));
}

fn signed_by(secret: &str, fallbacks: &[&str]) -> TestClient {
    app()
        .config("secret_key", secret)
        .config("secret_key_fallbacks", fallbacks.to_vec())
        .test_client()
}

#[test]
fn foreign_cookies_are_empty_sessions() {
    let client = signed_by(SECRET, &[]);
    client.get("/set").send();
    let good = client.cookie("session").unwrap();
    let check = |cookie: &str, text: &str| {
        let response = client.another().get("/get").header("cookie", cookie).send();
        assert_eq!((response.status().as_u16(), response.text().as_str()), (200, text), "{cookie}");
    };
    check(&format!("session={good}"), "value");
    check(&format!("session={good}x"), "");
    check(&format!("session=x{good}"), "");
    check(&format!("session={}", good.replacen('.', "", 1)), "");
    check("session=", "");
    check("session=a.b.c", "");
    check("session=eyJrZXkiOiJ2YWx1ZSJ9.ZVPxAA.sig", "");
    check(&format!("session={}", "a".repeat(16 * 1024 + 1)), "");
    // A cookie that someone else set for a wider domain does not hide the app's own.
    check(&format!("session=foreign; session={good}"), "value");
    check(&format!("other={good}; session=x"), "");
}

#[test]
fn old_keys_verify_and_new_ones_sign() {
    let (old, new) = ("the old secret key..", "the new secret key..");
    let before = signed_by(old, &[]);
    before.get("/set").send();
    let cookie = before.cookie("session").unwrap();
    let check = |secret: &str, fallbacks: &[&str], text: &str| {
        let client = signed_by(secret, fallbacks);
        client.set_cookie("session", &cookie);
        assert_eq!(client.get("/get").send().text(), text);
        client.get("/set").send();
        client.cookie("session").unwrap()
    };
    check(new, &[], "");
    check(new, &["yet another secret key", old], "value");
    let renewed = check(new, &[old], "value");
    let client = signed_by(new, &[]);
    client.set_cookie("session", &renewed);
    assert_eq!(client.get("/get").send().text(), "value");
}

#[test]
fn setup_refuses_short_keys_and_bad_cookies() {
    let check = |key: &str, value: &str, words: &str| {
        let error = App::new().config(key, value).try_test_client().err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    };
    check("secret_key", "dev", "`secret_key` has 3 bytes");
    check("session_cookie_domain", "a b", "domain");
}

#[test]
fn without_a_key_a_test_still_has_sessions() {
    let view = View::new(|request: Request| async move { request.session().set("a", 1) });
    let client = App::new().add_url_rule(Rule::new("/").endpoint("index"), view).test_client();
    client.get("/").send();
    assert_eq!(client.session_get::<i64>("a"), Some(1));
}

#[test]
fn vary_is_not_said_twice() {
    let view = View::new(|request: Request| async move {
        request.session().get_value("a");
        carafe::Response::text("").with_header("vary", "Accept, Cookie")
    });
    let client = App::new().add_url_rule(Rule::new("/").endpoint("index"), view).test_client();
    let response = client.get("/").send();
    assert_eq!(response.headers().get_all("vary").iter().collect::<Vec<_>>(), ["Accept, Cookie"]);
}
