//! An app with commands, a blueprint, and a section of the configuration.

use std::io::Write;
use std::process::ExitCode;

use carafe::prelude::*;

#[get("/")]
async fn index() -> &'static str {
    "hello"
}

#[get("/users/<int:id>")]
async fn user(id: u32) -> String {
    id.to_string()
}

#[post("/users")]
async fn create_user() -> &'static str {
    "created"
}

#[get("/notes/", defaults(page = 1))]
#[get("/notes/page/<int:page>")]
async fn notes(page: u32) -> String {
    page.to_string()
}

#[get("/live", websocket)]
async fn live() -> &'static str {
    "live"
}

/// Greets someone, politely.
///
/// The greeting goes to standard output.
#[command]
async fn greet(
    /// Whom to greet.
    name: String,
    /// How often.
    #[arg(long, short = 'n', default = 1)]
    times: usize,
    /// In capital letters.
    #[arg(long)]
    loud: bool,
) -> Result<()> {
    if name == "nobody" {
        return Err(abort(404).describe("nobody is not there"));
    }
    for _ in 0..times {
        let greeting = format!("Hello, {name}!");
        writeln!(std::io::stdout(), "{}", if loud { greeting.to_uppercase() } else { greeting })?;
    }
    Ok(())
}

/// Ends with a code of its own.
#[command]
fn leave(code: u8) -> ExitCode {
    ExitCode::from(code)
}

/// Fails unexpectedly.
#[command]
async fn crash() -> Result<()> {
    Err(std::io::Error::other("the disk is full"))?
}

/// Panics.
#[command]
fn stumble() {
    panic!("over a stone");
}

#[derive(serde::Deserialize)]
struct Shop {
    #[serde(rename = "currency")]
    _currency: String,
}

pub(crate) fn app() -> App {
    let admin = Blueprint::new("admin").prefix("/admin").routes(routes![index]);
    App::new()
        .config("shop.currency", "EUR")
        .config_section::<Shop>("shop")
        .routes(routes![index, user, create_user, notes, live])
        .blueprint(admin)
        .commands(commands![greet, leave, crash, stumble])
}

#[command(name = "routes")]
fn own_routes() {}

#[command(name = "greet")]
fn greet_again() {}

pub(crate) fn clashing() -> App {
    app().commands(commands![own_routes, greet_again])
}
