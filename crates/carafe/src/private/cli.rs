//! Arguments of commands, out of what clap read.

use std::fmt::Display;
use std::str::FromStr;

use clap::ArgMatches;
use clap::builder::ValueParser;
use clap::parser::ValueSource;

use crate::error::{Error, Result};

/// Refuses text that `T` cannot be read from. clap keeps the text, so that `T` need not be `Clone`.
pub fn cli_parser<T: FromStr<Err: Display> + 'static>() -> ValueParser {
    ValueParser::from(|text: &str| match T::from_str(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    })
}

/// The one value of an argument: from the command line, else from the environment, else its default.
pub fn cli_one<T: FromStr<Err: Display>>(
    matches: &ArgMatches,
    id: &str,
    env: Option<&str>,
) -> Result<T> {
    cli_optional(matches, id, env)?.ok_or_else(|| {
        let or = env.map(|env| format!(", or set `{env}`")).unwrap_or_default();
        Error::new(400).describe(format!("the argument `{id}` is missing: give it{or}"))
    })
}

/// As [`cli_one`], for an argument that may be absent.
pub fn cli_optional<T: FromStr<Err: Display>>(
    matches: &ArgMatches,
    id: &str,
    env: Option<&str>,
) -> Result<Option<T>> {
    let given = matches.value_source(id) == Some(ValueSource::CommandLine);
    if let Some(env) = env.filter(|_| !given)
        && let Some(text) = std::env::var_os(env)
    {
        let text = text.to_string_lossy();
        let value = text.parse().map_err(|error| {
            Error::new(400)
                .describe(format!("the environment variable `{env}` is `{text}`: {error}"))
        });
        return value.map(Some);
    }
    matches.get_one::<String>(id).map(|text| read(text, id)).transpose()
}

/// Every value of an argument.
pub fn cli_many<T: FromStr<Err: Display>>(matches: &ArgMatches, id: &str) -> Result<Vec<T>> {
    matches.get_many::<String>(id).into_iter().flatten().map(|text| read(text, id)).collect()
}

fn read<T: FromStr<Err: Display>>(text: &str, id: &str) -> Result<T> {
    text.parse().map_err(|error| Error::new(400).describe(format!("`{id}` is `{text}`: {error}")))
}

/// Runs a plain `fn` command where it may block.
pub async fn run_plain_command<A: Send + 'static, T: Send + 'static>(
    arguments: A,
    call: impl FnOnce(A) -> T + Send + 'static,
) -> Result<T> {
    let task = tokio::task::spawn_blocking(move || call(arguments));
    task.await.map_err(|error| match error.try_into_panic() {
        Ok(payload) => Error::from_panic(&*payload),
        Err(_cancelled) => Error::new(503).describe("the command was stopped"),
    })
}
