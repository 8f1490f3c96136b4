//! The apps that `tests/server` and `tests/cli` run as processes of their own; the environment
//! variable `TEST_APP` names one, `TEST_ROOT` is its folder.

mod commands;
mod developed;
mod proxied;
mod restarts;
mod served;

use carafe::prelude::*;

/// As `#[carafe::main]` would, but with an app chosen at run time.
fn app() -> App {
    let app = match std::env::var("TEST_APP").as_deref() {
        Ok("commands") => commands::app(),
        Ok("clashing") => commands::clashing(),
        Ok("developed") => developed::app(),
        Ok("panics") => panic!("the app is not made"),
        Ok("restarts") => restarts::app(),
        Ok("parent") => served::parent(),
        Ok("proxied") => proxied::app(),
        Ok("failing-start") => served::failing_start(),
        _ => served::app(),
    };
    let root: &'static str = match std::env::var("TEST_ROOT") {
        Ok(root) => Box::leak(root.into_boxed_str()),
        Err(_) => "/nonexistent",
    };
    app.root(root).package(carafe::private::Package {
        name: "shop",
        version: "1.2.3",
        folder: Some(root),
        files: &[],
    })
}

fn main() -> std::process::ExitCode {
    carafe::private::main(app)
}
