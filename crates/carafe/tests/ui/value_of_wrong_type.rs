use carafe::prelude::*;

#[get("/users/<int:id>")]
async fn user(id: String) -> String {
    id
}

#[get("/tags/<tag>")]
fn tag(tag: Vec<u8>) -> Vec<u8> {
    tag
}

fn main() {}
