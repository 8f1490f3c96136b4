//! The macros: `macro_rules!` are written here, the attributes come from `carafe-macros` and are
//! documented here, where the examples can name `carafe`.

/// Makes a function the handler of a rule for GET, and so for HEAD.
///
/// The rule is Flask's: `<name>` is text up to the next slash, `<int:name>` a whole number; there
/// are also `float`, `path`, `any(a, b)`, `uuid`, and what the app registers with
/// [`App::converter`](crate::App::converter). Each name needs an argument that can hold its value;
/// `_name` takes it too. Every other argument is taken from the request: see
/// [`FromRequest`](crate::FromRequest). Any type but `Request` and path values may be borrowed, as
/// in `&Session`.
///
/// An `async fn` runs on the reactor. A plain `fn` runs on a thread pool and may block.
///
/// ```
/// use carafe::prelude::*;
///
/// #[get("/users/<int:id>")]
/// async fn user(id: i64) -> String {
///     format!("user {id}")
/// }
///
/// let client = App::new().routes(routes![user]).test_client();
/// assert_eq!(client.get("/users/5").send().text(), "user 5");
/// assert_eq!(client.get("/users/five").send().status(), 404);
/// ```
///
/// # Options
/// They follow the rule and mean what they mean in Flask:
///
/// | option | meaning |
/// |---|---|
/// | `endpoint = "name"` | the endpoint's name; by default the function's |
/// | `defaults(page = 1)` | values that the path does not have |
/// | `strict_slashes = false` | `/a` and `/a/` are one |
/// | `merge_slashes = false` | `/a//b` is not `/a/b` |
/// | `subdomain = "api"` | needs `App::subdomain_matching` |
/// | `host = "example.com"` | needs `App::host_matching` |
/// | `redirect_to = "new/<id>"` | redirects instead of calling the function |
/// | `alias` | another address: redirects to the function's other rule |
/// | `build_only` | only for `url_for!`, never matches |
/// | `websocket` | matches websocket handshakes only |
/// | `provide_automatic_options = false` | OPTIONS is not answered by Carafe |
/// | `crate = path` | where the crate `carafe` is, when it has another name |
///
/// # Several rules
/// Each stands on a line of its own. A name that one of them lacks has a default there, or its
/// argument is an `Option`.
///
/// ```
/// use carafe::prelude::*;
///
/// #[get("/notes", defaults(page = 1))]
/// #[get("/notes/page/<int:page>")]
/// fn notes(page: u32) -> String {
///     format!("page {page}")
/// }
///
/// let client = App::new().routes(routes![notes]).test_client();
/// assert_eq!(client.get("/notes").send().text(), "page 1");
/// assert_eq!(client.get("/notes/page/2").send().text(), "page 2");
/// // The function is still a function:
/// assert_eq!(notes(3), "page 3");
/// ```
///
/// A handler that is in no `routes!` is reported by the compiler as a function that is never used.
///
/// Beside the function stands a hidden type of the same name, which [`routes!`](crate::routes!) and
/// [`url_for!`](crate::url_for!) use; so a module or a type beside it needs another name.
pub use carafe_macros::get;

/// Makes a function the handler of a rule for POST. The options are those of [`get`](macro@crate::get).
///
/// ```
/// use carafe::prelude::*;
///
/// #[post("/notes")]
/// async fn create() -> (&'static str, Status) {
///     ("created", Status::CREATED)
/// }
///
/// let client = App::new().routes(routes![create]).test_client();
/// assert_eq!(client.post("/notes").send().status(), 201);
/// assert_eq!(client.get("/notes").send().status(), 405);
/// ```
pub use carafe_macros::post;

/// Makes a function the handler of a rule for PUT. The options are those of [`get`](macro@crate::get).
///
/// ```
/// use carafe::prelude::*;
///
/// #[put("/notes/<int:id>")]
/// async fn replace(id: i64) -> String {
///     format!("replaced {id}")
/// }
///
/// let client = App::new().routes(routes![replace]).test_client();
/// assert_eq!(client.put("/notes/1").send().text(), "replaced 1");
/// ```
pub use carafe_macros::put;

