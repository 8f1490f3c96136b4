//! [`Login`]: what handlers sign visitors in and out by.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use carafe::{FromRequest, Provided, Request, Result, abort};

use crate::account::Account;
use crate::cookie;
use crate::current::{self, By, Current, Known, TOKEN};
use crate::event::Event;
use crate::machine::{Machine, now};
use crate::next;
use crate::password::{self, Verified};
use crate::step::Step;
use crate::store::{Caller, Devices, Entry, EntryKind, SessionKey};
use crate::tokens::Tokens;

/// Signs visitors in and out, and checks their passwords: an argument of handlers.
///
/// Every method that may have to wait gives a [`Step`]: `.await` it in an `async fn`, `.wait()` for it in a plain `fn`.
///
/// ```
/// use carafe::prelude::*;
/// use carafe_login::{Account, Login, LoginManager, User};
/// # use std::sync::LazyLock;
///
/// struct Member { id: u32, name: &'static str, hash: String }
/// # static HASH: LazyLock<String> = LazyLock::new(|| carafe_login::hash_password("correct horse").unwrap());
///
/// impl Member {
///     fn by_name(name: &str) -> Option<Member> {
///         // Out of the app's storage.
/// #         (name == "ann").then(|| Member { id: 1, name: "ann", hash: HASH.clone() })
///     }
/// }
///
/// impl Account for Member {
///     fn id(&self) -> String { self.id.to_string() }
///     async fn load(_: &Request, id: &str) -> Result<Option<Member>> {
/// #         Ok((id == "1").then(|| Member::by_name("ann")).flatten())
///         // ..
///     }
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Credentials { name: String, password: String, #[serde(default)] remember: bool }
///
/// #[post("/login")]
/// async fn sign_in(form: Form<Credentials>, login: Login) -> Result<Redirect> {
///     let member = Member::by_name(&form.name);
///     let hash = member.as_ref().map(|member| member.hash.as_str());
///     // Also where there is no such member, so that nobody can tell the difference by the time it takes.
///     let verified = login.check_password(&form.name, &form.password, hash).await?;
///     let Some(member) = member.filter(|_| verified.is_right()) else {
///         abort!(401, "wrong name or password");
///     };
///     // `verified.upgrade()` is a better hash to keep, now and then.
///     login.login_user(&member).remember(form.remember).await?;
///     Ok(redirect(login.next_or("/")))
/// }
///
/// #[post("/logout")]
/// fn sign_out(login: Login) -> Result<Redirect> {
///     login.logout_user().wait()?;
///     Ok(redirect("/"))
/// }
///
/// #[get("/")]
/// async fn index(user: Option<User<Member>>) -> String {
///     user.map_or("hello, stranger".to_owned(), |user| format!("hello, {}", user.name))
/// }
///
/// let app = App::new()
///     .extension(LoginManager::<Member>::from_config())
///     .routes(routes![index, sign_in, sign_out]);
/// let client = app.test_client();
/// let credentials = [("name", "ann"), ("password", "correct horse")];
/// assert_eq!(client.post("/login").form(&credentials).send().location(), Some("/"));
/// assert_eq!(client.get("/").send().text(), "hello, ann");
/// client.post("/logout").send();
/// assert_eq!(client.get("/").send().text(), "hello, stranger");
/// ```
#[derive(Clone)]
pub struct Login {
    machine: Machine,
    request: Request,
}

impl FromRequest for Login {
    async fn from_request(request: &Request) -> Result<Login> {
        Ok(Login { machine: Machine::of(request).await?, request: request.clone() })
    }

    fn missing(provided: &Provided) -> Option<String> {
        Machine::missing(provided, "`Login`")
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

impl Login {
    /// Signs a user in: Flask-Login's `login_user`. `true` when it did; `false` for one who is not
    /// [active](Account::is_active).
    ///
    /// The session gets a new identity and a new token, so that one that somebody else had fixed or seen before is of no use.
    /// Its other values stay. A remember-me cookie that was there is replaced, or ended.
    ///
    /// # Errors
    /// What the store failed with; 500 when [`Account::load`] does not find the user.
    pub fn login_user<T: Account>(&self, user: &T) -> SignIn {
        SignIn {
            login: self.clone(),
            id: user.id(),
            active: user.is_active(),
            remember: false,
            fresh: true,
            duration: None,
        }
    }

    /// Signs in a user who was just found by other means.
    #[cfg(feature = "oidc")]
    pub(crate) async fn sign_in_known(&self, id: String, remember: bool) -> Result<bool> {
        let login = self.clone();
        SignIn { login, id, active: true, remember, fresh: true, duration: None }.await
    }

    /// Signs the visitor out: Flask-Login's `logout_user`. Whether there was somebody to sign out.
    ///
    /// The sign-in ends in the store: a copy of the cookies is of no use any more, neither the session nor the remember-me cookie.
    ///
    /// # Errors
    /// What the store failed with.
    pub fn logout_user(&self) -> Step<bool> {
        let Login { machine, request } = self.clone();
        Step::new(async move {
            let known = current::current(&machine, &request).await?;
            let session = request.session();
            if let Some(token) = session.pop::<String>(TOKEN) {
                let key = SessionKey::of(&token);
                machine.store().remove(Caller::Request(&request), &key).await?;
                current::renew(&session);
            }
            current::forget(&machine, &request).await?;
            request.set_slot(Current(None));
            match known {
                Some(known) => {
                    request.signal(&Event::LoggedOut { user: known.id.clone() });
                    Ok(true)
                }
                None => Ok(false),
            }
        })
    }

    /// The visitor proved again who they are: the session is fresh from here on. Flask-Login's `confirm_login`.
    ///
    /// # Errors
    /// What the store failed with; 401 when nobody is signed in.
    pub fn confirm_login(&self) -> Step<()> {
        let Login { machine, request } = self.clone();
        Step::new(async move {
            let known = current::current(&machine, &request).await?.ok_or_else(|| abort(401))?;
            let By::Session(entry) = &known.by else { return Ok(()) };
            // Another token, as after a sign-in: what was stolen before does not become fresh with this.
            let settings = machine.settings()?;
            let entry = current::entry(&request, settings, &known.id, entry.device.clone());
            let fresh = current::begin(&machine, &request, known.account.clone(), entry).await?;
            request.set_slot(Current(Some(Arc::new(fresh))));
            request.signal(&Event::LoginConfirmed { user: known.id.clone() });
            Ok(())
        })
    }

    /// Ends all sign-ins of a user, on all devices, this one among them; says how many. For a changed password, a lost
    /// telephone, a user who is to be out at once.
    ///
    /// # Errors
    /// What the store failed with.
    pub fn end_sessions<T: Account>(&self, user: &T) -> Step<u64> {
        self.end(user.id(), None, false)
    }

    /// Ends all sign-ins of a user but those of this browser; says how many.
    ///
    /// # Errors
    /// What the store failed with.
    pub fn end_other_sessions<T: Account>(&self, user: &T) -> Step<u64> {
        self.end(user.id(), None, true)
    }

    /// Ends the sign-ins of one of the user's devices, by [`SignedIn::device`]; says how many.
    ///
    /// # Errors
    /// What the store failed with.
    pub fn end_device<T: Account>(&self, user: &T, device: &str) -> Step<u64> {
        self.end(user.id(), Some(device.to_owned()), false)
    }

    fn end(&self, user: String, device: Option<String>, but_this: bool) -> Step<u64> {
        let Login { machine, request } = self.clone();
        Step::new(async move {
            let own = this_device(&machine, &request).await?;
            let devices = match (&device, own.as_deref()) {
                (Some(device), _) => Devices::Only(device),
                (None, Some(own)) if but_this => Devices::AllBut(own),
                (None, _) => Devices::All,
            };
            let store = machine.store();
            let count = store.remove_of(Caller::Request(&request), &user, devices).await?;
            request.signal(&Event::SessionsEnded { user, count });
            Ok(count)
        })
    }

    /// Where a user is signed in, the newest first.
    ///
    /// # Errors
    /// What the store failed with.
    pub fn sessions<T: Account>(&self, user: &T) -> Step<Vec<SignedIn>> {
        let (user, Login { machine, request }) = (user.id(), self.clone());
        Step::new(async move {
            let own = this_device(&machine, &request).await?;
            let entries = machine.store().list(Caller::Request(&request), &user, now()).await?;
            Ok(devices(entries, own.as_deref()))
        })
    }

    /// Whether the visitor proved who they are in this session, and not only by a remember-me cookie: Flask-Login's
    /// `login_fresh`.
    ///
    /// # Errors
    /// What the store failed with.
    pub fn login_fresh(&self) -> Step<bool> {
        let Login { machine, request } = self.clone();
        Step::new(async move {
            Ok(current::current(&machine, &request).await?.is_some_and(|known| known.fresh))
        })
    }

    /// Where to go after signing in: `next` of the address or the session, if it is a path of this app ([`safe_next`](crate::safe_next)).
    pub fn next(&self) -> Option<String> {
        let session = self.request.session();
        let kept = match session.contains(next::IN_SESSION) {
            true => session.pop::<String>(next::IN_SESSION),
            false => None,
        };
        let asked = self.request.arg("next").ok().map(str::to_owned);
        asked.or(kept).filter(|next| next::safe_next(next).is_some())
    }

    /// [`Login::next`], or this.
    pub fn next_or(&self, otherwise: &str) -> String {
        self.next().unwrap_or_else(|| otherwise.to_owned())
    }

    /// Hashes a password with argon2id, off the reactor.
    ///
    /// # Errors
    /// 422 when it is longer than `login.password_max_length`; 503 when too many wait for a hash.
    pub fn hash_password(&self, password: &str) -> Step<String> {
        let (machine, password) = (self.machine.clone(), password.to_owned());
        Step::new(async move {
            let open = machine.open()?;
            let most = open.settings.password_max_length;
            if password.len() > most {
                return Err(abort(422).describe(format!("a password has at most {most} bytes")));
            }
            let cost = open.cost;
            open.worker.run(move || password::hash(&password, cost)).await
        })
    }

    /// Whether a password fits a hash: argon2's, or one that Werkzeug made. `None` for an account that is not there:
    /// it takes as long, and the answer is no.
    ///
    /// This one does not count wrong passwords; [`Login::check_password`] does.
    ///
    /// # Errors
    /// 500 when the hash cannot be read; 503 when too many wait.
    pub fn verify_password(&self, password: &str, hash: Option<&str>) -> Step<Verified> {
        let (machine, password) = (self.machine.clone(), password.to_owned());
        let hash = hash.map(str::to_owned);
        Step::new(async move { verify(&machine, password, hash).await })
    }

    /// [`Login::verify_password`] for a name that was typed in: wrong ones are counted, by name and by address, and too
    /// many are answered 429 with `Retry-After` before anything is computed.
    ///
    /// # Errors
    /// 429 after too many wrong passwords; otherwise as [`Login::verify_password`].
    pub fn check_password(&self, name: &str, password: &str, hash: Option<&str>) -> Step<Verified> {
        let Login { machine, request } = self.clone();
        let (name, password) = (name.to_owned(), password.to_owned());
        let hash = hash.map(str::to_owned);
        Step::new(async move {
            let throttle = &machine.open()?.throttle;
            let address = request.remote_addr().map(|address| address.ip());
            let who = throttle.who(&name, address);
            if let Err(wait) = throttle.begin(&who, Instant::now()) {
                request.signal(&Event::Throttled);
                return Err(too_many(wait));
            }
            let verified = verify(&machine, password, hash).await?;
            match verified {
                Verified::No => request.signal(&Event::PasswordRefused),
                _ => throttle.succeed(&who),
            }
            Ok(verified)
        })
    }

    /// Counts a try of another kind, such as a code from a telephone, as [`Login::check_password`] counts passwords. Say with
    /// [`Login::tried_well`] when it was right.
    ///
    /// # Errors
    /// 429 after too many.
    pub fn try_once(&self, name: &str) -> Result<()> {
        let throttle = &self.machine.open()?.throttle;
        let address = self.request.remote_addr().map(|address| address.ip());
        throttle.begin(&throttle.who(name, address), Instant::now()).map_err(|wait| {
            self.request.signal(&Event::Throttled);
            too_many(wait)
        })
    }

    /// The try was right: it is not held against the name or the address.
    ///
    /// # Errors
    /// 500 before the app has started.
    pub fn tried_well(&self, name: &str) -> Result<()> {
        let throttle = &self.machine.open()?.throttle;
        let address = self.request.remote_addr().map(|address| address.ip());
        throttle.succeed(&throttle.who(name, address));
        Ok(())
    }

    /// Tokens for one purpose, such as `"reset"` or `"confirm e-mail"`; see [`Tokens`].
    ///
    /// # Errors
    /// 500 when the app has no secret key.
    pub fn tokens(&self, purpose: &str) -> Result<Tokens> {
        Tokens::new(&self.request, purpose)
    }
}

/// The device of the request's sign-in.
async fn this_device(machine: &Machine, request: &Request) -> Result<Option<String>> {
    Ok(current::current(machine, request).await?.and_then(|known| match &known.by {
        By::Session(entry) => Some(entry.device.clone()),
        By::Request => None,
    }))
}

async fn verify(machine: &Machine, password: String, hash: Option<String>) -> Result<Verified> {
    let open = machine.open()?;
    let cost = open.cost;
    if password.len() > open.settings.password_max_length {
        return Ok(Verified::No);
    }
    open.worker.run(move || password::verify(&password, hash.as_deref(), cost)).await
}

fn too_many(wait: Duration) -> carafe::Error {
    // Rounded up, so that whoever waits as told is not too early.
    let seconds = wait.as_secs() + 1;
    let minutes = seconds.div_ceil(60);
    let words = match minutes {
        1 => "too many attempts; please try again in a minute".to_owned(),
        _ => format!("too many attempts; please try again in {minutes} minutes"),
    };
    abort(429).describe(words).with_header("retry-after", seconds.to_string())
}

/// One line a device: its session, or where there is none, its remember-me cookie.
fn devices(entries: Vec<Entry>, own: Option<&str>) -> Vec<SignedIn> {
    let mut devices: Vec<SignedIn> = Vec::new();
    for entry in entries {
        let remembered = entry.kind == EntryKind::Remember;
        match devices.iter_mut().find(|known| known.device == entry.device) {
            Some(known) => {
                known.remembered |= remembered;
                known.since = known.since.min(entry.created);
                known.until = known.until.max(entry.expires);
            }
            None => devices.push(SignedIn {
                is_this: own == Some(entry.device.as_str()),
                device: entry.device,
                browser: entry.label,
                since: entry.created,
                until: entry.expires,
                remembered,
            }),
        }
    }
    devices
}

/// A device on which a user is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedIn {
    /// What [`Login::end_device`] takes. It is no secret.
    pub device: String,
    /// The browser as it introduced itself.
    pub browser: String,
    /// Since when.
    pub since: SystemTime,
    /// Until when, if it is not used before.
    pub until: SystemTime,
    /// Whether it has a remember-me cookie.
    pub remembered: bool,
    /// Whether it is the browser that asks.
    pub is_this: bool,
}

/// A sign-in to be: await it, or wait for it. See [`Login::login_user`].
#[must_use = "nobody is signed in until it is awaited (`.await`), or waited for (`.wait()`) in a plain `fn`"]
#[derive(Debug)]
pub struct SignIn {
    login: Login,
    id: String,
    active: bool,
    remember: bool,
    fresh: bool,
    duration: Option<Duration>,
}

impl SignIn {
    /// Whether the visitor stays signed in when the browser is closed. Default: false.
    pub fn remember(mut self, remember: bool) -> SignIn {
        self.remember = remember;
        self
    }

    /// How long the visitor is remembered; without it, `login.remember_cookie_duration`.
    pub fn duration(mut self, duration: Duration) -> SignIn {
        self.duration = Some(duration);
        self
    }

    /// Whether the visitor has just proved who they are. Default: true.
    pub fn fresh(mut self, fresh: bool) -> SignIn {
        self.fresh = fresh;
        self
    }

    /// Signs in also a user who is not active; their sign-in lasts for this request, as [`Account::is_active`] is asked again
    /// with the next.
    pub fn force(mut self, force: bool) -> SignIn {
        self.active |= force;
        self
    }

    /// Signs in, waiting on this thread, as a plain `fn` may.
    ///
    /// # Errors
    /// As [`Login::login_user`].
    pub fn wait(self) -> Result<bool> {
        self.into_future().wait()
    }

    async fn sign_in(self) -> Result<bool> {
        if !self.active {
            return Ok(false);
        }
        let Login { machine, request } = &self.login;
        let loaded = (machine.plan().loaders.by_id)(request.clone(), self.id.clone()).await?;
        let account = loaded.ok_or_else(|| self.not_found())?;
        let settings = machine.settings()?;
        current::forget(machine, request).await?;
        let entry = current::entry(request, settings, &self.id, crate::random::name()?);
        if self.remember {
            self.set_cookie(&entry).await?;
        }
        let confirmed = entry.confirmed.filter(|_| self.fresh);
        let entry = Entry { confirmed, ..entry };
        let known: Known = current::begin(machine, request, account, entry).await?;
        request.set_slot(Current(Some(Arc::new(known))));
        request.signal(&Event::LoggedIn { user: self.id, remembered: self.remember });
        Ok(true)
    }

    async fn set_cookie(&self, entry: &Entry) -> Result<()> {
        let Login { machine, request } = &self.login;
        let settings = machine.settings()?;
        let usual = settings.remember_cookie_duration.duration();
        let expires = entry.created + self.duration.unwrap_or(usual);
        let token = crate::random::token()?;
        let entry = Entry { kind: EntryKind::Remember, confirmed: None, expires, ..entry.clone() };
        let key = SessionKey::of(&token);
        machine.store().insert(Caller::Request(request), &key, &entry).await?;
        cookie::set(request, settings, token, expires);
        Ok(())
    }

    fn not_found(&self) -> carafe::Error {
        let name = (self.login.machine.plan().loaders.type_name)();
        abort(500).caused_by(format!(
            "`<{name} as Account>::load` does not find the user `{}` that is to be signed in; its `id` and `load` have to agree",
            self.id
        ))
    }
}

impl IntoFuture for SignIn {
    type Output = Result<bool>;
    type IntoFuture = Step<bool>;

    fn into_future(self) -> Step<bool> {
        Step::new(self.sign_in())
    }
}
