//! A small provider of OpenID Connect on loopback, made with Carafe itself. It checks what an app owes it, and lies when a test wants so.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carafe::TestServer;
use carafe::http::values::Authorization;
use carafe::prelude::*;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const CLIENT: &str = "members";
pub(crate) const SECRET: &str = "client-secret-of-members";

/// What a test wants of the next tokens.
#[derive(Clone, Default)]
pub(crate) struct Wish {
    /// Claims in place of the usual ones; `null` leaves one out.
    pub(crate) claims: serde_json::Map<String, Value>,
    /// Signs with the second key, of which the key set tells from now on.
    pub(crate) rotated: bool,
    /// Signs with the second key, of which the key set tells nothing.
    pub(crate) forged: bool,
    /// Signs not at all: `alg` is `none`.
    pub(crate) unsigned: bool,
    /// Signs with the client's secret.
    pub(crate) symmetric: bool,
    /// Breaks the token endpoint.
    pub(crate) broken: bool,
    /// Tells the e-mail address at the address for users only.
    pub(crate) email_elsewhere: bool,
}

/// What the provider knows.
#[derive(Clone, Default)]
pub(crate) struct Known(pub(crate) Arc<Mutex<Inner>>);

#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) wish: Wish,
    issuer: String,
    /// What was asked for, by code: the query of the authorization.
    codes: HashMap<String, HashMap<String, String>>,
    pub(crate) discovered: u32,
}

pub(crate) struct Provider {
    server: TestServer,
    pub(crate) known: Known,
}

impl Provider {
    pub(crate) fn start() -> Provider {
        let known = Known::default();
        let server = App::new()
            .state(known.clone())
            .routes(routes![configuration, keys, token, userinfo])
            .test_server();
        known.0.lock().unwrap().issuer = server.url().trim_end_matches('/').to_owned();
        Provider { server, known }
    }

    pub(crate) fn issuer(&self) -> String {
        self.server.url().trim_end_matches('/').to_owned()
    }

    pub(crate) fn wish(&self, change: impl FnOnce(&mut Wish)) {
        change(&mut self.known.0.lock().unwrap().wish);
    }

    /// What the visitor's browser does at the provider: the address it was sent to gives the one that it is sent back to.
    pub(crate) fn authorize(&self, url: &str) -> String {
        let (place, query) = url.split_once('?').unwrap();
        assert_eq!(place, format!("{}/authorize", self.issuer()));
        let asked = pairs(query);
        let get = |name: &str| asked.get(name).cloned().unwrap_or_default();
        assert_eq!(get("response_type"), "code");
        assert_eq!(get("client_id"), CLIENT);
        assert_eq!(get("code_challenge_method"), "S256");
        assert!(get("scope").split(' ').any(|scope| scope == "openid"));
        assert!(get("state").len() >= 16 && get("nonce").len() >= 16);
        let mut known = self.known.0.lock().unwrap();
        let code = format!("code-{}", known.codes.len());
        let (back, state) = (get("redirect_uri"), get("state"));
        known.codes.insert(code.clone(), asked);
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", &state)
            .append_pair("iss", &known.issuer)
            .finish();
        format!("{back}?{query}")
    }
}

pub(crate) fn pairs(query: &str) -> HashMap<String, String> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

#[get("/.well-known/openid-configuration")]
async fn configuration(known: State<Known>) -> Json<Value> {
    let mut known = known.0.lock().unwrap();
    known.discovered += 1;
    let issuer = &known.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    }))
}

fn key(name: &str) -> CoreRsaPrivateSigningKey {
    let pem = match name {
        "first" => include_str!("../keys/first.pem"),
        _ => include_str!("../keys/second.pem"),
    };
    CoreRsaPrivateSigningKey::from_pem(pem, Some(JsonWebKeyId::new(name.to_owned()))).unwrap()
}

#[get("/keys")]
async fn keys(known: State<Known>) -> Json<Value> {
    let name = if known.0.lock().unwrap().wish.rotated { "second" } else { "first" };
    let set = CoreJsonWebKeySet::new(vec![key(name).as_verification_key()]);
    Json(serde_json::to_value(set).unwrap())
}

#[derive(serde::Deserialize)]
struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
}

#[post("/token")]
fn token(form: Form<Exchange>, request: Request, known: State<Known>) -> Result<Json<Value>> {
    let client = Authorization::Basic { username: CLIENT.to_owned(), password: SECRET.to_owned() };
    assert!(request.authorization() == Some(client), "the client has to say who it is");
    assert_eq!(form.grant_type, "authorization_code");
    let mut known = known.0.lock().unwrap();
    let wish = known.wish.clone();
    if wish.broken {
        abort!(500);
    }
    // A code serves once.
    let asked = known.codes.remove(&form.code).ok_or_else(|| abort(400))?;
    assert_eq!(asked["redirect_uri"], form.redirect_uri);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form.code_verifier));
    assert_eq!(asked["code_challenge"], challenge, "PKCE");
    let token = id_token(&wish, &known.issuer, &asked["nonce"]);
    Ok(Json(json!({
        "access_token": "access-token-of-ann",
        "token_type": "Bearer",
        "expires_in": 60,
        "id_token": token,
    })))
}

fn id_token(wish: &Wish, issuer: &str, nonce: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let hash = Sha256::digest("access-token-of-ann");
    let mut claims = json!({
        "iss": issuer, "sub": "subject-1", "aud": CLIENT, "exp": now + 60, "iat": now, "nonce": nonce,
        "at_hash": URL_SAFE_NO_PAD.encode(&hash[..16]),
        "name": "Ann", "email": "ann@example.com", "email_verified": true,
    });
    let claims = claims.as_object_mut().unwrap();
    if wish.email_elsewhere {
        claims.remove("email");
    }
    for (name, value) in &wish.claims {
        match value {
            Value::Null => drop(claims.remove(name)),
            value => drop(claims.insert(name.clone(), value.clone())),
        }
    }
    let name = if wish.rotated || wish.forged { "second" } else { "first" };
    // A forger names the key that the app knows.
    let kid = if wish.forged { "first" } else { name };
    let alg = match (wish.unsigned, wish.symmetric) {
        (true, _) => "none",
        (_, true) => "HS256",
        _ => "RS256",
    };
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        part(json!({ "alg": alg, "kid": kid, "typ": "JWT" })),
        part(Value::Object(claims.clone()))
    );
    let signature = match alg {
        "none" => Vec::new(),
        "HS256" => {
            let key = openidconnect::core::CoreHmacKey::new(SECRET);
            key.sign(&CoreJwsSigningAlgorithm::HmacSha256, signed.as_bytes()).unwrap()
        }
        _ => key(name)
            .sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, signed.as_bytes())
            .unwrap(),
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[get("/userinfo")]
async fn userinfo(request: &Request) -> Result<Json<Value>> {
    match request.authorization() {
        Some(Authorization::Bearer(token)) if token == "access-token-of-ann" => Ok(Json(json!({
            "sub": "subject-1", "email": "ann@userinfo.example", "email_verified": true
        }))),
        _ => abort!(401),
    }
}
