//! A request through the app, from what the server's engine hands over to what it gets back.

use std::hint::black_box;
use std::rc::Rc;

use carafe::private::Dispatcher;
use carafe::{App, Body, Request as CarafeRequest, Response};
use http::{HeaderValue, Request, header};
use minijinja::value::Serde;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

use crate::app::{RULES, Row, TEMPLATE, TITLE, app, rows};
use crate::{Case, Contender, rest};

/// A path of each kind of request, by the name of its case.
pub const PLAIN: (&str, &str) = ("async fn, text", "/");
/// Two numbers from the path.
pub const PARAMETERS: (&str, &str) = ("two path parameters", "/projects/7/issues/42");
/// A struct as JSON.
pub const JSON: (&str, &str) = ("JSON", "/json");

/// Carafe's app and a worker's runtime.
#[derive(Clone)]
pub struct Carafe {
    dispatcher: Rc<Dispatcher>,
    runtime: Rc<LocalRuntime>,
}

impl Carafe {
    /// Freezes an app.
    ///
    /// # Panics
    /// When the app is not set up correctly.
    pub fn new(app: App) -> Carafe {
        let dispatcher = Dispatcher::new(app).unwrap_or_else(|error| panic!("{error}"));
        Carafe { dispatcher: Rc::new(dispatcher), runtime: Rc::new(runtime()) }
    }

    /// Answers one request.
    pub fn answer(&self, request: Request<Body>) -> Response {
        self.runtime.block_on(self.dispatcher.call(request))
    }

    /// Asks for a path again and again, with a few headers.
    ///
    /// # Panics
    /// When the answer has another status.
    pub fn contender(&self, path: &str, cookie: Option<HeaderValue>, status: u16) -> Contender {
        let path = path.to_owned();
        let make = move || request(&path, cookie.clone(), Body::empty());
        assert_eq!(self.answer(make()).status().as_u16(), status);
        let carafe = self.clone();
        Contender::with("carafe", make, move |requests| {
            carafe.runtime.block_on(async {
                for request in requests {
                    black_box(carafe.dispatcher.call(request).await);
                }
            });
        })
    }
}

/// A runtime as one of Carafe's workers has it.
///
/// # Panics
/// When the system has no file handles left.
pub fn runtime() -> LocalRuntime {
    Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .expect("a runtime needs only a few handles")
}

/// A GET request as the engine hands it over.
///
/// # Panics
/// When the path is not one.
pub fn request<B>(path: &str, cookie: Option<HeaderValue>, body: B) -> Request<B> {
    let mut request = Request::new(body);
    *request.uri_mut() = path.parse().expect("a path");
    let headers = request.headers_mut();
    headers.insert(header::HOST, HeaderValue::from_static("localhost:5000"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    if let Some(cookie) = cookie {
        headers.insert(header::COOKIE, cookie);
    }
    request
}

/// The measured app's own paths, for other frameworks.
pub fn filler_paths() -> impl Iterator<Item = String> {
    rest(RULES - 8).into_iter().map(|rule| rule.matchit)
}

/// All cases, with Carafe in them.
pub fn cases() -> Vec<Case> {
    let carafe = Carafe::new(app());
    let hooked = Carafe::new(hooked());
    let cookie = session_cookie(&carafe);
    let mut page = Case::new("page, 13 rows", carafe.contender("/table", None, 200));
    page.contenders.push(bare_minijinja());
    vec![
        Case::new(PLAIN.0, carafe.contender(PLAIN.1, None, 200)),
        Case::new(PARAMETERS.0, carafe.contender(PARAMETERS.1, None, 200)),
        Case::new(JSON.0, carafe.contender(JSON.1, None, 200)),
        Case::new("Query<T>", carafe.contender("/search?q=slow+pages&page=3", None, 200)),
        Case::new("session, read", carafe.contender("/me", Some(cookie), 200)),
        Case::new("one hook before, one after", hooked.contender("/", None, 200)),
        Case::new("plain fn, on the pool", carafe.contender("/plain", None, 200)),
        Case::new("404", carafe.contender("/nowhere", None, 404)),
        page,
    ]
}

fn hooked() -> App {
    app()
        .before_request(async |_request: CarafeRequest| ())
        .after_request(|_request: CarafeRequest, response: Response| response)
}

/// The cookie that a visitor has after the log-in.
fn session_cookie(carafe: &Carafe) -> HeaderValue {
    let response = carafe.answer(request("/login", None, Body::empty()));
    let cookie = response.header(header::SET_COOKIE).unwrap_or_default();
    let pair = cookie.split(';').next().unwrap_or_default();
    assert!(pair.starts_with("session="), "no session in `{cookie}`");
    HeaderValue::from_str(pair).expect("it came as a header")
}

/// The same page from the template engine alone.
fn bare_minijinja() -> Contender {
    #[derive(serde::Serialize)]
    struct Page {
        title: &'static str,
        rows: Vec<Row>,
    }
    let mut engine = minijinja::Environment::new();
    engine.add_template("table.html", TEMPLATE).expect("the template is correct");
    Contender::of("minijinja alone", move || {
        let template = engine.get_template("table.html").expect("it was added");
        template.render(Serde(Page { title: TITLE, rows: rows() })).expect("it renders")
    })
}
