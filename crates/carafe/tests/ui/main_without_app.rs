use carafe::prelude::*;

#[carafe::main]
fn app() -> u8 {
    5
}
