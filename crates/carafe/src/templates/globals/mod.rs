//! What every template sees besides its own values: Flask's objects and Jinja's functions.

mod config;
mod cycler;
mod dict;
mod flashes;
mod g;
mod headers;
mod joiner;
mod lipsum;
mod pairs;
mod request;
mod session;
mod url_for;

use minijinja::{Environment, Value};

use crate::request::Request;

/// The names that belong to the request; `config` is among them because a request knows its app.
pub(super) const OF_REQUEST: [&str; 6] =
    ["request", "session", "g", "config", "url_for", "get_flashed_messages"];

/// Makes the object at this place of [`OF_REQUEST`].
#[inline]
pub(super) fn of_request(at: usize, request: &Request) -> Value {
    let request = request.clone();
    match at {
        0 => Value::from_object(request::RequestObject(request)),
        1 => Value::from_object(session::SessionObject(request)),
        2 => Value::from_object(g::GlobalsObject(request)),
        3 => Value::from_object(config::ConfigObject::new(request)),
        4 => Value::from_object(url_for::UrlForObject(request)),
        _ => Value::from_object(flashes::FlashesObject(request)),
    }
}

/// Adds Jinja's functions; `range` and `namespace` are the engine's own.
pub(super) fn register(env: &mut Environment<'static>) {
    env.add_function("cycler", cycler::cycler);
    env.add_function("joiner", joiner::joiner);
    env.add_function("dict", dict::dict);
    env.add_function("lipsum", lipsum::lipsum);
}
