//! The app `main`: default settings, one URL prefix for each subject.

use carafe::App;

use super::{HERE, SECRET, pages, requests, responses, routing, state};

pub(crate) fn create() -> App {
    let app = App::new().root(HERE).config("secret_key", SECRET);
    let parts = [routing::add, requests::add, responses::add, state::add, pages::add];
    parts.into_iter().fold(app, |app, add| add(app))
}
