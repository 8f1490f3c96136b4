//! What the macros make of functions, seen through the test client.

use std::sync::atomic::{AtomicUsize, Ordering};

use carafe::prelude::*;
use carafe::{FromRunning, Running, Uuid};

fn check(app: App, requests: &[(&str, &str, u16, &str)]) {
    let client = app.test_client();
    for (method, path, status, text) in requests {
        let response = match *method {
            "GET" => client.get(path).send(),
            "POST" => client.post(path).send(),
            "PUT" => client.put(path).send(),
            "PATCH" => client.patch(path).send(),
            "DELETE" => client.delete(path).send(),
            _ => panic!("{method}"),
        };
        assert_eq!(response.status(), *status, "{method} {path}: {}", response.text());
        if !text.is_empty() {
            assert_eq!(response.text(), *text, "{method} {path}");
        }
    }
}

mod methods {
    use super::*;

    #[get("/note")]
    async fn show() -> &'static str {
        "show"
    }

    #[post("/note")]
    fn create() -> &'static str {
        "create"
    }

    #[put("/note")]
    async fn replace() -> &'static str {
        "replace"
    }

    #[patch("/note")]
    async fn change() -> &'static str {
        "change"
    }

    #[delete("/note")]
    async fn remove() -> &'static str {
        "remove"
    }

    #[route("/both", methods = ["GET", "POST"])]
    async fn both(request: &Request) -> String {
        request.method().to_string()
    }

    #[carafe::get("/words")]
    #[carafe::route("/words", methods = [PUT, PATCH])]
    #[post("/other", endpoint = "other")]
    fn words(request: Request) -> String {
        format!("{} {}", request.method(), request.endpoint().unwrap_or(""))
    }

    #[test]
    fn each() {
        let app = App::new().routes(routes![show, create, replace, change, remove, both, words]);
        check(
            app,
            &[
                ("GET", "/note", 200, "show"),
                ("POST", "/note", 200, "create"),
                ("PUT", "/note", 200, "replace"),
                ("PATCH", "/note", 200, "change"),
                ("DELETE", "/note", 200, "remove"),
                ("GET", "/both", 200, "GET"),
                ("POST", "/both", 200, "POST"),
                ("PUT", "/both", 405, ""),
                ("PATCH", "/words", 200, "PATCH words"),
                ("POST", "/other", 200, "POST other"),
                ("GET", "/other", 405, ""),
            ],
        );
    }
}

mod values {
    use super::*;

    #[get("/int/<int:n>")]
    async fn int(n: u8) -> String {
        n.to_string()
    }

    #[get("/float/<float:x>")]
    fn float(x: f64) -> String {
        x.to_string()
    }

    #[get("/text/<a>-<string(length=2):b>")]
    async fn text(a: String, b: &str) -> String {
        format!("{a} {b}")
    }

    #[get("/path/<path:rest>")]
    fn path(rest: &str) -> String {
        rest.to_owned()
    }

    #[get("/color/<any(red, blue):color>")]
    async fn color(color: Box<str>) -> String {
        color.into()
    }

    #[get("/uuid/<uuid:id>")]
    async fn uuid(id: Uuid) -> String {
        id.to_string()
    }

