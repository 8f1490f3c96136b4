//! Carafe's own keys: what each does, its unit and its default.

use std::path::PathBuf;

use super::setting::Setting;
use super::tree::{Node, Table};
use super::{
    AccessLog, Bytes, ConfigErrors, CookieSameSite, CookieSecure, Hosts, Limit, Port, Profile,
    Seconds, SecretKey, Source, TrustedProxies,
};

/// Carafe's own keys, at the top level of `carafe.toml`. Flask's names, in lower case.
///
/// Times are [`Seconds`] (`"31 days"`, `"90 s"`, `90`) and sizes [`Bytes`] (`"16 MiB"`, `1000`).
///
/// ```
/// let settings = carafe::config::Settings::default();
/// assert_eq!(settings.host.to_string(), "localhost");
/// assert_eq!(settings.port, 8000);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Whether errors are shown in the browser with their details. Default: true in the development profile only.
    pub debug: bool,
    /// Whether the app runs under test. Default: true in the testing profile only.
    pub testing: bool,

    /// Signs sessions and everything else that must not be forged. Default: none; in development one is made and
    /// kept in `.carafe/secret_key`. Not empty; 32 random bytes are good.
    pub secret_key: Option<SecretKey>,
    /// Earlier secret keys, newest first: still accepted, no longer used to sign. Default: none.
    pub secret_key_fallbacks: Vec<SecretKey>,

    /// How long a permanent session lasts. Default: 31 days.
    pub permanent_session_lifetime: Seconds,
    /// Whether a permanent session's cookie is sent again, and its life prolonged, by every request that looks at it.
    /// Default: true.
    pub session_refresh_each_request: bool,
    /// The name of the session cookie: letters, digits and ``!#$%&'*+-.^_`|~``. Default: `session`.
    pub session_cookie_name: String,
    /// The `Domain` of the session cookie. Default: none, so that only the very host gets it back.
    pub session_cookie_domain: Option<String>,
    /// The `Path` of the session cookie. Default: none, which means [`application_root`](Settings::application_root).
    pub session_cookie_path: Option<String>,
    /// Whether scripts in the page cannot read the session cookie. Default: true.
    pub session_cookie_httponly: bool,
    /// Whether the session cookie is sent over https only: `true`, `false` or `"auto"`, which is true when the
    /// request came over https. Default: `"auto"` (Flask: false).
    pub session_cookie_secure: CookieSecure,
    /// Which requests from other sites carry the session cookie: `"Lax"`, `"Strict"`, `"None"` or `"Unset"`.
    /// Default: `"Lax"` (Flask: unset).
    pub session_cookie_samesite: CookieSameSite,
    /// Whether the session cookie is kept apart for each site that embeds the app. Default: false.
    pub session_cookie_partitioned: bool,

    /// The largest request body, else 413. A size, or `"unlimited"`. Default: 16 MiB (Flask: unlimited).
    pub max_content_length: Limit,
    /// The most memory that the fields of a form without its files may take, else 413. Default: 500 kB.
    pub max_form_memory_size: Bytes,
    /// The most fields and files in a multipart form, else 413. Default: 1000.
    pub max_form_parts: u32,
    /// The largest request line and headers together, else 431. At least 8 KiB. Default: 64 KiB.
    pub max_header_size: Bytes,
    /// The most header lines in a request, else 431. At least 1. Default: 100.
    pub max_headers: u16,
    /// A warning is logged for a larger cookie, which browsers may drop; 0 never warns. Default: 4093 bytes.
    pub max_cookie_size: Bytes,

    /// Whether files are sent by the web server in front, told by an `X-Sendfile` header. Default: false.
    pub use_x_sendfile: bool,
    /// How long browsers may keep static files and sent files unasked. Default: none; they ask each time.
    pub send_file_max_age_default: Option<Seconds>,
    /// The hosts that requests may name, else 400; `.example.com` is the host and all below it. Default: empty, any.
    pub trusted_hosts: Vec<String>,
    /// The proxies that are believed when they tell who the client is: addresses, networks, `loopback`, `private` and
    /// `unix`, or a section. Default: empty, nobody.
    pub trusted_proxies: TrustedProxies,
    /// The host, and port if it is not the usual one, for URLs made outside of a request. Default: none.
    pub server_name: Option<String>,
    /// The path under which the app is mounted. Begins with `/`. Default: `/`.
    pub application_root: String,
    /// The scheme for URLs made outside of a request: `http` or `https`. Default: `http`.
    pub preferred_url_scheme: String,
    /// Whether routes answer OPTIONS by themselves. Default: true.
    pub provide_automatic_options: bool,

    /// Whether templates are read again when they change. Default: none, which means as `debug` says.
    pub templates_auto_reload: Option<bool>,
    /// Whether each search for a template is logged, with the places that were tried. Default: false.
    pub explain_template_loading: bool,
    /// Whether the keys of JSON responses are sorted. Default: false (Flask: true).
    pub json_sort_keys: bool,
    /// Whether JSON responses are written without spaces and line breaks. Default: none, which means unless `debug`.
    pub json_compact: Option<bool>,

    /// Where to listen, one place or a list: an address, `localhost` (127.0.0.1 and ::1), `0.0.0.0` (every IPv4
    /// address of this machine), `::` (every address), an interface's name, `lan` (the private addresses of this
    /// machine), or `unix:PATH` (a socket file that everyone may use who may enter its folder). Default: `localhost`.
    pub host: Hosts,
    /// The port to listen on: a number, a range such as `"8000-8010"` (the first free one), `"auto"` (the first free
    /// one from 8000 up), or 0 (any free one). Default: 8000 (Flask: 5000).
    pub port: Port,
    /// The language of what is said about addresses and ports: `en` or `ko`. Default: none, which means the
    /// system's.
    pub lang: Option<String>,
    /// Threads that serve connections. Default: 0, which means one a core.
    pub workers: u16,
    /// The most threads for handlers that are plain `fn`. At least 1. Default: 32.
    pub threads: u16,
    /// The most connections open at once; more wait to be accepted. At least 1. Default: 10 000.
    pub max_connections: u32,
    /// How a line for each request is written: `"off"`, `"text"` or `"json"`. Default: `"text"`.
    pub access_log: AccessLog,

    /// How long a request's line and headers may take to arrive. More than 0. Default: 30 s.
    pub header_read_timeout: Seconds,
    /// How long a request's body may pause while it arrives. More than 0. Default: 30 s.
    pub body_read_timeout: Seconds,
    /// How long an idle connection stays open for the next request; 0 closes it at once. Default: 75 s.
    pub keep_alive_timeout: Seconds,
    /// How long a request may take in all, else 503. More than 0. Default: none, as long as it needs.
    pub request_timeout: Option<Seconds>,
    /// How long requests that are being answered may take when the server stops. Default: 30 s.
    pub shutdown_timeout: Seconds,

    /// The folder that the next ones are relative to, itself relative to the folder of the app. Default: `.`.
    pub root: PathBuf,
    /// The folder of the templates. Default: `templates`.
    pub template_folder: PathBuf,
    /// The folder of the static files. Default: `static`.
    pub static_folder: PathBuf,
    /// The URL under which static files are served. Begins with `/`. Default: `/static`.
    pub static_url_path: String,
}

