#![deny(dead_code)]

use carafe::prelude::*;

#[get("/")]
async fn index() -> &'static str {
    "index"
}

#[get("/about")]
async fn about() -> &'static str {
    "about"
}

#[error(404)]
async fn not_found() -> &'static str {
    "not found"
}

fn main() {
    let _ = App::new().routes(routes![index]);
}