    #[get("/unused/<int:id>")]
    async fn unused(_id: i64) -> &'static str {
        "unused"
    }

    #[get("/raw/<type>")]
    async fn raw(r#type: String) -> String {
        r#type
    }

    #[get("/mut/<int:n>")]
    async fn mutable(mut n: i64) -> String {
        n += 1;
        n.to_string()
    }

    #[get("/notes", defaults(page = 1, lang = "en"))]
    #[get("/notes/<int:page>", defaults(lang = "de"))]
    async fn notes(page: u32, lang: String) -> String {
        format!("{page} {lang}")
    }

    #[get("/maybe")]
    #[get("/maybe/<int:n>")]
    fn maybe(n: Option<i64>) -> String {
        format!("{n:?}")
    }

    #[test]
    fn each() {
        let app = App::new().routes(routes![
            int, float, text, path, color, uuid, unused, raw, mutable, notes, maybe
        ]);
        let id = "01234567-89ab-cdef-0123-456789abcdef";
        check(
            app,
            &[
                ("GET", "/int/255", 200, "255"),
                ("GET", "/int/256", 404, ""),
                ("GET", "/float/1.5", 200, "1.5"),
                ("GET", "/float/1", 404, ""),
                ("GET", "/text/x-de", 200, "x de"),
                ("GET", "/text/x-deu", 404, ""),
                ("GET", "/path/a/b", 200, "a/b"),
                ("GET", "/color/red", 200, "red"),
                ("GET", "/color/green", 404, ""),
                ("GET", &format!("/uuid/{id}"), 200, id),
                ("GET", "/unused/1", 200, "unused"),
                ("GET", "/raw/x", 200, "x"),
                ("GET", "/mut/1", 200, "2"),
                ("GET", "/notes", 200, "1 en"),
                ("GET", "/notes/3", 200, "3 de"),
                ("GET", "/maybe", 200, "None"),
                ("GET", "/maybe/4", 200, "Some(4)"),
            ],
        );
    }

    #[test]
    fn functions_stay_functions() {
        assert_eq!(path("a"), "a");
        assert_eq!(maybe(None), "None");
    }
}

mod extractors {
    use super::*;

    struct Prefix(&'static str);

    struct Language(String);

    impl FromRequest for Language {
        async fn from_request(request: &Request) -> Result<Language> {
            match request.header("accept-language") {
                Some(language) => Ok(Language(language.to_owned())),
                None => Err(carafe::abort(400).describe("no language")),
            }
        }
    }

    #[get("/async/<name>")]
    async fn on_reactor(
        name: String,
        request: &Request,
        prefix: State<Prefix>,
        language: Option<Language>,
    ) -> String {
        let language = language.map_or("none".to_owned(), |language| language.0);
        format!("{} {name} {} {language}", prefix.0, request.path())
    }

    #[get("/plain/<name>")]
    fn on_pool(request: &Request, prefix: &State<Prefix>, name: &str, _: Request) -> String {
        let thread = std::thread::current().name().unwrap_or("").to_owned();
        format!("{} {name} {} {thread}", prefix.0, request.path())
    }

    #[get("/language")]
    async fn language(Language(name): Language) -> String {
        name
    }

    #[test]
    fn in_both_kinds() {
        let app = App::new().state(Prefix("Dr.")).routes(routes![on_reactor, on_pool, language]);
        check(
            app,
            &[
                ("GET", "/async/ann", 200, "Dr. ann /async/ann none"),
                ("GET", "/plain/ann", 200, "Dr. ann /plain/ann carafe-fn"),
                ("GET", "/language", 400, ""),
            ],
        );
    }
}

mod errors {
    use super::*;

    #[derive(Debug)]
    struct Sold(&'static str);

    impl std::fmt::Display for Sold {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{} is sold", self.0)
        }
    }

    impl std::error::Error for Sold {}

    #[get("/buy")]
    fn buy() -> Result<()> {
        Err(Sold("the piano"))?
    }

    #[get("/teapot")]
    async fn teapot() -> Result<()> {
        abort!(418, "short and stout")
    }

    #[get("/conflict")]
    async fn conflict() -> Result<()> {
        abort!(409)
    }

    #[error(404)]
    async fn not_found(request: &Request, error: &Error) -> (String, u16) {
        (format!("{} {}", error.status().as_u16(), request.path()), 404)
    }

    #[error(Sold)]
    fn sold(cause: &Sold, error: &Error, request: Request) -> (String, u16) {
        (format!("{cause} {} {}", error.status().as_u16(), request.path()), 410)
    }

