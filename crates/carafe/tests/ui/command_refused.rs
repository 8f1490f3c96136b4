use carafe::prelude::*;

struct Db;

#[command]
fn flag(force: bool) {
    let _ = force;
}

#[command]
fn unknown(db: Db) {
    let _ = db;
}

#[command]
fn option(#[arg(lnog)] name: String) {
    let _ = name;
}

#[command]
fn twice(#[arg(long = "name")] a: String, #[arg(long = "name")] b: String) {
    let _ = (a, b);
}

#[command]
fn answer() -> u8 {
    5
}

fn main() {
    let _ = App::new().commands(commands![flag, unknown, option, twice, answer]);
}
