use carafe::prelude::*;

struct Db;

#[get("/")]
async fn index(db: Db) -> &'static str {
    let _ = db;
    "index"
}

#[get("/plain")]
fn plain(db: &Db) -> &'static str {
    let _ = db;
    "plain"
}

fn main() {}
