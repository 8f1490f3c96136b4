//! The debugger's page: a small web app on a port of this computer, for the browser of whoever
//! started the tool.
//!
//! It is one more client of a debugging session, and shows the requests that the app tells of. It can
//! be there without a session, for `carafe run`. Who may ask is in `guard`, what is answered in
//! `views`, what is told in `hub`; the page itself is in `assets/`.

mod again;
mod assets;
pub(crate) mod browser;
mod changes;
mod client;
mod detail;
mod files;
mod guard;
mod hub;
mod mask;
mod peer;
mod replay;
mod status;
mod stream;
mod views;

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use carafe::BackgroundServer;
use serde_json::{Value, json};

use crate::channel::{Channel, Told};
use crate::debug::{Seat, Session};

use self::client::Watcher;
use self::files::Files;
use self::guard::Keys;
use self::hub::Hub;

/// The variable that tells an app where this page is.
pub(crate) const VARIABLE: &str = "CARAFE_TOOL_PAGE";
/// Where the page is, if that port is free.
const PORT: u16 = 9173;
/// How many ports after it are tried.
const MORE_PORTS: u16 = 20;

/// Starts debugging, for a page without a session; gives the session when the app listens.
pub(crate) type Debug = Arc<dyn Fn() -> Result<Arc<Session>, String> + Send + Sync>;

/// What a page is about.
pub(crate) struct Setup {
    /// Where apps tell of their requests; none where the system has no such channel.
    pub(crate) channel: Option<Arc<Channel>>,
    /// The folder whose files are shown.
    pub(crate) workspace: PathBuf,
    /// The port to listen on, and no other; 0 for any free one.
    pub(crate) port: Option<u16>,
    /// For a page that begins without a session: how to get one.
    pub(crate) debug: Option<Debug>,
}

/// A page that is served; dropped, it is gone.
pub(crate) struct Page {
    shared: Arc<Shared>,
    _server: BackgroundServer,
}

/// What the page's requests share.
struct Shared {
    keys: Keys,
    files: Files,
    hub: Hub,
    channel: Option<Arc<Channel>>,
    debug: Option<Debug>,
    seat: Mutex<Option<Arc<Seat>>>,
    /// The arguments of `launch`, for an app that was never started.
    launch: Mutex<Value>,
    /// Pages that are open.
    watching: AtomicUsize,
}

/// Serves a page.
///
/// # Errors
/// When no port can be had, in words.
pub(crate) fn start(setup: Setup) -> Result<Page, String> {
    let listener = listen(setup.port)?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let shared = Arc::new(Shared {
        keys: Keys::new(port)?,
        files: Files::below(&setup.workspace),
        hub: Hub::default(),
        channel: setup.channel,
        debug: setup.debug,
        seat: Mutex::default(),
        launch: Mutex::default(),
        watching: AtomicUsize::new(0),
    });
    if let Some(channel) = &shared.channel {
        let shared = Arc::downgrade(&shared);
        channel.hear(move |told| {
            if let Some(shared) = shared.upgrade() {
                shared.hears(told);
            }
        });
    }
    let server = views::app(&shared)
        .background_server(listener)
        .map_err(|error| format!("the debugger's page cannot be served: {error}"))?;
    changes::watch(&shared);
    Ok(Page { shared, _server: server })
}

fn listen(port: Option<u16>) -> Result<TcpListener, String> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match port {
        Some(port) => bind(port).map_err(|error| {
            format!("the debugger's page cannot listen on port {port}: {error}\n\nhint: `carafe ports {port}` tells who holds it\nhint: `--page-port 0` takes a free one")
        }),
        None => (PORT..=PORT + MORE_PORTS)
            .chain([0])
            .find_map(|port| bind(port).ok())
            .ok_or_else(|| "the debugger's page finds no port to listen on".to_owned()),
    }
}

impl Page {
    /// What the browser is to open: it holds the token.
    pub(crate) fn url(&self) -> String {
        self.shared.keys.url()
    }

    /// Where links to the page lead, for [`VARIABLE`] in an app's environment.
    pub(crate) fn origin(&self) -> String {
        self.shared.keys.origin()
    }

    /// Takes part in a session from now on.
    pub(crate) fn attach(&self, session: &Arc<Session>) {
        self.shared.attach(session);
    }

    /// How the page starts the program, should its first start fail: the arguments of `launch`.
    pub(crate) fn starts_by(&self, launch: &Value) {
        *lock(&self.shared.launch) = launch.clone();
    }

    /// Says that the program could not be started.
    pub(crate) fn failed(&self, words: &str) {
        self.shared.hub.change(|status| status.fails(words));
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.shared.hub.close();
        lock(&self.shared.seat).take();
    }
}

impl Shared {
    fn attach(self: &Arc<Self>, session: &Arc<Session>) {
        let watcher = Arc::new(Watcher::new(Arc::downgrade(self)));
        let seat = Arc::new(session.join(watcher));
        *lock(&self.seat) = Some(seat.clone());
        if let Ok(state) = seat.ask("carafe/state", &json!({})) {
            self.hub.hears("carafe/phase", &state);
            if !state["stopped"].is_null() {
                self.hub.hears("stopped", &state["stopped"]);
            }
            self.hub.tell("points", &state);
        }
        self.hub.tell("session", &json!(true));
    }

    /// The place in the session.
    fn seat(&self) -> Option<Arc<Seat>> {
        lock(&self.seat).clone()
    }

    /// Asks the session.
    fn ask(&self, command: &str, arguments: &Value) -> Result<Value, String> {
        let seat = self.seat().ok_or("the app runs without a debugger")?;
        seat.ask(command, arguments)
    }

    /// Builds the program and starts it, again or for the first time.
    fn restart(&self) -> Result<Value, String> {
        let launch = lock(&self.launch).clone();
        let state = self.ask("carafe/state", &json!({}))?;
        match state["phase"] == "none" && !launch.is_null() {
            true => self.ask("launch", &launch),
            false => self.ask("restart", &json!({})),
        }
    }

    fn hears(&self, told: &Told) {
        match told {
            Told::Hello(app) => {
                self.hub.tell("app", &client::app(app));
                self.hub.nudge();
            }
            Told::Request => self.hub.nudge(),
            Told::Panic(panic) => self.hub.tell("panic", panic),
            Told::Gone(number) => self.hub.tell("gone", &json!(number)),
        }
    }
}

/// What a thread left when it panicked is as good as before.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
