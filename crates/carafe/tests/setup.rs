//! Mistakes in an app's setup: all of them in one report, each with its place and the next step.

#![expect(clippy::expect_used, reason = "a helper of tests fails loudly")]

use carafe::prelude::*;
use carafe::{Config, Rule, View};

fn view() -> View {
    View::new(|_: Request| async { "" })
}

/// Checks the report, in which `{file}` stands for this file.
#[track_caller]
fn check(app: App, expected: &str) {
    let words = app.try_test_client().err().expect("the app has no mistake").to_string();
    assert_eq!(words.replace(file!(), "{file}"), expected);
}

/// Where the next handler is written.
const INDEX: u32 = line!() + 1;
#[get("/")]
async fn index() -> &'static str {
    "index"
}

#[test]
fn two_equal_rules() {
    let line = line!() + 2;
    let app =
        App::new().routes(routes![index]).add_url_rule(Rule::new("/").endpoint("other"), view());
    check(
        app,
        &format!(
            "the app cannot start: 1 mistake in its setup\n\n1. rule `/`: duplicate of rule `/` at {{file}}:{INDEX}\n   at {{file}}:{line}\n   hint: the first one answers: remove one of them, or its methods\n"
        ),
    );
}

#[test]
fn one_endpoint_for_two_handlers() {
    let line = line!() + 3;
    let app = App::new()
        .routes(routes![index])
        .add_url_rule(Rule::new("/other").endpoint("index"), view());
    check(
        app,
        &format!(
            "the app cannot start: 1 mistake in its setup\n\n1. two handlers share the endpoint `index`; first at {{file}}:{INDEX}\n   at {{file}}:{line}\n   hint: give one of them another name: `#[get(\"..\", endpoint = \"..\")]`\n"
        ),
    );
}

#[test]
fn names_of_blueprints() {
    let line = line!() + 1;
    let app = App::new().blueprint(Blueprint::new("shop")).blueprint(Blueprint::new("shop"));
    check(
        app,
        &format!(
            "the app cannot start: 1 mistake in its setup\n\n1. two blueprints are named `shop`\n   at {{file}}:{line}\n   hint: give one of them another name with `.name(\"..\")` where it is registered\n"
        ),
    );
    let line = line!() + 1;
    let app = App::new().blueprint(Blueprint::new("a.b")).blueprint(Blueprint::new(""));
    check(
        app,
        &format!(
            "the app cannot start: 2 mistakes in its setup\n\n1. a blueprint cannot be named `a.b`\n   at {{file}}:{line}\n   hint: a name has letters, and no dot: a dot parts a blueprint from what is in it\n\n2. a blueprint cannot be named ``\n   at {{file}}:{line}\n   hint: a name has letters, and no dot: a dot parts a blueprint from what is in it\n"
        ),
    );
}

#[test]
fn folders_that_are_not_there() {
    let line = line!() + 1;
    let shop = Blueprint::new("shop").template_folder("no/templates").static_folder("no/files");
    check(
        App::new().root("/nowhere").blueprint(shop),
        &format!(
            "the app cannot start: 2 mistakes in its setup\n\n1. the static folder `/nowhere/no/files` does not exist\n   at {{file}}:{line}\n\n2. the template folder `/nowhere/no/templates` does not exist\n   at {{file}}:{line}\n"
        ),
    );
}

struct Db;

#[derive(serde::Deserialize)]
struct Section {}

/// Where the next function is written.
const NEEDY: u32 = line!() + 2;
#[get("/needy")]
async fn needy(_db: State<Db>, _section: Config<Section>) -> &'static str {
    ""
}

#[test]
fn what_a_handler_asks_for() {
    check(
        App::new().routes(routes![needy]),
        &format!(
            "the app cannot start: 2 mistakes in its setup\n\n1. the handler `setup::needy` lacks what it needs: no state of type `setup::Db`: add `.state(...)` to the app\n   at {{file}}:{NEEDY}\n\n2. the handler `setup::needy` lacks what it needs: no config section is read as `setup::Section`: add `.config_section::<setup::Section>(\"prefix\")` to the app\n   at {{file}}:{NEEDY}\n"
        ),
    );
}

