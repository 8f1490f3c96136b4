use carafe::prelude::*;

#[get("/users/<int:id>")]
async fn user() -> &'static str {
    "user"
}

fn main() {}
