//! A JSON API: `cargo run -p api`, then `curl http://127.0.0.1:8000/api/v1/todos`.
//!
//! One idea a file: `todos` answers requests, `store` keeps the to-dos, `problem` tells errors.

mod problem;
mod store;
mod todos;

#[cfg(test)]
mod tests;

use carafe::prelude::*;

#[carafe::main]
fn app() -> App {
    App::new()
        .state(store::Todos::default())
        .blueprint(todos::blueprint().prefix("/api/v1"))
        .errors(errors![problem::tell])
}