/// Makes a function the handler of a rule for PATCH. The options are those of
/// [`get`](macro@crate::get).
///
/// ```
/// use carafe::prelude::*;
///
/// #[patch("/notes/<int:id>")]
/// async fn change(id: i64) -> String {
///     format!("changed {id}")
/// }
///
/// let client = App::new().routes(routes![change]).test_client();
/// assert_eq!(client.patch("/notes/1").send().text(), "changed 1");
/// ```
pub use carafe_macros::patch;

/// Makes a function the handler of a rule for DELETE. The options are those of
/// [`get`](macro@crate::get).
///
/// ```
/// use carafe::prelude::*;
///
/// #[delete("/notes/<int:id>")]
/// async fn remove(id: i64) -> ((), Status) {
///     assert!(id > 0);
///     ((), Status::NO_CONTENT)
/// }
///
/// let client = App::new().routes(routes![remove]).test_client();
/// assert_eq!(client.delete("/notes/1").send().status(), 204);
/// ```
pub use carafe_macros::delete;

/// Makes a function the handler of a rule for the methods listed, GET when none are. The other
/// options are those of [`get`](macro@crate::get).
///
/// ```
/// use carafe::prelude::*;
///
/// #[route("/note", methods = [GET, POST])]
/// async fn note(request: &Request) -> String {
///     request.method().to_string()
/// }
///
/// let client = App::new().routes(routes![note]).test_client();
/// assert_eq!(client.get("/note").send().text(), "GET");
/// assert_eq!(client.post("/note").send().text(), "POST");
/// ```
pub use carafe_macros::route;

/// Makes a function the handler of errors: of a status, of a type, or of all that have no other.
///
/// It may take `&Error`, `&Request`, the borrowed error of the type that it is for, and everything
/// that a handler may take from the request. What it returns is the response, with status 200 unless
/// it says otherwise, as in Flask.
///
/// ```
/// use carafe::prelude::*;
///
/// #[derive(Debug)]
/// struct OutOfPaper;
///
/// impl std::fmt::Display for OutOfPaper {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         f.write_str("out of paper")
///     }
/// }
///
/// impl std::error::Error for OutOfPaper {}
///
/// #[error(404)]
/// async fn not_found(request: &Request) -> (String, Status) {
///     (format!("there is no {}", request.path()), Status::NOT_FOUND)
/// }
///
/// #[error(OutOfPaper)]
/// fn no_paper(cause: &OutOfPaper) -> (String, Status) {
///     (format!("sorry, {cause}"), Status::SERVICE_UNAVAILABLE)
/// }
///
/// #[get("/print")]
/// async fn print() -> Result<()> {
///     Err(OutOfPaper)?
/// }
///
/// let app = App::new().routes(routes![print]).errors(errors![not_found, no_paper]);
/// let client = app.test_client();
/// assert_eq!(client.get("/x").send().text(), "there is no /x");
/// assert_eq!(client.get("/print").send().text(), "sorry, out of paper");
/// ```
///
/// `#[error(default)]` takes every error that no other handler takes.
pub use carafe_macros::error;

/// Makes a function a command of the app's own command line: `guestbook init-db`.
///
/// Its name is the function's with dashes, or `#[command(name = "..")]`; its help is the doc
/// comment. It needs Carafe's feature `commands`, which brings clap: `cargo add carafe --features commands`.
///
/// Arguments of plain types are read from the command line: a `T` is required, an
/// `Option<T>` is not, a `Vec<T>` may be given many times, a `bool` is a flag. `#[arg(..)]` before an
/// argument makes it an option, and takes any type that implements `FromStr`:
///
/// | option | meaning |
/// |---|---|
/// | `long`, `long = "name"` | `--name` |
/// | `short`, `short = 'n'` | `-n` |
/// | `default = "x"` | the value when it is not given |
/// | `env = "NAME"` | the environment variable that is read when it is not given |
/// | `value_name = "FILE"` | what the help calls the value |
///
/// All other arguments come from the app: [`Running`](crate::Running), [`State`](crate::State),
/// [`Config`](crate::Config), and types that implement [`FromRunning`](crate::FromRunning).
///
/// ```
/// use carafe::prelude::*;
///
/// struct Names(Vec<&'static str>);
///
/// /// Greets someone.
/// #[command]
/// async fn greet(
///     /// Whom to greet.
///     name: String,
///     /// How often.
///     #[arg(long, short = 'n', default = 1)]
///     times: usize,
///     names: State<Names>,
/// ) -> Result<()> {
///     if !names.0.contains(&name.as_str()) {
///         abort!(404, "nobody is called `{name}`");
///     }
///     for _ in 0..times {
///         println!("Hello, {name}!");
///     }
///     Ok(())
/// }
///
/// let app = App::new().state(Names(vec!["Ann"])).commands(commands![greet]);
/// # let _ = app;
/// ```
pub use carafe_macros::command;

