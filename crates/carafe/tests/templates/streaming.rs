//! Templates that are sent while they are rendered.

use carafe::prelude::*;
use carafe::templates::Context;
use carafe::{Rule, View};

use super::Folder;

fn client(template: &str) -> carafe::testing::TestClient {
    let folder = Folder::new(&[("page.html", template)]);
    let view = View::new(|request: Request| async move {
        request.stream_template("page.html", Context::new().with("n", 20_000))
    });
    let string = View::new(|_: Request| async move {
        carafe::stream_template_string("{{ request.path }}{{ x }}", Context::new().with("x", "<"))
    });
    folder
        .app()
        .add_url_rule(Rule::new("/").endpoint("index"), view)
        .add_url_rule(Rule::new("/string").endpoint("string"), string)
        .test_client()
}

#[test]
fn a_stream_brings_the_whole_page() {
    // The folder is gone by the time of the request, so the template was read before.
    let folder = Folder::new(&[(
        "page.html",
        "{% for i in range(n) %}<li>{{ i }}</li>{% endfor %}{{ url_for('index') }}",
    )]);
    let view = View::new(|request: Request| async move {
        request.stream_template("page.html", Context::new().with("n", 20_000))
    });
    let app = folder.app().add_url_rule(Rule::new("/").endpoint("index"), view);
    let response = app.test_client().get("/").send();
    let wanted: String = (0..20_000).map(|i| format!("<li>{i}</li>")).collect();
    assert_eq!(response.text(), wanted + "/");
    assert_eq!(response.content_type(), Some("text/html; charset=utf-8"));
    assert_eq!(response.header("content-length"), None);
}

#[test]
fn a_string_is_streamed_and_escaped() {
    assert_eq!(client("").get("/string").send().text(), "/string&lt;");
}

#[test]
fn a_failure_in_the_middle_cuts_the_page() {
    let folder = Folder::new(&[("page.html", "begin{{ nope.x }}end")]);
    let view = View::new(|request: Request| async move {
        request.stream_template("page.html", Context::new())
    });
    let client = folder.app().add_url_rule(Rule::new("/").endpoint("index"), view).test_client();
    let response = client.get("/").send();
    assert!(response.is_cut());
    assert_eq!(response.text(), "begin");
}

#[test]
fn a_template_that_is_not_there_is_an_error_page() {
    let view = View::new(|request: Request| async move {
        request.stream_template("nope.html", Context::new())
    });
    let client = App::new().add_url_rule(Rule::new("/").endpoint("index"), view).test_client();
    assert_eq!(client.get("/").send().status(), 500);
}
