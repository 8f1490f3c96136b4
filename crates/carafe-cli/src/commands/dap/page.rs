//! `carafe/page`: the debugger's page beside an editor, as a second client of the same session.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::channel::Channel;
use crate::commands::debug::environment;
use crate::debug::Session;
use crate::page::{self, Page, Setup};

/// The page of this process, which has one session; served from the first time that somebody asks for it.
static PAGE: Mutex<Option<Page>> = Mutex::new(None);

/// Gives `{url}`, which lets a browser in. An app that runs already lists its requests from its next start on.
///
/// # Errors
/// When the page cannot be served, or no program was started whose workspace it could show.
pub(super) fn open(session: &Arc<Session>) -> Result<Value, String> {
    let mut page = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    if page.is_none() {
        let workspace = session.root().ok_or("no program was started yet, so there is no page")?;
        let channel = Channel::open().ok();
        let setup = Setup { channel: channel.clone(), workspace, port: None, debug: None };
        let started = page::start(setup)?;
        session.always_env(environment(channel.as_deref(), &started));
        started.attach(session);
        *page = Some(started);
    }
    Ok(json!({"url": page.as_ref().map(Page::url)}))
}
