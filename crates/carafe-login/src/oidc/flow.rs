//! The way to a provider and back.

use std::sync::Arc;
use std::time::SystemTime;

use carafe::{Request, Result, UrlFor, abort};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, SignatureVerificationError, TokenResponse,
};

use super::Identity;
use super::pending::Pending;
use super::provider::Provider;
use crate::store::seconds;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Signatures that only the provider can make. Those by a shared secret are left out, and `none`.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

fn client(provider: &Provider, metadata: &CoreProviderMetadata, back: RedirectUrl) -> Client {
    let (id, secret) = (provider.client_id(), provider.client_secret());
    CoreClient::from_provider_metadata(metadata.clone(), id, secret).set_redirect_uri(back)
}

/// Where the provider sends the visitor back.
fn back(provider: &Provider, request: &Request) -> Result<RedirectUrl> {
    let url = match &provider.settings.redirect_url {
        Some(url) => url.clone(),
        None => {
            let options = UrlFor::new().value("provider", provider.name.clone()).external(true);
            request.url_for("oidc.callback", options)?
        }
    };
    RedirectUrl::new(url).map_err(|error| abort(500).caused_by(error))
}

/// The address at the provider; what has to come back with the visitor waits in the session.
pub(super) async fn begin(
    provider: &Provider,
    request: &Request,
    next: Option<String>,
) -> Result<String> {
    let metadata = provider.metadata().await?;
    let client = client(provider, &metadata, back(provider, request)?);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let code = CoreAuthenticationFlow::AuthorizationCode;
    let asked = client.authorize_url(code, CsrfToken::new_random, Nonce::new_random);
    let scopes = provider.settings.scopes.iter().filter(|scope| *scope != "openid");
    let (url, state, nonce) =
        asked.add_scopes(scopes.cloned().map(Scope::new)).set_pkce_challenge(challenge).url();
    let pending = Pending {
        provider: provider.name.clone(),
        state: state.into_secret(),
        nonce: nonce.secret().clone(),
        verifier: verifier.into_secret(),
        next,
        since: seconds(SystemTime::now()),
    };
    pending.keep(&request.session())?;
    Ok(url.into())
}

/// Who came back, and where they wanted to go.
pub(super) async fn finish(
    provider: &Provider,
    request: &Request,
) -> Result<(Identity, Option<String>)> {
    let asked = request.arg("state").unwrap_or_default();
    let Some(pending) = Pending::take(&request.session(), &provider.name, asked)? else {
        return Err(abort(400).describe(
            "this sign-in was not begun in this browser, or too long ago; please begin again",
        ));
    };
    if let Ok(error) = request.arg("error") {
        tracing::info!(target: "carafe::login", "the provider `{}` refused: {}", provider.name, error.escape_debug());
        return Err(abort(401).describe("the provider of your account did not sign you in"));
    }
    let metadata = provider.metadata().await?;
    // RFC 9207: another provider's answer is not taken for this one's.
    if let Ok(issuer) = request.arg("iss")
        && issuer != metadata.issuer().as_str()
    {
        return Err(abort(400).describe("this answer is of another provider"));
    }
    let code = request.arg("code").map_err(|_| abort(400).describe("the answer has no code"))?;
    let client = client(provider, &metadata, back(provider, request)?);
    let answer = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .map_err(|error| provider.away("names no address for tokens", &error))?
        .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()))
        .request_async(&|request| provider.ask(request))
        .await
        .map_err(|error| provider.away("gave no token", &error))?;
    let claims = check(provider, request, client, &metadata, &answer, &pending).await?;
    let metadata = provider.metadata().await?;
    let identity = identity(provider, request, &metadata, &answer, &claims).await?;
    Ok((identity, pending.next))
}

