//! Signing in and out, and what becomes of cookies after.

mod common;

use carafe::testing::TestClient;
use common::{app, each_store, in_database, manager, sign_in_as};

const SESSION: &str = "session";
const REMEMBER: &str = "remember_token";

#[test]
fn signs_in_and_out() {
    each_store(|client| {
        assert_eq!(client.get("/").send().text(), "nobody");
        sign_in_as(client, "ann", false);
        assert_eq!(client.get("/").send().text(), "ann");
        assert_eq!(client.get("/me").send().text(), "ann fresh");
        assert_eq!(client.post("/logout").send().text(), "true");
        assert_eq!(client.get("/").send().text(), "nobody");
        assert_eq!(client.post("/logout").send().text(), "false");
    });
}

#[test]
fn whoever_is_not_active_is_not_signed_in() {
    each_store(|client| {
        let fields = [("name", "eve"), ("password", common::PASSWORD)];
        assert_eq!(client.post("/login").form(&fields).send().status(), 403);
        assert_eq!(client.get("/").send().text(), "nobody");
    });
}

#[test]
fn wrong_passwords_and_unknown_names_look_alike() {
    each_store(|client| {
        let answer = |name: &str| {
            let fields = [("name", name), ("password", "wrong")];
            let answer = client.post("/login").form(&fields).send();
            (answer.status(), answer.text())
        };
        assert_eq!(answer("ann"), answer("nobody"));
        assert_eq!(answer("ann").0, 401);
    });
}

/// Another browser with these cookies.
fn with_cookies(client: &TestClient, cookies: &[(&str, String)]) -> TestClient {
    let other = client.another();
    for (name, value) in cookies {
        other.set_cookie(name, value);
    }
    other
}

#[test]
fn a_replayed_cookie_is_refused() {
    each_store(|client| {
        sign_in_as(client, "ann", true);
        let session = client.cookie(SESSION).unwrap();
        let remember = client.cookie(REMEMBER).unwrap();
        let thief =
            || with_cookies(client, &[(SESSION, session.clone()), (REMEMBER, remember.clone())]);
        assert_eq!(thief().get("/").send().text(), "ann");
        client.post("/logout").send();
        assert_eq!(thief().get("/").send().text(), "nobody");
        let only = with_cookies(client, &[(REMEMBER, remember.clone())]);
        assert_eq!(only.get("/").send().text(), "nobody");
        assert_eq!(only.get("/secret").send().status(), 302);
    });
}

#[test]
fn a_forged_cookie_is_refused() {
    each_store(|client| {
        sign_in_as(client, "ann", true);
        let remember = client.cookie(REMEMBER).unwrap();
        let session = client.cookie(SESSION).unwrap();
        let mut cut = session.clone();
        cut.pop();
        // Flask-Login's form, an id, nothing, another's digest, the session's token in the wrong place.
        let digest = "0123456789abcdef".repeat(4);
        let token = client.session_get::<String>("_login_token").unwrap();
        for forged in ["1|0123", "1", "", &digest, &remember[1..], &token, &"a".repeat(5000)] {
            let thief = with_cookies(client, &[(REMEMBER, forged.to_owned())]);
            assert_eq!(thief.get("/").send().text(), "nobody", "{forged}");
        }
        for forged in [cut, format!("{session}x"), remember, String::new()] {
            let thief = with_cookies(client, &[(SESSION, forged.clone())]);
            assert_eq!(thief.get("/").send().text(), "nobody", "{forged}");
        }
    });
}

#[test]
fn a_session_that_was_fixed_before_is_useless() {
    each_store(|client| {
        // The attacker has a session of the app's, and gives it to the victim.
        client.session(|session| session.set("cart", 3)).unwrap();
        let fixed = client.cookie(SESSION).unwrap();
        let victim = with_cookies(client, &[(SESSION, fixed.clone())]);
        sign_in_as(&victim, "ann", false);
        assert_eq!(victim.get("/").send().text(), "ann");
        assert_eq!(victim.session_get::<u32>("cart"), Some(3));
        let attacker = with_cookies(client, &[(SESSION, fixed)]);
        assert_eq!(attacker.get("/").send().text(), "nobody");
    });
}

#[test]
fn each_sign_in_has_its_own_token_and_ends_the_one_before() {
    each_store(|client| {
        client.session(|session| session.set("csrf_token", "known before")).unwrap();
        sign_in_as(client, "ann", false);
        assert_eq!(client.session_get::<String>("csrf_token"), None);
        let first = client.cookie(SESSION).unwrap();
        sign_in_as(client, "bob", false);
        assert_ne!(client.cookie(SESSION).unwrap(), first);
        let old = with_cookies(client, &[(SESSION, first)]);
        assert_eq!(old.get("/").send().text(), "nobody");
        assert_eq!(client.get("/").send().text(), "bob");
    });
}

#[test]
fn remembers() {
    each_store(|client| {
        sign_in_as(client, "ann", true);
        client.delete_cookie(SESSION);
        assert_eq!(client.get("/me").send().text(), "ann stale");
        // A session began, which the cookie outlives.
        assert!(client.cookie(SESSION).is_some());
        assert_eq!(client.post("/logout").send().text(), "true");
        assert_eq!(client.cookie(REMEMBER), None);
        client.delete_cookie(SESSION);
        assert_eq!(client.get("/").send().text(), "nobody");
    });
}

