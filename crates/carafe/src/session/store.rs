//! [`Sessions`]: opens a request's session and saves it into the response, by Flask's rules.

use std::any::TypeId;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use crate::app::{Core, Running};
use crate::config::{Config, Settings};
use crate::error::Result;
use crate::extract::{FromRequest, Provided, States};
use crate::http::Response;
use crate::request::Request;
use crate::trace;

use super::cookie::{Attributes, values, vary_by_cookie};
use super::handle::{Ending, Inner};
use super::keys::Keys;
use super::signer::Signer;
use super::{CustomInterface, Session, SessionInterface, SessionValues};

/// The longest cookie that is looked at, in bytes; browsers keep no more than about 4 kB.
const LONGEST: usize = 16 * 1024;

/// How an app's sessions are kept.
pub(crate) struct Sessions {
    keys: Keys,
    attributes: Attributes,
    interface: Option<Arc<dyn SessionInterface>>,
}

impl Sessions {
    /// The sessions that the configuration describes.
    ///
    /// # Errors
    /// What is wrong with the secret key or the cookie's attributes, in words.
    pub(crate) fn new(config: &Config, root: &Path) -> Result<Sessions, String> {
        let attributes = Attributes::new(config.settings());
        attributes.check().map_err(|error| format!("the session cookie cannot be set: {error}"))?;
        Ok(Sessions { keys: Keys::new(config, root)?, attributes, interface: None })
    }

    /// Sessions that are empty and cannot be written.
    pub(crate) fn disabled() -> Sessions {
        let attributes = Attributes::new(&Settings::default());
        Sessions { keys: Keys::None, attributes, interface: None }
    }

    /// Keeps them by the interface among these states, if there is one.
    pub(crate) fn with_interface(mut self, states: &States) -> Sessions {
        self.interface = states.get::<CustomInterface>().map(|custom| custom.0.clone());
        self
    }

    /// What handlers that take a [`Session`] look for before serving.
    pub(crate) fn provides(&self) -> Option<TypeId> {
        let writable = self.is_custom() || !matches!(self.keys, Keys::None);
        writable.then(Sessions::writable)
    }

    /// What stands for sessions that can be written.
    pub(crate) fn writable() -> TypeId {
        TypeId::of::<Writable>()
    }

    /// Whether every request's session is opened by an interface of the app's.
    pub(crate) fn is_custom(&self) -> bool {
        self.interface.is_some()
    }

    pub(crate) fn signer_for(&self, purpose: &str) -> Option<Signer> {
        self.keys.signer_for(purpose)
    }

    pub(super) fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Opens the session before the hooks where that takes a wait; a signed cookie is opened when
    /// it is first asked for.
    ///
    /// # Errors
    /// Those of the custom interface.
    pub(crate) async fn open(&self, request: &Request) -> Result<()> {
        if let Some(interface) = &self.interface {
            let _span = trace::of(request, trace::Kind::SESSION, "open the session", None);
            let values = interface.open_session(request).await?;
            request.set_slot(Inner::new(values, Some(request.shared().clone())));
        }
        Ok(())
    }

    /// The session in the request's signed cookie, or a new one.
    #[inline]
    fn open_signed(&self, request: &Request) -> Inner {
        let Some(signer) = self.keys.signer() else {
            return Inner::read_only();
        };
        let now = SystemTime::now();
        // Several cookies of one name differ in path or domain; a foreign one must not hide ours.
        let values = values(request.headers(), &self.attributes.name)
            .filter(|cookie| cookie.len() <= LONGEST)
            .find_map(|cookie| self.read(signer, cookie, now));
        Inner::new(values, Some(request.shared().clone()))
    }

    #[inline]
    fn read(&self, signer: &Signer, cookie: &str, now: SystemTime) -> Option<SessionValues> {
        let json = signer.verify_at(cookie, self.attributes.lifetime, now)?;
        serde_json::from_slice(&json).ok()
    }

