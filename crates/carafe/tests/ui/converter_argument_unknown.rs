use carafe::prelude::*;

#[get("/users/<int(minimum=1):id>")]
async fn user(id: i64) -> String {
    id.to_string()
}

fn main() {}
