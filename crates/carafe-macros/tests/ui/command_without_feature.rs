use carafe::prelude::*;

/// Adds example entries.
#[command]
fn seed(
    /// How many.
    #[arg(long, default = 12)]
    count: u32,
    #[arg(nonsense)] store: State<u8>,
) -> u8 {
    let _ = (count, store);
    5
}

fn main() {
    let _ = App::new().commands(commands![seed]);
}
