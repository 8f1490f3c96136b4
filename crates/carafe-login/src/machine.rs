//! [`Machine`]: the extension as requests see it: its settings, its store, and what it is to do.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use carafe::config::Profile;
use carafe::{FromRequest, Provided, Request, Response, Result, Running, State, abort};

use crate::account::Loaders;
use crate::password::{Cost, Worker};
use crate::settings::Settings;
use crate::store::SessionStore;
use crate::throttle::{Limits, Throttle};

pub(crate) type Answer = Arc<dyn Fn(Request) -> AnswerFuture + Send + Sync>;
pub(crate) type AnswerFuture = Pin<Box<dyn Future<Output = Result<Response>>>>;

/// A state of the app. Clones are one.
#[derive(Clone)]
pub(crate) struct Machine(Arc<Inner>);

struct Inner {
    plan: Plan,
    open: OnceLock<Open>,
}

/// What the code said.
pub(crate) struct Plan {
    pub(crate) loaders: Loaders,
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) basic: bool,
    pub(crate) bearer: bool,
    pub(crate) login_view: Option<String>,
    pub(crate) refresh_view: Option<String>,
    pub(crate) unauthorized: Option<Answer>,
    pub(crate) needs_refresh: Option<Answer>,
}

/// What the start added.
pub(crate) struct Open {
    pub(crate) settings: Settings,
    pub(crate) cost: Cost,
    pub(crate) worker: Worker,
    pub(crate) throttle: Throttle,
    #[cfg(feature = "oidc")]
    pub(crate) providers: crate::oidc::Providers,
}

impl Machine {
    pub(crate) fn new(plan: Plan) -> Machine {
        Machine(Arc::new(Inner { plan, open: OnceLock::new() }))
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.0.plan
    }

    pub(crate) fn store(&self) -> &dyn SessionStore {
        &*self.0.plan.store
    }

    pub(crate) fn open(&self) -> Result<&Open> {
        self.0.open.get().ok_or_else(|| {
            abort(500).caused_by(
                "sign-in is not set up yet: that happens when the app starts, before the start-up steps that were added later",
            )
        })
    }

    pub(crate) fn settings(&self) -> Result<&Settings> {
        Ok(&self.open()?.settings)
    }

    /// The machine of a request's app.
    pub(crate) async fn of(request: &Request) -> Result<Machine> {
        Ok((*State::<Machine>::from_request(request).await?).clone())
    }

    pub(crate) fn missing(provided: &Provided, what: &str) -> Option<String> {
        (!provided.has::<Machine>()).then(|| {
            format!("{what}: add `.extension(carafe_login::LoginManager::<..>::from_config())` to the app, with the type of its users")
        })
    }

    /// Reads the settings and checks them with what the code said.
    pub(crate) async fn start(&self, running: &Running) -> Result<()> {
        let config = running.config();
        let settings: Settings = config.section("login").map_err(|errors| failed(&errors))?;
        if let Some(words) = settings.problem() {
            return Err(failed(&words));
        }
        let cost = cost(&settings, config.profile());
        cost.check()?;
        self.check_views(&settings, running)?;
        crate::cookie::check(&settings).map_err(|words| failed(&words))?;
        // `db` is there to put right what would be refused here.
        if running.command() != Some("db") {
            self.store().start(running).await?;
        }
        if config.profile() == Profile::Release
            && running.command().is_none()
            && let Some(words) = self.store().shortcoming()
        {
            tracing::warn!(target: "carafe::login", "{words}");
        }
        let limits = Limits {
            per_account: settings.attempts_per_account,
            per_address: settings.attempts_per_address,
            window: settings.attempts_window.duration(),
        };
        let worker =
            Worker::new(settings.password_threads, settings.password_queue).map_err(|error| {
                failed(&format!("the threads for passwords could not be started: {error}"))
            })?;
        #[cfg(feature = "oidc")]
        let providers =
            crate::oidc::Providers::new(&settings.oidc).map_err(|words| failed(&words))?;
        let open = Open {
            settings,
            cost,
            worker,
            throttle: Throttle::new(limits),
            #[cfg(feature = "oidc")]
            providers,
        };
        // A second start of the same app finds it open.
        let _ = self.0.open.set(open);
        Ok(())
    }

    fn check_views(&self, settings: &Settings, running: &Running) -> Result<()> {
        let views = [
            ("login_view", self.login_view(settings)),
            ("refresh_view", self.refresh_view(settings)),
        ];
        for (name, view) in views {
            let Some(view) = view else { continue };
            if !view.starts_with('/') && !running.has_endpoint(view) {
                return Err(failed(&format!(
                    "`{name}` of the sign-in is `{view}`, which is no endpoint of this app\n\n\
                     hint: name a handler, with its blueprint (`auth.login`), or a path that begins with `/`; the command \
                     `routes` lists all endpoints"
                )));
            }
        }
        Ok(())
    }

    pub(crate) fn login_view<'a>(&'a self, settings: &'a Settings) -> Option<&'a str> {
        self.0.plan.login_view.as_deref().or(settings.login_view.as_deref())
    }

    pub(crate) fn refresh_view<'a>(&'a self, settings: &'a Settings) -> Option<&'a str> {
        self.0.plan.refresh_view.as_deref().or(settings.refresh_view.as_deref())
    }
}

fn cost(settings: &Settings, profile: Profile) -> Cost {
    let usual = match profile {
        Profile::Testing => Cost::LEAST,
        _ => Cost::USUAL,
    };
    Cost {
        memory: settings.password_memory.unwrap_or(usual.memory),
        iterations: settings.password_iterations.unwrap_or(usual.iterations),
    }
}

/// A failure at the start is told whole, to whoever starts the app.
fn failed(words: &dyn std::fmt::Display) -> carafe::Error {
    abort(500).caused_by(words.to_string())
}

/// The time, to the second, as it is kept.
pub(crate) fn now() -> SystemTime {
    crate::store::whole_seconds(SystemTime::now())
}
