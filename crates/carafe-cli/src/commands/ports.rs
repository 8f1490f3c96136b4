//! `carafe ports`: the listening sockets of this machine, who holds them, which ports are free, and
//! ending a port's holder.

mod json;
mod stop;
mod table;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use carafe_net::{Holder, Lang, System, all_holders, describe_all, holders, next_free};

use crate::output::{complain, print};

/// What stands below the help.
const MORE: &str = "\
Without a port: a table of all of them. With one: who holds it, in words; exit status 1 when nothing
listens on it.

`--json` prints a list of objects, one for each socket, with these fields; what cannot be seen is null:
  address      the IP address that it listens on
  port         the port
  kind         program, carafe-app, container, airplay, this-program, other-user or unknown
  service      what usually listens on this port
  program      the program's short name
  pid          its process id
  uid, user    its user; of an unseen process, the user who opened the port
  command      the words that it was started with
  exe, folder  the file that it runs, and its working folder
  age_seconds  how long it has run
  suspended    whether it was suspended, as by Ctrl-Z
  app          the Carafe app's name
  container    the address in the container that the port stands for

`carafe ports <COMMAND> --help` tells more of `free` and `stop`.";

/// What `carafe ports` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = MORE, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    /// The port to tell about
    #[arg(value_parser = port_number)]
    port: Option<u16>,
    /// Print JSON instead of words
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What can be done about ports.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print the next port that is free on the wildcard address and both loopbacks
    Free {
        /// The lowest port that will do
        #[arg(default_value_t = 8000, value_parser = port_number)]
        port: u16,
    },
    /// End the program that holds a port, after asking
    #[command(after_help = STOP)]
    Stop(StopArgs),
}

/// What stands below the help of `stop`.
const STOP: &str = "\
The program is asked to end (SIGTERM) and made to (SIGKILL) after the time of grace. Never ended are
a process of another user, also for root, process 1, and what cannot be seen. Exit status 0 when the
port is free in the end, also when nothing held it.";

/// What `carafe ports stop` can be told.
#[derive(Debug, clap::Args)]
struct StopArgs {
    /// The port to free
    #[arg(value_parser = port_number)]
    port: u16,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Seconds that the program has to end by itself
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u64).range(..=3600))]
    grace: u64,
}

fn port_number(text: &str) -> Result<u16, &'static str> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or("a port is a number from 1 to 65535")
}

/// Runs the command.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    let system = System::this();
    match (&args.command, args.port) {
        (Some(Command::Free { port }), _) => free(*port, lang),
        (Some(Command::Stop(args)), _) => {
            stop::run(args.port, args.yes, Duration::from_secs(args.grace), lang)
        }
        (None, Some(port)) => match holders(&system, port) {
            Ok(found) if args.json => {
                let code = print(&json::text(&found));
                if found.is_empty() { ExitCode::FAILURE } else { code }
            }
            Ok(found) => one(port, &found, lang),
            Err(error) => unreadable(&error, lang),
        },
        (None, None) => match all_holders(&system) {
            Ok(found) if args.json => print(&json::text(&found)),
            Ok(found) => table::print(&found, lang),
            Err(error) => unreadable(&error, lang),
        },
    }
}

fn one(port: u16, found: &[Holder], lang: Lang) -> ExitCode {
    match (found, lang) {
        ([], Lang::Korean) => complain(&format!("{port}번 포트를 쓰는 프로그램이 없습니다")),
        ([], _) => complain(&format!("nothing listens on port {port}")),
        _ => print(&format!("{}\n", describe_all(found, lang))),
    }
}

fn free(port: u16, lang: Lang) -> ExitCode {
    match (next_free(&[], port), lang) {
        (Some(port), _) => print(&format!("{port}\n")),
        (None, Lang::Korean) => complain(&format!("{port}번부터는 비어 있는 포트가 없습니다")),
        (None, _) => complain(&format!("no port from {port} on is free")),
    }
}

fn unreadable(error: &io::Error, lang: Lang) -> ExitCode {
    match lang {
        Lang::Korean => complain(&format!("이 컴퓨터의 소켓 목록을 읽을 수 없습니다: {error}")),
        _ => complain(&format!("the sockets of this machine cannot be read: {error}")),
    }
}
