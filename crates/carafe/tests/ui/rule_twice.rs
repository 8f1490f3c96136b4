use carafe::prelude::*;

#[get("/a")]
#[route("/a", methods = [GET, POST])]
async fn a() -> &'static str {
    "a"
}

fn main() {}
