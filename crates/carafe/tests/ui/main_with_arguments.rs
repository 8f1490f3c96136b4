use carafe::prelude::*;

#[carafe::main]
fn app(name: &str) -> App {
    App::new().config("name", name)
}
