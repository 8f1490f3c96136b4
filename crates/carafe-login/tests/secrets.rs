//! Passwords, hashes and tokens are in no log, on no error page and in no `Debug` output.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod common;

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use carafe::prelude::*;
use carafe_login::{ApiToken, Login, User};
use common::{Member, PASSWORD, app, in_database, manager, sign_in_as};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps every word of the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0.lock().unwrap(), "{field}={value:?} ");
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        attributes.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
        self.0.lock().unwrap().push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Fails, with all there is in reach of the page that tells of it.
#[post("/fail")]
async fn fail(user: Option<User<Member>>, login: Login, session: Session) -> Result<String> {
    let token = login.tokens("reset")?;
    let words = format!("{user:?} {login:?} {session:?} {token:?} {:?}", ApiToken::new()?);
    Err(carafe::Error::from(std::io::Error::other(format!("it failed: {words}"))))
}

/// A hash that cannot be read.
#[post("/unreadable")]
async fn unreadable(login: Login) -> Result<String> {
    let verified = login.check_password("ann", PASSWORD, Some(&unreadable_hash())).await?;
    Ok(format!("{verified:?}"))
}

fn unreadable_hash() -> String {
    ["scrypt:unreadable", "salt-of-it", "digest-of-it"].join("$").replace("of-it", "of-the-hash")
}

#[test]
fn nothing_secret_is_told() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let mut told = String::new();
    // Put together here, since the page shows the program's text.
    let secret = |word: &str| format!("{word}-of-somebody");
    let (wrong, api, reset) = (secret("password"), secret("api"), secret("reset"));
    let mut secrets: Vec<String> =
        vec![PASSWORD.to_owned(), wrong.clone(), api.clone(), reset.clone()];
    secrets.extend(unreadable_hash().split('$').skip(1).map(str::to_owned));
    let in_database = in_database(manager().basic().bearer()).config("db.echo", true);
    for app in [app(manager().basic().bearer()), in_database] {
        // The page with all details, as a developer sees it, and everything that databases are asked.
        let app = app.config("debug", true);
        let client = app.routes(routes![fail, unreadable]).test_client();
        sign_in_as(&client, "ann", true);
        secrets.push(client.cookie("session").unwrap());
        secrets.push(client.cookie("remember_token").unwrap());
        secrets.push(client.session_get::<String>("_login_token").unwrap());
        for accept in ["text/html", "application/json", "text/plain"] {
            let asked = |path: &str| client.post(path).accept(accept);
            told.push_str(&asked("/fail").send().text());
            let fields = [("password", wrong.as_str()), ("name", "ann")];
            told.push_str(&asked("/fail").form(&fields).send().text());
            told.push_str(&asked("/login").form(&fields).send().text());
            told.push_str(&asked("/unreadable").send().text());
            told.push_str(&asked("/fail").bearer(&api).send().text());
            let query = [("token", reset.as_str())];
            told.push_str(&asked("/fail").query(&query).send().text());
            let other = client.another();
            let basic = other.post("/fail").accept(accept).basic_auth("ann", PASSWORD);
            told.push_str(&basic.send().text());
        }
        client.delete_cookie("session");
        told.push_str(&client.post("/fail").send().text());
    }
    assert!(
        told.contains("it failed: Some(User(\"1\")) Login [\"_login_token\"] Tokens ApiToken(..)"),
        "{told}"
    );
    let log = log.0.lock().unwrap().clone();
    assert!(log.contains("it failed"), "{log}");
    for hash in common::MEMBERS.map(|member| member.hash) {
        secrets.push(hash.to_owned());
    }
    for secret in secrets {
        for (place, text) in [("page", &told), ("log", &log)] {
            if let Some(at) = text.find(&secret) {
                let start = text[..at].char_indices().rev().nth(200).map_or(0, |(at, _)| at);
                panic!("{secret} is told in a {place}: ..{}", &text[start..at + secret.len()]);
            }
        }
    }
}
