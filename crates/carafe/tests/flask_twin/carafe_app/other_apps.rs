//! The small apps, each for one thing a whole app is set to.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::fmt;
use std::sync::{Arc, Mutex};

use carafe::prelude::*;
use carafe::{ErrorHandler, ProxyFix, Rule, UrlFor, View};
use serde_json::json;

use super::{HERE, SECRET, requests, routing::show};

fn rule(text: &str, endpoint: &str) -> Rule {
    Rule::new(text).endpoint(endpoint)
}

/// The URLs of these endpoints as seen from this request, one after the other.
fn urls_of<const N: usize>(request: &Request, wanted: [(&str, UrlFor); N]) -> Result<String> {
    let urls: Result<Vec<_>> =
        wanted.into_iter().map(|(name, url)| request.url_for(name, url)).collect();
    Ok(urls?.join(" "))
}

/// What the views `/session` do.
async fn keep(request: Request) -> Result<&'static str> {
    request.session().set("x", 1)?;
    Ok("kept")
}

/// An app in the shared folder, but without its static files.
fn bare() -> App {
    App::new().root(HERE).config("static_folder", "no-static-files")
}

/// Host matching.
fn hosts() -> App {
    let show = View::new(show);
    let urls = View::new(|request: Request| async move {
        let ann = UrlFor::new().value("name", "ann");
        urls_of(&request, [("a", UrlFor::new()), ("b", UrlFor::new()), ("user", ann)])
    });
    bare()
        .host_matching()
        .config("secret_key", SECRET)
        .add_url_rule(rule("/", "a").host("a.test"), show.clone())
        .add_url_rule(rule("/", "b").host("b.test"), show.clone())
        .add_url_rule(rule("/", "user").host("<name>.users.test"), show.clone())
        .add_url_rule(rule("/", "root_user").host("root.users.test"), show.clone())
        .add_url_rule(rule("/only/<int:x>", "only").host("a.test"), show)
        .add_url_rule(rule("/session", "keep").host("a.test"), View::new(keep))
        .add_url_rule(rule("/urls", "urls").host("a.test"), urls)
}

/// Subdomain matching; `server_name` is example.test.
fn subs() -> App {
    let show = View::new(show);
    let urls = View::new(|request: Request| async move {
        let (none, ann) = (UrlFor::new(), UrlFor::new().value("user", "ann"));
        urls_of(
            &request,
            [("apex", none.clone()), ("api", none.clone()), ("any", ann), ("inner.home", none)],
        )
    });
    let inner =
        Blueprint::new("inner").subdomain("shop").add_url_rule(rule("/", "home"), show.clone());
    bare()
        .subdomain_matching()
        .config("server_name", "example.test")
        .add_url_rule(rule("/", "apex"), show.clone())
        .add_url_rule(rule("/", "any").subdomain("<user>"), show.clone())
        .add_url_rule(rule("/", "api").subdomain("api"), show)
        .blueprint(inner)
        .add_url_rule(rule("/urls", "urls"), urls)
}

/// Behind one proxy that sets X-Forwarded-For, -Proto, -Host, -Prefix.
fn proxied() -> App {
    let show = View::new(show);
    let urls = View::new(|request: Request| async move {
        let (none, file) = (UrlFor::new(), UrlFor::new().value("filename", "hello.txt"));
        urls_of(&request, [("root", none.clone()), ("root", none.external(true)), ("static", file)])
    });
    requests::add(App::new().root(HERE).config("secret_key", SECRET))
        .proxy_fix(ProxyFix::new().x_host(1).x_prefix(1))
        .add_url_rule(rule("/", "root"), show.clone())
        .add_url_rule(rule("/branch/", "branch"), show)
        .add_url_rule(rule("/urls", "urls"), urls)
        .add_url_rule(rule("/session", "keep"), View::new(keep))
}

#[post("/override")]
async fn override_limit(request: &Request) -> Result<String> {
    request.change_limits(|limits| limits.max_content_length = 10);
    Ok(request.bytes().await?.len().to_string())
}

