use carafe::prelude::*;

#[route("/a", methods = ["GET", "POTS"])]
async fn a() -> &'static str {
    "a"
}

#[route("/b", methods = ["get"])]
async fn b() -> &'static str {
    "b"
}

#[route("/c", methods = "GET")]
async fn c() -> &'static str {
    "c"
}

#[get("/d", methods = [POST])]
async fn d() -> &'static str {
    "d"
}

fn main() {}
