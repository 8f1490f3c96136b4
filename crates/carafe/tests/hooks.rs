//! The order in which hooks and signals run: Flask's, exactly.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::sync::{Arc, Mutex};

use carafe::prelude::*;
use carafe::{Rule, Signal, View};

/// What happened, in order.
#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join(" ")
    }
}

/// Adds every kind of hook twice to an app or a blueprint; a macro, because they share no type.
macro_rules! with_hooks {
    ($scope:expr, $name:literal, $trace:expr) => {{
        let mut scope = $scope;
        for number in 1..=2 {
            let of = |kind: &str| {
                let (trace, what) = ($trace.clone(), format!("{kind}:{}{number}", $name));
                move || trace.note(what.clone())
            };
            let (values, before, after, down) =
                (of("values"), of("before"), of("after"), of("teardown"));
            scope = scope
                .url_value_preprocessor(move |_: &Request| values())
                .before_request(move || {
                    before();
                    async {}
                })
                .after_request(move |_: Request, response: Response| {
                    after();
                    response
                })
                .teardown_request(move |_: &Request, _: Option<&Error>| down());
        }
        scope
    }};
}

fn signal_name(signal: Signal<'_>) -> Option<&'static str> {
    Some(match signal {
        Signal::AppcontextPushed { .. } => "pushed",
        Signal::RequestStarted { .. } => "started",
        Signal::GotRequestException { .. } => "exception",
        Signal::RequestFinished { .. } => "finished",
        Signal::RequestTearingDown { .. } => "tearing-down",
        Signal::AppcontextTearingDown { .. } => "app-tearing-down",
        Signal::AppcontextPopped { .. } => "popped",
        _ => return None,
    })
}

/// An app with a blueprint in a blueprint, all with hooks; `view` is at `/parent/child/`.
fn nested(trace: &Trace, view: View) -> App {
    let child = with_hooks!(Blueprint::new("child").prefix("/child"), "child", trace)
        .add_url_rule(Rule::new("/").endpoint("view"), view);
    let parent = with_hooks!(Blueprint::new("parent").prefix("/parent"), "parent", trace);
    let (app_down, signals) = (trace.clone(), trace.clone());
    let app_down_2 = trace.clone();
    with_hooks!(App::new(), "app", trace)
        .blueprint(parent.blueprint(child))
        .teardown_appcontext(move |_, _| app_down.note("app-teardown:1"))
        .teardown_appcontext(move |_, _| app_down_2.note("app-teardown:2"))
        .connect(move |signal| {
            if let Some(name) = signal_name(signal) {
                signals.note(name);
            }
        })
}

const BEFORE: &str = "pushed started \
    values:app1 values:app2 values:parent1 values:parent2 values:child1 values:child2 \
    before:app1 before:app2 before:parent1 before:parent2 before:child1 before:child2";
const AFTER: &str = "after:child2 after:child1 after:parent2 after:parent1 after:app2 after:app1 finished \
    teardown:child2 teardown:child1 teardown:parent2 teardown:parent1 teardown:app2 teardown:app1 tearing-down \
    app-teardown:2 app-teardown:1 app-tearing-down popped";

#[test]
fn hooks_run_in_flasks_order() {
    let trace = Trace::default();
    let noted = trace.clone();
    let view = View::new(move |request: Request| {
        let noted = noted.clone();
        async move {
            noted.note("view");
            for number in 1..=2 {
                let noted = noted.clone();
                request.after_this_request(move |response| {
                    noted.note(format!("after-this:{number}"));
                    response
                });
            }
            "ok"
        }
    });
    let client = nested(&trace, view).test_client();
    assert_eq!(client.get("/parent/child/").send().text(), "ok");
    assert_eq!(trace.take(), format!("{BEFORE} view after-this:1 after-this:2 {AFTER}"));
}

#[test]
fn an_exception_goes_through_all_that_follows_a_handler() {
    let trace = Trace::default();
    let view = View::new(|_: Request| async {
        Result::<()>::Err(std::io::Error::other("no disk").into())
    });
    let client = nested(&trace, view).test_client();
    let response = client.get("/parent/child/").send();
    response.assert_status(500);
    assert_eq!(response.error(), Some("no disk"));
    assert_eq!(trace.take(), format!("{BEFORE} exception {AFTER}"));
}

#[test]
fn a_panic_is_an_exception() {
    let trace = Trace::default();
    let client = nested(&trace, View::new(|_: Request| async { panic_now() })).test_client();
    let response = client.get("/parent/child/").send();
    response.assert_status(500);
    assert_eq!(response.error(), Some("panicked: now"));
    assert_eq!(trace.take(), format!("{BEFORE} exception {AFTER}"));
}

fn panic_now() -> &'static str {
    panic!("now")
}

#[test]
fn an_unmatched_url_meets_the_hooks_of_the_app_only() {
    let trace = Trace::default();
    let client = nested(&trace, View::new(|_: Request| async { "" })).test_client();
    let expected = "pushed started values:app1 values:app2 before:app1 before:app2 after:app2 after:app1 finished \
        teardown:app2 teardown:app1 tearing-down app-teardown:2 app-teardown:1 app-tearing-down popped";
    for (method, path, status) in [
        ("GET", "/parent/child/nowhere", 404),
        ("DELETE", "/parent/child/", 405),
        ("GET", "/parent/child", 308),
    ] {
        client.request(method, path).send().assert_status(status);
        assert_eq!(trace.take(), expected, "{method} {path}");
    }
}

