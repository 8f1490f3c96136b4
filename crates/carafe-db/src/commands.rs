//! `db`: the command with those below it, as Flask-Migrate has them.

#![expect(clippy::print_stdout, reason = "a command tells what it did")]

use std::process::ExitCode;
use std::sync::Arc;

use carafe::clap::{self, Arg, ArgMatches};
use carafe::{Command, Running};

use crate::base::Base;
use crate::databases::Databases;
use crate::db::Db;
use crate::error::{Error, Kind, Result};
use crate::extension::{Setup, inside};
use crate::migrate::{self, Step};
use crate::settings::DEFAULT;

/// The command, with what stands below it.
pub(crate) fn db() -> Command {
    Command::new(
        "db",
        "Looks after the databases: migrations and rows to begin with",
        arguments,
        |running, matches| {
            Box::pin(async move {
                run(&running, &matches)
                    .await
                    .map_err(|error| carafe::abort(500).caused_by(error.into_failure()))
            })
        },
    )
}

fn arguments() -> clap::Command {
    let database = Arg::new("database")
        .long("database")
        .value_name("NAME")
        .global(true)
        .help("One database of several: `default`, or one of `db.binds`");
    let number = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .value_name("NUMBER")
            .value_parser(clap::value_parser!(i64).range(1..))
            .help(help)
    };
    clap::Command::new("db")
        .about("Looks after the databases: migrations and rows to begin with")
        .subcommand_required(true)
        .arg(database)
        .subcommand(
            clap::Command::new("new").about("Makes the files of a new migration").arg(
                Arg::new("name")
                    .value_name("NAME")
                    .required(true)
                    .help("What it does, such as `create_notes`"),
            ),
        )
        .subcommand(
            clap::Command::new("up")
                .about("Applies what is pending")
                .arg(number("to", "Only up to this version").long("to")),
        )
        .subcommand(
            clap::Command::new("down")
                .about("Takes the last migration back")
                .arg(number("count", "How many of them").default_value("1")),
        )
        .subcommand(clap::Command::new("status").about("Tells what is applied and what is pending"))
        .subcommand(clap::Command::new("seed").about("Fills in rows to begin with"))
}

async fn run(running: &Running, matches: &ArgMatches) -> Result<ExitCode> {
    let missing = || Error::new(Kind::Misuse, "the app has no database");
    let setup = running.state::<Setup>().ok_or_else(missing)?;
    let databases = running.state::<Databases>().ok_or_else(missing)?;
    let (name, own) = matches.subcommand().ok_or_else(missing)?;
    let wanted = own.get_one::<String>("database").map(String::as_str);
    if let Some(wanted) = wanted {
        databases.named(wanted)?;
    }
    if name == "new" {
        return new(&setup, wanted.unwrap_or(DEFAULT), own.get_one::<String>("name"));
    }
    let mut code = ExitCode::SUCCESS;
    for base in
        databases.all().iter().filter(|base| wanted.is_none_or(|wanted| wanted == base.name()))
    {
        let steps = setup.steps(base)?;
        match (name, steps) {
            ("seed", _) => seed(&setup, &databases.db(base.name())?).await?,
            ("up", Some(steps)) => up(base, steps, own.get_one::<i64>("to").copied()).await?,
            ("down", Some(steps)) => {
                let count = own.get_one::<i64>("count").copied().unwrap_or(1);
                down(base, steps, usize::try_from(count).unwrap_or(usize::MAX)).await?;
            }
            ("status", Some(steps)) => {
                if status(base, steps).await? {
                    code = ExitCode::from(1);
                }
            }
            _ => println!("{}: the app gives it no migrations", base.name()),
        }
    }
    Ok(code)
}

fn new(setup: &Setup, database: &str, name: Option<&String>) -> Result<ExitCode> {
    let migrations = setup.migrations(database).ok_or_else(|| {
        Error::new(
            Kind::Migration,
            format!("the app gives the database `{database}` no migrations"),
        )
        .hint(
            "`Database::from_config().migrations(migrations!())` gives it the folder `migrations`",
        )
    })?;
    for path in migrate::new_files(migrations, name.map(String::as_str).unwrap_or_default())? {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        println!("made {}/{file}", migrations.folder());
    }
    Ok(ExitCode::SUCCESS)
}

async fn up(base: &Arc<Base>, steps: Vec<Step>, to: Option<i64>) -> Result<()> {
    let owned = base.clone();
    let applied =
        inside(&base.runtime, async move { migrate::up(&owned, steps, to).await }).await?;
    tell(base, "applied", &applied, "nothing is pending");
    Ok(())
}

async fn down(base: &Arc<Base>, steps: Vec<Step>, count: usize) -> Result<()> {
    let owned = base.clone();
    let reverted =
        inside(&base.runtime, async move { migrate::down(&owned, steps, count).await }).await?;
    tell(base, "took back", &reverted, "nothing is applied");
    Ok(())
}

fn tell(base: &Base, done: &str, names: &[String], nothing: &str) {
    for name in names {
        println!("{}: {done} {name}", base.name());
    }
    if names.is_empty() {
        println!("{}: {nothing}", base.name());
    }
}

/// Prints each migration's state; whether any is not as it should be.
async fn status(base: &Arc<Base>, steps: Vec<Step>) -> Result<bool> {
    let owned = base.clone();
    let status = inside(&base.runtime, async move { migrate::status(&owned, steps).await }).await?;
    println!("{} ({})", base.name(), base.shown());
    for (step, state) in &status.steps {
        let words = match state {
            migrate::State::Applied => "applied",
            migrate::State::Changed => "changed since it was applied",
            migrate::State::Pending => "pending",
        };
        println!("  {}  {words}", step.name);
    }
    for version in &status.unknown {
        println!("  {version}  applied, and unknown to this program");
    }
    Ok(!status.is_settled())
}

async fn seed(setup: &Setup, db: &Db) -> Result<()> {
    let Some(seed) = setup.seed(db.name()) else {
        println!("{}: the app gives it no rows to begin with", db.name());
        return Ok(());
    };
    let tx = db.begin().await?;
    let failed = |error: carafe::Error| {
        Error::new(Kind::Other, format!("the seed of `{}` failed: {error}", db.name()))
    };
    seed((*tx).clone()).await.map_err(failed)?;
    tx.commit().await?;
    println!("{}: seeded", db.name());
    Ok(())
}