impl Default for Settings {
    /// The defaults of the release profile.
    fn default() -> Settings {
        Settings {
            debug: false,
            testing: false,
            secret_key: None,
            secret_key_fallbacks: Vec::new(),
            permanent_session_lifetime: Seconds::new(31 * 24 * 60 * 60),
            session_refresh_each_request: true,
            session_cookie_name: "session".to_owned(),
            session_cookie_domain: None,
            session_cookie_path: None,
            session_cookie_httponly: true,
            session_cookie_secure: CookieSecure::Auto,
            session_cookie_samesite: CookieSameSite::Lax,
            session_cookie_partitioned: false,
            max_content_length: Limit::Bytes(Bytes::new(16 << 20)),
            max_form_memory_size: Bytes::new(500_000),
            max_form_parts: 1_000,
            max_header_size: Bytes::new(64 << 10),
            max_headers: 100,
            max_cookie_size: Bytes::new(4093),
            use_x_sendfile: false,
            send_file_max_age_default: None,
            trusted_hosts: Vec::new(),
            trusted_proxies: TrustedProxies::default(),
            server_name: None,
            application_root: "/".to_owned(),
            preferred_url_scheme: "http".to_owned(),
            provide_automatic_options: true,
            templates_auto_reload: None,
            explain_template_loading: false,
            json_sort_keys: false,
            json_compact: None,
            host: Hosts::default(),
            port: Port::default(),
            lang: None,
            workers: 0,
            threads: 32,
            max_connections: 10_000,
            access_log: AccessLog::Text,
            header_read_timeout: Seconds::new(30),
            body_read_timeout: Seconds::new(30),
            keep_alive_timeout: Seconds::new(75),
            request_timeout: None,
            shutdown_timeout: Seconds::new(30),
            root: PathBuf::from("."),
            template_folder: PathBuf::from("templates"),
            static_folder: PathBuf::from("static"),
            static_url_path: "/static".to_owned(),
        }
    }
}