    /// Writes the session into the response, where the request has touched it.
    ///
    /// # Errors
    /// When something was written without a secret key, or the custom interface fails.
    pub(crate) async fn save(&self, request: &Request, response: &mut Response) -> Result<()> {
        let Some(inner) = request.existing_slot::<Inner>() else {
            return Ok(());
        };
        let _span = trace::of(request, trace::Kind::SESSION, "save the session", None);
        let session = Session::from_inner(inner);
        // An interface reads all values to keep them, which says nothing of the response.
        let accessed = session.is_accessed();
        match &self.interface {
            None => self.save_signed(request, &session, response)?,
            Some(interface) => interface.save_session(request, &session, response).await?,
        }
        if accessed {
            vary_by_cookie(response);
        }
        Ok(())
    }

    fn save_signed(
        &self,
        request: &Request,
        session: &Session,
        response: &mut Response,
    ) -> Result<()> {
        let attributes = &self.attributes;
        match session.ending(attributes.refreshes)? {
            Ending::Leave => {}
            Ending::Delete => attributes.delete(request, response, SystemTime::now()),
            Ending::Write => {
                if let Some(signer) = self.keys.signer() {
                    let now = SystemTime::now();
                    let value = signer.sign_at(&session.to_json(), now);
                    attributes.set(request, response, value, session.lasts(), now);
                }
            }
        }
        Ok(())
    }
}

impl Request {
    /// What the app remembers of this visitor. It is opened now, if it was not before.
    ///
    /// A cookie that is too old, or that this app did not sign, is an empty session.
    pub fn session(&self) -> Session {
        Session::from_inner(self.slot(|| Core::of(self).sessions.open_signed(self)))
    }
}

impl Request {
    /// Signs texts with the app's secret key for a purpose, such as `"newsletter"`; `None` when the app has no secret key.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let context = carafe::App::new().test_request("/");
    /// # let request = context.request();
    /// let signer = request.signer("newsletter").unwrap();
    /// let text = signer.sign("ann@example.com");
    /// assert_eq!(signer.verify(&text, Duration::from_secs(60)).unwrap(), b"ann@example.com");
    /// assert!(request.signer("billing").unwrap().verify(&text, Duration::from_secs(60)).is_none());
    /// ```
    #[inline]
    pub fn signer(&self, purpose: &str) -> Option<Signer> {
        Core::of(self).sessions.signer_for(purpose)
    }
}

impl Running {
    /// As [`Request::signer`], outside of requests.
    #[inline]
    pub fn signer(&self, purpose: &str) -> Option<Signer> {
        self.site.core.sessions.signer_for(purpose)
    }
}

#[cfg(debug_assertions)]
impl Request {
    /// The session's values when it was opened; to look at them is no access.
    pub(crate) fn session_if_open(&self) -> Option<SessionValues> {
        Some(Session::from_inner(self.existing_slot::<Inner>()?).seen())
    }
}

/// Stands for sessions that can be written, among what an app provides.
struct Writable;

impl FromRequest for Session {
    async fn from_request(request: &Request) -> Result<Session> {
        Ok(request.session())
    }

    fn missing(provided: &Provided) -> Option<String> {
        (!provided.has::<Writable>()).then(|| {
            "a secret key to sign sessions with; the command `secret` prints a new one for \
             `secret_key` in carafe.toml or for CARAFE_SECRET_KEY"
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{App, Rule};
    use crate::config::{Loader, Profile};
    use crate::handler::View;
    use crate::http::Body;

    /// The status and the cookie of a release build's answer, without a secret key.
    fn release(act: fn(&Session) -> Result<()>) -> (u16, bool, bool) {
        let view = View::new(move |request: Request| async move { act(&request.session()) });
        let app = App::new().add_url_rule(Rule::new("/").endpoint("index"), view);
        let loader = Loader::in_memory().profile(Profile::Release);
        let site = app.build(loader).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (parts, body) = ::http::Request::new(Body::empty()).into_parts();
        let answer = crate::dispatch::dispatch(&site, parts, body, Arc::default());
        let response = runtime.block_on(answer);
        let has = |name: &str| response.headers().contains_key(name);
        (response.status().as_u16(), has("set-cookie"), has("vary"))
    }

    #[test]
    fn without_a_secret_key_writing_is_a_500() {
        let reads = |session: &Session| {
            assert!(!session.contains("a"));
            Ok(())
        };
        assert_eq!(release(reads), (200, false, true));
        assert_eq!(release(|session| session.set("a", 1)).0, 500);
        let flashes = |session: &Session| {
            crate::flash::flash("hi", session);
            Ok(())
        };
        assert_eq!(release(flashes).0, 500);
    }
}
