//! The app that is measured: eight handlers among sixty rules.

use carafe::prelude::*;
use carafe::private::Package;
use carafe::{Rule, View};
use serde::{Deserialize, Serialize};

use crate::rest;

/// How many rules the app has.
pub(crate) const RULES: usize = 60;

/// What is sent as JSON.
#[derive(Serialize)]
pub struct Issue {
    id: u64,
    title: &'static str,
    open: bool,
    labels: [&'static str; 3],
}

impl Issue {
    /// Always the same one.
    pub fn sample() -> Issue {
        Issue { id: 42, title: "It is too slow", open: true, labels: ["bug", "speed", "2.0"] }
    }
}

/// A row of the table that the page shows.
#[derive(Serialize)]
pub(crate) struct Row {
    id: u32,
    message: &'static str,
}

pub(crate) const TITLE: &str = "Fortune & co.";

/// The page's rows; one needs escaping.
pub(crate) fn rows() -> Vec<Row> {
    let messages = [
        "fortune: No such file or directory",
        "A computer scientist is someone who fixes things that aren't broken.",
        "After enough decimal places, nobody gives a damn.",
        "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
        "A computer program does what you tell it to do, not what you want it to do.",
        "Emacs is a nice operating system, but I prefer UNIX.",
        "Any program that runs right is obsolete.",
        "A list is only as strong as its weakest link.",
        "Feature: A bug with seniority.",
        "Computers make very fast, very accurate mistakes.",
        "<script>alert(\"This should not be displayed in a browser alert box.\");</script>",
        "A page with thirteen rows",
        "Additional fortune added at request time.",
    ];
    (1..).zip(messages).map(|(id, message)| Row { id, message }).collect()
}

#[get("/")]
async fn index() -> &'static str {
    "Hello, world!"
}

#[get("/projects/<int:project>/issues/<int:issue>")]
async fn issue(project: u64, issue: u64) -> String {
    format!("project {project}, issue {issue}")
}

#[get("/json")]
async fn json() -> Json<Issue> {
    Json(Issue::sample())
}

#[derive(Deserialize)]
struct Search {
    q: String,
    page: Option<u32>,
}

#[get("/search")]
async fn search(query: Query<Search>) -> String {
    format!("{} on page {}", query.q, query.page.unwrap_or(1))
}

#[get("/login")]
async fn login(session: Session) -> Result<&'static str> {
    session.set("user", "ann")?;
    Ok("welcome")
}

#[get("/me")]
async fn me(session: Session) -> String {
    session.get::<String>("user").unwrap_or_default()
}

#[get("/plain")]
fn plain() -> &'static str {
    "Hello, world!"
}

#[get("/table")]
async fn table() -> Result<Html> {
    render!("table.html", title: TITLE, rows: rows())
}

/// The page's template.
pub(crate) const TEMPLATE: &str = include_str!("../templates/table.html");

const FILES: &[(&str, &[u8])] = &[("templates/table.html", TEMPLATE.as_bytes())];

/// The app. Its template is part of it, as in a release build.
pub fn app() -> App {
    let own = routes![index, issue, json, search, login, me, plain, table];
    let fillers = rest(RULES - own.len());
    let app = App::new()
        .package(Package { name: "bench", version: "0", folder: None, files: FILES })
        .config("secret_key", "not a secret, but long enough")
        .routes(own);
    fillers.into_iter().enumerate().fold(app, |app, (number, rule)| {
        let rule = Rule::new(rule.carafe).endpoint(format!("filler_{number}"));
        app.add_url_rule(rule, View::new(|_| async { "filler" }))
    })
}
