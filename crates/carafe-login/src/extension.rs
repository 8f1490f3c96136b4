//! [`LoginManager`]: the extension, as an app adds it.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use carafe::{App, Extension, Request, Response, Result};

use crate::account::{Account, Loaders};
use crate::current;
use crate::machine::{Answer, Machine, Plan};
use crate::settings::Settings;
use crate::store::{MemoryStore, SessionStore};
use crate::template;
use crate::user::UsersAre;

/// Sign-in for an app: Flask-Login's `LoginManager`, for users of the type `T`.
///
/// ```
/// use carafe::prelude::*;
/// use carafe_login::{Account, Login, LoginManager, User, login_required};
///
/// struct Member(String);
///
/// impl Account for Member {
///     fn id(&self) -> String {
///         self.0.clone()
///     }
///
///     async fn load(_: &Request, id: &str) -> Result<Option<Member>> {
///         Ok((id == "ann").then(|| Member(id.to_owned())))
///     }
/// }
///
/// #[get("/login")]
/// async fn sign_in(login: Login) -> Result<Redirect> {
///     // .. after a look at the password
///     login.login_user(&Member("ann".to_owned())).await?;
///     Ok(redirect(login.next_or("/")))
/// }
///
/// #[get("/secret")]
/// #[login_required]
/// async fn secret(user: User<Member>) -> String {
///     format!("for {}", user.0)
/// }
///
/// let app = App::new()
///     .extension(LoginManager::<Member>::from_config().login_view("sign_in"))
///     .routes(routes![sign_in, secret]);
/// let client = app.test_client();
/// assert_eq!(client.get("/secret").send().location(), Some("/login?next=/secret"));
/// assert_eq!(client.get("/secret").follow_redirects().send().text(), "for ann");
/// ```
#[must_use = "it does nothing until it is given to `App::extension`"]
pub struct LoginManager<T> {
    store: Arc<dyn SessionStore>,
    basic: bool,
    bearer: bool,
    #[cfg(feature = "oidc")]
    oidc: bool,
    login_view: Option<String>,
    refresh_view: Option<String>,
    unauthorized: Option<Answer>,
    needs_refresh: Option<Answer>,
    users: PhantomData<fn() -> T>,
}

impl<T: Account> LoginManager<T> {
    /// Sign-in as the configuration says, under `login`.
    pub fn from_config() -> LoginManager<T> {
        LoginManager {
            store: Arc::new(MemoryStore::default()),
            basic: false,
            bearer: false,
            #[cfg(feature = "oidc")]
            oidc: false,
            login_view: None,
            refresh_view: None,
            unauthorized: None,
            needs_refresh: None,
            users: PhantomData,
        }
    }

    /// Where visitors sign in: an endpoint's name such as `auth.login`, or a path that begins with `/`. Without it they are
    /// answered 401.
    pub fn login_view(mut self, view: impl Into<String>) -> LoginManager<T> {
        self.login_view = Some(view.into());
        self
    }

    /// Where users prove again who they are; by default where they sign in.
    pub fn refresh_view(mut self, view: impl Into<String>) -> LoginManager<T> {
        self.refresh_view = Some(view.into());
        self
    }

    /// Where sign-ins are kept; by default in memory ([`MemoryStore`]).
    pub fn session_store(mut self, store: impl SessionStore) -> LoginManager<T> {
        self.store = Arc::new(store);
        self
    }

    /// Takes names and passwords that come with requests (HTTP Basic), by [`Account::from_basic`].
    pub fn basic(mut self) -> LoginManager<T> {
        self.basic = true;
        self
    }

    /// Takes tokens that come with requests (`Authorization: Bearer`), by [`Account::from_bearer`].
    pub fn bearer(mut self) -> LoginManager<T> {
        self.bearer = true;
        self
    }

    /// Adds sign-in with the providers of OpenID Connect under `login.oidc`, by [`Account::from_identity`]: the endpoints
    /// `oidc.sign_in` at `/login/oidc/NAME` and `oidc.callback` below it. A provider is told the address of the latter.
    ///
    /// ```toml
    /// [login.oidc.google]
    /// issuer = "https://accounts.google.com"
    /// client_id = "1234.apps.googleusercontent.com"
    /// # and CARAFE_LOGIN__OIDC__GOOGLE__CLIENT_SECRET in the environment
    /// ```
    ///
    /// In a template: `<a href="{{ url_for('oidc.sign_in', provider='google') }}">Sign in with Google</a>`.
    #[cfg(feature = "oidc")]
    pub fn oidc(mut self) -> LoginManager<T> {
        self.oidc = true;
        self
    }

    /// What visitors are answered who are not signed in, in place of the redirect or the 401.
    pub fn unauthorized_handler<F, Fut>(mut self, answer: F) -> LoginManager<T>
    where
        F: Fn(Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response>> + 'static,
    {
        self.unauthorized = Some(Arc::new(move |request| Box::pin(answer(request))));
        self
    }

    /// What users are answered who have to prove again who they are, in place of the redirect or the 401.
    pub fn needs_refresh_handler<F, Fut>(mut self, answer: F) -> LoginManager<T>
    where
        F: Fn(Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response>> + 'static,
    {
        self.needs_refresh = Some(Arc::new(move |request| Box::pin(answer(request))));
        self
    }

    fn plan(self) -> Plan {
        Plan {
            loaders: Loaders::of::<T>(),
            store: self.store,
            basic: self.basic,
            bearer: self.bearer,
            login_view: self.login_view,
            refresh_view: self.refresh_view,
            unauthorized: self.unauthorized,
            needs_refresh: self.needs_refresh,
        }
    }
}

impl<T> fmt::Debug for LoginManager<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginManager").field("login_view", &self.login_view).finish_non_exhaustive()
    }
}

impl<T: Account> Extension for LoginManager<T> {
    fn name(&self) -> &'static str {
        "login"
    }

    fn init_app(self, app: App) -> App {
        #[cfg(feature = "oidc")]
        let app = match self.oidc {
            true => app.blueprint(crate::oidc::blueprint()),
            false => app,
        };
        let machine = Machine::new(self.plan());
        let starting = machine.clone();
        let app = app
            .state(machine)
            .state(UsersAre::<T>(PhantomData))
            .config_section::<Settings>("login")
            .context_processor(template::add)
            .before_request(load_each_request)
            .on_startup(move |running| {
                let machine = starting.clone();
                async move { machine.start(&running).await }
            });
        #[cfg(feature = "commands")]
        let app = app.commands([crate::commands::login()]);
        app
    }
}

/// Finds the user before the handler, since templates cannot wait. A request without cookies and credentials is nobody's, and
/// files are everybody's.
async fn load_each_request(request: Request) -> Result<()> {
    let headers = request.headers();
    if !headers.contains_key("cookie") && !headers.contains_key("authorization") {
        return Ok(());
    }
    let is_file = |endpoint: &str| endpoint == "static" || endpoint.ends_with(".static");
    if request.endpoint().is_none_or(is_file) {
        return Ok(());
    }
    let machine = Machine::of(&request).await?;
    if machine.settings()?.load_each_request {
        current::current(&machine, &request).await?;
    }
    Ok(())
}
