use carafe::prelude::*;

#[get("/", endpiont = "start")]
async fn index() -> &'static str {
    "index"
}

#[get("/about", colour = "red")]
async fn about() -> &'static str {
    "about"
}

fn main() {}
