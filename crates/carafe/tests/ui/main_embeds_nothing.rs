use carafe::prelude::*;

#[carafe::main(embed = ["themes/templates"])]
fn app() -> App {
    App::new()
}