/// Makes the function that builds the app the program's entry: it writes `main` beside it, which
/// runs the app's command line (`run` by default).
///
/// The function stays an ordinary one that tests can call. A release build carries the files of
/// `templates/`, `static/` and of the folders in `embed`; a development build reads them from disk.
/// Hidden files and links that leave the crate's folder are left out. Cargo notices a changed file,
/// but not a new one, unless a `build.rs` prints `cargo::rerun-if-changed=templates` and
/// `cargo::rerun-if-changed=static`, as the guestbook's does.
///
/// ```
/// use carafe::prelude::*;
///
/// #[get("/")]
/// async fn index() -> &'static str {
///     "Hello"
/// }
///
/// #[carafe::main]
/// fn app() -> App {
///     App::new().routes(routes![index])
/// }
///
/// // In a test:
/// assert_eq!(app().test_client().get("/").send().text(), "Hello");
/// ```
pub use carafe_macros::main;

/// Collects handlers for [`App::routes`](crate::App::routes) and
/// [`Blueprint::routes`](crate::Blueprint::routes).
///
/// ```
/// use carafe::prelude::*;
///
/// mod admin {
///     use carafe::prelude::*;
///
///     #[get("/admin")]
///     pub async fn index() -> &'static str {
///         "admin"
///     }
/// }
///
/// let client = App::new().routes(routes![admin::index]).test_client();
/// assert_eq!(client.get("/admin").send().text(), "admin");
/// ```
#[macro_export]
macro_rules! routes {
    ($($handler:path),* $(,)?) => {
        [$(<$handler as $crate::__private::Endpoint>::route()),*]
    };
}

/// Collects error handlers for [`App::errors`](crate::App::errors) and
/// [`Blueprint::errors`](crate::Blueprint::errors).
///
/// ```
/// use carafe::prelude::*;
///
/// #[error(404)]
/// async fn not_found() -> (&'static str, Status) {
///     ("lost", Status::NOT_FOUND)
/// }
///
/// let client = App::new().errors(errors![not_found]).test_client();
/// assert_eq!(client.get("/nowhere").send().text(), "lost");
/// ```
#[macro_export]
macro_rules! errors {
    ($($handler:path),* $(,)?) => {
        $crate::__private::errors(&[$(<$handler as $crate::__private::ErrorEndpoint>::handlers),*])
    };
}

/// Collects commands for [`App::commands`](crate::App::commands).
///
/// ```
/// use carafe::prelude::*;
///
/// /// Creates the tables.
/// #[command]
/// fn init_db() {}
///
/// let [command] = commands![init_db];
/// assert_eq!(command.name(), "init-db");
/// assert_eq!(command.about(), "Creates the tables");
/// ```
#[macro_export]
macro_rules! commands {
    ($($command:path),* $(,)?) => {
        [$(<$command as $crate::__private::CommandEndpoint>::command()),*]
    };
}

