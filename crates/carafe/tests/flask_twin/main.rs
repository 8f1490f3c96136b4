//! Flask and Carafe side by side: the requests of `table.json` are sent to `flask_app.py` and to its twin over real
//! sockets, and the answers must agree in status, in the headers that matter and in the body.
//!
//! An entry with a `difference` is one where Carafe differs on purpose: its reason is in the table, Carafe must
//! answer as it says, and Flask must not, so that a difference that is gone does not stay listed.

mod carafe;
mod carafe_app;
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
        lines.push(format!("flask: the table says {}, it is {}", entry.status, answer.status));
    }
    if let Some(difference) = &entry.difference
        && compare::unmet(entry, &difference.carafe, answer).is_empty()
    {
        lines.push(format!("flask: no longer differs ({})", difference.reason));
    }
    lines
}

/// What is wrong with an answer of Carafe: it has to be Flask's, or the one that the table states.
fn carafe_problems(entry: &Entry, flask: &Answer, carafe: &Answer) -> Vec<String> {
    match (flask, carafe, &entry.difference) {
        (_, Err(error), _) => vec![format!("carafe: {error}")],
        (Err(error), _, _) => vec![format!("flask: {error}")],
        (_, Ok(carafe), Some(difference)) => compare::unmet(entry, &difference.carafe, carafe),
        (Ok(flask), Ok(carafe), None) => compare::compare(entry, flask, carafe),
    }
}

/// Fails with every mismatch at once.
fn report(table: &[Entry], problems: impl Iterator<Item = Vec<String>>) {
    let bad: Vec<String> = table
        .iter()
        .zip(problems)
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(entry, lines)| {
            let Entry { name, app, method, target, .. } = entry;
            format!("  {name}  ({app}: {method} {target})\n    {}", lines.join("\n    "))
        })
        .collect();
    assert!(bad.is_empty(), "{} of {} differ\n{}", bad.len(), table.len(), bad.join("\n"));
}

#[test]
fn flask_answers_the_table() {
    let table = table::load().unwrap();
    let flask = flask::start().unwrap_or_else(|error| panic!("{error}"));
    let answers = run::run(&table, &flask.ports);
    report(&table, table.iter().zip(&answers).map(|(entry, answer)| flask_problems(entry, answer)));
}

#[test]
fn carafe_answers_as_flask_does() {
    let table = table::load().unwrap();
    // Flask first: it sets the times of the files that both serve.
    let flask = flask::start().unwrap_or_else(|error| panic!("{error}"));
    let carafe = carafe::start();
    let flask = run::run(&table, &flask.ports);
    let carafe = run::run(&table, &carafe.ports);
    let lines = table
        .iter()
        .zip(flask.iter().zip(&carafe))
        .map(|(entry, (flask, carafe))| carafe_problems(entry, flask, carafe));
    report(&table, lines);
}

#[test]
fn every_difference_is_told() {
    let told = words(include_str!("DIFFERENCES.md"));
    let table = table::load().unwrap();
    let reasons = table.iter().filter_map(|entry| entry.difference.as_ref());
    for difference in reasons {
        let reason = words(&difference.reason);
        assert!(told.contains(&reason), "DIFFERENCES.md does not say: {}", difference.reason);
    }
}

/// The text without its line breaks.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn two_runs_of_flask_agree() {
    // What depends on the clock, on a port or on an order that is not kept would make a comparison worthless.
    let table = table::load().unwrap();
    let [one, two] = [(); 2].map(|()| flask::start().unwrap_or_else(|error| panic!("{error}")));
    let one = run::run(&table, &one.ports);
    let two = run::run(&table, &two.ports);
    let lines = table.iter().zip(one.iter().zip(&two)).map(|(entry, pair)| match pair {
        (Ok(one), Ok(two)) => compare::compare(entry, one, two),
        (one, two) => [one, two].into_iter().filter_map(|side| side.clone().err()).collect(),
    });
    report(&table, lines);
}
