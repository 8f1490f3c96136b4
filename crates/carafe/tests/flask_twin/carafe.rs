//! The Carafe side: every app of `carafe_app`, each on a socket of its own.

use carafe::{App, TestServer};

use crate::carafe_app::{main_app, other_apps};
use crate::run::Ports;

/// The running apps; dropped, they stop.
pub(crate) struct Carafe {
    pub(crate) ports: Ports,
    _servers: Vec<TestServer>,
}

/// Starts the apps; when this returns they listen.
pub(crate) fn start() -> Carafe {
    let mut ports = Ports::new();
    let mut servers = Vec::new();
    let mut serve = |name: &str, app: App| {
        let server = app.test_server();
        ports.insert(name.to_owned(), server.addr());
        servers.push(server);
    };
    serve("main", main_app::create());
    for (name, app) in other_apps::create_all() {
        serve(name, app);
    }
    Carafe { ports, _servers: servers }
}
