//! What templates see and print.

use std::sync::{Arc, Mutex};

use carafe::prelude::*;
use carafe::templates::{Context, Value};
use carafe::testing::TestClient;
use carafe::{Markup, Rule, Signal, View};

use super::{Folder, print, render};

/// An app that prints the template that stands in the header `template`.
fn printer() -> App {
    let view = || {
        View::new(|request: Request| async move {
            print(&request, request.header("template").unwrap_or_default())
        })
    };
    App::new()
        .config("secret_key", "a key that is only for tests")
        .config("mail.server", "smtp.example.com")
        .config("mail.password", "hidden")
        .config("mail.url", "smtp://ann:secret@example.com")
        .config_section::<serde_json::Value>("mail")
        .add_url_rule(Rule::new("/users/<int:id>/<name>").endpoint("user").any_method(), view())
        .add_url_rule(Rule::new("/").endpoint("index"), view())
}

fn check_at(client: &TestClient, path: &str, cases: &[(&str, &str)]) {
    for (source, wanted) in cases {
        let printed = client.get(path).header("template", *source).header("cookie", "c=d").send();
        assert_eq!(printed.text(), *wanted, "{source}");
    }
}

#[test]
fn the_request_is_there() {
    let client = printer().test_client();
    check_at(
        &client,
        "/users/5/An%20n?a=1&b=2&a=3",
        &[
            ("{{ request.method }} {{ request.path }}", "GET /users/5/An n"),
            ("{{ request.full_path|safe }}", "/users/5/An n?a=1&b=2&a=3"),
            ("{{ request.url|safe }}", "http://localhost/users/5/An%20n?a=1&b=2&a=3"),
            (
                "{{ request.base_url }} {{ request.root_url }}",
                "http://localhost/users/5/An%20n http://localhost/",
            ),
            (
                "{{ request.host }} {{ request.scheme }} {{ request.is_secure }}",
                "localhost http False",
            ),
            (
                "{{ request.args.a }} {{ request.args['b'] }} {{ request.args.get('x', 'no') }}",
                "1 2 no",
            ),
            (
                "{{ request.args.getlist('a') }} {{ request.args|list }}",
                "[&#39;1&#39;, &#39;3&#39;] [&#39;a&#39;, &#39;b&#39;]",
            ),
            ("{{ request.cookies.c }} {{ request.headers['TEMPLATE']|length > 5 }}", "d True"),
            (
                "{{ request.endpoint }} {{ request.blueprint }} {{ request.view_args }}",
                "user None {&#39;id&#39;: 5, &#39;name&#39;: &#39;An n&#39;}",
            ),
            (
                "{{ request.view_args.id + 1 }} {{ request.url_rule }}",
                "6 /users/&lt;int:id&gt;/&lt;name&gt;",
            ),
            (
                "{{ request.remote_addr }} [{{ request.nope }}] {{ request.form|length }}",
                "127.0.0.1 [] 0",
            ),
            (
                "{{ request.user_agent }} {{ request.content_type }} {{ request.is_json }}",
                "carafe-test/0.1.0 None False",
            ),
        ],
    );
}

#[test]
fn urls_are_built() {
    let client = printer().test_client();
    check_at(
        &client,
        "/users/5/Ann",
        &[
            ("{{ url_for('user', id=7, name='B C') }}", "/users/7/B%20C"),
            ("{{ url_for('user', id='7', name='x', q='a&b') }}", "/users/7/x?q=a%26b"),
            ("{{ url_for('index', _external=true) }}", "http://localhost/"),
            ("{{ url_for('index', _anchor='top', tag=['a', 'b'])|safe }}", "/?tag=a&tag=b#top"),
            ("{{ url_for('index', _scheme='https') }}", "https://localhost/"),
            ("<a href=\"{{ url_for('index', a=1, b=2) }}\">", "<a href=\"/?a=1&amp;b=2\">"),
            ("{{ url_for('index', x=none) }}", "/"),
        ],
    );
    let wrong = client.get("/").header("template", "{{ url_for('usr', id=1) }}").send().text();
    assert!(wrong.contains("`usr`") && wrong.contains("`user`"), "{wrong}");
}

