//! What people read when a template is wrong.

use carafe::templates::{Context, TemplateError};
use carafe::{App, Request, Rule, View};

use super::{Folder, render};

/// Renders `page.html` and compares the error.
fn check(templates: &[(&str, &str)], wanted: &str) {
    let folder = Folder::new(templates);
    let index = View::new(|_: Request| async { "" });
    let app = folder.app().add_url_rule(Rule::new("/").endpoint("index"), index);
    let context = app.test_request("/");
    let values = Context::new().with("user", "Ann").with("users", [1, 2]);
    let printed = render(&context, "page.html", values);
    let printed = printed.replace(&folder.path().display().to_string(), "ROOT");
    let wanted = wanted.trim_matches('\n');
    assert_eq!(printed.strip_prefix("error: ").unwrap_or(&printed), wanted);
}

#[test]
fn an_undefined_value_is_named_and_shown() {
    check(
        &[(
            "page.html",
            "<ul>\n{% for u in users %}\n\t<li>{{ usr.name.first }}</li>\n{% endfor %}\n</ul>\n",
        )],
        "
template `page.html`, line 3, column 9: `usr` is undefined
  1 | <ul>
  2 | {% for u in users %}
  3 | \t<li>{{ usr.name.first }}</li>
    | \t       ^^^^^^^^
  4 | {% endfor %}
  5 | </ul>
  hint: did you mean `user`?",
    );
}

#[test]
fn an_undefined_attribute_is_named() {
    check(
        &[("page.html", "{{ request.nope.deeper }}")],
        "
template `page.html`, line 1, column 11: `request.nope` is undefined
  1 | {{ request.nope.deeper }}
    |           ^^^^^^^^^^^^",
    );
}

#[test]
fn unknown_names_get_a_suggestion() {
    check(
        &[("page.html", "{{ 'x'|uper }}")],
        "
template `page.html`, line 1, column 8: there is no filter `uper`
  1 | {{ 'x'|uper }}
    |        ^^^^
  hint: did you mean `upper`?",
    );
    check(
        &[("page.html", "{% if user is defned %}{% endif %}")],
        "
template `page.html`, line 1, column 15: there is no test `defned`
  1 | {% if user is defned %}{% endif %}
    |               ^^^^^^
  hint: did you mean `defined`?",
    );
    check(
        &[("page.html", "{{ urlfor('x') }}")],
        "
template `page.html`, line 1, column 4: there is no function `urlfor`
  1 | {{ urlfor('x') }}
    |    ^^^^^^^^^^^
  hint: did you mean `url_for`?",
    );
    check(
        &[("page.html", "\n{% extends 'bse.html' %}"), ("base.html", "")],
        "
template `page.html`, line 2, column 4: there is no template `bse.html`
  1 | 
  2 | {% extends 'bse.html' %}
    |    ^^^^^^^^^^^^^^^^^^
  hint: did you mean `base.html`?",
    );
    check(
        &[],
        "\nthere is no template `page.html`\n  hint: it would be `ROOT/templates/page.html`",
    );
    check(
        &[("sub/page.html", "")],
        "\nthere is no template `page.html`\n  hint: did you mean `sub/page.html`?",
    );
}

#[test]
fn the_way_to_the_mistake_is_told() {
    check(
        &[
            ("page.html", "{% extends 'base.html' %}{% block body %}\n{% include 'part.html' %}\n{% endblock %}"),
            ("base.html", "{% block body %}{% endblock %}"),
            ("part.html", "{{ 1 + nope }}"),
        ],
        "
template `part.html`, line 1, column 4: tried to use + operator on unsupported types number and undefined (`nope` is undefined)
  1 | {{ 1 + nope }}
    |    ^^^^^^^^
  from `page.html`, line 2",
    );
}

#[test]
fn syntax_errors_are_shown() {
    check(
        &[("page.html", "a\n{% if user %}\nb\n")],
        "
template `page.html`, line 2, column 14: syntax error: unexpected end of input, expected end of block
  1 | a
  2 | {% if user %}
    |              ^
  3 | b",
    );
    check(
        &[("page.html", "{{ user. }}")],
        "
template `page.html`, line 1, column 10: syntax error: unexpected end of variable block, expected identifier or integer
  1 | {{ user. }}
    |          ^^",
    );
}

