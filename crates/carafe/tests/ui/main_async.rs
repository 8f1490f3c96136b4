use carafe::prelude::*;

#[carafe::main]
async fn app() -> App {
    App::new()
}