#[test]
fn rules_that_cannot_be() {
    let line = line!() + 2;
    let app = App::new()
        .add_url_rule(Rule::new("/<itn:id>").endpoint("a"), view())
        .add_url_rule(Rule::new("/<int:id").endpoint("b"), view())
        .add_url_rule(Rule::new("no-slash").endpoint("c"), view())
        .add_url_rule(Rule::new("/<int(min=x):id>").endpoint("d"), view())
        .add_url_rule(Rule::new("/dot").endpoint("e.f"), view())
        .add_url_rule(Rule::new("/host").endpoint("g").host("a.example"), view());
    let [a, b, c, d, e, g] = [0, 1, 2, 3, 4, 5].map(|i| line + i);
    check(
        app,
        &format!(
            "the app cannot start: 6 mistakes in its setup\n\n\
             1. rule `/<itn:id>`: there is no converter `itn`\n   at {{file}}:{a}\n   hint: the converters are `any`, `default`, `float`, `int`, `path`, `string`, `uuid`\n\n\
             2. rule `/<int:id`: `<int:id` is not closed\n   at {{file}}:{b}\n   hint: write `<int:id>`\n\n\
             3. rule `no-slash`: `no-slash` does not start with a slash\n   at {{file}}:{c}\n   hint: write `/no-slash`\n\n\
             4. rule `/<int(min=x):id>`: `min` of the converter `int` is a whole number, not `x`\n   at {{file}}:{d}\n\n\
             5. a rule's endpoint cannot be named `e.f`\n   at {{file}}:{e}\n   hint: name it with `Rule::endpoint`; a dot parts blueprints\n\n\
             6. rule `/host`: it has a host, but `host_matching` is off\n   at {{file}}:{g}\n   hint: turn on `host_matching`\n"
        ),
    );
}

#[test]
fn subdomains_need_a_name() {
    let line = line!() + 1;
    let app = App::new().subdomain_matching();
    check(
        app,
        &format!(
            "the app cannot start: 1 mistake in its setup\n\n1. subdomain matching needs the config key `server_name`\n   at {{file}}:{line}\n   hint: set `server_name = \"example.com\"` in carafe.toml\n"
        ),
    );
}

#[test]
fn an_extension_finds_a_mistake() {
    let line = line!() + 1;
    let app = App::new().setup_problem("the database has no URL");
    check(
        app,
        &format!(
            "the app cannot start: 1 mistake in its setup\n\n1. the database has no URL\n   at {{file}}:{line}\n"
        ),
    );
}

#[test]
fn all_at_once() {
    let line = line!() + 2;
    let app = App::new()
        .config("port", "eighty")
        .config("max_content_length", "lots")
        .setup_problem("the database has no URL")
        .config_section::<Section>("needy")
        .routes(routes![index, needy])
        .add_url_rule(Rule::new("/").endpoint("other"), view())
        .config("hots", 1);
    let [port, length, problem, rule, hots] = [0, 1, 2, 5, 6].map(|i| line + i);
    check(
        app,
        &format!(
            "the app cannot start: 6 mistakes in its setup\n\n\
             1. the database has no URL\n   at {{file}}:{problem}\n\n\
             2. rule `/`: duplicate of rule `/` at {{file}}:{INDEX}\n   at {{file}}:{rule}\n   hint: the first one answers: remove one of them, or its methods\n\n\
             3. the handler `setup::needy` lacks what it needs: no state of type `setup::Db`: add `.state(...)` to the app\n   at {{file}}:{NEEDY}\n\n\
             4. `max_content_length` must be a size such as `16 MiB` or `500 kB`, or a number of bytes, or `unlimited`, but is `\"lots\"` ({{file}}:{length})\n   hint: the default is \"16 MiB\"\n\n\
             5. `port` must be a number from 0 to 65535, a range such as `8000-8010`, or `auto`, but is `\"eighty\"` ({{file}}:{port})\n   hint: the default is 8000\n\n\
             6. `hots` is not a known key ({{file}}:{hots})\n   hint: did you mean `host`?\n"
        ),
    );
}

#[test]
fn a_mistake_in_the_configuration_brings_no_others() {
    #[get("/", subdomain = "a")]
    async fn visits(session: &Session) -> String {
        session.get("visits").unwrap_or_default()
    }

    let app = App::new().config("server_name", "x.example").config("prot", 80);
    let app = app.config("secret_key", "a secret of sixteen").subdomain_matching();
    let mistakes = app.routes(routes![visits]).try_test_client().err().unwrap().to_string();
    assert!(mistakes.starts_with("1 mistake in the configuration\n"), "{mistakes}");
}

#[get("/signed-in")]
async fn signed_in(_session: &Session) -> &'static str {
    ""
}

#[test]
fn a_short_secret_key_is_one_mistake() {
    check(
        App::new().config("secret_key", "short").routes(routes![signed_in]),
        "the app cannot start: 1 mistake in its setup\n\n1. `secret_key` has 5 bytes, but needs at least 16 to be safe: the app's command `secret` makes one\n",
    );
}