#[test]
fn the_configuration_hides_secrets() {
    let client = printer().test_client();
    check_at(
        &client,
        "/",
        &[
            ("{{ config.DEBUG }} {{ config.debug }} {{ config['TESTING'] }}", "False False True"),
            (
                "{{ config.mail.server }} {{ config.mail['SERVER'] }}",
                "smtp.example.com smtp.example.com",
            ),
            (
                "[{{ config.SECRET_KEY }}{{ config.secret_key }}{{ config['mail.password'] }}{{ config.mail.password }}]",
                "[]",
            ),
            ("{{ config.get('secret_key') }} {{ config.get('port') }}", "None 8000"),
            (
                "{{ 'port' in config|list }} {{ 'secret_key' in config|list }} {{ config.mail|list }}",
                "True False [&#39;server&#39;, &#39;url&#39;]",
            ),
            ("[{{ config.nope }}]", "[]"),
            ("{{ config.mail.url }}", "smtp://ann:(hidden)@example.com"),
        ],
    );
    let all = client.get("/").header("template", "{{ config }}").send().text();
    assert!(
        all.contains("permanent_session_lifetime") && !all.contains("a key that is only for tests"),
        "{all}"
    );
}

#[test]
fn sessions_flashes_and_g_are_there() {
    #[get("/")]
    async fn index(session: Session, request: &Request) -> Result<Html> {
        session.set("user", "Ann")?;
        flash("saved <b>", &session);
        flash(("error", "but"), &session);
        request.g().set_value("user", Markup::new("<i>Ann</i>"));
        request.g().set_value("n", 1);
        request.g().set_value("n", 2);
        request.render_string(
            "{{ session.user }} {{ session['nope'] is defined }} {{ session.get('x', 'y') }} \
             {{ g.user }} {{ g.n }} {{ g|list }} {{ g.get('nope') }} \
             {{ get_flashed_messages(with_categories=true) }} \
             {{ get_flashed_messages(category_filter=['error']) }} \
             {% for message in get_flashed_messages() %}{{ message }};{% endfor %}",
            Context::new(),
        )
    }
    let client = App::new()
        .config("secret_key", "a key that is only for tests")
        .routes(routes![index])
        .test_client();
    assert_eq!(
        client.get("/").send().text(),
        "Ann False y <i>Ann</i> 2 [&#39;n&#39;, &#39;user&#39;] None \
         [(&#39;message&#39;, &#39;saved &lt;b&gt;&#39;), (&#39;error&#39;, &#39;but&#39;)] \
         [&#39;but&#39;] saved &lt;b&gt;;but;"
    );
}

#[test]
fn a_page_that_reads_no_session_is_not_personal() {
    let check = |source: &'static str, personal: bool| {
        let view = View::new(move |request: Request| async move { print(&request, source) });
        let app = App::new().config("secret_key", "a key that is only for tests");
        let client = app.add_url_rule(Rule::new("/").endpoint("index"), view).test_client();
        assert_eq!(client.get("/").send().header("vary").is_some(), personal, "{source}");
    };
    check("{{ request.path }}{{ url_for('index') }}{{ config.debug }}", false);
    check("{{ session.user }}", true);
    check("{{ get_flashed_messages() }}", true);
}

#[test]
fn a_form_is_there_once_it_was_read() {
    #[post("/<int:read>")]
    async fn index(read: i64, request: &Request) -> Result<Html> {
        if read == 1 {
            request.form().await?;
        }
        request.render_string("[{{ request.form.name }}]", Context::new())
    }
    let client = App::new().routes(routes![index]).test_client();
    let post = |path| client.post(path).form(&[("name", "Ann")]).send().text();
    assert_eq!((post("/0"), post("/1")), ("[]".to_owned(), "[Ann]".to_owned()));
}

