//! What Flask and Werkzeug answer, as recorded in their documentation and by running them.

use super::*;

const UUID: &str = "4e71e6a2-0000-4000-8000-00000000000f";

fn check(router: &Router, cases: &[(&str, &str)]) {
    for (path, expected) in cases {
        assert_eq!(get(router, path), *expected, "{path}");
    }
}

#[test]
fn converters_by_weight() {
    let router = router_of(
        MapSettings::default(),
        [
            named("/<x>", "string"),
            named("/<int:x>", "int"),
            named("/<float:x>", "float"),
            named("/<path:x>", "path"),
            named("/static", "static"),
            named("/<any(foo,bar):x>", "any"),
            named("/v<int:n>", "vint"),
            named("/<a>-<b>", "ab"),
        ],
    );
    check(
        &router,
        &[
            ("/5", "int x=Int(5)"),
            ("/-5", r#"string x="-5""#),
            ("/1.5", "float x=Float(1.5)"),
            ("/static", "static"),
            ("/v3", "vint n=Int(3)"),
            ("/v", r#"string x="v""#),
            ("/x-y", r#"ab a="x" b="y""#),
            ("/x-y-z", r#"ab a="x-y" b="z""#),
            ("/a/b", r#"path x="a/b""#),
            ("/foo", r#"string x="foo""#),
            ("/static/", r#"path x="static/""#),
            ("/", "404"),
        ],
    );
}

#[test]
fn equal_weights_by_registration() {
    let router = router(&["/<any(foo,bar):x>", "/<x>"]);
    check(&router, &[("/foo", r#"/<any(foo,bar):x> x="foo""#), ("/fo", r#"/<x> x="fo""#)]);
}

#[test]
fn uuids() {
    let path = format!("/{UUID}");
    check(
        &router(&["/<uuid:x>", "/<a>-<b>"]),
        &[(&path, r#"/<a>-<b> a="4e71e6a2-0000-4000-8000" b="00000000000f""#)],
    );
    check(&router(&["/<uuid:x>"]), &[(&path, &format!("/<uuid:x> x=Uuid({UUID})"))]);
    check(&router(&["/<uuid:x>"]), &[("/4e71e6a2000040008000000000000000", "404")]);
}

#[test]
fn earlier_literals_win() {
    let router = router(&["/u/<x>/edit", "/u/me/<y>"]);
    check(
        &router,
        &[
            ("/u/me/edit", r#"/u/me/<y> y="edit""#),
            ("/u/you/edit", r#"/u/<x>/edit x="you""#),
            ("/u/you/other", "404"),
        ],
    );
}

#[test]
fn goes_back_when_a_way_leads_nowhere() {
    let router = router(&["/u/me/posts", "/u/<x>/likes", "/<path:rest>/end", "/<a>/<b>/<c>"]);
    check(
        &router,
        &[
            ("/u/me/posts", "/u/me/posts"),
            ("/u/me/likes", r#"/u/<x>/likes x="me""#),
            ("/u/me/end", r#"/<path:rest>/end rest="u/me""#),
            ("/u/me/else", r#"/<a>/<b>/<c> a="u" b="me" c="else""#),
        ],
    );
}

/// Unlike Werkzeug, which answers 404.
#[test]
fn a_refused_value_lets_the_next_rule_try() {
    let rules = router(&["/<int(max=5):x>", "/<s>"]);
    check(&rules, &[("/5", "/<int(max=5):x> x=Int(5)"), ("/9", r#"/<s> s="9""#)]);
    let rules = router(&["/<int(max=5):x>", "/<int:y>", "/a/<int(max=5):x>/", "/a/<path:p>"]);
    check(
        &rules,
        &[
            ("/5", "/<int(max=5):x> x=Int(5)"),
            ("/9", "/<int:y> y=Int(9)"),
            ("/a/5", "308 /a/5/"),
            ("/a/9", r#"/a/<path:p> p="9""#),
        ],
    );
    let byte = with(named("/<int:x>", "byte"), |spec| {
        spec.narrow = vec![("x".into(), IntRange { min: 0, max: 255 })];
    });
    let rules = router_of(MapSettings::default(), [byte, named("/<int:x>", "word")]);
    check(&rules, &[("/255", "byte x=Int(255)"), ("/256", "word x=Int(256)")]);
}

#[test]
fn numbers() {
    check(
        &router(&[
            "/i/<int:x>",
            "/s/<int(signed=true):x>",
            "/d/<int(4):x>",
            "/f/<float(signed=True):x>",
        ]),
        &[
            ("/i/007", "/i/<int:x> x=Int(7)"),
            ("/i/18446744073709551615", "/i/<int:x> x=UInt(18446744073709551615)"),
            ("/i/18446744073709551616", "404"),
            ("/i/-1", "404"),
            ("/i/1a", "404"),
            ("/i/", "404"),
            ("/s/-1", "/s/<int(signed=true):x> x=Int(-1)"),
            ("/d/0042", "/d/<int(4):x> x=Int(42)"),
            ("/d/42", "404"),
            ("/f/-1.5", "/f/<float(signed=True):x> x=Float(-1.5)"),
            ("/f/5", "404"),
        ],
    );
}

#[test]
fn text_lengths_count_characters() {
    check(
        &router(&["/<string(length=2):x>", "/<string(minlength=3, maxlength=4):x>"]),
        &[
            ("/日本", r#"/<string(length=2):x> x="日本""#),
            ("/abc", r#"/<string(minlength=3, maxlength=4):x> x="abc""#),
            ("/a", "404"),
            ("/abcde", "404"),
        ],
    );
}

#[test]
fn slashes() {
    let lenient = |rule: &str| with(spec(rule), |spec| spec.strict_slashes = Some(false));
    let router = router_of(
        MapSettings::default(),
        [
            spec("/a/"),
            spec("/b"),
            lenient("/c/"),
            lenient("/d"),
            spec("POST /e/"),
            spec("/"),
            lenient("/f/<x>"),
        ],
    );
    check(
        &router,
        &[
            ("/a/", "/a/"),
            ("/a", "308 /a/"),
            ("//a/", "/a/"),
            ("//a", "308 /a/"),
            ("/b", "/b"),
            ("/b/", "404"),
            ("/c", "/c/"),
            ("/c/", "/c/"),
            ("/d", "/d"),
            ("/d/", "/d"),
            ("/e", "404"),
            ("/f/1/", r#"/f/<x> x="1""#),
            ("/", "/"),
            ("", "308 /"),
            ("//", "/"),
        ],
    );
    assert_eq!(answer(&router, "", "/a", &Method::POST, false), "308 /a/");
    assert_eq!(answer(&router, "", "/e", &Method::POST, false), "308 /e/");
}

#[test]
fn doubled_slashes() {
    let router = router(&["/x/y", "/p/<path:x>", "/d/", "/q/<path:x>/", "GET /m/n"]);
    check(
        &router,
        &[
            ("/x//y", "308 /x/y"),
            ("//x/y", "/x/y"),
            ("/x//y?", "404"),
            ("/p/a//b", r#"/p/<path:x> x="a//b""#),
            ("/p//a", "308 /p/a"),
            ("/p/", "404"),
            ("/p/a/", r#"/p/<path:x> x="a/""#),
            ("/d//", "308 /d/"),
            ("/q/a/b", "308 /q/a/b/"),
            ("/q/a/b/", r#"/q/<path:x>/ x="a/b""#),
            ("/q/a//b", "308 /q/a//b/"),
            ("/q/a//", "308 /q/a/"),
            ("/x//z", "404"),
        ],
    );
    assert_eq!(answer(&router, "", "/m//n", &Method::POST, false), "405 GET,HEAD");
    let off = MapSettings { merge_slashes: false, ..MapSettings::default() };
    check(&router_of(off, [spec("/x/y"), spec("/x//z")]), &[("/x//y", "404"), ("/x//z", "/x//z")]);
    let rule = with(spec("/x/y"), |spec| spec.merge_slashes = Some(false));
    check(&router_of(MapSettings::default(), [rule]), &[("/x//y", "404")]);
}

#[test]
fn redirects_are_encoded_and_stay_here() {
    let router = router(&["/<x>/", "/r/<path:x>/"]);
    check(
        &router,
        &[
            ("/a b", "308 /a%20b/"),
            ("/é?#", "308 /%C3%A9%3F%23/"),
            ("//evil.example", "308 /evil.example/"),
            ("/\\evil.example", "308 /%5Cevil.example/"),
            ("/r/a@b", "308 /r/a@b/"),
        ],
    );
}

#[test]
fn final_patterns() {
    check(
        &router(&["/<path:x>/edit", "/w/<path:x>.<any(html,txt):ext>", "/z/<path:a>/<int:n>/<b>"]),
        &[
            ("/a/b/edit", r#"/<path:x>/edit x="a/b""#),
            ("/edit", "404"),
            ("/edit/edit", r#"/<path:x>/edit x="edit""#),
            ("/w/a/b.c.html", r#"/w/<path:x>.<any(html,txt):ext> x="a/b.c" ext="html""#),
            ("/z/a/1/2/3", r#"/z/<path:a>/<int:n>/<b> a="a/1" n=Int(2) b="3""#),
            ("/z/1/2/x/y", "404"),
        ],
    );
}

#[test]
fn defaults_redirect_to_the_short_rule() {
    let all = with(named("/all/", "all"), |s| s.defaults = vec![("page".into(), 1.into())]);
    let page = named("/all/page/<int:page>", "all");
    let router = router_of(MapSettings::default(), [all.clone(), page.clone()]);
    check(
        &router,
        &[
            ("/all/", "all page=Int(1)"),
            ("/all/page/1", "308 /all/"),
            ("/all/page/01", "308 /all/"),
            ("/all/page/2", "all page=Int(2)"),
        ],
    );
    let off = MapSettings { redirect_defaults: false, ..MapSettings::default() };
    check(&router_of(off, [all, page]), &[("/all/page/1", "all page=Int(1)")]);
    let fixed = with(named("/p/<int:page>", "p"), |s| s.defaults = vec![("page".into(), 7.into())]);
    check(&router_of(MapSettings::default(), [fixed]), &[("/p/1", "p page=Int(7)")]);
}

#[test]
fn redirect_to() {
    let to = |rule: &str, template: &str| {
        with(spec(rule), |s| s.redirect_to = Some(RedirectTo::Template(template.into())))
    };
    let by = with(spec("/f/<int:id>"), |spec| {
        spec.redirect_to =
            Some(RedirectTo::Function(std::sync::Arc::new(|matched: &Matched<'_>| {
                format!("new/{}?page=2", matched.text("id").unwrap_or_default())
            })));
    });
    let router = router_of(
        MapSettings::default(),
        [
            to("/old/<int:id>", "new/<id>"),
            to("/text/<t>", "/new/<t>"),
            to("/away/<t>", "https://example.com/<t>"),
            to("/p/<path:p>", "<p>"),
            by,
        ],
    );
    check(
        &router,
        &[
            ("/old/05", "308 /new/5"),
            ("/text/a b", "308 /new/a%20b"),
            ("/away/x", "308 https://example.com/x"),
            ("/p/https://evil.example", "308 /https://evil.example"),
            ("/p/\\evil.example", "308 /%5Cevil.example"),
            ("/f/5", "308 /new/5?page=2"),
        ],
    );
    let Outcome::Redirect(redirect) = router.find("", "/away/x", &Method::GET, false) else {
        panic!("no redirect")
    };
    assert!(redirect.is_absolute() && !redirect.keeps_query());
}

#[test]
fn aliases() {
    let alias = with(named("/index/<x>.html", "index"), |spec| spec.alias = true);
    let router = router_of(MapSettings::default(), [named("/<x>/", "index"), alias]);
    check(
        &router,
        &[
            ("/a/", r#"index x="a""#),
            ("/index/a.html", "308 /a/"),
            ("/index/a b.html", "308 /a%20b/"),
        ],
    );
}

#[test]
fn methods() {
    let router = router(&[
        "GET /a",
        "POST /a",
        "PUT /b",
        "/any",
        "DELETE /<int(max=5):x>",
        "PURGE /c",
        "POST /<y>",
    ]);
    let check = |name: &str, path: &str, expected: &str| {
        assert_eq!(answer(&router, "", path, &method(name), false), expected, "{name} {path}");
    };
    check("GET", "/a", "/a");
    check("HEAD", "/a", "/a");
    check("POST", "/a", "/a");
    check("DELETE", "/a", "405 GET,HEAD,POST");
    check("GET", "/b", "405 POST,PUT");
    check("PURGE", "/any", "/any");
    check("PURGE", "/c", "/c");
    check("BAN", "/c", "405 POST,PURGE");
    check("GET", "/5", "405 POST,DELETE");
    // A rule that would refuse the value does not count.
    check("GET", "/9", "405 POST");
    assert_eq!(router.allowed_methods("", "/a"), ["GET", "HEAD", "POST"].map(method));
    assert!(router.allowed_methods("", "/none/here").is_empty());
    assert_eq!(router.allowed_methods("", "/any").len(), 7);
}

#[test]
fn automatic_options() {
    let automatic = |rule: &str, value| with(spec(rule), |s| s.provide_automatic_options = value);
    let router = router_of(
        MapSettings::default(),
        [
            automatic("GET /a", None),
            automatic("POST /a", None),
            automatic("GET /off", Some(false)),
            automatic("GET,OPTIONS /own", None),
            automatic("/any", None),
        ],
    );
    let check = |path: &str, expected: &str, automatic: Option<bool>| {
        assert_eq!(answer(&router, "", path, &Method::OPTIONS, false), expected, "{path}");
        if let (Outcome::Found(found), Some(automatic)) =
            (router.find("", path, &Method::OPTIONS, false), automatic)
        {
            assert_eq!(router.rule(found.rule).automatic_options(), automatic, "{path}");
        }
    };
    check("/a", "/a", Some(true));
    check("/off", "405 GET,HEAD", None);
    check("/own", "/own", Some(false));
    check("/any", "/any", Some(false));
    assert_eq!(router.allowed_methods("", "/a"), ["GET", "HEAD", "OPTIONS", "POST"].map(method));
}

#[test]
fn websockets() {
    let socket = |rule: &str| with(named(rule, "socket"), |spec| spec.websocket = true);
    let router = router_of(
        MapSettings::default(),
        [spec("/http"), socket("/socket"), spec("GET /both"), socket("/both"), socket("/s/")],
    );
    let check = |path: &str, websocket: bool, expected: &str| {
        assert_eq!(answer(&router, "", path, &Method::GET, websocket), expected, "{path}");
    };
    check("/http", true, "400");
    check("/http", false, "/http");
    check("/socket", false, "400");
    check("/socket", true, "socket");
    check("/both", false, "/both");
    check("/both", true, "socket");
    check("/s", true, "308 /s/");
    check("/s", false, "404");
}

#[test]
fn hosts() {
    let on = |rule: &str, host: &str| {
        with(named(rule, host), |spec| spec.host = (!host.is_empty()).then(|| host.to_owned()))
    };
    let settings = MapSettings { host_matching: true, ..MapSettings::default() };
    let router = router_of(
        settings.clone(),
        [
            on("/", "<u>.example.com"),
            on("/", "API.example.com"),
            on("/<int:x>", "<u>.example.com"),
            on("/", "v<int:n>.example.org"),
            on("/", ""),
            on("/both/<int:x>", ""),
        ],
    );
    let check = |router: &Router, host: &str, path: &str, expected: &str| {
        assert_eq!(answer(router, host, path, &Method::GET, false), expected, "{host}{path}");
    };
    check(&router, "api.example.com", "/", "API.example.com");
    check(&router, "API.Example.COM:5000", "/", "API.example.com");
    check(&router, "bob.example.com", "/", r#"<u>.example.com u="bob""#);
    check(&router, "bob.example.com", "/5", r#"<u>.example.com u="bob" x=Int(5)"#);
    check(&router, "api.example.com", "/5", r#"<u>.example.com u="api" x=Int(5)"#);
    check(&router, "v2.example.org", "/", "v<int:n>.example.org n=Int(2)");
    check(&router, "vx.example.org", "/", "");
    check(&router, "elsewhere", "/both/5", " x=Int(5)");
    check(&router, "bob.example.com", "/both/5", " x=Int(5)");
    check(&router, "elsewhere", "/5", "404");
    let ports = router_of(settings, [on("/", "localhost:5000"), on("/", "<h>:6000")]);
    check(&ports, "localhost:5000", "/", "localhost:5000");
    check(&ports, "localhost", "/", "404");
    check(&ports, "a:6000", "/", r#"<h>:6000 h="a""#);
}

#[test]
fn subdomains() {
    let on = |rule: &str, subdomain: &str| {
        with(named(rule, subdomain), |spec| {
            spec.subdomain = (!subdomain.is_empty()).then(|| subdomain.to_owned());
        })
    };
    let settings = MapSettings {
        subdomain_matching: true,
        server_name: Some("example.com:5000".into()),
        ..MapSettings::default()
    };
    let rules = [on("/", "<u>"), on("/", "api"), on("/", ""), on("/<int:x>", "<u>")];
    let router = router_of(settings, rules);
    let check = |host: &str, path: &str, expected: &str| {
        assert_eq!(answer(&router, host, path, &Method::GET, false), expected, "{host}{path}");
    };
    check("api.example.com", "/", "api");
    check("api.example.com:5000", "/", "api");
    check("bob.Example.com", "/", r#"<u> u="bob""#);
    check("a.b.example.com", "/", r#"<u> u="a.b""#);
    check("bob.example.com", "/5", r#"<u> u="bob" x=Int(5)"#);
    check("example.com", "/", "");
    check("example.com", "/5", "404");
    check("notexample.com", "/", "404");
    check("elsewhere", "/", "404");
}

#[test]
fn converters_of_the_app() {
    struct List;
    impl Converter for List {
        type Value = Vec<String>;
        fn parse(&self, text: &str) -> Option<Vec<String>> {
            let items: Vec<String> = text.split('+').map(str::to_owned).collect();
            items.iter().all(|item| !item.is_empty()).then_some(items)
        }
        fn build(&self, value: &Vec<String>) -> String {
            value.join("+")
        }
        fn weight(&self) -> i32 {
            90
        }
    }
    struct Tail;
    impl Converter for Tail {
        type Value = String;
        fn parse(&self, text: &str) -> Option<String> {
            Some(text.to_uppercase())
        }
        fn build(&self, value: &String) -> String {
            value.to_lowercase()
        }
        fn part_isolating(&self) -> bool {
            false
        }
    }
    let mut map = Map::new(MapSettings::default());
    map.converters_mut().register("list", |_| Ok(List));
    map.converters_mut().register("tail", |arguments| match arguments.len() {
        0 => Ok(Tail),
        _ => Err("it takes none".into()),
    });
    map.add(spec("/<x>")).unwrap();
    let list = map.add(spec("/<list:x>")).unwrap();
    map.add(spec("/t/<tail:x>/end")).unwrap();
    let error = map.add(spec("/<tail(1):x>")).unwrap_err();
    assert_eq!(error.message(), "the converter `tail` refuses its arguments: it takes none");
    let router = map.freeze();
    let Outcome::Found(found) = router.find("", "/a+b", &Method::GET, false) else { panic!() };
    assert_eq!(found.rule, list);
    let Some(PathValue::Other(value)) = found.values.get(0) else { panic!() };
    assert_eq!(*value.downcast_ref::<Vec<String>>().unwrap(), ["a", "b"]);
    let rule = router.rule(list);
    assert!(
        matches!(rule.value_type("x"), Some(ValueType::Custom { id, .. }) if id == std::any::TypeId::of::<Vec<String>>())
    );
    check(&router, &[("/a++b", r#"/<x> x="a++b""#), ("/t/a/b/end", "/t/<tail:x>/end x=Other(..)")]);
    let build = |endpoint: &str, value: UrlValue<'_>| {
        let values = BuildValues::new().with("x", value);
        router.build(endpoint, &values, &BuildOptions::default()).map(|built| built.path)
    };
    let items = UrlValue::other(vec!["a b".to_owned(), "c".to_owned()]);
    assert_eq!(build("/<list:x>", items).unwrap(), "/a%20b+c");
    assert_eq!(build("/<list:x>", "a+b".into()).unwrap(), "/a+b");
    assert_eq!(build("/t/<tail:x>/end", "A/B".into()).unwrap(), "/t/a/b/end");
    assert!(build("/<list:x>", 5.into()).is_ok());
    assert_eq!(
        build("/<list:x>", "+".into()).unwrap_err().to_string(),
        "could not build a URL for endpoint `/<list:x>`: `<list:x>` does not take `+`: not a `alloc::vec::Vec<alloc::string::String>`; give it as `UrlValue::other(value)`"
    );
}

#[test]
fn many_values() {
    let rules = router(&["/<a>/<b>/<c>/<d>/<e>/<f>/<g>/<h>/<i>/<int:j>"]);
    assert_eq!(
        get(&rules, "/1/2/3/4/5/6/7/8/9/10"),
        r#"/<a>/<b>/<c>/<d>/<e>/<f>/<g>/<h>/<i>/<int:j> a="1" b="2" c="3" d="4" e="5" f="6" g="7" h="8" i="9" j=Int(10)"#
    );
    let rules = router(&["/<a>/<b>/<c>/<d>/<e>/<f>/<g>/<h>/<i>-<j>/<k>/x", "/<path:p>"]);
    assert_eq!(
        get(&rules, "/1/2/3/4/5/6/7/8/9-10/11/y"),
        r#"/<path:p> p="1/2/3/4/5/6/7/8/9-10/11/y""#
    );
}

#[test]
fn leading_slashes_do_not_move_values() {
    let rules = router(&["/u/<x>", "/<a>-<b>"]);
    assert_eq!(get(&rules, "///u/bob"), r#"/u/<x> x="bob""#);
    assert_eq!(get(&rules, "//é-b"), r#"/<a>-<b> a="é" b="b""#);
}
