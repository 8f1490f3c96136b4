//! What `explain` says.

use super::*;

fn check(router: &Router, method_name: &str, url: &str, expected: &[&str]) {
    let (host, path) = url.split_at(url.find('/').unwrap());
    let tried = router.explain(host, path, &method(method_name), false);
    let lines: Vec<String> = tried
        .iter()
        .map(|tried| format!("{}: {}", router.rule(tried.rule).endpoint(), tried.reason))
        .collect();
    assert_eq!(lines, expected, "{method_name} {url}");
}

#[test]
fn reasons() {
    let only = with(spec("/only"), |spec| spec.build_only = true);
    let lenient = with(spec("/l"), |spec| spec.strict_slashes = Some(false));
    let rules =
        ["GET /users/", "POST /users/<int:id>", "/users/<name>/edit", "/v<int:n>", "/p/<path:x>"];
    let rules = rules.map(spec).into_iter().chain([only, lenient]);
    let router = router_of(MapSettings::default(), rules);
    check(
        &router,
        "GET",
        "/users/abc",
        &[
            "/users/<int:id>: `<int:id>` does not take `abc`: not a whole number",
            "/users/<name>/edit: the path ends, the rule goes on with `edit`",
            "/users/: the rule ends, the path goes on with `abc`",
            "/v<int:n>: segment 1 is `users`, the rule wants `v<int:n>`",
            "/l: segment 1 is `users`, the rule wants `l`",
            "/p/<path:x>: segment 1 is `users`, the rule wants `p`",
            "/only: the rule only builds URLs",
        ],
    );
}

#[test]
fn answers() {
    let router = router(&["GET /a/<int:id>", "/a/<x>", "POST /a/<int:id>", "/b/", "/c"]);
    check(
        &router,
        "GET",
        "/a/5",
        &[
            "/a/<int:id>: it answers",
            "/a/<int:id>: method GET is not among POST",
            "/a/<x>: the rule `/a/<int:id>` comes before it",
            "/b/: segment 1 is `a`, the rule wants `b`",
            "/c: segment 1 is `a`, the rule wants `c`",
        ],
    );
    let b = "/b/: the rule ends with a slash (308 redirect)";
    let line = |path: &str, endpoint: &str| {
        let tried = router.explain("", path, &Method::GET, false);
        let rule = tried.iter().find(|t| &**router.rule(t.rule).endpoint() == endpoint).unwrap();
        format!("{endpoint}: {}", rule.reason)
    };
    assert_eq!(line("/b", "/b/"), b);
    assert_eq!(line("/b//", "/b/"), "/b/: the path has doubled slashes (308 redirect)");
    assert_eq!(line("/c/", "/c"), "/c: the path ends with a slash, the rule does not");
    assert_eq!(line("/c/d", "/c"), "/c: the rule ends, the path goes on with `d`");
    assert_eq!(line("/a/", "/a/<x>"), "/a/<x>: the path ends, the rule goes on with `<x>`");
    assert_eq!(line("/a", "/a/<x>"), "/a/<x>: the path ends, the rule goes on with `<x>`");
}

#[test]
fn redirects() {
    let all = with(named("/all/", "all"), |s| s.defaults = vec![("page".into(), 1.into())]);
    let router = router_of(MapSettings::default(), [all, named("/all/<int:page>", "page-of-all")]);
    check(
        &router,
        "GET",
        "/all/1",
        &["page-of-all: it answers", "all: the rule ends, the path goes on with `1`"],
    );
    let alias = with(named("/index", "home"), |s| s.alias = true);
    let router = router_of(MapSettings::default(), [named("/", "home"), alias]);
    check(
        &router,
        "GET",
        "/index",
        &[
            "home: the rule is an alias (308 redirect)",
            "home: the rule ends, the path goes on with `index`",
        ],
    );
}

#[test]
fn hosts_and_websockets() {
    let settings = MapSettings { host_matching: true, ..MapSettings::default() };
    let api = with(named("/", "api"), |s| s.host = Some("api.org".into()));
    let user = with(named("/", "user"), |s| s.host = Some("<int:u>.org".into()));
    let socket = with(named("/", "socket"), |s| s.websocket = true);
    let router = router_of(settings, [api, user, socket]);
    check(
        &router,
        "GET",
        "7.org/",
        &[
            "user: it answers",
            "api: the host is `7.org`, the rule wants `api.org`",
            "socket: the rule is for websockets",
        ],
    );
}