#[test]
fn context_processors_run_from_the_outside_in() {
    let say =
        |name: &'static str| move |_: &Request| Context::new().with("who", name).with(name, true);
    let folder = Folder::new(&[(
        "a.txt",
        "{{ who }}{{ ' app' if app }}{{ ' parent' if parent }}{{ ' child' if child }}",
    )]);
    let view = || {
        View::new(|request: Request| async move {
            let values = match request.query_string() {
                "" => Context::new(),
                who => Context::new().with("who", who.to_owned()),
            };
            request.render("a.txt", values)
        })
    };
    let child = Blueprint::new("child").prefix("/child").context_processor(say("child"));
    let parent = Blueprint::new("parent").prefix("/parent").context_processor(say("parent"));
    let client = folder
        .app()
        .context_processor(say("app"))
        .add_url_rule(Rule::new("/").endpoint("index"), view())
        .blueprint(
            parent
                .add_url_rule(Rule::new("/").endpoint("index"), view())
                .blueprint(child.add_url_rule(Rule::new("/").endpoint("index"), view())),
        )
        .test_client();
    let check = |path, wanted| assert_eq!(client.get(path).send().text(), wanted);
    check("/", "app app");
    check("/parent/", "parent app parent");
    check("/parent/child/", "child app parent child");
    check("/parent/child/?mine", "mine app parent child");
}

#[test]
fn a_context_processor_may_stand_before_globals() {
    let context =
        App::new().context_processor(|_| Context::new().with("g", "mine")).test_request("/");
    assert_eq!(context.enter(|request| print(request, "{{ g }} {{ request.path }}")), "mine /");
}

#[test]
fn setups_reach_templates() {
    let app = App::new().templates(|templates| {
        templates
            .filter("shout", |text: String, times: Option<usize>| {
                text + &"!".repeat(times.unwrap_or(1))
            })
            .test("long", |text: &str| text.len() > 3)
            .function("add", |a: i64, b: i64| a + b)
            .global("answer", 42)
            .global_value("html", Value::from_safe_string("<b>".to_owned()))
            .trim_blocks(true)
            .lstrip_blocks(true);
    });
    let context = app.test_request("/");
    let check =
        |source, wanted| assert_eq!(context.enter(|request| print(request, source)), wanted);
    check("{{ 'a'|shout }} {{ 'a'|shout(2) }}", "a! a!!");
    check("{{ 'abcd' is long }} {{ add(1, 2) }} {{ answer }} {{ html }}", "True 3 42 <b>");
    check("a\n  {% if true %}\nb\n  {% endif %}\n", "a\nb\n");
    check("{{ namespace(a=1).a }} {{ range(2)|list }} {{ cycler('x', 'y').next() }}", "1 [0, 1] x");
}

#[test]
fn names_decide_what_is_escaped() {
    let names = ["a.html", "a.htm", "a.xml", "a.xhtml", "a.svg", "a.html.j2", "a.txt", "a.js", "a"];
    let folder = Folder::new(&names.map(|name| (name, "{{ x }}")));
    let context = folder.app().test_request("/");
    for name in names {
        let wanted = if name.contains("ml") || name.contains("svg") || name == "a.htm" {
            "&lt;"
        } else {
            "<"
        };
        assert_eq!(render(&context, name, Context::new().with("x", "<")), wanted, "{name}");
    }
    let own = folder.app().templates(|templates| {
        templates.autoescape(|name| name == "a.txt");
    });
    let context = own.test_request("/");
    assert_eq!(render(&context, "a.txt", Context::new().with("x", "<")), "&lt;");
    assert_eq!(render(&context, "a.html", Context::new().with("x", "<")), "<");
}

#[test]
fn templates_build_on_each_other() {
    let folder = Folder::new(&[
        (
            "base.html",
            "<title>{% block title %}Site{% endblock %}</title>{% block body %}{% endblock %}",
        ),
        (
            "page.html",
            "{% extends 'base.html' %}{% import '_m.html' as m %}{% block title %}Page - {{ super() }}{% endblock %}{% block body %}{{ m.link('index') }}{% include 'part.html' %}{% endblock %}",
        ),
        (
            "_m.html",
            "{% macro link(endpoint) %}<a href=\"{{ url_for(endpoint) }}\">{{ request.path }}</a>{% endmacro %}",
        ),
        ("part.html", "{% for n in numbers %}{{ n }}{% endfor %}"),
    ]);
    let view = View::new(|request: Request| async move {
        request.render("page.html", Context::new().with("numbers", [1, 2, 3]))
    });
    let client = folder.app().add_url_rule(Rule::new("/").endpoint("index"), view).test_client();
    let response = client.get("/").send();
    assert_eq!(response.text(), "<title>Page - Site</title><a href=\"/\">/</a>123");
    assert_eq!(response.content_type(), Some("text/html; charset=utf-8"));
}

