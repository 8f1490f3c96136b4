//! A PostgreSQL database for each test, copied from a template with its migrations applied.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::Fresh;
use crate::background::Background;
use crate::base::Base;
use crate::error::{Error, Kind, Result};
use crate::migrate::{self, Migrations, Step};
use crate::settings::Options;
use crate::url::{Dialect, Url};

/// Names the advisory lock under which templates are made; any number that nobody else uses.
const LOCK: i64 = 0x6361_7261_6665;

pub(super) async fn open(
    server: String,
    name: String,
    options: Options,
    migrations: Option<Migrations>,
    runtime: Arc<Background>,
) -> Result<Base> {
    let steps = migrations.map(|migrations| migrations.steps(Dialect::Postgres)).transpose()?;
    let mut connection = connect(&server).await?;
    let template = match steps {
        None => "template1".to_owned(),
        Some(steps) => template(&mut connection, &server, steps, &options, &runtime).await?,
    };
    run(&mut connection, format!("drop database if exists \"{name}\" with (force)")).await?;
    run(&mut connection, format!("create database \"{name}\" template \"{template}\"")).await?;
    let _ = connection.close().await;
    let url = Url::Postgres(with_database(&server, &name));
    let mut base = Base::open(Options { url, ..options }, runtime)?;
    base.fresh = Some(Fresh::Postgres { server, name });
    Ok(base)
}

pub(super) async fn remove(server: &str, name: &str) {
    if let Ok(mut connection) = connect(server).await {
        let _ =
            run(&mut connection, format!("drop database if exists \"{name}\" with (force)")).await;
        let _ = connection.close().await;
    }
}

/// The name of a database with these migrations applied, made if it is not there.
async fn template(
    connection: &mut PgConnection,
    server: &str,
    steps: Vec<Step>,
    options: &Options,
    runtime: &Arc<Background>,
) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for step in &steps {
        (step.version, &step.up.checksum).hash(&mut hasher);
    }
    let name = format!("carafe_template_{:016x}", hasher.finish());
    // Test binaries run beside each other.
    run(connection, format!("select pg_advisory_lock({LOCK})")).await?;
    let made = make_template(connection, server, &name, steps, options, runtime).await;
    run(connection, format!("select pg_advisory_unlock({LOCK})")).await?;
    made.map(|()| name)
}

async fn make_template(
    connection: &mut PgConnection,
    server: &str,
    name: &str,
    steps: Vec<Step>,
    options: &Options,
    runtime: &Arc<Background>,
) -> Result<()> {
    let ready: Option<(bool,)> =
        sqlx::query_as("select datistemplate from pg_database where datname = $1")
            .bind(name)
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed)?;
    match ready {
        Some((true,)) => return Ok(()),
        // Half made, by a process that was killed.
        Some((false,)) => run(connection, format!("drop database \"{name}\" with (force)")).await?,
        None => {}
    }
    run(connection, format!("create database \"{name}\"")).await?;
    let url = Url::Postgres(with_database(server, name));
    let base = Base::open(Options { url, ..options.clone() }, runtime.clone())?;
    migrate::up(&base, steps, None).await?;
    base.close().await;
    run(connection, format!("alter database \"{name}\" is_template true")).await
}

async fn connect(server: &str) -> Result<PgConnection> {
    let options = PgConnectOptions::from_str(server).map_err(|_secret| {
        Error::new(Kind::Settings, format!("`{}` is no URL of a PostgreSQL server", super::SERVER))
    })?;
    options.disable_statement_logging().connect().await.map_err(failed)
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop).map_err(failed)
}

fn failed(error: sqlx::Error) -> Error {
    Error::new(Kind::Unavailable, "no database for the test could be made")
        .hint(format!(
            "`{}` names a PostgreSQL server and a user who may make databases",
            super::SERVER
        ))
        .caused_by(error)
}

/// The URL of another database on the same server.
fn with_database(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').map_or((server, None), |(a, q)| (a, Some(q)));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{name}{query}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_another_database() {
        let check = |server: &str, expected: &str| assert_eq!(with_database(server, "x"), expected);
        check("postgres://ann:pw@db:5432/postgres", "postgres://ann:pw@db:5432/x");
        check("postgres://db", "postgres://db/x");
        check("postgres:///postgres?host=/run", "postgres:///x?host=/run");
    }
}
