//! Tokens for one purpose, for a time, and for a state; passwords; plain functions.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod common;

use std::time::Duration;

use carafe::prelude::*;
use carafe::testing::TestContext;
use carafe_login::{Login, Tokens, Verified};
use common::{PASSWORD, app, manager};

const HOUR: Duration = Duration::from_secs(3600);

fn context() -> TestContext {
    app(manager()).config("secret_key", "0123456789abcdef0123456789abcdef").test_request("/")
}

fn login(context: &TestContext) -> Login {
    context.wait(Login::from_request(context.request())).unwrap()
}

#[test]
fn a_token_is_for_one_purpose_one_user_and_one_state() {
    let context = context();
    let login = login(&context);
    let tokens = login.tokens("reset").unwrap();
    let token = tokens.make("7", "hash one");
    assert_eq!(tokens.subject(&token, HOUR).as_deref(), Some("7"));
    assert!(tokens.verify(&token, "hash one", HOUR));
    for state in ["hash two", "", "hash one "] {
        assert!(!tokens.verify(&token, state, HOUR), "{state}");
    }
    for purpose in ["confirm", "reset ", "rese", ""] {
        let other = login.tokens(purpose).unwrap();
        assert_eq!(other.subject(&token, HOUR), None, "{purpose}");
        assert!(!other.verify(&token, "hash one", HOUR), "{purpose}");
    }
    // What one purpose ends with and a state begins with is not mixed up.
    let a = login.tokens("a").unwrap().make("7", "b c");
    assert!(!login.tokens("a b").unwrap().verify(&a, "c", HOUR));
    // Any user's id, and fit for an address as it is.
    let odd = tokens.make("ann\n~.é", "s");
    assert!(odd.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-~".contains(&byte)));
    assert_eq!(tokens.subject(&odd, HOUR).as_deref(), Some("ann\n~.é"));
    assert!(tokens.verify(&odd, "s", HOUR));
}

#[test]
fn a_token_cannot_be_changed_nor_put_together() {
    let context = context();
    let tokens = login(&context).tokens("reset").unwrap();
    let (ann, bob) = (tokens.make("ann", "same"), tokens.make("bob", "same"));
    let (outer, _) = ann.split_once('~').unwrap();
    let (_, seal) = bob.split_once('~').unwrap();
    let mixed = format!("{outer}~{seal}");
    for bad in ["", "~", "a~b", outer, &format!("{outer}~"), &mixed, &format!("{ann}A"), &ann[1..]]
    {
        assert_eq!(tokens.subject(bad, HOUR), None, "{bad}");
        assert!(!tokens.verify(bad, "same", HOUR), "{bad}");
    }
    for at in 0..ann.len() {
        let mut bytes = ann.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(!tokens.verify(&changed, "same", HOUR), "{at}");
    }
}

#[test]
fn a_token_is_of_one_app() {
    let context = context();
    let token = login(&context).tokens("reset").unwrap().make("7", "s");
    let other = app(manager()).config("secret_key", "fedcba9876543210fedcba9876543210");
    let other = other.test_request("/");
    assert!(!login(&other).tokens("reset").unwrap().verify(&token, "s", HOUR));
    // A key that was replaced is still good for what it signed.
    let next = app(manager())
        .config("secret_key", "fedcba9876543210fedcba9876543210")
        .config("secret_key_fallbacks", ["0123456789abcdef0123456789abcdef"].as_slice());
    let next = next.test_request("/");
    assert!(login(&next).tokens("reset").unwrap().verify(&token, "s", HOUR));
}

#[test]
fn tokens_outside_of_requests_are_the_same() {
    use std::sync::{Arc, Mutex};
    let made = Arc::new(Mutex::new(String::new()));
    let keep = made.clone();
    let app = app(manager()).on_startup(move |running| {
        let keep = keep.clone();
        async move {
            *keep.lock().unwrap() = Tokens::of(&running, "reset")?.make("7", "s");
            Ok(())
        }
    });
    let context = app.test_request("/");
    let token = made.lock().unwrap().clone();
    assert!(login(&context).tokens("reset").unwrap().verify(&token, "s", HOUR));
}

#[test]
fn passwords() {
    let context = context();
    let login = login(&context);
    let hash = context.wait(login.hash_password(PASSWORD)).unwrap();
    let verify = |password: &str, hash: Option<&str>| {
        context.wait(login.verify_password(password, hash)).unwrap()
    };
    assert_eq!(verify(PASSWORD, Some(&hash)), Verified::Yes);
    assert_eq!(verify("wrong", Some(&hash)), Verified::No);
    assert_eq!(verify(PASSWORD, None), Verified::No);
    let upgraded = verify(PASSWORD, Some(common::WERKZEUG));
    assert_eq!(verify(PASSWORD, upgraded.upgrade()), Verified::Yes);
    // At the limit, and one more.
    let long = "x".repeat(1024);
    let hash = context.wait(login.hash_password(&long)).unwrap();
    assert_eq!(verify(&long, Some(&hash)), Verified::Yes);
    let longer = "x".repeat(1025);
    assert_eq!(context.wait(login.hash_password(&longer)).unwrap_err().status(), 422);
    assert_eq!(verify(&longer, Some(&hash)), Verified::No);
}

#[get("/wait")]
async fn waits(login: Login) -> Result<String> {
    Ok(login.login_fresh().wait()?.to_string())
}

#[get("/plain")]
fn waits_in_a_plain_fn(login: Login) -> Result<String> {
    let hash = login.hash_password(PASSWORD).wait()?;
    let verified = login.verify_password(PASSWORD, Some(&hash)).wait()?;
    Ok(format!("{} {verified:?}", login.login_fresh().wait()?))
}

#[test]
fn waiting_is_for_plain_functions() {
    let client = app(manager()).routes(routes![waits, waits_in_a_plain_fn]).test_client();
    assert_eq!(client.get("/plain").send().text(), "false Yes");
    let answer = client.get("/wait").send();
    assert_eq!(answer.status(), 500);
    assert!(answer.error().unwrap().contains("write `.await` there"), "{:?}", answer.error());
}
