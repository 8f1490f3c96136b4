//! Who a request is from: found out once, when something first asks.

use std::sync::Arc;
use std::time::SystemTime;

use carafe::http::values::Authorization;
use carafe::{Request, Result, Session};

use crate::account::Erased;
use crate::cookie;
use crate::event::Event;
use crate::machine::{Machine, now};
use crate::settings::{Protection, Settings};
use crate::store::{Caller, Entry, EntryKind, SessionKey};

/// The session's key for the token of a sign-in. Named so that its value is masked wherever values are shown.
pub(crate) const TOKEN: &str = "_login_token";
/// The longest label of a device.
const LABEL: usize = 200;

/// Who a request is from, kept with it.
pub(crate) struct Current(pub(crate) Option<Arc<Known>>);

/// A visitor who is signed in, or whose request says who they are.
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) account: Erased,
    pub(crate) by: By,
    pub(crate) fresh: bool,
}

/// What told who the visitor is.
pub(crate) enum By {
    /// A sign-in in the store.
    Session(Box<Entry>),
    /// The request itself: Basic, a bearer token, or anything else.
    Request,
}

/// Who the request is from.
///
/// # Errors
/// What the store or the app's storage failed with; it is asked again the next time.
pub(crate) async fn current(machine: &Machine, request: &Request) -> Result<Option<Arc<Known>>> {
    if let Some(current) = request.existing_slot::<Current>() {
        return Ok(current.0.clone());
    }
    let found = find(machine, request).await?.map(Arc::new);
    // Somebody may have signed in meanwhile.
    Ok(request.slot(|| Current(found)).0.clone())
}

async fn find(machine: &Machine, request: &Request) -> Result<Option<Known>> {
    if let Some(known) = by_session(machine, request).await? {
        return Ok(Some(known));
    }
    if let Some(known) = by_cookie(machine, request).await? {
        return Ok(Some(known));
    }
    by_request(machine, request).await
}

/// By the token in the session.
async fn by_session(machine: &Machine, request: &Request) -> Result<Option<Known>> {
    let session = request.session();
    let Some(token) = session.get::<String>(TOKEN) else { return Ok(None) };
    let key = SessionKey::of(&token);
    let found = find_by_session(machine, request, &key).await?;
    if found.is_none() {
        // Ended elsewhere, or over: the token is good for nothing any more.
        session.remove(TOKEN);
    }
    Ok(found)
}

async fn find_by_session(
    machine: &Machine,
    request: &Request,
    key: &SessionKey,
) -> Result<Option<Known>> {
    let (caller, store) = (Caller::Request(request), machine.store());
    let Some(mut entry) = store.get(caller, key).await? else { return Ok(None) };
    let at = now();
    if entry.kind != EntryKind::Session || entry.is_over(at) {
        store.remove(caller, key).await?;
        return Ok(None);
    }
    let settings = machine.settings()?;
    if !protect(machine, request, key, &mut entry).await? {
        return Ok(None);
    }
    let Some(account) = load(machine, request, &entry.user).await? else {
        store.remove(caller, key).await?;
        return Ok(None);
    };
    let lifetime = settings.session_lifetime.duration();
    let left = entry.expires.duration_since(at).unwrap_or_default();
    // Not with each request: a write is dear.
    if left < lifetime - lifetime / 8 {
        entry.expires = at + lifetime;
        store.update(caller, key, &entry).await?;
    }
    let fresh = is_fresh(&entry, settings, at);
    let id = entry.user.clone();
    Ok(Some(Known { id, account, by: By::Session(Box::new(entry)), fresh }))
}

pub(crate) fn is_fresh(entry: &Entry, settings: &Settings, now: SystemTime) -> bool {
    match (entry.confirmed, settings.fresh_lifetime) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(confirmed), Some(lifetime)) => now < confirmed + lifetime.duration(),
    }
}

/// Session protection; `false` when the session is ended by it.
async fn protect(
    machine: &Machine,
    request: &Request,
    key: &SessionKey,
    entry: &mut Entry,
) -> Result<bool> {
    let settings = machine.settings()?;
    if settings.session_protection == Protection::Off || entry.identifier == identifier(request) {
        return Ok(true);
    }
    let (caller, store) = (Caller::Request(request), machine.store());
    request.signal(&Event::SessionProtected { user: entry.user.clone() });
    if settings.session_protection == Protection::Strong {
        store.remove(caller, key).await?;
        forget(machine, request).await?;
        return Ok(false);
    }
    if entry.confirmed.take().is_some() {
        store.update(caller, key, entry).await?;
    }
    Ok(true)
}