#[test]
fn url_for_tells_what_is_missing() {
    check(
        &[("page.html", "{{ url_for('indx') }}")],
        "
template `page.html`, line 1, column 4: could not build a URL for endpoint `indx`
  1 | {{ url_for('indx') }}
    |    ^^^^^^^^^^^^^^^
  hint: did you mean `index`?",
    );
}

#[test]
fn read_only_values_say_what_to_do() {
    check(
        &[("page.html", "{{ users.append(3) }}")],
        "
template `page.html`, line 1, column 9: `append` would change the list, and values are read-only in templates; write `{% set items = items + [item] %}`, or set an attribute of a `namespace`
  1 | {{ users.append(3) }}
    |         ^^^^^^^^^^",
    );
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let line = format!("{}{{{{ 'x'|nope }}}}{}", "a".repeat(5_000), "b".repeat(5_000));
    let folder = Folder::new(&[("page.html", &line)]);
    let context = folder.app().test_request("/");
    let printed = render(&context, "page.html", Context::new());
    assert!(printed.len() < 600, "{printed}");
    let lines: Vec<&str> = printed.lines().collect();
    let (source, mark) = (lines[1].find("nope"), lines[2].find('^'));
    assert_eq!(source, mark, "{printed}");
}

#[test]
fn the_error_has_parts() {
    let folder = Folder::new(&[("page.html", "a\n{{ nope.x }}")]);
    let context = folder.app().test_request("/");
    let error = context.enter(|request| request.render("page.html", Context::new()).unwrap_err());
    assert_eq!(error.status(), 500);
    let error = error.find::<TemplateError>().unwrap();
    assert_eq!((error.name.as_str(), error.line, error.column), ("page.html", 2, 4));
    assert_eq!(error.message, "`nope` is undefined");
    assert_eq!(error.summary(), "template `page.html`, line 2, column 4: `nope` is undefined");
    assert_eq!((error.lines.len(), error.lines[0].text.as_str()), (2, "a"));
    assert!(!format!("{error:?}").contains('\n'));
}

#[test]
fn values_that_fail_to_serialize_fail_where_they_are_used() {
    let map = std::collections::HashMap::from([(vec![1], 1)]);
    let context = App::new().test_request("/");
    let printed = context.enter(|request| {
        let values = Context::new().with("map", &map).with("other", 1);
        super::told(request.render_string("{{ other }}", values).map(|html| html.0))
    });
    assert_eq!(printed, "1");
}

#[test]
fn outside_of_a_request_the_way_out_is_told() {
    let error = carafe::render("a.html", Context::new()).unwrap_err().to_string();
    assert_eq!(
        error,
        "`render` was called outside of a request; use `request.render(..)`, or in a test \
         `app.test_request(\"/\").enter(..)`"
    );
}

#[test]
fn errors_of_own_functions_keep_their_cause() {
    #[derive(Debug)]
    struct Cause;
    impl std::fmt::Display for Cause {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("the cause")
        }
    }
    impl std::error::Error for Cause {}
    let app = App::new().templates(|templates| {
        templates.environment(|env| {
            env.add_function("fails", || -> Result<String, minijinja::Error> {
                let error =
                    minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, "it failed");
                Err(error.with_source(Cause))
            });
        });
    });
    let context = app.test_request("/");
    let error = context
        .enter(|request| request.render_string("{{ fails() }}", Context::new()).unwrap_err());
    assert!(error.find::<Cause>().is_some());
    assert_eq!(
        error.to_string(),
        "template `<string>`, line 1, column 4: it failed: the cause\n  1 | {{ fails() }}\n    |    ^^^^^^^"
    );
}

#[test]
fn templates_that_never_end_are_errors() {
    let nested = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
    let cases = [
        "{% include 'page.html' %}".to_owned(),
        "{% extends 'page.html' %}".to_owned(),
        "{% import 'page.html' as m %}".to_owned(),
        "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(1) }}".to_owned(),
        format!("{{{{ {nested} }}}}"),
        "{% if true %}".repeat(10_000),
        "[".repeat(10_000) + "{{ " + &"[".repeat(10_000),
    ];
    for source in cases {
        let folder = Folder::new(&[("page.html", &source)]);
        let context = folder.app().test_request("/");
        let printed = render(&context, "page.html", Context::new());
        assert!(printed.starts_with("error: template `page.html`"), "{printed:.300}");
    }
}
