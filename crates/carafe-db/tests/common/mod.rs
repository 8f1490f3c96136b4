//! What the tests share.

use carafe::App;
use carafe_db::{Database, migrations};

/// An app with a table `notes`, and nothing else.
pub(crate) fn app() -> App {
    App::new().extension(Database::from_config().migrations(migrations!("tests/migrations")))
}
