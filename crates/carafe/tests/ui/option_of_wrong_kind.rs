use carafe::prelude::*;

#[get("/a", strict_slashes = "no")]
async fn a() -> &'static str {
    "a"
}

#[get("/b", defaults = 1)]
async fn b() -> &'static str {
    "b"
}

#[get("/c", endpoint = "admin.c")]
async fn c() -> &'static str {
    "c"
}

fn main() {}
