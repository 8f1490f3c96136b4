//! The measured app on a socket.

use carafe::App;

#[carafe::main]
fn app() -> App {
    bench::app()
}