#[test]
fn the_first_answer_of_a_hook_is_the_answer() {
    let trace = Trace::default();
    let [one, two, three, after, view] = std::array::from_fn(|_| trace.clone());
    let app = App::new()
        .before_request(move || {
            one.note("one");
            async { None::<Response> }
        })
        .before_request(move |request: Request| {
            two.note("two");
            async move {
                (request.path() == "/closed").then(|| Response::text("closed").with_status(503))
            }
        })
        .before_request(move || {
            three.note("three");
            async {}
        })
        .after_request(move |_: Request, response: Response| {
            after.note("after");
            response.with_header("x-after", "yes")
        })
        .add_url_rule(
            Rule::new("/<path:path>").endpoint("view"),
            View::new(move |_: Request| {
                view.note("view");
                async { "view" }
            }),
        );
    let client = app.test_client();
    let response = client.get("/closed").send();
    assert_eq!((response.status().as_u16(), response.text().as_str()), (503, "closed"));
    assert_eq!(response.header("x-after"), Some("yes"));
    assert_eq!(trace.take(), "one two after");
    client.get("/open").send().assert_status(200);
    assert_eq!(trace.take(), "one two three view after");
}

#[test]
fn hooks_may_fail() {
    let page = |status: u16, app: App| {
        let response = app.test_client().get("/").send();
        response.assert_status(status);
        response.error().map(str::to_owned)
    };
    let app = || {
        App::new()
            .add_url_rule(Rule::new("/").endpoint("view"), View::new(|_: Request| async { "view" }))
    };

    assert_eq!(page(401, app().before_request(|| async { Err::<(), _>(abort(401)) })), None);
    // A plain function may block, and may panic.
    let error = page(
        500,
        app().before_request(|| {
            if true {
                panic!("before")
            }
        }),
    );
    assert_eq!(error.as_deref(), Some("panicked: before"));
    let error = page(500, app().url_value_preprocessor(|_| panic!("values")));
    assert_eq!(error.as_deref(), Some("panicked: values"));
    let after = |_: Request, _: Response| -> Response { panic!("after") };
    assert_eq!(page(500, app().after_request(after)).as_deref(), Some("panicked: after"));
    let after = |_: Request, _: Response| async { Err::<Response, _>(abort(502).describe("no")) };
    assert_eq!(page(502, app().after_request(after)), None);
    // Those that only watch change nothing.
    assert_eq!(page(200, app().teardown_request(|_, _| panic!("teardown"))), None);
    assert_eq!(page(200, app().teardown_appcontext(|_, _| panic!("teardown"))), None);
    assert_eq!(page(200, app().connect(|_| panic!("listener"))), None);
}

#[test]
fn an_error_after_the_handler_does_not_stop_the_other_hooks() {
    let app = App::new()
        .add_url_rule(Rule::new("/").endpoint("view"), View::new(|_: Request| async { "view" }))
        .after_request(|_: Request, response: Response| response.with_header("x-first", "yes"))
        .after_request(|_: Request, _: Response| async { Err::<Response, _>(abort(500)) });
    let response = app.test_client().get("/").send();
    response.assert_status(500);
    assert_eq!(response.header("x-first"), Some("yes"));
}

#[test]
fn teardown_sees_the_error_that_nobody_took() {
    #[error(403)]
    async fn forbidden() -> (&'static str, Status) {
        ("no", Status::FORBIDDEN)
    }

    let trace = Trace::default();
    let noted = trace.clone();
    let view = View::new(|request: Request| async move {
        match request.path() {
            "/fine" => Ok("fine"),
            "/failed" => Err(Error::from(std::io::Error::other("no disk"))),
            _ => Err(abort(403)),
        }
    });
    let client = App::new()
        .add_url_rule(Rule::new("/<path>").endpoint("view"), view)
        .errors(errors![forbidden])
        .teardown_request(move |_, error| noted.note(format!("{error:?}")))
        .test_client();
    for (path, expected) in [
        ("/fine", "None"),
        ("/failed", "Some(500 Internal Server Error no disk)"),
        ("/handled", "None"),
    ] {
        client.get(path).send();
        assert_eq!(trace.take(), expected, "{path}");
    }
}

#[test]
fn the_session_is_saved_after_the_hooks() {
    let app = App::new()
        .add_url_rule(Rule::new("/").endpoint("view"), View::new(|_: Request| async { "view" }))
        .before_request(|session: Session| async move { session.set("before", 1) })
        .after_request(|request: Request, response: Response| async move {
            let session = Session::from_request(&request).await?;
            session.set("after", session.get::<u32>("before").unwrap_or(0) + 1)?;
            Ok::<Response, Error>(response)
        });
    let client = app.test_client();
    client.get("/").send().assert_status(200);
    assert_eq!(client.session_get::<u32>("after"), Some(2));
}
