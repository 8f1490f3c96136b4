//! Live reload: `/__carafe__/live.js`, and the events that it listens to at `/__carafe__/live`.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use ::http::request::Parts;
use ::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Value, json};

use super::editor;
use crate::http::{Response, Status};
use crate::sse::{self, Event};

/// Where the script is.
pub(super) const SCRIPT: &str = "/__carafe__/live.js";
/// Where its events are.
const EVENTS: &str = "/__carafe__/live";
const SOURCE: &str = include_str!("live.js");
/// How long a page waits before it connects again.
const RETRY: Duration = Duration::from_millis(250);

/// What pages have been told, and those that listen.
pub(super) struct Live {
    /// Names this process among all that served a page.
    app: String,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// How often pages were told to change. With `app` it is the version of a page.
    changes: u64,
    /// The last word on the build, unless it is `ok`.
    build: Option<Value>,
    pages: Vec<sse::Sender>,
    closed: bool,
}

/// The state of this process.
pub(super) fn state() -> &'static Live {
    static LIVE: OnceLock<Live> = OnceLock::new();
    LIVE.get_or_init(Live::new)
}

/// Ends the streams to pages, since the server drains; pages come back to whoever serves next.
pub(crate) fn close() {
    let mut inner = state().lock();
    inner.closed = true;
    inner.pages.clear();
}

impl Live {
    fn new() -> Live {
        let mut bytes = [0; 8];
        // Without randomness the time is as good: it only has to differ from the process before.
        if getrandom::fill(&mut bytes).is_err() {
            let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
            bytes = since.as_micros().to_le_bytes()[..8].try_into().unwrap_or_default();
        }
        let app = format!("{:016x}", u64::from_le_bytes(bytes));
        Live { app, inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a page that is made now is called.
    pub(super) fn version(&self) -> String {
        self.version_of(&self.lock())
    }

    fn version_of(&self, inner: &Inner) -> String {
        format!("{}.{}", self.app, inner.changes)
    }

    /// Has pages reload.
    pub(super) fn reload(&self) {
        let mut inner = self.lock();
        inner.changes += 1;
        let version = self.version_of(&inner);
        inner.tell("reload", &json!({ "version": version }));
    }

    /// Has pages fetch a style sheet anew.
    pub(super) fn css(&self, path: &str) {
        let mut inner = self.lock();
        inner.changes += 1;
        let version = self.version_of(&inner);
        inner.tell("css", &json!({ "path": path, "version": version }));
    }

    /// Has pages show how the build is.
    pub(super) fn build(&self, mut message: Value) {
        if let Some(message) = message.as_object_mut() {
            message.remove("command");
        }
        link(&mut message);
        let mut inner = self.lock();
        inner.build = Some(message.clone()).filter(|build| build["state"] != "ok");
        inner.tell("build", &message);
    }

    /// The stream of one page. First it is told which version it should be.
    fn listen(&self) -> Option<sse::EventStream> {
        let (sender, events) = sse::channel();
        let mut inner = self.lock();
        if inner.closed {
            return None;
        }
        let hello = event("hello", &json!({ "version": self.version_of(&inner) })).retry(RETRY);
        let build = inner.build.as_ref().map(|build| event("build", build));
        for first in std::iter::once(hello).chain(build) {
            let _ = sender.try_send(first);
        }
        inner.pages.retain(|page| !page.is_closed());
        inner.pages.push(sender);
        Some(events)
    }
}

impl Inner {
    fn tell(&mut self, name: &str, data: &Value) {
        // One that does not read loses its stream, and learns all by coming back.
        self.pages.retain(|page| matches!(page.try_send(event(name, data)), Ok(None)));
    }
}

fn event(name: &str, data: &Value) -> Event {
    Event::data(data.to_string()).event(name)
}

/// Adds to each diagnostic the link that opens the editor there.
fn link(build: &mut Value) {
    let all = build.get_mut("diagnostics").and_then(Value::as_array_mut);
    let Some(all) = all else { return };
    for diagnostic in all {
        let number = |name: &str| diagnostic[name].as_u64().and_then(|n| u32::try_from(n).ok());
        let file = diagnostic["file"].as_str().unwrap_or_default();
        let place = (number("line").unwrap_or(1), number("column").unwrap_or(1));
        if let Some(link) = editor::link(file, place.0, place.1) {
            diagnostic["link"] = json!(link);
        }
    }
}

/// The answer to a request for the script or its events.
pub(super) fn answer(parts: &Parts) -> Option<Response> {
    let path = parts.uri.path();
    if !matches!(path, SCRIPT | EVENTS) || !is_same_origin(&parts.headers) {
        return None;
    }
    let mut response = match (path, &parts.method) {
        (_, method) if *method != Method::GET && *method != Method::HEAD => {
            Response::text("only GET\n").with_status(405).with_header("allow", "GET, HEAD")
        }
        (SCRIPT, _) => Response::typed("text/javascript; charset=utf-8", SOURCE),
        (_, method) => match (method == Method::GET).then(|| state().listen()) {
            Some(Some(events)) => events.response(),
            Some(None) => {
                Response::text("the app is ending\n").with_status(Status::SERVICE_UNAVAILABLE)
            }
            None => Response::typed("text/event-stream", ""),
        },
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    Some(response)
}

/// Whether no page of another site asks: browsers say so in one of two headers.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site_is_ours =
        text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let host = text("host").unwrap_or_default();
    let origin_is_ours = text("origin")
        .is_none_or(|origin| origin.split_once("://").is_some_and(|(_, of)| of == host));
    site_is_ours && origin_is_ours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &'static str)], ours: bool) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        assert_eq!(is_same_origin(&headers), ours, "{headers:?}");
    }

    #[test]
    fn other_sites_are_refused() {
        let host = ("host", "127.0.0.1:5000");
        check(&[host], true);
        check(&[host, ("sec-fetch-site", "same-origin")], true);
        check(&[host, ("sec-fetch-site", "none")], true);
        check(&[host, ("origin", "http://127.0.0.1:5000")], true);
        check(&[host, ("sec-fetch-site", "cross-site")], false);
        check(&[host, ("sec-fetch-site", "same-site")], false);
        check(&[host, ("origin", "http://127.0.0.1:5001")], false);
        check(&[host, ("origin", "null")], false);
    }

    #[test]
    fn a_page_learns_what_it_missed() {
        let live = Live::new();
        let first = live.version();
        live.reload();
        assert_ne!(live.version(), first);
        live.build(json!({"command": "build", "state": "failed", "diagnostics": []}));
        assert_eq!(live.lock().build, Some(json!({"state": "failed", "diagnostics": []})));
        live.build(json!({"command": "build", "state": "ok"}));
        assert_eq!(live.lock().build, None);
    }
}
