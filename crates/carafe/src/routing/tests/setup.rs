//! Mistakes that are found while rules are added.

use super::*;

#[test]
fn refuses_rules() {
    let check = |spec: RuleSpec, message: &str, hint: &str| {
        let error = Map::new(MapSettings::default()).add(spec).unwrap_err();
        assert_eq!(error.message(), message);
        assert_eq!(error.hint().unwrap_or_default(), hint, "{message}");
    };
    let options = |rule: &str, change: fn(&mut RuleSpec)| with(spec(rule), change);
    check(spec("a"), "`a` does not start with a slash", "write `/a`");
    check(spec("/<id:int>"), "there is no converter `id`", "the converter comes first: `<int:id>`");
    check(
        spec("/<lst:x>"),
        "there is no converter `lst`",
        "the converters are `any`, `default`, `float`, `int`, `path`, `string`, `uuid`",
    );
    check(
        spec("/<int(mn=1):x>"),
        "the converter `int` has no argument `mn`",
        "it has `fixed_digits`, `min`, `max`, `signed`",
    );
    check(
        options("/", |s| s.host = Some("a".into())),
        "it has a host, but `host_matching` is off",
        "turn on `host_matching`",
    );
    check(
        options("/", |s| s.subdomain = Some("a".into())),
        "it has a subdomain, but `subdomain_matching` is off",
        "turn on `subdomain_matching`",
    );
    check(
        options("/", |s| s.methods = Some(vec![])),
        "it has no methods",
        "leave the methods out to take any",
    );
    check(
        options("POST /", |s| s.websocket = true),
        "a websocket rule cannot take the method `POST`",
        "leave the methods out",
    );
    check(
        options("/<a>", |s| s.redirect_to = Some(RedirectTo::Template("/<b>".into()))),
        "`redirect_to` names `<b>`, which the rule does not have",
        "",
    );
    check(
        options("/", |s| s.defaults = vec![("a".into(), 1.into()), ("a".into(), 2.into())]),
        "the default `a` is given twice",
        "",
    );
}

#[test]
fn refuses_hosts() {
    let check = |settings: MapSettings, change: fn(&mut RuleSpec), message: &str| {
        let error = Map::new(settings).add(with(spec("/<a>"), change)).unwrap_err();
        assert_eq!(error.message(), message);
    };
    let hosts = MapSettings { host_matching: true, ..MapSettings::default() };
    check(
        hosts.clone(),
        |s| s.host = Some("<a>.org".into()),
        "the name `a` is used twice in one rule",
    );
    check(
        hosts.clone(),
        |s| s.host = Some("<path:b>".into()),
        "a converter that takes slashes cannot stand in a host",
    );
    check(hosts.clone(), |s| s.host = Some("a/b".into()), "the host `a/b` contains a slash");
    check(
        hosts,
        |s| s.subdomain = Some("a".into()),
        "it has a subdomain, but `host_matching` is on",
    );
    let subdomains = MapSettings { subdomain_matching: true, ..MapSettings::default() };
    check(
        subdomains,
        |s| s.subdomain = Some("a".into()),
        "it has a subdomain, but no server name is set",
    );
}

#[test]
fn reports_duplicates() {
    let check = |first: RuleSpec, second: RuleSpec, expected: Option<&str>| {
        let mut map = Map::new(MapSettings::default());
        map.add(with(first, |s| (s.file, s.line) = ("src/a.rs", 3))).unwrap();
        map.add(with(second, |s| (s.file, s.line) = ("src/b.rs", 9))).unwrap();
        let problems = map.problems();
        assert_eq!(problems.first().map(RuleError::message), expected, "{problems:?}");
        assert!(problems.iter().all(|problem| problem.location() == ("src/b.rs", 9)));
    };
    let again = Some("duplicate of rule `/<int:a>` at src/a.rs:3");
    check(spec("GET /<int:a>"), spec("GET,POST /<int:b>"), again);
    check(spec("/<int:a>"), spec("POST /<int:b>"), again);
    check(spec("GET /<int:a>"), spec("POST /<int:a>"), None);
    check(spec("GET /<int:a>"), spec("HEAD /<int:a>"), None);
    check(spec("/<int:a>"), spec("/<int(max=5):a>"), None);
    check(spec("/<int:a>"), spec("/<int:a>/"), None);
    check(spec("/<int:a>"), with(spec("/<int:a>"), |s| s.websocket = true), None);
    check(spec("/<int:a>"), with(spec("/<int:a>"), |s| s.build_only = true), None);
    check(spec("/<a>"), spec("/<string:b>"), Some("duplicate of rule `/<a>` at src/a.rs:3"));
    // Those that answer `OPTIONS` by themselves do not overlap by that alone.
    let automatic = |rule| with(spec(rule), |s| s.provide_automatic_options = None);
    check(automatic("GET /a"), automatic("POST /a"), None);
    let narrow =
        with(spec("/<int:a>"), |s| s.narrow = vec![("a".into(), IntRange { min: 0, max: 9 })]);
    check(narrow, spec("/<int:a>"), None);
}

#[test]
fn reports_aliases_of_nothing() {
    let mut map = Map::new(MapSettings::default());
    map.add(with(named("/a", "e"), |s| s.alias = true)).unwrap();
    let problems = map.problems();
    assert_eq!(problems[0].message(), "no rule of the endpoint `e` is what it is an alias of");
    map.add(named("/b", "e")).unwrap();
    assert!(map.problems().is_empty());
}

#[test]
fn lists_rules() {
    let router = router(&["GET /<b>/<int:a>", "/x"]);
    let rule = router.rules().next().unwrap();
    assert_eq!(rule.names().collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(rule.position("a"), Some(1));
    assert_eq!(rule.value_type("a"), Some(ValueType::Int));
    assert_eq!(rule.methods().unwrap(), ["GET", "HEAD"].map(method));
    assert_eq!(router.rules_of("/x").map(Rule::text).collect::<Vec<_>>(), ["/x"]);
    assert!(size_of::<Outcome>() <= 120, "{}", size_of::<Outcome>());
}
