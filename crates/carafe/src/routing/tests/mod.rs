//! Tests of routing as a whole. Each module has a `check`, and a case is a line of it.

mod building;
mod conformance;
mod explaining;
mod property;
mod setup;

use ::http::Method;

use super::*;

/// A router of rules whose endpoint is their text.
fn router(rules: &[&str]) -> Router {
    router_of(MapSettings::default(), rules.iter().map(|rule| spec(rule)))
}

fn router_of(settings: MapSettings, rules: impl IntoIterator<Item = RuleSpec>) -> Router {
    let mut map = Map::new(settings);
    for rule in rules {
        map.add(rule).unwrap_or_else(|error| panic!("{error}"));
    }
    map.freeze()
}

/// `/a` for any method, or `GET,POST /a`.
fn spec(text: &str) -> RuleSpec {
    let (methods, rule) = match text.split_once(' ') {
        Some((methods, rule)) if !methods.starts_with('/') => (Some(methods), rule),
        _ => (None, text),
    };
    let mut spec = RuleSpec::new(rule, rule, 0);
    spec.methods = methods.map(|methods| methods.split(',').map(method).collect());
    spec.provide_automatic_options = Some(false);
    spec
}

fn named(text: &str, endpoint: &str) -> RuleSpec {
    let mut spec = spec(text);
    spec.endpoint = endpoint.into();
    spec
}

fn with(mut spec: RuleSpec, change: impl FnOnce(&mut RuleSpec)) -> RuleSpec {
    change(&mut spec);
    spec
}

fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap()
}

/// What a router says, as one line: the endpoint and its values, a redirect or an error.
fn answer(router: &Router, host: &str, path: &str, method: &Method, websocket: bool) -> String {
    match router.find(host, path, method, websocket) {
        Outcome::Found(found) => {
            let rule = router.rule(found.rule);
            let mut line = rule.endpoint().to_string();
            for (name, value) in rule.names().zip(&found.values) {
                let value = match value.text(path) {
                    Some(text) => format!("{text:?}"),
                    None => format!("{value:?}"),
                };
                line.push_str(&format!(" {name}={value}"));
            }
            assert_eq!(rule.names().count(), found.values.len());
            line
        }
        Outcome::Redirect(redirect) => {
            let host = redirect.host.as_deref().unwrap_or_default();
            format!("{} {host}{}", redirect.code, redirect.path)
        }
        Outcome::NotFound => "404".to_owned(),
        Outcome::MethodNotAllowed { allow } => {
            let allow: Vec<&str> = allow.iter().map(Method::as_str).collect();
            format!("405 {}", allow.join(","))
        }
        Outcome::WebsocketMismatch => "400".to_owned(),
    }
}

fn get(router: &Router, path: &str) -> String {
    answer(router, "", path, &Method::GET, false)
}
