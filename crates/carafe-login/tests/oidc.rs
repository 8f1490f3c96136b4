//! Sign-in by OpenID Connect, against a provider that the test starts.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod provider;

use std::sync::Mutex;

use carafe::prelude::*;
use carafe::testing::TestClient;
use carafe_login::{Account, Identity, LoginManager, User, login_required};
use provider::{CLIENT, Provider, SECRET, pairs};
use serde_json::{Value, json};

/// Who came by, as the app makes accounts of them.
#[derive(Clone)]
struct Member {
    subject: String,
    email: Option<String>,
}

static MEMBERS: Mutex<Vec<Member>> = Mutex::new(Vec::new());

impl Account for Member {
    fn id(&self) -> String {
        // Tests that run at once meet here; their members differ by address.
        format!("{} {:?}", self.subject, self.email)
    }

    async fn load(_: &Request, id: &str) -> Result<Option<Member>> {
        Ok(MEMBERS.lock().unwrap().iter().find(|member| member.id() == id).cloned())
    }

    async fn from_identity(_: &Request, identity: &Identity) -> Result<Option<Member>> {
        if identity.subject == "stranger" {
            return Ok(None);
        }
        let email = identity.email.clone().filter(|_| identity.email_verified);
        let member =
            Member { subject: format!("{} {}", identity.provider, identity.subject), email };
        MEMBERS.lock().unwrap().push(member.clone());
        Ok(Some(member))
    }
}

#[get("/me")]
#[login_required]
async fn me(user: User<Member>) -> String {
    format!("{} {:?} {}", user.subject, user.email, user.is_fresh())
}

fn client(provider: &Provider) -> TestClient {
    client_of("test", &provider.issuer())
}

fn client_of(name: &str, issuer: &str) -> TestClient {
    App::new()
        .extension(LoginManager::<Member>::from_config().oidc().login_view("/login/oidc/test"))
        .config(&format!("login.oidc.{name}.issuer"), issuer)
        .config(&format!("login.oidc.{name}.client_id"), CLIENT)
        .config(&format!("login.oidc.{name}.client_secret"), SECRET)
        .routes(routes![me])
        .test_client()
}

/// Goes to the provider and comes back; the status and where it leads.
fn sign_in(provider: &Provider, client: &TestClient, next: &str) -> (u16, Option<String>) {
    let sent = client.get("/login/oidc/test").query(&[("next", next)]).send();
    assert_eq!(sent.status(), 302, "{}", sent.text());
    let back = provider.authorize(sent.location().unwrap());
    come_back(client, &back)
}

fn come_back(client: &TestClient, back: &str) -> (u16, Option<String>) {
    let path = back.strip_prefix("http://localhost").unwrap();
    let answer = client.get(path).send();
    (answer.status().as_u16(), answer.location().map(str::to_owned))
}

#[test]
fn signs_in() {
    let provider = Provider::start();
    let client = client(&provider);
    let sent = client.get("/me").send();
    assert_eq!(sent.location(), Some("/login/oidc/test?next=/me"));
    assert_eq!(sign_in(&provider, &client, "/me"), (302, Some("/me".to_owned())));
    assert_eq!(client.get("/me").send().text(), "test subject-1 Some(\"ann@example.com\") true");
    // Nothing waits any more, and no address elsewhere is followed.
    assert!(client.session(|session| !session.contains("_login_oidc_secret")));
    assert_eq!(sign_in(&provider, &client, "//evil.example"), (302, Some("/".to_owned())));
    // Addresses and keys are asked for once.
    assert_eq!(provider.known.0.lock().unwrap().discovered, 1);
}

#[test]
fn asks_for_the_address_where_the_token_does_not_tell() {
    let provider = Provider::start();
    let client = client(&provider);
    provider.wish(|wish| wish.email_elsewhere = true);
    sign_in(&provider, &client, "/");
    assert!(client.get("/me").send().text().contains("ann@userinfo.example"));
    // An address that nobody made sure of is none.
    provider.wish(|wish| {
        wish.email_elsewhere = false;
        wish.claims.insert("email_verified".to_owned(), json!(false));
    });
    sign_in(&provider, &client.another(), "/");
    let last = MEMBERS.lock().unwrap().iter().any(|member| member.email.is_none());
    assert!(last);
}

