use carafe::prelude::*;

#[get("/users/<int:id>")]
async fn user(id: i64, name: &str) -> String {
    format!("{id} {name}")
}

#[get("/users")]
fn users(order: String) -> String {
    order
}

// A body.
#[post("/users")]
async fn create(body: String) -> String {
    body
}

fn main() {}
