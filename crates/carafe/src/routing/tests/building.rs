//! URLs from endpoints.

use super::*;

fn build(router: &Router, endpoint: &str, values: BuildValues<'_>) -> String {
    build_with(router, endpoint, values, &BuildOptions::default())
}

fn build_with(
    router: &Router,
    endpoint: &str,
    values: BuildValues<'_>,
    options: &BuildOptions<'_>,
) -> String {
    match router.build(endpoint, &values, options) {
        Ok(built) => format!("{}{}", built.host.unwrap_or_default(), built.path),
        Err(error) => match error.hint() {
            Some(hint) => format!("{}; {hint}", error.message()),
            None => error.to_string(),
        },
    }
}

fn values<const N: usize>(pairs: [(&'static str, UrlValue<'static>); N]) -> BuildValues<'static> {
    pairs.into_iter().collect()
}

#[test]
fn encodes_as_werkzeug_does() {
    let router = router(&["/j/<x>", "/s p/é", "/i/<int:n>"]);
    let check = |endpoint: &str, values: BuildValues<'_>, expected: &str| {
        assert_eq!(build(&router, endpoint, values), expected);
    };
    check("/j/<x>", values([("x", "a/b c?#é@:,;+".into())]), "/j/a/b%20c%3F%23%C3%A9@:,;+");
    check("/j/<x>", values([("x", "!$&'()*=%\"<>[]".into())]), "/j/!$&'()*=%25%22%3C%3E%5B%5D");
    check("/s p/é", values([]), "/s%20p/%C3%A9");
    check(
        "/s p/é",
        values([("q", "a b+&=é/?:@!".into())]),
        "/s%20p/%C3%A9?q=a+b%2B%26%3D%C3%A9/?:@!",
    );
    check("/i/<int:n>", values([("n", 5.into()), ("b b", true.into())]), "/i/5?b+b=true");
    check(
        "/s p/é",
        values([("a", vec![1, 2].into()), ("n", UrlValue::None), ("f", 1.0.into())]),
        "/s%20p/%C3%A9?a=1&a=2&f=1.0",
    );
    check(
        "/s p/é",
        values([("a", vec![Some("x"), None].into()), ("e", Vec::<i32>::new().into())]),
        "/s%20p/%C3%A9?a=x",
    );
    let options = BuildOptions { anchor: Some("a b%#é=?\"x"), ..BuildOptions::default() };
    assert_eq!(
        build_with(&router, "/i/<int:n>", values([("n", 1.into())]), &options),
        "/i/1#a%20b%#%C3%A9=?%22x"
    );
    let options = BuildOptions { append_unknown: false, ..BuildOptions::default() };
    assert_eq!(
        build_with(&router, "/i/<int:n>", values([("n", 1.into()), ("q", 2.into())]), &options),
        "/i/1"
    );
}

#[test]
fn chooses_among_rules() {
    let page_one =
        with(named("GET /all/", "all"), |s| s.defaults = vec![("page".into(), 1.into())]);
    let alias = with(named("/a/<x>/<y>", "e"), |s| s.alias = true);
    let router = router_of(
        MapSettings::default(),
        [
            page_one,
            named("GET /all/<int:page>", "all"),
            named("/e", "e"),
            named("/e/<x>", "e"),
            alias,
            named("GET /m", "m"),
            named("POST /m/post", "m"),
            named("PUT /put", "put"),
            with(named("/only/<x>", "only"), |s| s.build_only = true),
            with(named("/ws", "ws"), |s| s.websocket = true),
        ],
    );
    let check = |endpoint: &str, values: BuildValues<'_>, expected: &str| {
        assert_eq!(build(&router, endpoint, values), expected, "{endpoint}");
    };
    check("all", values([]), "/all/");
    check("all", values([("page", 1.into())]), "/all/");
    check("all", values([("page", 2.into())]), "/all/2");
    check("e", values([]), "/e");
    check("e", values([("x", 1.into())]), "/e/1");
    check("e", values([("x", 1.into()), ("y", 2.into())]), "/e/1?y=2");
    check("m", values([]), "/m");
    check("put", values([]), "/put");
    check("only", values([("x", 1.into())]), "/only/1");
    check("ws", values([]), "/ws");
    let with_method = |method: &str| {
        let method = super::method(method);
        let options = BuildOptions { method: Some(&method), ..BuildOptions::default() };
        build_with(&router, "m", values([]), &options)
    };
    assert_eq!(with_method("POST"), "/m/post");
    assert_eq!(
        with_method("PUT"),
        "could not build a URL for endpoint `m` with the method `PUT`; its methods are `GET`, `HEAD`, `POST`"
    );
    let options = BuildOptions { request_method: &Method::POST, ..BuildOptions::default() };
    assert_eq!(build_with(&router, "m", values([]), &options), "/m/post");
    assert!(router.build("ws", &values([]), &BuildOptions::default()).unwrap().websocket);
    assert_eq!(get(&router, "/only/1"), "404");
}

