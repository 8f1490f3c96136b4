use carafe::prelude::*;

#[get]
async fn index() -> &'static str {
    "index"
}

#[post]
#[get("/")]
async fn both() -> &'static str {
    "both"
}

fn main() {}
