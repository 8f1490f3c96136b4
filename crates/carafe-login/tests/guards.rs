//! What visitors are told who may not: by attribute, by hook, by argument; in pages and to scripts.

mod common;

use carafe::prelude::*;
use carafe::testing::{TestClient, TestResponse};
use carafe_login::{Account, Login, LoginManager, User};
use common::{API_TOKEN, Member, PASSWORD, app, manager, sign_in_as};

fn page(client: &TestClient, path: &str) -> TestResponse {
    client.get(path).accept("text/html,application/xhtml+xml,*/*;q=0.8").send()
}

#[test]
fn strangers_are_sent_to_sign_in() {
    let client = app(manager()).test_client();
    let check = |path: &str, location: &str| {
        let answer = page(&client, path);
        assert_eq!((answer.status().as_u16(), answer.location()), (302, Some(location)), "{path}");
    };
    check("/secret", "/login?next=/secret");
    check("/secret?a=b&c=d%20e", "/login?next=/secret%3Fa%3Db%26c%3Dd%2520e");
    check("/plain/5", "/login?next=/plain/5");
    check("/me", "/login?next=/me");
    check("/admin", "/login?next=/admin");
    check("/fresh", "/login?next=/fresh");
    // A form that was sent cannot be sent again by a link.
    let answer = client.post("/write").accept("text/html").send();
    assert_eq!(answer.location(), Some("/login"));
    assert_eq!(page(&client, "/login").text(), "Please log in to access this page.");
}

#[test]
fn and_come_back() {
    let client = app(manager()).test_client();
    let fields = [("name", "ann"), ("password", PASSWORD)];
    let check = |next: &str, location: &str| {
        let answer = client.post("/login").query(&[("next", next)]).form(&fields).send();
        assert_eq!(answer.location(), Some(location), "{next}");
    };
    check("/secret?a=b", "/secret?a=b");
    for evil in [
        "//evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "/a\r\nset-cookie: x=y",
        "http://localhost@evil.example/",
        "",
    ] {
        check(evil, "/");
    }
}

