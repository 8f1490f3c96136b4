//! Error handlers: which one takes an error, what it sees, and what happens when it fails itself.

use std::fmt;

use carafe::prelude::*;
use carafe::{Rule, View};

macro_rules! error_types {
    ($($name:ident)*) => {$(
        #[derive(Debug)]
        struct $name;

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!("it is ", stringify!($name)))
            }
        }

        impl std::error::Error for $name {}
    )*};
}
error_types! { OutOfPaper OutOfInk }

/// Handlers that say their names; a macro, because each needs an item of its own.
macro_rules! handlers {
    ($($filter:tt $name:ident)*) => {$(
        #[error($filter)]
        async fn $name() -> &'static str {
            stringify!($name)
        }
    )*};
}
handlers! {
    404 app_404
    500 app_500
    403 app_403
    403 blueprint_403
    404 blueprint_404
    500 blueprint_500
    OutOfPaper app_paper
    OutOfPaper blueprint_paper
    OutOfInk blueprint_ink
    default app_any
    default blueprint_any
}

/// A view that fails as the path says.
fn failing() -> View {
    View::new(|request: Request| async move {
        let error = match request.path().rsplit('/').next().unwrap_or_default() {
            "paper" => OutOfPaper.into(),
            "ink" => OutOfInk.into(),
            "gone-paper" => abort(404).caused_by(OutOfPaper),
            "io" => std::io::Error::other("no disk").into(),
            "panic" => panic!("stop"),
            status => abort(status.parse::<u16>().unwrap_or(418)),
        };
        Result::<()>::Err(error)
    })
}

fn client(app: App, blueprint: Blueprint) -> carafe::testing::TestClient {
    let rule = || Rule::new("/<failure>").endpoint("failing").methods([carafe::http::Method::GET]);
    app.add_url_rule(rule(), failing())
        .blueprint(blueprint.prefix("/shop").add_url_rule(rule(), failing()))
        .test_client()
}

/// The word that answers, or the status of the default page.
fn answer(client: &carafe::testing::TestClient, path: &str) -> String {
    let response = client.get(path).send();
    if response.status() == 200 { response.text() } else { response.status().as_u16().to_string() }
}

#[test]
fn the_nearest_handler_of_the_right_kind_answers() {
    let app = App::new().errors(errors![app_404, app_500, app_403, app_paper]);
    let shop = Blueprint::new("shop").errors(errors![
        blueprint_403,
        blueprint_404,
        blueprint_paper,
        blueprint_ink
    ]);
    let client = client(app, shop);
    let check = |path: &str, expected: &str| assert_eq!(answer(&client, path), expected, "{path}");
    // By status, from the inside out.
    check("/403", "app_403");
    check("/shop/403", "blueprint_403");
    check("/404", "app_404");
    check("/shop/404", "blueprint_404");
    check("/shop/410", "410");
    // An unmatched URL belongs to no blueprint.
    check("/shop/nowhere/at/all", "app_404");
    // An unexpected error by its type, else as a 500.
    check("/paper", "app_paper");
    check("/shop/paper", "blueprint_paper");
    check("/shop/ink", "blueprint_ink");
    check("/ink", "app_500");
    check("/io", "app_500");
    check("/shop/io", "app_500");
    check("/shop/panic", "app_500");
    // An HTTP error by its status first, whatever caused it.
    check("/gone-paper", "app_404");
    check("/shop/gone-paper", "blueprint_404");
}

#[test]
fn the_status_counts_before_the_type_and_both_before_the_rest() {
    let app = App::new().errors(errors![app_paper, app_any]);
    let shop = Blueprint::new("shop").errors(errors![blueprint_500, blueprint_any]);
    let client = client(app, shop);
    let check = |path: &str, expected: &str| assert_eq!(answer(&client, path), expected, "{path}");
    check("/404", "app_any");
    check("/shop/404", "blueprint_any");
    check("/shop/500", "blueprint_500");
    check("/shop/ink", "blueprint_500");
    check("/shop/paper", "app_paper");
    check("/nowhere/at/all", "app_any");
}

#[test]
fn the_last_handler_wins() {
    handlers! { 404 second_404 }
    let client = client(App::new().errors(errors![app_404, second_404]), Blueprint::new("shop"));
    assert_eq!(answer(&client, "/404"), "second_404");
}

#[test]
fn the_handler_of_500_sees_the_original_error() {
    #[error(500)]
    async fn page(error: &Error, request: &Request) -> (String, Status) {
        let original = error.source().map(ToString::to_string);
        (
            format!("{} {original:?} {}", request.path(), error.find::<OutOfInk>().is_some()),
            error.status(),
        )
    }

    let client = client(App::new().errors(errors![page]), Blueprint::new("shop"));
    let check = |path: &str, expected: &str| {
        let response = client.get(path).send();
        response.assert_status(500);
        assert_eq!(response.text(), expected);
    };
    check("/ink", "/ink Some(\"it is OutOfInk\") true");
    check("/io", "/io Some(\"no disk\") false");
    check("/panic", "/panic Some(\"panicked: stop\") false");
    check("/500", "/500 None false");
}