/// The URL of a handler, checked by the compiler: a value that the handler's rule needs and that is
/// missing, or that is of the wrong type, does not compile.
///
/// `id` is short for `id = id`, and `id: 5` is as good as `id = 5`. Names that the rule does not have go to the query. `_external`,
/// `_anchor`, `_scheme` and `_method` mean what they mean in Flask. Within a request the URL is
/// relative to the host and has the blueprint's prefix; a value that the prefix needs is not checked
/// by the compiler. Outside of one (in a test of a plain function) it is the rule's own path.
///
/// ```
/// use carafe::prelude::*;
///
/// #[get("/users/<int:id>")]
/// async fn user(id: i64) -> Redirect {
///     redirect(url_for!(user, id = id + 1, tab = "photos", _anchor = "top"))
/// }
///
/// let client = App::new().routes(routes![user]).test_client();
/// let response = client.get("/users/5").send();
/// assert_eq!(response.header("location"), Some("/users/6?tab=photos#top"));
/// assert_eq!(url_for!(user, id = 7), "/users/7");
/// ```
///
/// With an endpoint's name in quotes nothing is checked before it is built, so the URL comes as a
/// `Result`:
///
/// ```
/// use carafe::prelude::*;
///
/// #[get("/")]
/// async fn index() -> Result<String> {
///     url_for!("index", page = 2)
/// }
///
/// let client = App::new().routes(routes![index]).test_client();
/// assert_eq!(client.get("/").send().text(), "/?page=2");
/// ```
///
/// # Panics
/// Where the compiler cannot know: a blueprint's prefix needs a value that was not given, or the
/// handler is not among the app's routes. Within a request this is a 500.
#[macro_export]
macro_rules! url_for {
    ($($call:tt)*) => {
        $crate::__private::__url_for!([$crate] $($call)*)
    };
}

/// The values for a template: `name: value`, `name = value`, or `name` for both.
///
/// Values are borrowed; any type that serde can serialize is one.
///
/// ```
/// let user = "Ann";
/// let context = carafe::context! { title: "Guestbook", user, total = 1 + 2 };
/// assert_eq!(context.names().collect::<Vec<_>>(), ["title", "user", "total"]);
/// ```
#[macro_export]
macro_rules! context {
    ($($values:tt)*) => {
        $crate::__context!($crate::templates::Context::new(); $($values)*)
    };
}

/// What `context!` does, a value at a time.
#[doc(hidden)]
#[macro_export]
macro_rules! __context {
    ($context:expr;) => {
        $context
    };
    ($context:expr; $name:ident: $value:expr $(, $($rest:tt)*)?) => {
        $crate::__context!(
            $context.with($crate::__context_name!($name), &$value); $($($rest)*)?
        )
    };
    ($context:expr; $name:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::__context!(
            $context.with($crate::__context_name!($name), &$value); $($($rest)*)?
        )
    };
    ($context:expr; $name:ident $(, $($rest:tt)*)?) => {
        $crate::__context!(
            $context.with($crate::__context_name!($name), &$name); $($($rest)*)?
        )
    };
}

/// A name as templates see it.
#[doc(hidden)]
#[macro_export]
macro_rules! __context_name {
    ($name:ident) => {
        const { $crate::__private::plain_name(::core::stringify!($name)) }
    };
}

/// Renders a template with the values that follow its name; they are written as in
/// [`context!`](crate::context!). Gives a `Result<Html>`.
///
/// ```no_run
/// use carafe::prelude::*;
///
/// #[get("/")]
/// async fn index() -> Result<Html> {
///     let entries = ["Hello", "Nice page"];
///     render!("index.html", title: "Guestbook", entries)
/// }
/// ```
#[macro_export]
macro_rules! render {
    ($template:expr $(, $($values:tt)*)?) => {
        $crate::templates::render($template, $crate::context!($($($values)*)?))
    };
}

/// As [`render!`](crate::render!), with the template itself in place of its name.
///
/// ```
/// use carafe::prelude::*;
///
/// #[get("/<name>")]
/// async fn hello(name: String) -> Result<Html> {
///     carafe::render_string!("Hello, {{ name }}!", name)
/// }
///
/// let client = App::new().routes(routes![hello]).test_client();
/// assert_eq!(client.get("/<b>").send().text(), "Hello, &lt;b&gt;!");
/// ```
#[macro_export]
macro_rules! render_string {
    ($source:expr $(, $($values:tt)*)?) => {
        $crate::templates::render_string($source, $crate::context!($($($values)*)?))
    };
}

/// As [`render!`](crate::render!), sent piece by piece while it is rendered. Gives a
/// `Result<Response>`.
///
/// ```no_run
/// use carafe::prelude::*;
///
/// #[get("/")]
/// async fn index() -> Result<Response> {
///     carafe::stream!("long.html", lines: 1..10_000_u32)
/// }
/// ```
#[macro_export]
macro_rules! stream {
    ($template:expr $(, $($values:tt)*)?) => {
        $crate::templates::stream_template($template, $crate::context!($($($values)*)?))
    };
}
