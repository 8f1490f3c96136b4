use carafe::prelude::*;

#[derive(Debug)]
struct NotAnError;

#[error]
async fn nothing() {}

#[error(200)]
async fn success() {}

#[error("404")]
async fn text() {}

#[error(404)]
async fn owned(error: Error) -> String {
    error.to_string()
}

#[error(404)]
async fn other(error: &std::io::Error) -> String {
    error.to_string()
}

#[error(NotAnError)]
async fn not_an_error() {}

fn main() {
    let _ = App::new().errors(errors![nothing, success, text, owned, other]);
}