#[test]
fn scripts_are_told_in_json() {
    let client = app(manager().basic().bearer()).config("login.realm", "the \"app\"").test_client();
    let told = |answer: TestResponse| {
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.content_type(), Some("application/json"));
        assert_eq!(answer.json::<serde_json::Value>()["error"]["status"], 401);
        let headers = answer.headers().get_all("www-authenticate").iter();
        headers.map(|header| header.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both = [r#"Bearer realm="the \"app\"""#, r#"Basic realm="the \"app\"", charset=UTF-8"#];
    assert_eq!(told(client.get("/secret").accept("application/json").send()), both);
    assert_eq!(told(client.get("/secret").accept("*/*").send()), both);
    let fetch = client.get("/secret").accept("text/html").header("sec-fetch-dest", "empty");
    assert_eq!(told(fetch.send()), both);
    let old =
        client.get("/secret").accept("text/html").header("x-requested-with", "XMLHttpRequest");
    assert_eq!(told(old.send()), both);
    let wrong = told(client.get("/secret").bearer("wrong").send());
    assert_eq!(wrong[0], r#"Bearer realm="the \"app\"", error=invalid_token"#);
}

#[test]
fn without_a_page_to_sign_in_it_is_401() {
    let client = app(LoginManager::from_config()).test_client();
    let answer = page(&client, "/secret");
    assert_eq!(answer.status(), 401);
    assert!(answer.text().contains("sign in to see this"), "{}", answer.text());
    let answer = client.get("/me").accept("application/json").send();
    assert_eq!((answer.status().as_u16(), answer.mimetype()), (401, "application/json"));
}

#[test]
fn roles_and_permissions() {
    let client = app(manager()).test_client();
    let status = |client: &TestClient| {
        let admin = client.get("/admin").send().status().as_u16();
        let write = client.post("/write").accept("application/json").send().status().as_u16();
        (admin, write)
    };
    assert_eq!(status(&client), (302, 401));
    sign_in_as(&client, "bob", false);
    assert_eq!(status(&client), (403, 403));
    assert_eq!(client.get("/plain/5").send().text(), "plain 5");
    sign_in_as(&client, "ann", false);
    assert_eq!(status(&client), (200, 200));
}

#[test]
fn freshness() {
    let client = app(manager().refresh_view("/again")).test_client();
    sign_in_as(&client, "ann", true);
    assert_eq!(client.get("/fresh").send().text(), "fresh");
    client.delete_cookie("session");
    assert_eq!(client.get("/secret").send().text(), "secret");
    let answer = page(&client, "/fresh");
    assert_eq!(answer.location(), Some("/again?next=/fresh"));
    assert_eq!(page(&client, "/login").text(), "Please reauthenticate to access this page.");
    let answer = client.post("/fresh").accept("application/json").send();
    assert_eq!(answer.status(), 401);
    client.post("/confirm").send();
    assert_eq!(client.get("/fresh").send().text(), "fresh");
}

#[test]
fn freshness_passes() {
    let client = app(manager()).config("login.fresh_lifetime", "0 s").test_client();
    sign_in_as(&client, "ann", false);
    assert_eq!(client.get("/me").send().text(), "ann stale");
    let client = app(manager()).config("login.fresh_lifetime", "1 h").test_client();
    sign_in_as(&client, "ann", false);
    assert_eq!(client.get("/me").send().text(), "ann fresh");
}

#[get("/")]
async fn dashboard() -> &'static str {
    "dashboard"
}

#[get("/plain")]
fn plain_dashboard(user: User<Member>) -> String {
    user.name.to_owned()
}

#[test]
fn a_blueprint_as_a_whole() {
    let admin = Blueprint::new("admin")
        .prefix("/area")
        .before_request(carafe_login::login_required)
        .before_request(carafe_login::roles(&["admin"]))
        .routes(routes![dashboard, plain_dashboard]);
    let fresh = Blueprint::new("fresh")
        .prefix("/vault")
        .before_request(carafe_login::fresh_login_required)
        .before_request(carafe_login::permissions(&["write"]))
        .routes(routes![dashboard]);
    let client = app(manager()).blueprint(admin).blueprint(fresh).test_client();
    assert_eq!(client.get("/area/").send().location(), Some("/login?next=/area/"));
    assert_eq!(client.get("/vault/").send().location(), Some("/login?next=/vault/"));
    sign_in_as(&client, "bob", false);
    assert_eq!(client.get("/area/").send().status(), 403);
    assert_eq!(client.get("/vault/").send().status(), 403);
    sign_in_as(&client, "ann", true);
    assert_eq!(client.get("/area/").send().text(), "dashboard");
    assert_eq!(client.get("/area/plain").send().text(), "ann");
    assert_eq!(client.get("/vault/").send().text(), "dashboard");
    client.delete_cookie("session");
    assert_eq!(client.get("/vault/").send().status(), 302);
    assert_eq!(client.get("/area/").send().text(), "dashboard");
}

#[test]
fn credentials_with_each_request() {
    let client = app(manager().basic().bearer()).test_client();
    assert_eq!(client.get("/me").basic_auth("ann", PASSWORD).send().text(), "ann fresh");
    assert_eq!(client.get("/me").basic_auth("bob", PASSWORD).send().text(), "bob fresh");
    assert_eq!(client.get("/me").basic_auth("ann", "wrong").send().status(), 401);
    assert_eq!(client.get("/me").basic_auth("eve", PASSWORD).send().status(), 401);
    assert_eq!(client.get("/me").bearer(API_TOKEN).send().text(), "ann fresh");
    let wrong = client.get("/me").bearer("else").send();
    assert_eq!(wrong.status(), 401);
    assert_eq!(
        wrong.header("www-authenticate"),
        Some(r#"Bearer realm="app", error=invalid_token"#)
    );
    assert_eq!(client.get("/me").header("x-member", "bob").send().text(), "bob fresh");
    assert_eq!(client.get("/fresh").bearer(API_TOKEN).send().text(), "fresh");
    // Nobody was signed in by any of it.
    assert_eq!(client.cookie("session"), None);
    assert_eq!(client.get("/").send().text(), "nobody");
    // What is not switched on is not looked at.
    let client = app(manager()).test_client();
    assert_eq!(client.get("/").basic_auth("ann", PASSWORD).send().text(), "nobody");
    assert_eq!(client.get("/").bearer(API_TOKEN).send().text(), "nobody");
}

#[test]
fn answers_of_the_apps_own() {
    let manager = manager()
        .unauthorized_handler(|_| async { Ok(Response::text("who are you?").with_status(401)) })
        .needs_refresh_handler(|_| async { abort!(418) });
    let client = app(manager).test_client();
    let answer = client.get("/secret").send();
    assert_eq!((answer.status().as_u16(), answer.text().as_str()), (401, "who are you?"));
    assert_eq!(client.get("/me").send().text(), "who are you?");
    sign_in_as(&client, "ann", true);
    client.delete_cookie("session");
    assert_eq!(client.get("/fresh").send().status(), 418);
}

#[test]
fn next_in_the_session() {
    let client = app(manager()).config("login.use_session_for_next", true).test_client();
    assert_eq!(page(&client, "/secret?a=b").location(), Some("/login"));
    let fields = [("name", "ann"), ("password", PASSWORD)];
    assert_eq!(client.post("/login").form(&fields).send().location(), Some("/secret?a=b"));
    assert_eq!(client.post("/login").form(&fields).send().location(), Some("/"));
}

#[test]
fn too_many_wrong_passwords() {
    let app = app(manager().basic())
        .config("login.attempts_per_account", 3)
        .config("login.attempts_per_address", 5);
    let client = app.test_client();
    let attempt = |name: &str, password: &str, address: [u8; 4]| {
        let fields = [("name", name), ("password", password)];
        client.post("/login").remote_addr(address).form(&fields).send()
    };
    let home = [10, 0, 0, 1];
    for _ in 0..3 {
        assert_eq!(attempt("ann", "wrong", home).status(), 401);
    }
    // Also the right one, and from elsewhere.
    let answer = attempt("ANN", PASSWORD, [10, 0, 0, 2]);
    assert_eq!(answer.status(), 429);
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((800..=901).contains(&seconds), "{seconds}");
    assert!(answer.text().contains("too many attempts"), "{}", answer.text());
    assert_eq!(client.get("/me").basic_auth("ann", PASSWORD).send().status(), 429);
    assert_eq!(attempt("bob", PASSWORD, home).status(), 302);
    assert_eq!(attempt("cleo", "wrong", home).status(), 401);
    assert_eq!(attempt("dora", "wrong", home).status(), 401);
    assert_eq!(attempt("bob", PASSWORD, home).status(), 429);
    assert_eq!(attempt("bob", PASSWORD, [10, 0, 0, 3]).status(), 302);
}

/// A member whose storage fails when the request says so.
struct Fragile;

impl Account for Fragile {
    fn id(&self) -> String {
        "1".to_owned()
    }

    async fn load(request: &Request, _: &str) -> Result<Option<Fragile>> {
        match request.header("x-broken") {
            Some(_) => abort!(503, "the storage is away"),
            None => Ok(Some(Fragile)),
        }
    }
}

#[post("/in")]
async fn fragile_in(login: Login) -> Result<()> {
    login.login_user(&Fragile).await?;
    Ok(())
}

#[get("/who")]
async fn who(user: Option<User<Fragile>>) -> String {
    user.is_some().to_string()
}

#[test]
fn a_failing_storage_makes_nobody_a_stranger() {
    for load_each_request in [true, false] {
        let client = App::new()
            .extension(LoginManager::<Fragile>::from_config())
            .config("login.load_each_request", load_each_request)
            .routes(routes![fragile_in, who])
            .test_client();
        assert_eq!(client.get("/who").send().text(), "false");
        client.post("/in").send();
        assert_eq!(client.get("/who").send().text(), "true");
        assert_eq!(client.get("/who").header("x-broken", "yes").send().status(), 503);
        assert_eq!(client.get("/who").send().text(), "true");
    }
}