#[test]
fn a_new_key_of_the_provider_is_learnt() {
    let provider = Provider::start();
    let client = client(&provider);
    assert_eq!(sign_in(&provider, &client, "/").0, 302);
    provider.wish(|wish| wish.rotated = true);
    // Not more often than each half minute: here the first look was just now.
    assert_eq!(sign_in(&provider, &client, "/").0, 401);
    let client = self::client(&provider);
    assert_eq!(sign_in(&provider, &client, "/").0, 302);
}

#[test]
fn tokens_that_are_not_to_be_trusted() {
    let provider = Provider::start();
    let client = client(&provider);
    let check = |change: &dyn Fn(&mut provider::Wish)| {
        provider.wish(|wish| *wish = provider::Wish::default());
        provider.wish(|wish| change(wish));
        assert_eq!(sign_in(&provider, &client, "/"), (401, None));
        assert_eq!(client.get("/me").send().status(), 302);
    };
    let claim = |name: &'static str, value: Value| {
        check(&|wish| drop(wish.claims.insert(name.to_owned(), value.clone())));
    };
    claim("nonce", json!("of another sign-in"));
    claim("nonce", Value::Null);
    claim("aud", json!("another app"));
    claim("aud", json!([CLIENT, "another app"]));
    claim("iss", json!("https://evil.example"));
    claim("exp", json!(1_000_000_000));
    claim("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"));
    check(&|wish| wish.forged = true);
    check(&|wish| wish.unsigned = true);
    check(&|wish| wish.symmetric = true);
}

#[test]
fn answers_that_nobody_waits_for() {
    let provider = Provider::start();
    let client = client(&provider);
    let begin = || {
        let sent = client.get("/login/oidc/test").send();
        sent.location().unwrap().to_owned()
    };
    // Another browser, a changed state, twice, without a code, refused, of another provider.
    let back = provider.authorize(&begin());
    assert_eq!(come_back(&client.another(), &back).0, 400);
    let changed = back.replace("state=", "state=x");
    assert_eq!(come_back(&client, &changed).0, 400);
    assert_eq!(come_back(&client, &back).0, 302);
    assert_eq!(come_back(&client, &back).0, 400);
    let state = |url: &str| pairs(url.split_once('?').unwrap().1)["state"].clone();
    let path = |query: &str| {
        let state = state(&begin());
        come_back(
            &client,
            &format!("http://localhost/login/oidc/test/callback?state={state}&{query}"),
        )
    };
    assert_eq!(path("").0, 400);
    assert_eq!(path("error=access_denied").0, 401);
    assert_eq!(path("code=code-0&iss=https://evil.example").0, 400);
    assert_eq!(client.get("/login/oidc/test/callback").send().status(), 400);
    assert_eq!(client.get("/login/oidc/else").send().status(), 404);
    assert_eq!(client.get("/login/oidc/else/callback").send().status(), 404);
    // A few tabs at once are fine, many are not.
    let urls: Vec<String> = (0..4).map(|_| begin()).collect();
    assert_eq!(come_back(&client, &provider.authorize(&urls[0])).0, 400);
    assert_eq!(come_back(&client, &provider.authorize(&urls[1])).0, 302);
}

#[test]
fn whom_the_app_does_not_know() {
    let provider = Provider::start();
    let client = client(&provider);
    provider.wish(|wish| drop(wish.claims.insert("sub".to_owned(), json!("stranger"))));
    assert_eq!(sign_in(&provider, &client, "/").0, 403);
    assert_eq!(client.get("/me").send().status(), 302);
}

#[test]
fn a_provider_that_is_away_is_502() {
    let provider = Provider::start();
    let client = client(&provider);
    provider.wish(|wish| wish.broken = true);
    assert_eq!(sign_in(&provider, &client, "/").0, 502);
    let issuer = provider.issuer();
    drop(provider);
    let answer = client_of("test", &issuer).get("/login/oidc/test").send();
    assert_eq!(answer.status(), 502);
    assert!(!answer.text().contains(SECRET));
}

#[test]
fn settings_are_checked_before_serving() {
    let check = |issuer: &str, words: &str| {
        let app = App::new()
            .extension(LoginManager::<Member>::from_config().oidc())
            .config("login.oidc.test.issuer", issuer)
            .config("login.oidc.test.client_id", CLIENT);
        let error = app.try_test_client().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(words), "{error}");
    };
    check(
        "http://accounts.example",
        "`login.oidc.test.issuer` is `http://accounts.example`, which is not https",
    );
    check("accounts", "`login.oidc.test.issuer` is no address");
    check("https://accounts.example", "");
}
