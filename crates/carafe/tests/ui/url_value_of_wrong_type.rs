use carafe::prelude::*;

#[get("/users/<int:id>")]
async fn user(id: i64) -> String {
    id.to_string()
}

#[get("/tags/<tag>")]
async fn tag(tag: String) -> String {
    tag
}

fn main() {
    let _ = url_for!(user, id = "5");
    let _ = url_for!(tag, tag = 5);
}
