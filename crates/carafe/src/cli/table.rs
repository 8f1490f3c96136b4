//! The table of Carafe's own commands and their options: what is parsed and what `--help` prints.

use std::process::ExitCode;

use crate::app::App;

use super::line::Line;
use super::{check, config, explain, routes, secret, serve};

/// A command that every app has.
pub(super) struct Command {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// What has to follow its name.
    pub(super) values: &'static [Value],
    pub(super) options: &'static [Opt],
    /// Whether it reads the configuration, and so takes `--set` too.
    pub(super) configured: bool,
    pub(super) run: fn(App, &Line) -> ExitCode,
}

impl Command {
    /// Its options, with those that it shares with others.
    pub(super) fn all_options(&self) -> impl Iterator<Item = &'static Opt> + use<> {
        self.options.iter().chain(self.configured.then_some(&SET))
    }
}

/// A value that is known by its place.
pub(super) struct Value {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
}

/// An option.
pub(super) struct Opt {
    /// With both dashes.
    pub(super) long: &'static str,
    /// With its dash.
    pub(super) short: Option<&'static str>,
    /// What the help calls its value; `None` when it takes none.
    pub(super) value: Option<&'static str>,
    /// Whether it may be given more than once.
    pub(super) repeats: bool,
    /// The configuration key that it sets.
    pub(super) key: Option<&'static str>,
    pub(super) about: &'static str,
}

/// An option without a value.
const fn switch(long: &'static str, about: &'static str) -> Opt {
    Opt { long, short: None, value: None, repeats: false, key: None, about }
}

const fn option(long: &'static str, value: &'static str, about: &'static str) -> Opt {
    Opt { value: Some(value), ..switch(long, about) }
}

/// An option for a configuration key.
const fn setting(
    key: &'static str,
    long: &'static str,
    value: &'static str,
    about: &'static str,
) -> Opt {
    Opt { key: Some(key), ..option(long, value, about) }
}

/// The option that sets any key, of all commands that read the configuration.
pub(super) static SET: Opt = Opt {
    repeats: true,
    ..option(
        "--set",
        "KEY=VALUE",
        "Set a configuration key, such as --set max_content_length='1 MiB'",
    )
};

static SERVING: [Opt; 8] = [
    Opt {
        repeats: true,
        ..setting(
            "host",
            "--host",
            "ADDRESS",
            "Where to listen: an address, localhost, an interface such as eth0, lan, unix:PATH; may be repeated",
        )
    },
    Opt {
        short: Some("-p"),
        ..setting(
            "port",
            "--port",
            "PORT",
            "The port to listen on, a range such as 8000-8010, or auto",
        )
    },
    setting("workers", "--workers", "COUNT", "Threads that serve requests; 0 is one a core"),
    setting("lang", "--lang", "LANG", "The language of what is said here: en or ko"),
    switch("--take-port", "End the program of this user that holds the port, and take it"),
    switch("--take-over", "Take the sockets over from the running app, which then ends"),
    switch("--qr", "Print the address for this network as a QR code too"),
    option(
        "--allow-remote",
        "TOKEN",
        "Let other computers reach an app that is being debugged; `show` in its place prints the token",
    ),
];

/// What runs when no command is named.
pub(super) static RUN: Command = Command {
    name: "run",
    about: "Serve the app until Ctrl+C or SIGTERM",
    values: &[],
    options: &SERVING,
    configured: true,
    run: serve,
};

static ROUTES: Command = Command {
    name: "routes",
    about: "List the rules: endpoint, methods, rule, handler",
    values: &[],
    options: &[switch("--json", "Print JSON, with each handler's file and line")],
    configured: true,
    run: routes::run,
};

static CHECK: Command = Command {
    name: "check",
    about: "Look for mistakes: setup, configuration, templates, url_for and render calls",
    values: &[],
    options: &[],
    configured: true,
    run: check::run,
};

static SHOW_CONFIG: Command = Command {
    name: "config",
    about: "Show each configuration key, its value and where it came from",
    values: &[],
    options: &[
        switch("--all", "Show also the keys that have their default"),
        switch("--json", "Print JSON"),
    ],
    configured: true,
    run: config::run,
};

static EXPLAIN: Command = Command {
    name: "explain",
    about: "Say which rules a request tries, and why each fits or not",
    values: &[
        Value { name: "METHOD", about: "The method, such as GET" },
        Value { name: "PATH", about: "The path, such as /users/5" },
    ],
    options: &[option("--host", "HOST", "The request's host")],
    configured: true,
    run: explain::run,
};

static SECRET: Command = Command {
    name: "secret",
    about: "Print a new random secret key",
    values: &[],
    options: &[],
    configured: false,
    run: secret::run,
};

/// All, in the order in which the help lists them.
pub(super) static COMMANDS: [&Command; 6] =
    [&RUN, &ROUTES, &CHECK, &SHOW_CONFIG, &EXPLAIN, &SECRET];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::RESERVED_COMMANDS;

    #[test]
    fn no_command_of_an_app_can_hide_one() {
        let names = COMMANDS.iter().map(|command| command.name).chain(["help"]);
        assert_eq!(names.collect::<Vec<_>>(), RESERVED_COMMANDS);
    }
}
