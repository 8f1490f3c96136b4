use carafe::prelude::*;

#[get("/users/<int:id>/<tab>")]
async fn user(id: i64, tab: String) -> String {
    format!("{id} {tab}")
}

fn main() {
    let _ = url_for!(user, tab = "photos", page = 2);
}