/// The claims of the ID token, once it is sure whose they are.
async fn check(
    provider: &Provider,
    request: &Request,
    client_as_known: Client,
    metadata: &CoreProviderMetadata,
    answer: &CoreTokenResponse,
    pending: &Pending,
) -> Result<CoreIdTokenClaims> {
    let token = answer
        .id_token()
        .ok_or_else(|| provider.away("gave no ID token", &"`openid` is not among its scopes"))?;
    let nonce = Nonce::new(pending.nonce.clone());
    let refused = match checked(&client_as_known, metadata, token, answer, &nonce) {
        Ok(claims) => return Ok(claims),
        Err(refused) => refused,
    };
    // A key that is not known may be a new one.
    let unknown_key = matches!(
        refused,
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_)
        )
    );
    let refused = match unknown_key {
        true => {
            let metadata: Arc<CoreProviderMetadata> = provider.renewed().await?;
            let client = client(provider, &metadata, back(provider, request)?);
            match checked(&client, &metadata, token, answer, &nonce) {
                Ok(claims) => return Ok(claims),
                Err(refused) => refused,
            }
        }
        false => refused,
    };
    tracing::warn!(target: "carafe::login", "an ID token of the provider `{}` is refused: {}", provider.name, kind(&refused));
    Err(abort(401).describe("the provider's answer is not to be trusted; please begin again"))
}

/// What is wrong with a token, without what is in it.
fn kind(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it is expired",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another app",
        ClaimsVerificationError::InvalidIssuer(_) => "it is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "it is of another sign-in (nonce)",
        ClaimsVerificationError::InvalidSubject(_) => "it is of another user",
        ClaimsVerificationError::SignatureVerification(_) => {
            "its signature is wrong, or of a kind that is not accepted"
        }
        _ => "its claims do not hold",
    }
}

fn checked(
    client: &Client,
    metadata: &CoreProviderMetadata,
    token: &CoreIdToken,
    answer: &CoreTokenResponse,
    nonce: &Nonce,
) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
    let offered = metadata.id_token_signing_alg_values_supported();
    let accepted = ALGORITHMS.into_iter().filter(|one| offered.contains(one));
    let verifier = client.id_token_verifier().set_allowed_algs(accepted);
    let claims = token.claims(&verifier, nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let other = |_| ClaimsVerificationError::Other("at_hash".to_owned());
        let algorithm =
            token.signing_alg().map_err(|_| ClaimsVerificationError::Other("alg".to_owned()))?;
        let key =
            token.signing_key(&verifier).map_err(ClaimsVerificationError::SignatureVerification)?;
        let actual =
            AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(other)?;
        if actual != *expected {
            return Err(ClaimsVerificationError::Other("at_hash".to_owned()));
        }
    }
    Ok(claims.clone())
}

/// What the token says of the user; where it does not tell the e-mail address, the provider is asked for it.
async fn identity(
    provider: &Provider,
    request: &Request,
    metadata: &CoreProviderMetadata,
    answer: &CoreTokenResponse,
    claims: &CoreIdTokenClaims,
) -> Result<Identity> {
    let text = |text: &str| Some(text.to_owned());
    let mut identity = Identity {
        provider: provider.name.clone(),
        subject: claims.subject().to_string(),
        email: claims.email().and_then(|email| text(email)),
        email_verified: claims.email_verified().unwrap_or(false),
        name: claims.name().and_then(|name| name.get(None)).and_then(|name| text(name)),
        preferred_username: claims.preferred_username().and_then(|name| text(name)),
        picture: claims.picture().and_then(|one| one.get(None)).and_then(|one| text(one)),
    };
    let wants_email = provider.settings.scopes.iter().any(|scope| scope == "email");
    if identity.email.is_some() || !wants_email || metadata.userinfo_endpoint().is_none() {
        return Ok(identity);
    }
    let client = client(provider, metadata, back(provider, request)?);
    let info: CoreUserInfoClaims = client
        .user_info(answer.access_token().clone(), Some(claims.subject().clone()))
        .map_err(|error| provider.away("names no address for users", &error))?
        .request_async(&|request| provider.ask(request))
        .await
        .map_err(|error| provider.away("did not tell of the user", &error))?;
    identity.email = info.email().and_then(|email| text(email));
    identity.email_verified = info.email_verified().unwrap_or(false);
    let name = info.name().and_then(|name| name.get(None)).and_then(|name| text(name));
    identity.name = identity.name.or(name);
    Ok(identity)
}