/// The user of an id, if there is one who may sign in.
async fn load(machine: &Machine, request: &Request, id: &str) -> Result<Option<Erased>> {
    let account = (machine.plan().loaders.by_id)(request.clone(), id.to_owned()).await?;
    Ok(account.filter(|account| account.is_active()))
}

/// By the remember-me cookie, which begins a session.
async fn by_cookie(machine: &Machine, request: &Request) -> Result<Option<Known>> {
    let settings = machine.settings()?;
    let (caller, store) = (Caller::Request(request), machine.store());
    for token in cookie::tokens(request, settings) {
        let key = SessionKey::of(&token);
        let Some(mut remembered) = store.get(caller, &key).await? else { continue };
        let at = now();
        if remembered.kind != EntryKind::Remember || remembered.is_over(at) {
            continue;
        }
        let Some(account) = load(machine, request, &remembered.user).await? else {
            store.remove(caller, &key).await?;
            continue;
        };
        if settings.remember_cookie_refresh_each_request {
            remembered.expires = at + settings.remember_cookie_duration.duration();
            store.update(caller, &key, &remembered).await?;
            cookie::set(request, settings, token, remembered.expires);
        }
        let entry = Entry {
            kind: EntryKind::Session,
            confirmed: None,
            ..entry(request, settings, &remembered.user, remembered.device.clone())
        };
        let known = begin(machine, request, account, entry).await?;
        request.signal(&Event::LoadedFromCookie { user: known.id.clone() });
        return Ok(Some(known));
    }
    if cookie::is_sent(request, settings) {
        cookie::delete(request, settings);
    }
    Ok(None)
}

/// By what the request itself says.
async fn by_request(machine: &Machine, request: &Request) -> Result<Option<Known>> {
    let (plan, request) = (machine.plan(), request.clone());
    let loaders = plan.loaders;
    let found = match request.authorization() {
        Some(Authorization::Basic { username, password }) if plan.basic => {
            (loaders.by_basic)(request.clone(), username, password).await?
        }
        Some(Authorization::Bearer(token)) if plan.bearer => {
            (loaders.by_bearer)(request.clone(), token).await?
        }
        _ => None,
    };
    let found = match found {
        Some(found) => Some(found),
        None => (loaders.by_other)(request.clone()).await?,
    };
    let Some(account) = found.filter(|account| account.is_active()) else { return Ok(None) };
    let id = account.id();
    request.signal(&Event::LoadedFromRequest { user: id.clone() });
    Ok(Some(Known { id, account, by: By::Request, fresh: true }))
}

/// A sign-in of this request's browser, that begins now.
pub(crate) fn entry(request: &Request, settings: &Settings, user: &str, device: String) -> Entry {
    let at = now();
    Entry {
        kind: EntryKind::Session,
        user: user.to_owned(),
        device,
        label: request.user_agent().unwrap_or_default().chars().take(LABEL).collect(),
        identifier: identifier(request),
        created: at,
        expires: at + settings.session_lifetime.duration(),
        confirmed: Some(at),
    }
}

/// Writes a sign-in down and puts its token into the session, which gets a new identity.
pub(crate) async fn begin(
    machine: &Machine,
    request: &Request,
    account: Erased,
    entry: Entry,
) -> Result<Known> {
    let session = request.session();
    let (caller, store) = (Caller::Request(request), machine.store());
    let token = crate::random::token()?;
    let key = SessionKey::of(&token);
    store.insert(caller, &key, &entry).await?;
    if let Some(old) = session.get::<String>(TOKEN) {
        store.remove(caller, &SessionKey::of(&old)).await?;
    }
    renew(&session);
    session.set(TOKEN, token)?;
    let fresh = is_fresh(&entry, machine.settings()?, entry.created);
    let id = entry.user.clone();
    Ok(Known { id, account, by: By::Session(Box::new(entry)), fresh })
}

/// Whoever knew the session before knows nothing of it now: it has another identity, and the token of forms that it may hold
/// is made anew.
pub(crate) fn renew(session: &Session) {
    session.renew();
    session.remove("csrf_token");
}

/// Ends what remember-me cookie there is, in the store and in the browser.
pub(crate) async fn forget(machine: &Machine, request: &Request) -> Result<()> {
    let settings = machine.settings()?;
    for token in cookie::tokens(request, settings) {
        machine.store().remove(Caller::Request(request), &SessionKey::of(&token)).await?;
    }
    if cookie::is_sent(request, settings) {
        cookie::delete(request, settings);
    }
    Ok(())
}

/// A digest of the visitor's address and browser.
fn identifier(request: &Request) -> String {
    let address = request.remote_addr().map(|address| address.ip().to_string()).unwrap_or_default();
    let agent = request.user_agent().unwrap_or_default();
    crate::random::digest(&[address.as_bytes(), b"|", agent.as_bytes()])
}
