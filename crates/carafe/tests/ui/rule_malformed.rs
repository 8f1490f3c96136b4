use carafe::prelude::*;

#[get("/users/<int:id")]
async fn user(id: i64) -> String {
    id.to_string()
}

fn main() {
    let _ = App::new().routes(routes![user]);
    let _ = url_for!(user, id = 5);
}