#[test]
fn the_first_template_that_exists_is_taken() {
    let folder = Folder::new(&[("b.txt", "B"), ("c.txt", "C")]);
    let context = folder.app().test_request("/");
    context.enter(|_| {
        let first = |names: &[&str]| carafe::render(names, Context::new()).map(|html| html.0);
        assert_eq!(first(&["a.txt", "b.txt", "c.txt"]).unwrap(), "B");
        assert_eq!(carafe::render(String::from("c.txt"), Context::new()).unwrap().0, "C");
        let error = first(&["x.txt", "y.txt"]).unwrap_err().to_string();
        assert!(error.starts_with("there is none of the templates `x.txt`, `y.txt`"), "{error}");
    });
}

#[test]
fn macros_are_called_from_rust() {
    let folder = Folder::new(&[(
        "_m.html",
        "{% set version = 3 %}{% macro hello(name, mark='!') %}Hello {{ name }}{{ mark }}{% endmacro %}",
    )]);
    let context = folder.app().test_request("/");
    context.enter(|request| {
        let hello = request.template_attribute("_m.html", "hello").unwrap();
        assert_eq!(
            hello.call(Context::new().with("name", "<Ann>")).unwrap().0,
            "Hello &lt;Ann&gt;!"
        );
        assert_eq!(hello.call_with(&["Bob", "?"]).unwrap().0, "Hello Bob?");
        let version = carafe::get_template_attribute("_m.html", "version").unwrap();
        assert_eq!(version.value().unwrap(), Value::from(3));
        let error = request.template_attribute("_m.html", "helo").unwrap_err().to_string();
        assert_eq!(error, "the template `_m.html` has no `helo`\n  hint: did you mean `hello`?");
    });
}

#[test]
fn renderings_are_signalled() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = heard.clone();
    let folder = Folder::new(&[("a.html", "{% include 'b.html' %}"), ("b.html", "b")]);
    let app = folder.app().connect(move |signal| match signal {
        Signal::BeforeRenderTemplate { template } => {
            log.lock().unwrap().push(format!("before {template}"))
        }
        Signal::TemplateRendered { template } => {
            log.lock().unwrap().push(format!("after {template}"))
        }
        _ => {}
    });
    let context = app.test_request("/");
    render(&context, "a.html", Context::new());
    context.enter(|request| print(request, "x"));
    assert_eq!(
        *heard.lock().unwrap(),
        ["before a.html", "after a.html", "before <string>", "after <string>"]
    );
}

#[test]
fn fields_keep_their_order() {
    #[derive(serde::Serialize)]
    struct User {
        name: &'static str,
        age: u8,
        email: Option<&'static str>,
    }
    let user = User { name: "Ann", age: 31, email: None };
    let context = App::new().test_request("/");
    let printed = context.enter(|request| {
        let source = "{% for key, value in user.items() %}{{ key }}={{ value }} {% endfor %}{{ user.name.upper() }} {{ user|length }}";
        request.render_string(source, Context::new().with("user", &user)).unwrap().0
    });
    assert_eq!(printed, "name=Ann age=31 email=None ANN 3");
}

#[test]
fn the_macros_give_values() {
    #[get("/<name>")]
    async fn hello(name: String) -> Result<Html> {
        let total = 2;
        carafe::render_string!("{{ name }} {{ title }} {{ total }}", name, title: "T", total)
    }
    let client = App::new().routes(routes![hello]).test_client();
    assert_eq!(client.get("/<b>").send().text(), "&lt;b&gt; T 2");
}

#[test]
fn markup_stands_as_it_is() {
    let context = App::new().test_request("/");
    context.enter(|request| {
        let inner = request.render_string("<b>{{ x }}</b>", Context::new().with("x", "<")).unwrap();
        let values = Context::new().with("inner", Markup::from(inner));
        let outer = request.render_string("<p>{{ inner }}</p>", values).unwrap();
        assert_eq!(outer.0, "<p><b>&lt;</b></p>");
    });
}
