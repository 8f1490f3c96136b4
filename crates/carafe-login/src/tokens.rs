//! [`Tokens`] for links in e-mails, and [`ApiToken`] for programs.

use std::fmt;
use std::time::{Duration, SystemTime};

use carafe::{Request, Result, Running, Signer, abort};

use crate::random;

/// Signed tokens for one purpose, such as a link that resets a password: from [`Login::tokens`](crate::Login::tokens).
///
/// A token says for whom it is, and is good for so long as whoever checks it allows. It is bound to a state that the app knows and the
/// token's use changes: then it works once. For a password's reset that is the hash as it is now, for the confirmation of an
/// address the address with whether it is confirmed.
///
/// ```
/// use std::time::Duration;
/// use carafe::FromRequest;
/// use carafe_login::Login;
/// # struct Member { id: &'static str, hash: String }
/// # impl carafe_login::Account for Member {
/// #     fn id(&self) -> String { String::new() }
/// #     async fn load(_: &carafe::Request, _: &str) -> carafe::Result<Option<Member>> { Ok(None) }
/// # }
/// # let app = carafe::App::new().extension(carafe_login::LoginManager::<Member>::from_config());
/// # let context = app.test_request("/");
/// # let login = context.wait(Login::from_request(context.request())).unwrap();
/// # let member = Member { id: "7", hash: "$argon2id$..".to_owned() };
/// let tokens = login.tokens("reset").unwrap();
/// let token = tokens.make(member.id, &member.hash);
/// let hour = Duration::from_secs(60 * 60);
/// // Whoever comes with it says who they are; the rest is looked up by that.
/// assert_eq!(tokens.subject(&token, hour).as_deref(), Some("7"));
/// assert!(tokens.verify(&token, &member.hash, hour));
/// // The password was changed: the token is used up.
/// assert!(!tokens.verify(&token, "$argon2id$another", hour));
/// // Good for nothing else.
/// assert!(!login.tokens("confirm").unwrap().verify(&token, &member.hash, hour));
/// ```
pub struct Tokens {
    outer: Signer,
    inner: Signers,
}

/// Signers of an app by their purpose.
type Signers = Box<dyn Fn(&str) -> Option<Signer> + Send + Sync>;

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

fn no_key() -> carafe::Error {
    abort(500).caused_by(
        "tokens need a secret key: set `secret_key` in carafe.toml or CARAFE_SECRET_KEY in the environment; the app's command \
         `secret` makes one",
    )
}

impl Tokens {
    pub(crate) fn new(request: &Request, purpose: &str) -> Result<Tokens> {
        let request = request.clone();
        Tokens::with(purpose, move |name| request.signer(name))
    }

    /// As [`Login::tokens`](crate::Login::tokens), in a start-up step or a command.
    ///
    /// # Errors
    /// 500 when the app has no secret key.
    pub fn of(running: &Running, purpose: &str) -> Result<Tokens> {
        let running = running.clone();
        Tokens::with(purpose, move |name| running.signer(name))
    }

    fn with(
        purpose: &str,
        signer: impl Fn(&str) -> Option<Signer> + Send + Sync + 'static,
    ) -> Result<Tokens> {
        // The lengths keep a purpose and a state apart, whatever is in them.
        let purpose = format!("login token {}:{purpose}", purpose.len());
        let outer = signer(&purpose).ok_or_else(no_key)?;
        Ok(Tokens { outer, inner: Box::new(move |state| signer(&format!("{purpose} {state}"))) })
    }

    /// A token for a user, bound to this state.
    pub fn make(&self, user: &str, state: &str) -> String {
        let seal = (self.inner)(state).map(|signer| signer.sign(user)).unwrap_or_default();
        // The seal is the proof for the state; who it is for can be read before the state is known.
        self.outer.sign(format!("{}\n{}", random::digest(&[seal.as_bytes()]), user)) + "~" + &seal
    }

    /// For whom a token was made, if this app made it for this purpose not longer than `max_age` ago. Whether it is used up is for
    /// [`Tokens::verify`] to say.
    pub fn subject(&self, token: &str, max_age: Duration) -> Option<String> {
        self.subject_at(token, max_age, SystemTime::now())
    }

    fn subject_at(&self, token: &str, max_age: Duration, now: SystemTime) -> Option<String> {
        let (outer, seal) = token.split_once('~')?;
        let payload = String::from_utf8(self.outer.verify_at(outer, max_age, now)?).ok()?;
        let (digest, user) = payload.split_once('\n')?;
        let sealed = random::digest(&[seal.as_bytes()]);
        random::same(digest.as_bytes(), sealed.as_bytes()).then(|| user.to_owned())
    }

    /// Whether a token is good: made by this app for this purpose not longer than `max_age` ago, and with the state as it was then.
    pub fn verify(&self, token: &str, state: &str, max_age: Duration) -> bool {
        self.verify_at(token, state, max_age, SystemTime::now())
    }

    fn verify_at(&self, token: &str, state: &str, max_age: Duration, now: SystemTime) -> bool {
        let Some(user) = self.subject_at(token, max_age, now) else { return false };
        let Some((_, seal)) = token.split_once('~') else { return false };
        let sealed = (self.inner)(state).and_then(|signer| signer.verify_at(seal, max_age, now));
        sealed.is_some_and(|sealed| random::same(&sealed, user.as_bytes()))
    }
}

/// A token for programs (`Authorization: Bearer`): 256 random bits, of which the app keeps only a digest.
///
/// ```
/// use carafe_login::ApiToken;
///
/// let token = ApiToken::new().unwrap();
/// // Shown once, to whoever asked for it:
/// let shown = token.expose().to_owned();
/// // Kept, and looked up by:
/// assert_eq!(ApiToken::digest(&shown), token.kept());
/// assert_eq!(format!("{token:?}"), "ApiToken(..)");
/// ```
pub struct ApiToken(String);

impl ApiToken {
    /// A new token.
    ///
    /// # Errors
    /// 500 when the system gives no random bytes.
    pub fn new() -> Result<ApiToken> {
        random::token().map(ApiToken)
    }

    /// The token itself, 43 characters. Do not log it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What to keep: 64 hexadecimal digits, by which it is found again.
    pub fn kept(&self) -> String {
        ApiToken::digest(&self.0)
    }

    /// What is kept of this token. To look it up by it needs no comparison in constant time: whoever could steer it had the token.
    pub fn digest(token: &str) -> String {
        random::digest(&[b"api token ", token.as_bytes()])
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_its_time() {
        let context = carafe::App::new().test_request("/");
        let tokens = Tokens::new(context.request(), "reset").unwrap();
        let (now, hour) = (SystemTime::now(), Duration::from_secs(3600));
        let token = tokens.make("7", "state");
        let check = |after: u64, good: bool| {
            let at = now + Duration::from_secs(after);
            assert_eq!(tokens.verify_at(&token, "state", hour, at), good, "{after}");
            assert_eq!(tokens.subject_at(&token, hour, at).is_some(), good, "{after}");
        };
        check(0, true);
        check(3600, true);
        check(3602, false);
        check(86_400, false);
    }
}
