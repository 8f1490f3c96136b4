//! Mistakes of the setup are told before serving, with what to do; secrets are nowhere.

mod common;

use carafe::prelude::*;
use carafe_login::{Login, LoginManager, User};
use common::{app, manager};

#[track_caller]
fn refused(app: App, parts: &[&str]) {
    let words = match app.try_test_client() {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    };
    for part in parts {
        assert!(words.contains(part), "{part}: {words}");
    }
}

struct Other;

impl carafe_login::Account for Other {
    fn id(&self) -> String {
        String::new()
    }

    async fn load(_: &Request, _: &str) -> Result<Option<Other>> {
        Ok(None)
    }
}

#[get("/other")]
async fn other(_user: User<Other>) {}

#[get("/handle")]
async fn handle(_login: Login) {}

#[get("/guarded")]
#[carafe_login::login_required]
async fn guarded() {}

#[test]
fn mistakes_are_told_before_serving() {
    refused(
        app(LoginManager::from_config().login_view("sign_on")),
        &["`login_view` of the sign-in is `sign_on`, which is no endpoint", "hint: name a handler"],
    );
    refused(
        app(manager()).config("login.remember_cookie_name", "a b"),
        &["remember-me cookie cannot be set"],
    );
    refused(
        app(manager()).config("login.rember_cookie_name", "a"),
        &["login.rember_cookie_name", "remember_cookie_name"],
    );
    refused(app(manager()).config("login.session_protection", "hard"), &["session_protection"]);
    refused(
        app(manager()).config("login.session_lifetime", "0 s"),
        &["`login.session_lifetime` is 0 s"],
    );
    refused(app(manager()).config("login.password_memory", 1), &["`login.password_memory` 1"]);
    refused(app(manager()).config("login.password_threads", 0), &["`login.password_threads` is 0"]);
    refused(
        app(manager()).routes(routes![other]),
        &["setup::Other", "`LoginManager` is of another type"],
    );
    let without = || App::new().config("secret_key", "0123456789abcdef");
    let hint = "add `.extension(carafe_login::LoginManager::<..>::from_config())`";
    refused(without().routes(routes![other]), &["User<setup::Other>", hint]);
    refused(without().routes(routes![handle]), &["`Login`", hint]);
    refused(without().routes(routes![guarded]), &["#[login_required]", hint]);
    let database = App::new()
        .extension(manager().session_store(carafe_login::DbStore::new()))
        .routes(routes![common::login_page]);
    refused(database, &["the app has no database"]);
}
