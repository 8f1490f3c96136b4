//! Rocket on a socket, with one worker.

use bench::Issue;
use rocket::fairing::AdHoc;
use rocket::response::content::RawHtml;
use rocket::serde::json::Json;
use rocket::{Build, Config, Data, Request, Rocket, Route, get, http::Method, route, routes};

#[get("/")]
async fn index() -> RawHtml<&'static str> {
    RawHtml("Hello, world!")
}

#[get("/projects/<project>/issues/<issue>")]
async fn issue(project: u64, issue: u64) -> RawHtml<String> {
    RawHtml(format!("project {project}, issue {issue}"))
}

#[get("/json")]
async fn json() -> Json<Issue> {
    Json(Issue::sample())
}

fn filler<'r>(request: &'r Request<'_>, _data: Data<'r>) -> route::BoxFuture<'r> {
    Box::pin(async move { route::Outcome::from(request, RawHtml("filler")) })
}

#[rocket::launch]
fn rocket() -> Rocket<Build> {
    let config = Config {
        port: 0,
        workers: 1,
        log_level: rocket::config::LogLevel::Off,
        ..Config::release_default()
    };
    let others = ["/search", "/login", "/me", "/plain", "/table"].map(str::to_owned);
    let fillers: Vec<Route> = others
        .into_iter()
        .chain(bench::dispatch::filler_paths())
        .map(|path| path.replace("{*file}", "<file..>").replace('{', "<").replace('}', ">"))
        .zip(1..)
        // Rocket refuses rules that overlap unless they are told apart by a rank.
        .map(|(path, rank)| Route::ranked(rank, Method::Get, &path, filler))
        .collect();
    rocket::custom(config).mount("/", routes![index, issue, json]).mount("/", fillers).attach(
        AdHoc::on_liftoff("address", |rocket| {
            Box::pin(async move { eprintln!("http://127.0.0.1:{}", rocket.config().port) })
        }),
    )
}
