//! `routes`: a table of the rules, in the order they are registered.

use std::process::ExitCode;

use serde_json::Value;

use crate::app::{App, Core, Site};
use crate::explain::rule_json;
use crate::routing::Rule;

use super::line::Line;
use super::output::table;
use super::{tell, with_site};

pub(super) fn run(app: App, line: &Line) -> ExitCode {
    with_site(app, line, |site| print(site, line.has("--json")))
}

fn print(site: &Site, json: bool) -> ExitCode {
    let core = &site.core;
    if json {
        let rows: Vec<Value> =
            site.shared.router.rules().map(|rule| rule_json(core, rule)).collect();
        return tell(&format!("{:#}\n", Value::from(rows)));
    }
    let rows: Vec<[String; 5]> = site.shared.router.rules().map(|rule| row(core, rule)).collect();
    let headings = ["Endpoint", "Methods", "Rule", "Host", "Handler"];
    if rows.iter().all(|row| row[3].is_empty()) {
        let rows: Vec<[String; 4]> = rows
            .into_iter()
            .map(|[endpoint, methods, rule, _, handler]| [endpoint, methods, rule, handler])
            .collect();
        return tell(&table(["Endpoint", "Methods", "Rule", "Handler"], &rows));
    }
    tell(&table(headings, &rows))
}

/// The methods but those that come by themselves, as `flask routes` shows them.
fn methods(rule: &Rule) -> Vec<String> {
    match rule.methods() {
        None => vec!["any".to_owned()],
        Some(methods) => methods
            .into_iter()
            .map(|method| method.to_string())
            .filter(|method| method != "HEAD" && method != "OPTIONS")
            .collect(),
    }
}

fn row(core: &Core, rule: &Rule) -> [String; 5] {
    let handler = core.target_of(rule).map_or_else(String::new, |target| target.handler.clone());
    let host = rule.host().unwrap_or_default().to_owned();
    [rule.endpoint().to_string(), methods(rule).join(", "), rule.text().to_owned(), host, handler]
}