    #[error(409)]
    #[error(default)]
    async fn other(error: &carafe::Error) -> String {
        error.description().to_owned()
    }

    #[test]
    fn each() {
        let app = App::new()
            .routes(routes![buy, teapot, conflict])
            .errors(errors![not_found, sold, other]);
        check(
            app,
            &[
                ("GET", "/x", 404, "404 /x"),
                ("GET", "/buy", 410, "the piano is sold 500 /buy"),
                ("GET", "/teapot", 200, "short and stout"),
                ("GET", "/conflict", 200, ""),
            ],
        );
    }
}

mod urls {
    use super::*;

    mod admin {
        use super::*;

        #[get("/pages/<path:page>")]
        pub(super) async fn page(page: String) -> String {
            url_for!(self::page, page, preview = true)
        }
    }

    #[get("/users/<int:id>")]
    #[get("/users/<int:id>/<tab>")]
    async fn user(id: i64, tab: Option<String>) -> String {
        let tab = tab.unwrap_or_default();
        url_for!(user, id = id + 1, tab = &tab, _anchor = "top")
    }

    #[get("/all", defaults(page = 1))]
    #[get("/all/<int:page>")]
    fn all(page: u32) -> String {
        let tags = ["a", "b"];
        format!(
            "{} {}",
            url_for!(all),
            url_for!(all, page = page + 1, tag = &tags[..], none = None::<i32>)
        )
    }

    #[get("/named")]
    async fn named() -> Result<String> {
        let page = String::from("x y");
        url_for!("admin.page", page = &page, q = 1)
    }

    #[get("/other")]
    async fn other(request: &Request) -> String {
        let host = request.host().to_owned();
        url_for!(user, id = 5, _external = true, _scheme = "https").replace(&host, "HOST")
    }

    #[post("/other", endpoint = "write")]
    #[get("/read", endpoint = "read")]
    async fn two() -> String {
        url_for!(admin::page, page = "p")
    }

    #[test]
    fn within_a_request() {
        let admin = Blueprint::new("admin").prefix("/admin").routes(routes![admin::page]);
        let app = App::new().routes(routes![user, all, named, other, two]).blueprint(admin);
        check(
            app,
            &[
                ("GET", "/users/5/photos", 200, "/users/6/photos#top"),
                ("GET", "/all/2", 200, "/all /all/3?tag=a&tag=b"),
                ("GET", "/named", 200, "/admin/pages/x%20y?q=1"),
                ("GET", "/other", 200, "https://HOST/users/5"),
                ("GET", "/admin/pages/a/b", 200, "/admin/pages/a/b?preview=true"),
                ("GET", "/read", 200, "/admin/pages/p"),
            ],
        );
    }

    #[test]
    fn outside_of_a_request() {
        let id = 7_u16;
        assert_eq!(url_for!(user, id), "/users/7");
        assert_eq!(url_for!(user, id: &id, tab = 'x',), "/users/7/x");
        assert_eq!(url_for!(admin::page, page = "a/b"), "/pages/a/b");
    }
}

mod rules {
    use super::*;

    #[get("/loose/", strict_slashes = false)]
    async fn loose() -> &'static str {
        "loose"
    }

    #[get("/old/<int:id>", redirect_to = "new/<id>")]
    async fn old(_id: i64) -> &'static str {
        unreachable!("redirected")
    }

    #[get("/new/<int:id>")]
    async fn new(id: i64) -> String {
        id.to_string()
    }

    #[get("/built/<int:id>", build_only)]
    #[get("/built")]
    async fn built(id: Option<i64>) -> String {
        url_for!(built, id = id.unwrap_or(1))
    }

    #[get("/quiet", provide_automatic_options = false, merge_slashes = true)]
    async fn quiet() -> &'static str {
        "quiet"
    }

    #[test]
    fn options() {
        let app = App::new().routes(routes![loose, old, new, built, quiet]);
        check(
            app,
            &[
                ("GET", "/loose", 200, "loose"),
                ("GET", "/loose/", 200, "loose"),
                ("GET", "/old/3", 308, ""),
                ("GET", "/new/3", 200, "3"),
                ("GET", "/built", 200, "/built/1"),
                ("GET", "/built/1", 404, ""),
            ],
        );
    }

    #[cfg(any())]
    #[get("/gone")]
    async fn gone() {
        this_is_not_compiled()
    }

    #[get("/gone")]
    #[cfg(any())]
    async fn gone() {
        this_is_not_compiled()
    }
}

