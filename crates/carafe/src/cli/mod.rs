//! The app's own command line, as `#[carafe::main]` starts it: `run`, `routes`, `check`, `config`,
//! `explain`, `secret`, and the app's own commands.
//!
//! Here is which command was asked for; each has a file of its own.

mod check;
mod config;
mod explain;
mod output;
mod routes;
mod secret;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::app::{App, Running, Site};
use crate::command::{BUILT_IN, Command as AppCommand};
use crate::config::Loader;
use crate::{run, server};

use self::output::{complain, tell};

/// Runs the command that the process was started with.
pub fn main(make: fn() -> App) -> ExitCode {
    let app = make();
    let own: Vec<AppCommand> = app.commands.clone();
    let matches = command_line(&app, &own).get_matches();
    match matches.subcommand() {
        Some(("secret", _)) => secret::print(),
        Some(("routes", matches)) => with_site(app, matches, |site| routes::print(site, matches)),
        Some(("check", matches)) => check::run(app, loader(matches)),
        Some(("config", matches)) => config::print(app, loader(matches), matches),
        Some(("explain", matches)) => with_site(app, matches, |site| explain::print(site, matches)),
        Some(("run", matches)) => with_site(app, matches, |site| serve(site, matches)),
        None => with_site(app, &matches, |site| serve(site, &matches)),
        Some((name, matches)) => with_site(app, matches, |site| run_own(site, &own, name, matches)),
    }
}

fn command_line(app: &App, own: &[AppCommand]) -> Command {
    let package = app.package;
    let name = package.map_or("app", |package| package.name);
    let mut line = Command::new(name)
        .version(package.map_or("", |package| package.version))
        .about("A Carafe app. Without a command it is served, as by `run`.")
        .args(serving_args())
        .args_conflicts_with_subcommands(true)
        .subcommand(
            Command::new("run").about("Serve the app until Ctrl+C or SIGTERM").args(serving_args()),
        )
        .subcommand(
            Command::new("routes")
                .about("List the rules: endpoint, methods, rule, handler")
                .arg(flag("json", "Print JSON, with each handler's file and line"))
                .args(config_args()),
        )
        .subcommand(
            Command::new("check")
                .about(
                    "Look for mistakes: setup, configuration, templates, url_for and render calls",
                )
                .args(config_args()),
        )
        .subcommand(
            Command::new("config")
                .about("Show each configuration key, its value and where it came from")
                .arg(flag("all", "Show also the keys that have their default"))
                .arg(flag("json", "Print JSON"))
                .args(config_args()),
        )
        .subcommand(
            Command::new("explain")
                .about("Say which rules a request tries, and why each fits or not")
                .arg(positional("method", "METHOD", "The method, such as GET"))
                .arg(positional("path", "PATH", "The path, such as /users/5"))
                .arg(Arg::new("host").long("host").value_name("HOST").help("The request's host"))
                .args(config_args()),
        )
        .subcommand(Command::new("secret").about("Print a new random secret key"));
    let mut taken = BUILT_IN.to_vec();
    for command in own {
        // Two of one name are a mistake of the setup, which is told with all others.
        if !taken.contains(&command.name()) {
            taken.push(command.name());
            line = line.subcommand(command.clap().args(config_args()));
        }
    }
    line
}

fn positional(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).required(true).value_name(value).help(help)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// The options that set configuration keys, for commands that read the configuration.
fn config_args() -> Vec<Arg> {
    vec![
        Arg::new("set")
            .long("set")
            .value_name("KEY=VALUE")
            .action(ArgAction::Append)
            .help("Set a configuration key, such as --set max_content_length='1 MiB'"),
    ]
}

