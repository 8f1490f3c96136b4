//! Rules and paths of any text: parsing, matching, explaining and building must not panic, and
//! must agree with each other.
//!
//! The input is lines: the first is a path, the others are rules.
#![no_main]

use carafe::routing::{BuildOptions, BuildValues, Map, MapSettings, Outcome, Reason, RuleSpec};
use http::Method;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let path = lines.next().unwrap_or_default();
    let mut map = Map::new(MapSettings::default());
    for rule in lines.take(16) {
        check_spans(rule);
        let _ = map.add(RuleSpec::new(rule, rule, 0));
    }
    let _ = map.problems();
    let router = map.freeze();
    let outcome = router.find("", path, &Method::GET, false);
    let tried = router.explain("", path, &Method::GET, false);
    assert_eq!(tried.len(), router.rules().count());
    let winners = tried
        .iter()
        .filter(|tried| matches!(tried.reason, Reason::Answers | Reason::Redirects(_)))
        .count();
    assert_eq!(winners, usize::from(matches!(outcome, Outcome::Found(_) | Outcome::Redirect(_))));
    if let Outcome::Found(found) = &outcome {
        let rule = router.rule(found.rule);
        assert_eq!(rule.names().count(), found.values.len());
        for value in &found.values {
            let _ = value.text(path);
        }
    }
    let values: BuildValues<'_> = [("a", path), ("b", path), ("x", path)].into_iter().collect();
    for rule in router.rules() {
        if let Ok(built) = router.build(rule.endpoint(), &values, &BuildOptions::default()) {
            assert!(built.path.starts_with('/') && built.path.is_ascii(), "{}", built.path);
        }
    }
});

/// Errors point into the text, and parts cover all of it.
fn check_spans(text: &str) {
    match carafe_rule::parse(text) {
        Err(error) => assert!(text.get(error.span()).is_some(), "{text:?} {error:?}"),
        Ok(rule) => {
            let length: usize = rule
                .parts
                .iter()
                .map(|part| match part {
                    carafe_rule::Part::Static(text) => text.len(),
                    carafe_rule::Part::Dynamic { span, .. } => span.len(),
                })
                .sum();
            assert_eq!(length, text.len());
        }
    }
}