impl Settings {
    /// The defaults of a profile.
    pub fn for_profile(profile: Profile) -> Settings {
        Settings {
            debug: profile == Profile::Development,
            testing: profile == Profile::Testing,
            ..Settings::default()
        }
    }

    /// The `Path` of the session cookie once its default is settled.
    pub fn cookie_path(&self) -> &str {
        self.session_cookie_path.as_deref().unwrap_or(&self.application_root)
    }

    /// Whether templates are read again when they change, once the default is settled.
    pub fn reloads_templates(&self) -> bool {
        self.templates_auto_reload.unwrap_or(self.debug)
    }

    /// Whether JSON is written compactly, once the default is settled.
    pub fn compacts_json(&self) -> bool {
        self.json_compact.unwrap_or(!self.debug)
    }
}

/// Reads one key from its node.
type ReadKey = fn(&mut Settings, &Node, &mut ConfigErrors);

macro_rules! keys {
    ($($name:ident)*) => {
        /// Each key by its name.
        static KEYS: &[(&str, ReadKey)] = &[$(
            (stringify!($name), |settings, node, errors| {
                read_into(&mut settings.$name, stringify!($name), node, errors);
            })
        ),*];

        impl Settings {
            /// All keys with their values.
            pub(super) fn to_table(&self) -> Table {
                let mut table = Table::default();
                // Without `..`: a field that is not listed below does not compile.
                let Settings { $($name),* } = self;
                $(add_to(&mut table, stringify!($name), $name);)*
                table
            }
        }
    };
}

keys! {
    debug
    testing
    secret_key
    secret_key_fallbacks
    permanent_session_lifetime
    session_refresh_each_request
    session_cookie_name
    session_cookie_domain
    session_cookie_path
    session_cookie_httponly
    session_cookie_secure
    session_cookie_samesite
    session_cookie_partitioned
    max_content_length
    max_form_memory_size
    max_form_parts
    max_header_size
    max_headers
    max_cookie_size
    use_x_sendfile
    send_file_max_age_default
    trusted_hosts
    trusted_proxies
    server_name
    application_root
    preferred_url_scheme
    provide_automatic_options
    templates_auto_reload
    explain_template_loading
    json_sort_keys
    json_compact
    host
    port
    lang
    workers
    threads
    max_connections
    access_log
    header_read_timeout
    body_read_timeout
    keep_alive_timeout
    request_timeout
    shutdown_timeout
    root
    template_folder
    static_folder
    static_url_path
}

fn read_into<T: Setting>(field: &mut T, key: &str, node: &Node, errors: &mut ConfigErrors) {
    if let Some(value) = T::read(key, node, errors) {
        *field = value;
    }
}

fn add_to(table: &mut Table, key: &str, value: &impl Setting) {
    table.insert(key.to_owned(), Node::new(value.to_value(), Source::Default));
}

impl Settings {
    /// Reads the keys that are in `tree`; all others are somebody else's, or keep the defaults.
    pub(super) fn read(tree: &Node) -> Result<Settings, ConfigErrors> {
        let (mut settings, mut errors) = (Settings::default(), ConfigErrors::default());
        for (name, node) in tree.entries() {
            if let Some((_, read)) = KEYS.iter().find(|(key, _)| key == name) {
                read(&mut settings, node, &mut errors);
            }
        }
        errors.or(settings)
    }
}
