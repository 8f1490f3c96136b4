//! [`Provider`]: its addresses and keys, and the connection over which it is asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use carafe::{Result, abort};
use openidconnect::core::CoreProviderMetadata;
use openidconnect::{ClientId, ClientSecret, HttpRequest, HttpResponse, IssuerUrl};

use super::ProviderSettings;

/// How long a provider may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 1 << 20;
/// How long addresses and keys are believed before they are asked for again.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// Keys that do not fit are asked for again, but not more often than so.
const REFRESH: Duration = Duration::from_secs(30);

/// One provider.
pub(crate) struct Provider {
    pub(super) name: String,
    pub(super) settings: ProviderSettings,
    issuer: IssuerUrl,
    http: reqwest::Client,
    known: Mutex<Option<(Instant, Arc<CoreProviderMetadata>)>>,
}

impl Provider {
    pub(super) fn new(name: &str, settings: ProviderSettings) -> Result<Provider, String> {
        let key = format!("login.oidc.{name}");
        let issuer = IssuerUrl::new(settings.issuer.clone())
            .map_err(|error| format!("`{key}.issuer` is no address: {error}"))?;
        check_scheme(&issuer)
            .map_err(|words| format!("`{key}.issuer` is `{}`, {words}", settings.issuer))?;
        if !settings.scopes.iter().any(|scope| scope == "openid") {
            return Err(format!(
                "`{key}.scopes` needs `openid`, without which there is no identity"
            ));
        }
        // A connection belongs to the worker that opened it, so none is kept. A redirect could lead inside the own network.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| format!("`{key}`: {error}"))?;
        Ok(Provider { name: name.to_owned(), settings, issuer, http, known: Mutex::default() })
    }

    pub(super) fn client_id(&self) -> ClientId {
        ClientId::new(self.settings.client_id.clone())
    }

    pub(super) fn client_secret(&self) -> Option<ClientSecret> {
        let secret = self.settings.client_secret.as_ref()?;
        Some(ClientSecret::new(secret.expose().to_owned()))
    }

    /// Its addresses and keys.
    pub(super) async fn metadata(&self) -> Result<Arc<CoreProviderMetadata>> {
        self.not_older_than(FRESH).await
    }

    /// As [`Provider::metadata`], asked for again, as its keys seem to have changed.
    pub(super) async fn renewed(&self) -> Result<Arc<CoreProviderMetadata>> {
        self.not_older_than(REFRESH).await
    }

    async fn not_older_than(&self, age: Duration) -> Result<Arc<CoreProviderMetadata>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((since, metadata)) = known
            && since.elapsed() < age
        {
            return Ok(metadata);
        }
        let http = |request| self.ask(request);
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &http).await;
        let metadata = Arc::new(found.map_err(|error| self.away("is not to be found", &error))?);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    /// The provider did not do its part: 502 for the visitor, the rest for the log. Only the outermost words: what lies below may
    /// quote what was sent.
    pub(super) fn away(&self, what: &str, error: &dyn std::fmt::Display) -> carafe::Error {
        tracing::warn!(target: "carafe::login", "the provider `{}` {what}: {error}", self.name);
        abort(502).describe(
            "the provider of your account does not answer as it should; please try again later",
        )
    }

    /// Sends a request to it.
    pub(super) async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let request = reqwest::Request::try_from(request).map_err(Unanswered::from)?;
        let mut answer = self.http.execute(request).await.map_err(Unanswered::from)?;
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(Unanswered::from)? {
            if body.len() + piece.len() > LONGEST {
                return Err(Unanswered(format!("its answer is longer than {LONGEST} bytes")));
            }
            body.extend_from_slice(&piece);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

/// What came in between; without the address, whose query may hold a code.
#[derive(Debug)]
pub(super) struct Unanswered(String);

impl From<reqwest::Error> for Unanswered {
    fn from(error: reqwest::Error) -> Unanswered {
        Unanswered(error.without_url().to_string())
    }
}

impl std::fmt::Display for Unanswered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unanswered {}

/// Codes and secrets go over https, or stay on this computer.
fn check_scheme(issuer: &IssuerUrl) -> Result<(), &'static str> {
    let url = issuer.url();
    let host = url.host_str().unwrap_or_default();
    let here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    match url.scheme() {
        "https" => Ok(()),
        "http" if here => Ok(()),
        _ => Err("which is not https"),
    }
}
