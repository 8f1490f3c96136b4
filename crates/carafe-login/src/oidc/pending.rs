//! What waits in the session for a provider's answer.

use std::time::{Duration, SystemTime};

use carafe::{Result, Session};
use serde::{Deserialize, Serialize};

use crate::random::same;
use crate::store::seconds;

/// The session's key. Named so that its value is masked wherever values are shown.
const KEY: &str = "_login_oidc_secret";
/// How many may wait: one for each of a few tabs.
const MOST: usize = 3;
/// How long the visitor may take at the provider.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// A visitor who is away at a provider.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) provider: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) next: Option<String>,
    pub(super) since: u64,
}

impl Pending {
    /// Keeps it in the session, in place of the oldest where there are too many.
    pub(super) fn keep(self, session: &Session) -> Result<()> {
        let mut waiting: Vec<Pending> = session.get(KEY).unwrap_or_default();
        waiting.push(self);
        let over = waiting.len().saturating_sub(MOST);
        waiting.drain(..over);
        session.set(KEY, waiting)
    }

    /// Takes the one of this state out: it serves once.
    pub(super) fn take(session: &Session, provider: &str, state: &str) -> Result<Option<Pending>> {
        let mut waiting: Vec<Pending> = session.get(KEY).unwrap_or_default();
        let is_it = |one: &Pending| same(one.state.as_bytes(), state.as_bytes());
        let Some(index) = waiting.iter().position(is_it) else { return Ok(None) };
        let found = waiting.remove(index);
        match waiting.is_empty() {
            true => drop(session.remove(KEY)),
            false => session.set(KEY, waiting)?,
        }
        let age = seconds(SystemTime::now()).saturating_sub(found.since);
        Ok((found.provider == provider && age <= PATIENCE.as_secs()).then_some(found))
    }
}