fn serving_args() -> Vec<Arg> {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let mut args = vec![
        option(
            "host",
            "ADDRESS",
            "Where to listen: an address, localhost, an interface such as eth0, lan, unix:PATH; may be repeated [config: host]",
        )
        .action(ArgAction::Append),
        option("port", "PORT", "The port to listen on, a range such as 8000-8010, or auto [config: port]")
            .short('p'),
        option(
            "workers",
            "COUNT",
            "Threads that serve requests; 0 is one a core [config: workers]",
        ),
        option("lang", "LANG", "The language of what is said here: en or ko [config: lang]"),
        flag("take-port", "End the program of this user that holds the port, and take it"),
        flag("take-over", "Take the sockets over from the running app, which then ends"),
        flag("qr", "Print the address for this network as a QR code too"),
        option(
            "allow-remote",
            "TOKEN",
            "Let other computers reach an app that is being debugged; without a token it is printed",
        )
        .num_args(0..=1)
        .default_missing_value(""),
    ];
    args.extend(config_args());
    args
}

/// The configuration's places, with what the command line set.
fn loader(matches: &ArgMatches) -> impl FnOnce(&App) -> Result<Loader, String> + use<> {
    let mut pairs: Vec<(String, String, String)> = Vec::new();
    if let Ok(Some(hosts)) = matches.try_get_many::<String>("host") {
        let hosts: Vec<&str> = hosts.map(String::as_str).collect();
        pairs.push(("--host".to_owned(), "host".to_owned(), hosts.join(",")));
    }
    for key in ["port", "workers", "lang"] {
        if let Ok(Some(value)) = matches.try_get_one::<String>(key) {
            pairs.push((format!("--{key}"), key.to_owned(), value.clone()));
        }
    }
    let mut wrong = None;
    for pair in matches.get_many::<String>("set").into_iter().flatten() {
        match pair.split_once('=') {
            Some((key, _)) if key.trim().is_empty() => {
                wrong = Some(format!("`--set {pair}` lacks a key\n\nhint: --set key=value"));
            }
            Some((key, value)) => {
                pairs.push((format!("--set {key}"), key.trim().to_owned(), value.to_owned()));
            }
            None => wrong = Some(format!("`--set {pair}` lacks a value\n\nhint: --set key=value")),
        }
    }
    move |app| {
        if let Some(words) = wrong {
            return Err(words);
        }
        let loader = Loader::new(app.root_folder()).env(std::env::vars_os());
        Ok(pairs
            .into_iter()
            .fold(loader, |loader, (flag, key, value)| loader.arg(&flag, &key, value)))
    }
}

/// Freezes the app and goes on with it, or says what is wrong with it.
fn with_site(
    app: App,
    matches: &ArgMatches,
    then: impl FnOnce(&Arc<Site>) -> ExitCode,
) -> ExitCode {
    let loader = match loader(matches)(&app) {
        Ok(loader) => loader,
        Err(words) => return complain(&words),
    };
    match app.build(loader) {
        Ok(site) => then(&site),
        Err(errors) => complain(&errors.to_string()),
    }
}

fn serve(site: &Arc<Site>, matches: &ArgMatches) -> ExitCode {
    let options = run::RunOptions {
        take_port: matches.get_flag("take-port"),
        take_over: matches.get_flag("take-over"),
        qr: matches.get_flag("qr"),
        allow_remote: matches.get_one::<String>("allow-remote").cloned(),
    };
    match run::run(site, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string()),
    }
}

/// Runs a command of the app's own between its start-up and shut-down steps.
fn run_own(site: &Arc<Site>, own: &[AppCommand], name: &str, matches: &ArgMatches) -> ExitCode {
    let Some(command) = own.iter().find(|command| command.name() == name) else {
        return complain(&format!("there is no command `{name}`"));
    };
    let runtime = match server::local_runtime() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("no runtime could be made: {error}")),
    };
    crate::log::install(site.core.config.settings().access_log);
    let result = runtime.block_on(async {
        site.start().await?;
        let result = command.run(Running(site.clone()), matches.clone()).await;
        site.stop().await;
        result
    });
    match result {
        Ok(code) => code,
        Err(error) => complain(&error.to_string()),
    }
}
