//! Flask and Carafe side by side: the requests of `table.json` are sent to `flask_app.py` and to its twin over real
//! sockets, and the answers must agree in status, in the headers that matter and in the body.
//!
//! An entry with a `difference` is one where Carafe differs on purpose: its reason is in the table, Carafe must
//! answer as it says, and Flask must not, so that a difference that is gone does not stay listed.

mod client;
mod compare;
mod flask;
mod run;
mod table;

use client::Response;
use table::Entry;

type Answer = Result<Response, String>;

/// What is wrong with an answer of Flask: the table must describe Flask before it can judge Carafe.
fn flask_problems(entry: &Entry, answer: &Answer) -> Vec<String> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return vec![format!("flask: {error}")],
    };
    let mut lines = Vec::new();
    if answer.status != entry.status {
        lines.push(format!(
            "flask: the table says {}, it is {}",
            entry.status, answer.status
        ));
    }
    if let Some(difference) = &entry.difference
        && compare::unmet(entry, &difference.carafe, answer).is_empty()
    {
        lines.push(format!("flask: no longer differs ({})", difference.reason));
    }
    lines
}

/// Fails with every mismatch at once.
fn report(table: &[Entry], problems: impl Iterator<Item = Vec<String>>) {
    let bad: Vec<String> = table
        .iter()
        .zip(problems)
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(entry, lines)| {
            let Entry {
                name,
                app,
                method,
                target,
                ..
            } = entry;
            format!(
                "  {name}  ({app}: {method} {target})\n    {}",
                lines.join("\n    ")
            )
        })
        .collect();
    assert!(
        bad.is_empty(),
        "{} of {} differ\n{}",
        bad.len(),
        table.len(),
        bad.join("\n")
    );
}

#[test]
fn flask_answers_the_table() {
    let table = table::load().unwrap();
    let flask = flask::start().unwrap_or_else(|error| panic!("{error}"));
    let answers = run::run(&table, &flask.ports);
    report(
        &table,
        table
            .iter()
            .zip(&answers)
            .map(|(entry, answer)| flask_problems(entry, answer)),
    );
}

#[test]
fn two_runs_of_flask_agree() {
    // What depends on the clock, on a port or on an order that is not kept would make a comparison worthless.
    let table = table::load().unwrap();
    let [one, two] = [(); 2].map(|()| flask::start().unwrap_or_else(|error| panic!("{error}")));
    let one = run::run(&table, &one.ports);
    let two = run::run(&table, &two.ports);
    let lines = table
        .iter()
        .zip(one.iter().zip(&two))
        .map(|(entry, pair)| match pair {
            (Ok(one), Ok(two)) => compare::compare(entry, one, two),
            (one, two) => [one, two]
                .into_iter()
                .filter_map(|side| side.clone().err())
                .collect(),
        });
    report(&table, lines);
}