#[test]
fn fixed_defaults_fill_the_path() {
    let fixed = with(named("/l/<lang>/<int(3):n>", "l"), |spec| {
        spec.defaults = vec![("lang".into(), "e n".into()), ("n".into(), 7.into())];
    });
    let router = router_of(MapSettings::default(), [fixed]);
    assert_eq!(build(&router, "l", values([])), "/l/e%20n/007");
    assert_eq!(
        build(&router, "l", values([("lang", "ko".into())])),
        "could not build a URL for endpoint `l`; the value of `lang` is not the default that the rule has for it"
    );
}

#[test]
fn says_what_is_wrong() {
    let router = router_of(
        MapSettings::default(),
        [named("/", "i"), named("/u/<int:id>/<tab>", "blog.user"), named("/c/<any(a,b):c>", "c")],
    );
    let check = |endpoint: &str, values: BuildValues<'_>, expected: &str| {
        assert_eq!(build(&router, endpoint, values), expected, "{endpoint}");
    };
    check("ii", values([]), "could not build a URL for endpoint `ii`; did you mean `i`?");
    check(
        "user",
        values([]),
        "could not build a URL for endpoint `user`; did you mean `blog.user`?",
    );
    check("zzz", values([]), "could not build a URL for endpoint `zzz`; no rule has this endpoint");
    check(
        "blog.user",
        values([]),
        "could not build a URL for endpoint `blog.user`; give a value for `id`, `tab`",
    );
    check(
        "blog.user",
        values([("id", UrlValue::None), ("tab", 1.into())]),
        "could not build a URL for endpoint `blog.user`; give a value for `id`",
    );
    check(
        "blog.user",
        values([("id", "x".into()), ("tab", 1.into())]),
        "could not build a URL for endpoint `blog.user`: `<int:id>` does not take `x`: not a whole number",
    );
    check(
        "c",
        values([("c", "z".into())]),
        "could not build a URL for endpoint `c`: `<any(a,b):c>` does not take `z`: not one of `a`, `b`",
    );
    check(
        "i",
        values([("q", UrlValue::other(5_u8))]),
        "could not build a URL for endpoint `i`: `q` goes to the query, which takes no `Other(..)`",
    );
}

#[test]
fn hosts() {
    let settings = MapSettings { host_matching: true, ..MapSettings::default() };
    let on = |rule: &str, host: &str| with(named(rule, "e"), |s| s.host = Some(host.into()));
    let router = router_of(
        settings,
        [
            on("/", "a.org"),
            on("/", "b.org"),
            named("/<u>", "any"),
            with(named("/", "user"), |s| s.host = Some("<u>.c.org".into())),
        ],
    );
    let check = |endpoint: &str, host: &str, expected: &str| {
        let values = values([("u", "bob".into())]);
        let options = BuildOptions {
            append_unknown: false,
            request_host: Some(host),
            ..BuildOptions::default()
        };
        assert_eq!(build_with(&router, endpoint, values, &options), expected, "{endpoint} {host}");
    };
    check("e", "a.org", "a.org/");
    check("e", "b.org", "b.org/");
    check("e", "x.org", "a.org/");
    check("any", "x.org", "/bob");
    check("user", "x.org", "bob.c.org/");
}

#[test]
fn subdomains() {
    let settings = MapSettings {
        subdomain_matching: true,
        server_name: Some("example.com".into()),
        ..MapSettings::default()
    };
    let on = |rule: &str, name: &str| with(named(rule, name), |s| s.subdomain = Some(name.into()));
    let router = router_of(settings, [named("/", "home"), on("/", "api"), on("/", "<u>")]);
    assert_eq!(build(&router, "home", values([])), "example.com/");
    assert_eq!(build(&router, "api", values([])), "api.example.com/");
    assert_eq!(build(&router, "<u>", values([("u", "bob".into())])), "bob.example.com/");
}
