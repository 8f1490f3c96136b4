//! Sign-in by OpenID Connect: a provider says who somebody is, and the app whether it knows them.
//!
//! The code flow with PKCE, `state` and `nonce` (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9700). Messages and their checks are those
//! of the crate `openidconnect`; here is what stands around them.

mod flow;
mod pending;
mod provider;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use carafe::config::SecretKey;
use carafe::{Blueprint, Redirect, Request, Result, abort, get, redirect, routes};
use serde::Deserialize;

use crate::Login;
use crate::machine::Machine;
use provider::Provider;

/// Who somebody is, as a provider says: the claims of a checked ID token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The provider's name under `login.oidc`.
    pub provider: String,
    /// Whom the provider means, for good: with [`provider`](Identity::provider) it is what to know a user by. E-mail addresses change hands.
    pub subject: String,
    /// The e-mail address, where the provider tells it.
    pub email: Option<String>,
    /// Whether the provider has made sure that the address is theirs. Without it, an address proves nothing.
    pub email_verified: bool,
    /// The name for people.
    pub name: Option<String>,
    /// The name at the provider, such as a login name.
    pub preferred_username: Option<String>,
    /// The address of a picture.
    pub picture: Option<String>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({:?} at {:?})", self.subject, self.provider)
    }
}

/// What the configuration says of one provider, under `login.oidc.NAME`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ProviderSettings {
    /// Such as `https://accounts.google.com`; the provider's addresses and keys are found by it.
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<SecretKey>,
    #[serde(default = "usual_scopes")]
    pub(crate) scopes: Vec<String>,
    /// Where the provider sends visitors back; by default the callback at the host of the request.
    pub(crate) redirect_url: Option<String>,
    /// Whether to set a remember-me cookie.
    #[serde(default)]
    pub(crate) remember: bool,
}

fn usual_scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(str::to_owned).into()
}

/// The providers of an app, by their names.
pub(crate) struct Providers(BTreeMap<String, Arc<Provider>>);

impl Providers {
    /// # Errors
    /// What cannot be meant, in words.
    pub(crate) fn new(settings: &BTreeMap<String, ProviderSettings>) -> Result<Providers, String> {
        let made = settings.iter().map(|(name, settings)| {
            Ok((name.clone(), Arc::new(Provider::new(name, settings.clone())?)))
        });
        made.collect::<Result<_, String>>().map(Providers)
    }

    fn named(&self, name: &str) -> Result<Arc<Provider>> {
        self.0.get(name).cloned().ok_or_else(|| abort(404))
    }
}

/// The routes, below `/login/oidc`.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("oidc").prefix("/login/oidc").routes(routes![sign_in, callback])
}

/// Sends the visitor to the provider.
#[get("/<provider>")]
async fn sign_in(provider: &str, request: &Request, login: Login) -> Result<Redirect> {
    let provider = Machine::of(request).await?.open()?.providers.named(provider)?;
    let url = flow::begin(&provider, request, login.next()).await?;
    Ok(redirect(url))
}

/// Takes them back with the provider's word.
#[get("/<provider>/callback")]
async fn callback(provider: &str, request: &Request, login: Login) -> Result<Redirect> {
    let machine = Machine::of(request).await?;
    let provider = machine.open()?.providers.named(provider)?;
    let (identity, next) = flow::finish(&provider, request).await?;
    let loaders = machine.plan().loaders;
    let account = (loaders.by_identity)(request.clone(), identity).await?;
    let unknown = || abort(403).describe("there is no account here for you");
    let account = account.filter(|account| account.is_active()).ok_or_else(unknown)?;
    login.sign_in_known(account.id(), provider.settings.remember).await?;
    Ok(redirect(next.unwrap_or_else(|| "/".to_owned())))
}
