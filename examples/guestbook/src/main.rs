//! A guestbook: `cargo run -p guestbook`, then open http://127.0.0.1:8000.
//!
//! One idea a file: `views` answers requests, `forms` judges what was typed, `pictures` keeps
//! uploads, `store` is the database, `filters` is for the templates, `commands` for the terminal.

mod commands;
mod errors;
mod filters;
mod forms;
mod pictures;
mod random;
mod safety;
mod settings;
mod store;
mod views;

#[cfg(test)]
mod tests;

use carafe::prelude::*;

use settings::Guestbook;
use store::Store;

#[carafe::main]
fn app() -> App {
    App::new()
        .config_section::<Guestbook>("guestbook")
        .state(Store::default())
        .on_startup(|app| async move {
            let settings: Guestbook = app.config().section("guestbook")?;
            app.state::<Store>().or_abort(500)?.open(&settings.data)
        })
        .before_request(safety::refuse_other_sites)
        .after_request(safety::add_headers)
        .routes(routes![
            views::index,
            views::sign,
            views::entry,
            views::delete,
            views::feed,
            views::picture,
        ])
        .errors(errors![errors::not_found, errors::failed, errors::refused])
        .templates(filters::install)
        .commands(commands![commands::seed, commands::export])
}
