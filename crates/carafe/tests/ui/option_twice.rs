use carafe::prelude::*;

#[get("/", alias, endpoint = "a", alias)]
async fn index() -> &'static str {
    "index"
}

fn main() {}