#[test]
fn the_remember_cookie_is_dressed() {
    let client = app(manager()).config("login.remember_cookie_name", "rm").test_client();
    let fields = [("name", "ann"), ("password", common::PASSWORD), ("remember", "true")];
    let answer = client.post("/login").form(&fields).send();
    let cookie = answer.cookie("rm").unwrap();
    assert!(cookie.http_only() && !cookie.secure());
    assert_eq!(cookie.same_site(), Some("Lax"));
    let year = std::time::Duration::from_secs(365 * 24 * 60 * 60);
    let left = cookie.expires().unwrap().duration_since(std::time::SystemTime::now()).unwrap();
    assert!(left <= year && left > year - std::time::Duration::from_secs(600), "{left:?}");
    let secure = client.another().base_url("https://localhost");
    let answer = secure.post("/login").form(&fields).send();
    assert!(answer.cookie("rm").unwrap().secure());
    // Nobody is refreshed unless it is wished.
    assert!(secure.get("/").send().cookie("rm").is_none());
}

#[test]
fn the_remember_cookie_may_be_refreshed() {
    let app = app(manager()).config("login.remember_cookie_refresh_each_request", true);
    let client = app.test_client();
    sign_in_as(&client, "ann", true);
    client.delete_cookie(SESSION);
    assert!(client.get("/").send().cookie(REMEMBER).is_some());
}

#[test]
fn another_sign_in_without_remember_ends_the_old_cookie() {
    each_store(|client| {
        sign_in_as(client, "ann", true);
        let old = client.cookie(REMEMBER).unwrap();
        sign_in_as(client, "bob", false);
        assert_eq!(client.cookie(REMEMBER), None);
        let thief = with_cookies(client, &[(REMEMBER, old)]);
        assert_eq!(thief.get("/").send().text(), "nobody");
    });
}

#[test]
fn all_sessions_end_on_demand() {
    each_store(|client| {
        let (first, second, bob) = (client.another(), client.another(), client.another());
        sign_in_as(&first, "ann", true);
        sign_in_as(&second, "ann", false);
        sign_in_as(&bob, "bob", true);
        // Two of the first's, one of the second's.
        assert_eq!(second.post("/end").send().text(), "3");
        for client in [&first, &second] {
            assert_eq!(client.get("/").send().text(), "nobody");
        }
        assert_eq!(bob.get("/").send().text(), "bob");
    });
}

#[test]
fn other_sessions_end_on_demand() {
    each_store(|client| {
        let (first, second) = (client.another(), client.another());
        sign_in_as(&first, "ann", true);
        sign_in_as(&second, "ann", true);
        let listed = first.get("/devices").header("user-agent", "Firefox").send().text();
        assert_eq!(listed.lines().count(), 2, "{listed}");
        assert_eq!(second.post("/end-others").send().text(), "2");
        assert_eq!(first.get("/").send().text(), "nobody");
        assert_eq!(second.get("/").send().text(), "ann");
        second.delete_cookie(SESSION);
        assert_eq!(second.get("/").send().text(), "ann");
        let listed = second.get("/devices").send().text();
        assert!(listed.lines().count() == 1 && listed.contains(" this true"), "{listed}");
    });
}

#[test]
fn a_change_of_browser_makes_stale_or_ends() {
    let check = |protection: &str, after: &str, back: &str| {
        for app in [app(manager()), in_database(manager())] {
            let app = app.config("login.session_protection", protection);
            let client = app.test_client();
            let get = |agent: &str| client.get("/me").header("user-agent", agent).send();
            let fields = [("name", "ann"), ("password", common::PASSWORD), ("remember", "true")];
            client.post("/login").header("user-agent", "Firefox").form(&fields).send();
            assert_eq!(get("Firefox").text(), "ann fresh");
            let told = get("Chrome");
            let told = if told.status() == 302 { "redirect".to_owned() } else { told.text() };
            assert_eq!(told, after, "{protection}");
            let told = get("Firefox");
            let told = if told.status() == 302 { "redirect".to_owned() } else { told.text() };
            assert_eq!(told, back, "{protection}");
        }
    };
    check("off", "ann fresh", "ann fresh");
    check("basic", "ann stale", "ann stale");
    check("strong", "redirect", "redirect");
}

#[test]
fn a_change_of_address_too() {
    let client = app(manager()).test_client();
    let from = |address: [u8; 4]| client.get("/me").remote_addr(address).send().text();
    let fields = [("name", "ann"), ("password", common::PASSWORD)];
    client.post("/login").remote_addr([10, 0, 0, 1]).form(&fields).send();
    assert_eq!(from([10, 0, 0, 1]), "ann fresh");
    assert_eq!(from([10, 0, 0, 2]), "ann stale");
    // Whoever proves who they are is fresh again.
    client.post("/confirm").remote_addr([10, 0, 0, 2]).send();
    assert_eq!(from([10, 0, 0, 2]), "ann fresh");
}

#[test]
fn confirming_gives_a_new_token() {
    each_store(|client| {
        sign_in_as(client, "ann", true);
        client.delete_cookie(SESSION);
        assert_eq!(client.get("/me").send().text(), "ann stale");
        let stolen = client.cookie(SESSION).unwrap();
        assert_eq!(client.post("/confirm").send().text(), "confirmed");
        assert_eq!(client.get("/me").send().text(), "ann fresh");
        let thief = with_cookies(client, &[(SESSION, stolen)]);
        assert_eq!(thief.get("/").send().text(), "nobody");
    });
}

#[test]
fn templates_know_the_user() {
    each_store(|client| {
        assert_eq!(client.get("/template").send().text(), "False True False[]");
        sign_in_as(client, "ann", false);
        assert_eq!(client.get("/template").send().text(), "1 ann True True True True");
    });
}
