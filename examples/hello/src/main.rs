//! The smallest app: `cargo run -p hello`, then open the printed URL.
use carafe::prelude::*;

#[get("/")]
async fn index() -> &'static str {
    "Hello, world!"
}

#[carafe::main]
fn app() -> App {
    App::new().routes(routes![index])
}