#[post("/unread")]
async fn unread() -> &'static str {
    "unread"
}

/// Bodies of at most 3000 bytes; forms of at most 5 parts and 1000 bytes of fields.
fn limits() -> App {
    let app = App::new()
        .root(HERE)
        .config("max_content_length", 3000)
        .config("max_form_parts", 5)
        .config("max_form_memory_size", 1000);
    requests::add(app).routes(routes![override_limit, unread])
}

/// What ran for a request, in order: Flask's `g.order`.
#[derive(Default)]
struct Order(Mutex<Vec<String>>);

fn record(request: &Request, name: String) {
    request.g().setdefault(Order::default).0.lock().unwrap().push(name);
}

type TornDown = Arc<Mutex<Vec<String>>>;

/// A `before_request` that notes its name, and stops or fails when the query asks it to.
async fn before(request: Request, name: String, number: u8) -> Result<Option<String>> {
    record(&request, format!("{name}.before{number}"));
    let asked = |key: &str| request.args().get(key) == Some(&*format!("{name}{number}"));
    if asked("stop") {
        return Ok(Some(format!("stopped by {name}{number}")));
    }
    if asked("fail") {
        Err(ValueError("in a hook"))?;
    }
    Ok(None)
}

/// Gives an app or a blueprint hooks that note their names; a teardown notes it where `/log` shows it.
macro_rules! add_hooks {
    ($owner:expr, $name:literal, $torn_down:expr) => {{
        let mut owner = $owner.url_value_preprocessor(|request| {
            record(request, concat!($name, ".values").to_owned())
        });
        for number in [1, 2] {
            let torn_down: TornDown = $torn_down.clone();
            owner = owner
                .before_request(move |request: Request| before(request, $name.to_owned(), number))
                .after_request(move |request: Request, mut response: Response| {
                    record(&request, format!("{}.after{number}", $name));
                    // The app's first is the last of all to run.
                    if ($name, number) == ("app", 1) {
                        let order =
                            request.g().setdefault(Order::default).0.lock().unwrap().join(" ");
                        response.set_header("x-order", order);
                    }
                    response
                })
                .teardown_request(move |request, _error| {
                    if request.path() != "/log" {
                        torn_down.lock().unwrap().push(format!("{}.teardown{number}", $name));
                    }
                });
        }
        owner.routes(routes![view, boom, this])
    }};
}

#[get("/view")]
async fn view(request: &Request) -> &'static str {
    record(request, "view".to_owned());
    "done"
}

#[get("/boom")]
async fn boom(request: &Request) -> String {
    record(request, "view".to_owned());
    panic!("boom");
}

#[get("/this")]
async fn this(request: Request) -> &'static str {
    let own = request.clone();
    request.after_this_request(move |response| {
        record(&own, "this".to_owned());
        response.with_header("x-this", "yes")
    });
    record(&request, "view".to_owned());
    "done"
}

struct Lang(String);

#[get("/about")]
async fn about(request: &Request) -> Result<String> {
    let lang = request.g().get::<Lang>().or_404()?.0.clone();
    let own = request.url_for(".about", UrlFor::new())?;
    let french = request.url_for(".about", UrlFor::new().value("lang", "fr"))?;
    Ok([lang, own, french].join(" "))
}

/// The order of hooks, in the header X-Order; teardowns at `/log`, which forgets them.
fn hooks() -> App {
    let torn_down = TornDown::default();
    let app = add_hooks!(bare(), "app", torn_down);
    let parent = add_hooks!(Blueprint::new("parent").prefix("/parent"), "parent", torn_down);
    let child = add_hooks!(Blueprint::new("child").prefix("/child"), "child", torn_down);
    let log = View::new(move |_request: Request| {
        let lines = std::mem::take(&mut *torn_down.lock().unwrap());
        async move { lines.join(" ") }
    });
    // A URL value that every view of a blueprint shares, kept before the view and put in by url_for.
    let lang = Blueprint::new("lang")
        .prefix("/<lang>")
        .url_value_preprocessor(|request| {
            let value = request.path_values().into_iter().find(|(name, _)| *name == "lang");
            request.g().set(Lang(value.map(|(_, value)| value).unwrap_or_default()));
        })
        .url_defaults(|request, _endpoint, values| {
            let lang = request.and_then(|request| request.g().get::<Lang>());
            values.set_default("lang", lang.map_or("en".to_owned(), |lang| lang.0.clone()));
        })
        .routes(routes![about]);
    app.add_url_rule(rule("/log", "log"), log).blueprint(parent.blueprint(child)).blueprint(lang)
}

