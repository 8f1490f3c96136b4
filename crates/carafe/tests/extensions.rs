//! An extension as a stranger writes one: configuration, state, hooks, template parts, a route, an
//! extractor, and steps at the start and the end.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use carafe::prelude::*;
use carafe::{Config, Extension, Provided, Rule, Running, View};

/// Counts visits.
struct Visits {
    log: Arc<Mutex<Vec<&'static str>>>,
}

#[derive(serde::Deserialize)]
struct VisitsConfig {
    /// The path of the page with the number.
    path: String,
    #[serde(default)]
    start: u64,
}

#[derive(Default)]
struct Counter(AtomicU64);

/// The number of this visit, as handlers take it.
struct Visit(u64);

impl FromRequest for Visit {
    async fn from_request(request: &Request) -> Result<Visit> {
        let counter = State::<Counter>::from_request(request).await?;
        Ok(Visit(counter.0.load(Ordering::Relaxed)))
    }

    fn missing(provided: &Provided) -> Option<String> {
        (!provided.has::<Counter>())
            .then(|| "the extension `visits`: add `.extension(Visits)` to the app".to_owned())
    }
}

impl Extension for Visits {
    fn name(&self) -> &'static str {
        "visits"
    }

    fn init_app(self, app: App) -> App {
        let (start, stop) = (self.log.clone(), self.log);
        app.state(Counter::default())
            .config_section::<VisitsConfig>("visits")
            .before_request(|counter: State<Counter>| async move {
                counter.0.fetch_add(1, Ordering::Relaxed);
            })
            .after_request(|_: Request, response: Response| {
                response.with_header("x-visits", "counted")
            })
            .templates(|templates| {
                templates.filter("ordinal", |number: u64| format!("{number}."));
                templates.global("unit", "visits");
            })
            .add_url_rule(Rule::new("/visits").endpoint("visits"), View::new(page))
            .on_startup(move |running: Running| {
                start.lock().unwrap().push("start");
                async move {
                    let from = running.config().section::<VisitsConfig>("visits")?;
                    let counter = running.state::<Counter>().or_404()?;
                    counter.0.store(from.start, Ordering::Relaxed);
                    Ok(())
                }
            })
            .on_shutdown(move |_| {
                stop.lock().unwrap().push("stop");
                async {}
            })
    }
}

async fn page(request: Request) -> Result<Html> {
    let visit = Visit::from_request(&request).await?;
    carafe::render_string!("the {{ number|ordinal }} of all {{ unit }}", number: visit.0)
}

#[get("/number")]
async fn number(visit: Visit, config: Config<VisitsConfig>) -> String {
    format!("{} {}", visit.0, config.path)
}

#[test]
fn an_extension_adds_itself_to_everything() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let app = App::new()
        .config("visits.path", "/visits")
        .config("visits.start", 40)
        .on_startup({
            let log = log.clone();
            move |_| {
                log.lock().unwrap().push("app start");
                async { Ok(()) }
            }
        })
        .on_shutdown({
            let log = log.clone();
            move |_| {
                log.lock().unwrap().push("app stop");
                async {}
            }
        })
        .extension(Visits { log: log.clone() })
        .routes(routes![number]);
    let client = app.test_client();
    let response = client.get("/number").send();
    assert_eq!(response.text(), "41 /visits");
    assert_eq!(response.header("x-visits"), Some("counted"));
    assert_eq!(client.get("/visits").send().text(), "the 42. of all visits");
    drop(client);
    assert_eq!(*log.lock().unwrap(), ["app start", "start", "stop", "app stop"]);
}

fn refusal(app: App) -> String {
    app.try_test_client().err().unwrap().to_string()
}

#[test]
fn its_configuration_is_checked_before_serving() {
    let visits = || Visits { log: Arc::default() };
    assert_eq!(
        refusal(App::new().extension(visits())),
        "1 mistake in the configuration\n\n1. `visits.path` is not set\n   \
         hint: add `path = ...` under [visits] in carafe.toml, or set CARAFE_VISITS__PATH in the environment"
    );
    let words = refusal(
        App::new().config("visits.path", "/v").config("visits.start", "many").extension(visits()),
    );
    assert!(words.contains("`visits.start`"), "{words}");
    let words = refusal(
        App::new().config("visits.path", "/v").config("visits.pth", "x").extension(visits()),
    );
    assert!(words.contains("`visits.pth`"), "{words}");
}

#[test]
fn what_needs_it_says_so() {
    let words = refusal(App::new().routes(routes![number]));
    assert!(words.starts_with("the app cannot start: 2 mistakes in its setup\n"), "{words}");
    assert!(
        words.contains("the extension `visits`: add `.extension(Visits)` to the app"),
        "{words}"
    );
}

#[test]
fn it_is_added_once() {
    let visits = || Visits { log: Arc::default() };
    let first = line!() + 1;
    let app = App::new().config("visits.path", "/v").extension(visits());
    let second = line!() + 1;
    let words = refusal(app.extension(visits()));
    let expected = format!(
        "1. the extension `visits` is added twice; first at {file}:{first}\n   at {file}:{second}\n",
        file = file!()
    );
    assert!(words.contains(&expected), "{words}");
}

#[test]
fn a_start_that_fails_is_told() {
    let app = App::new()
        .on_startup(|_| async { Err(abort(500).describe("the database does not answer")) });
    assert_eq!(
        refusal(app),
        "the app cannot start: 1 mistake in its setup\n\n1. a start-up step failed: the database does not answer\n"
    );
}