#[test]
fn a_handler_that_fails_gives_the_page_of_500() {
    #[error(404)]
    async fn failing_404() -> Result<()> {
        Err(OutOfInk)?
    }
    #[error(403)]
    async fn panicking_403() -> &'static str {
        panic!("in the handler")
    }
    #[error(410)]
    fn aborting_410() -> Result<()> {
        Err(abort(409).describe("one more"))
    }
    #[error(500)]
    async fn failing_500() -> Result<()> {
        Err(OutOfPaper)?
    }

    let check =
        |client: &carafe::testing::TestClient, path: &str, status: u16, error: Option<&str>| {
            let response = client.get(path).send();
            response.assert_status(status);
            assert_eq!(response.error(), error, "{path}");
            assert!(response.text().starts_with("<!doctype html>"), "{path}");
        };
    let bare = client(
        App::new().errors(errors![failing_404, panicking_403, aborting_410]),
        Blueprint::new("shop"),
    );
    check(&bare, "/404", 500, Some("it is OutOfInk"));
    check(&bare, "/403", 500, Some("panicked: in the handler"));
    check(&bare, "/410", 409, None);
    let failing =
        client(App::new().errors(errors![failing_404, failing_500]), Blueprint::new("shop"));
    check(&failing, "/io", 500, Some("it is OutOfPaper"));
    check(&failing, "/404", 500, Some("it is OutOfPaper"));
    // With a page for 500, that one answers.
    let good = client(App::new().errors(errors![failing_404, app_500]), Blueprint::new("shop"));
    assert_eq!(answer(&good, "/404"), "app_500");
}

#[test]
fn abort_with_a_response_is_that_response() {
    let view = View::new(|_: Request| async {
        let response = Response::text("teapot").with_status(418).with_header("x-kind", "green");
        Result::<()>::Err(Error::from_response(response))
    });
    let response =
        App::new().add_url_rule(Rule::new("/").endpoint("tea"), view).test_client().get("/").send();
    response.assert_status(418);
    assert_eq!((response.text().as_str(), response.header("x-kind")), ("teapot", Some("green")));
}

#[test]
fn a_405_says_what_is_allowed() {
    #[error(405)]
    async fn page(error: &Error) -> (String, Status) {
        (format!("allowed: {:?}", error.headers().get("allow")), error.status())
    }

    let check = |app: App, expected: &str| {
        let client = client(app, Blueprint::new("shop"));
        let response = client.delete("/x").send();
        response.assert_status(405);
        assert_eq!(response.header("allow"), Some("GET, HEAD, OPTIONS"));
        assert_eq!(response.text(), expected);
    };
    check(
        App::new(),
        "<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>\n\
         <p>this address does not take DELETE, only GET, HEAD, OPTIONS</p>\n",
    );
    check(App::new().errors(errors![page]), "allowed: Some(\"GET, HEAD, OPTIONS\")");
}

#[test]
fn the_default_page_is_json_where_the_client_prefers_it() {
    let client = client(App::new(), Blueprint::new("shop"));
    let response = client.get("/404").accept("application/json").send();
    response.assert_status(404);
    assert_eq!(response.content_type(), Some("application/json"));
    assert_eq!(response.header("vary"), Some("accept"));
    let page: serde_json::Value = response.json();
    assert_eq!(page["error"]["status"], 404);
    assert_eq!(page["error"]["title"], "Not Found");
    let response = client.get("/404").accept("text/html").send();
    assert_eq!(response.content_type(), Some("text/html; charset=utf-8"));
}

#[test]
fn only_development_sees_the_cause() {
    let page = |debug: bool| {
        let client = client(App::new().config("debug", debug), Blueprint::new("shop"));
        client.get("/io").send().text()
    };
    assert!(!page(false).contains("no disk"));
    assert!(page(true).contains("<pre>no disk</pre>"));
}

/// As in Flask: the page for visitors tells whoever develops nothing.
#[cfg(debug_assertions)]
#[test]
fn in_development_the_error_goes_before_the_page_for_visitors() {
    let app = |debug: bool| {
        App::new().config("debug", debug).errors(errors![app_404, app_500, app_paper, app_any])
    };
    let text = |debug: bool, path: &str, accept: &str| {
        let client = client(app(debug), Blueprint::new("shop"));
        client.get(path).header("accept", accept).send().text()
    };
    assert_eq!(text(false, "/io", "text/html"), "app_500");
    assert!(text(true, "/io", "text/html").contains("<h1>no disk</h1>"));
    assert!(text(true, "/panic", "*/*").contains("panic: stop"));
    // What is expected is the app's work, and so is what it says itself.
    assert_eq!(text(true, "/paper", "text/html"), "app_paper");
    assert_eq!(text(true, "/500", "text/html"), "app_500");
    assert_eq!(text(true, "/404", "text/html"), "app_404");
    assert_eq!(text(true, "/nowhere/at/all", "text/html"), "app_404");
}

#[test]
fn an_error_that_was_logged_has_an_id() {
    #[error(500)]
    async fn page(error: &Error) -> String {
        error.id().unwrap_or("none").to_owned()
    }

    let client = client(App::new().errors(errors![page]), Blueprint::new("shop"));
    let ids = [(); 2].map(|()| client.get("/io").send().text());
    assert!(ids.iter().all(|id| id.len() == 8 && id.bytes().all(|b| b.is_ascii_alphanumeric())));
    assert_ne!(ids[0], ids[1]);
    let json = |path: &str| {
        let client = App::new().test_client();
        client.get(path).header("accept", "application/json").send().text()
    };
    assert!(!json("/nowhere").contains("\"id\""));
}