/// An error of this program, as Python's `ValueError`.
#[derive(Debug)]
struct ValueError(&'static str);

/// Handled by the app with 409.
#[derive(Debug)]
struct OutOfStock(&'static str);

macro_rules! errors_of_text {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0)
            }
        }

        impl std::error::Error for $name {}
    )*};
}
errors_of_text!(ValueError OutOfStock);

/// What the views of `handlers` fail with, by name.
#[get("/fail/<kind>")]
async fn fail(kind: String) -> Result<String> {
    match &*kind {
        "value" => Err(ValueError("a bad value"))?,
        "stock" => Err(OutOfStock("sold out"))?,
        "other" => Err(std::io::Error::other("unforeseen"))?,
        code => abort!(code.parse::<u16>().or_404()?, "said so"),
    }
}

/// What an error says: the words of its cause, or its own.
fn words(error: &Error) -> String {
    error.source().map_or_else(|| error.description().to_owned(), ToString::to_string)
}

/// An error handler that answers `who: what`.
fn answer(
    who: &'static str,
    status: u16,
    made: impl FnOnce(Box<dyn Fn(Request, Error) -> Answer + Send + Sync>) -> ErrorHandler,
) -> [ErrorHandler; 1] {
    [made(Box::new(move |request, error| {
        Box::pin(
            async move { (format!("{who}: {}", words(&error)), status).into_response(&request) },
        )
    }))]
}

type Answer = std::pin::Pin<Box<dyn Future<Output = Result<Response>>>>;

#[error(404)]
async fn not_found(request: &Request) -> (Json<serde_json::Value>, u16) {
    (Json(json!({"missing": request.path()})), 404)
}

#[error(500)]
async fn crashed(error: &Error) -> (String, u16) {
    (format!("app 500: {}", words(error)), 500)
}

#[error(default)]
async fn any_http(error: &Error) -> (String, Status) {
    (format!("app http: {}", error.status().as_u16()), error.status())
}

/// Error handlers by status and by type, in the app and in two nested blueprints.
///
/// app: 404, `ValueError`, `OutOfStock`, 500, and every other status;
/// outer (`/outer`): 404 and 403; inner (`/outer/inner`): 404 and `ValueError`.
fn handlers() -> App {
    let inner = Blueprint::new("inner")
        .prefix("/inner")
        .routes(routes![fail])
        .errors(answer("inner 404", 404, |call| ErrorHandler::for_status(404, call)))
        .errors(answer("inner ValueError", 400, ErrorHandler::for_type::<ValueError>));
    let outer = Blueprint::new("outer")
        .prefix("/outer")
        .routes(routes![fail])
        .errors(answer("outer 404", 404, |call| ErrorHandler::for_status(404, call)))
        .errors(answer("outer 403", 403, |call| ErrorHandler::for_status(403, call)))
        .blueprint(inner);
    bare()
        .routes(routes![fail])
        .errors(errors![not_found, crashed, any_http])
        .errors(answer("app ValueError", 422, ErrorHandler::for_type::<ValueError>))
        .errors(answer("app OutOfStock", 409, ErrorHandler::for_type::<OutOfStock>))
        .blueprint(outer)
}

pub(crate) fn create_all() -> [(&'static str, App); 6] {
    [
        ("hosts", hosts()),
        ("subs", subs()),
        ("proxied", proxied()),
        ("limits", limits()),
        ("hooks", hooks()),
        ("handlers", handlers()),
    ]
}