mod commands {
    use super::*;

    static RUNS: AtomicUsize = AtomicUsize::new(0);

    struct Name(&'static str);

    struct Counter(usize);

    impl FromRunning for Counter {
        fn from_running(_running: &Running) -> Result<Counter> {
            Ok(Counter(RUNS.load(Ordering::Relaxed)))
        }
    }

    /// Sends the letters
    /// that wait.
    ///
    /// Nothing of this is in the short help.
    #[command]
    async fn send_letters(
        /// To whom.
        to: String,
        subject: Option<String>,
        #[arg(long, short)] dry_run: bool,
        #[arg(long, default = 3, value_name = "COUNT")] tries: u8,
        name: State<Name>,
        counter: Counter,
    ) -> Result<()> {
        RUNS.fetch_add(1, Ordering::Relaxed);
        assert_eq!((to.as_str(), name.0, counter.0), ("ann", "app", 0));
        assert_eq!((subject, dry_run, tries), (None, true, 5));
        Ok(())
    }

    #[command(name = "sum")]
    fn add(numbers: Vec<i64>, running: &Running) -> std::process::ExitCode {
        let _ = running.config();
        match numbers.iter().sum::<i64>() {
            0 => std::process::ExitCode::SUCCESS,
            _ => std::process::ExitCode::FAILURE,
        }
    }

    #[test]
    fn describe_themselves() {
        let [send, sum] = commands![send_letters, add];
        assert_eq!((send.name(), sum.name()), ("send-letters", "sum"));
        assert_eq!(send.about(), "Sends the letters that wait");
        assert_eq!(
            send.clap().render_help().to_string(),
            "Sends the letters that wait\n\n\
             Usage: send-letters [OPTIONS] <TO> [SUBJECT]\n\n\
             Arguments:\n  <TO>       To whom\n  [SUBJECT]  \n\n\
             Options:\n  -d, --dry-run        \n      --tries <COUNT>  [default: 3]\n  -h, --help           Print help\n"
        );
        sum.clap().debug_assert();
        let refused = sum.clap().try_get_matches_from(["sum", "x"]).unwrap_err().to_string();
        assert!(refused.starts_with("error: invalid value 'x' for '[NUMBERS]...'"), "{refused}");
    }

    #[test]
    fn stay_functions() {
        let _: fn(Vec<i64>, &Running) -> std::process::ExitCode = add;
        let _ = App::new().state(Name("app")).commands(commands![send_letters, add]);
    }
}

mod templates {
    #[test]
    fn contexts() {
        let user = String::from("Ann");
        let r#type = 1;
        let context = carafe::context! { title: "x", user, total = 1 + 2, r#type };
        assert_eq!(context.names().collect::<Vec<_>>(), ["title", "user", "total", "type"]);
        assert_eq!(user, "Ann");
        assert_eq!(carafe::context!().names().count(), 0);
    }
}

mod main {
    use super::*;

    #[get("/")]
    async fn index() -> &'static str {
        "hello"
    }

    #[carafe::main]
    pub(super) fn app() -> App {
        if cfg!(any()) {
            return App::new();
        }
        App::new().routes(routes![index])
    }

    #[test]
    fn stays_a_function() {
        check(app(), &[("GET", "/", 200, "hello")]);
        let _: fn() -> std::process::ExitCode = main;
    }
}
