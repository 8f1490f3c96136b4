//! Sessions that are kept elsewhere: a store in memory, and one that fails.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use carafe::{
    App, Request, Response, Rule, Session, SessionFuture, SessionInterface, SessionValues, View,
    abort,
};

#[derive(Clone, Default)]
struct InMemory {
    kept: Arc<Mutex<HashMap<String, SessionValues>>>,
    fails: bool,
}

impl InMemory {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, SessionValues>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionInterface for InMemory {
    fn open_session<'a>(
        &'a self,
        request: &'a Request,
    ) -> SessionFuture<'a, Option<SessionValues>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let kept = self.lock();
            Ok(request.session_cookie().value().and_then(|id| kept.get(id)).cloned())
        })
    }

    fn save_session<'a>(
        &'a self,
        request: &'a Request,
        session: &'a Session,
        response: &'a mut Response,
    ) -> SessionFuture<'a, ()> {
        Box::pin(async move {
            let cookie = request.session_cookie();
            if !cookie.is_due(session) {
                return Ok(());
            }
            if self.fails {
                return Err(abort(503).describe("the store is away"));
            }
            let mut kept = self.lock();
            let id = cookie.value().filter(|_| !session.is_new()).map(str::to_owned);
            let id = id.unwrap_or_else(|| format!("id{}", kept.len()));
            if session.is_empty() {
                kept.remove(&id);
                cookie.delete(response);
            } else {
                kept.insert(id.clone(), session.values());
                cookie.set(response, id, session);
            }
            Ok(())
        })
    }
}

fn app(store: InMemory) -> App {
    let count = View::new(|session: Request| async move {
        let session = session.session();
        let count = session.get::<i64>("count").unwrap_or(0) + 1;
        session.set("count", count)?;
        Ok::<_, carafe::Error>(count.to_string())
    });
    let leave = View::new(|request: Request| async move { request.session().clear() });
    let idle = View::new(|_: Request| async { "idle" });
    App::new()
        .session_interface(store)
        .add_url_rule(Rule::new("/").endpoint("count"), count)
        .add_url_rule(Rule::new("/leave").endpoint("leave"), leave)
        .add_url_rule(Rule::new("/idle").endpoint("idle"), idle)
}

#[test]
fn the_cookie_holds_an_id_only() {
    let store = InMemory::default();
    let client = app(store.clone()).test_client();
    assert_eq!(client.get("/").send().text(), "1");
    let response = client.get("/").send();
    assert_eq!(response.text(), "2");
    assert_eq!(response.header("set-cookie"), Some("session=id0; HttpOnly; Path=/; SameSite=Lax"));
    assert_eq!(response.header("vary"), Some("Cookie"));
    assert_eq!(client.session_get::<i64>("count"), Some(2));
    client.session(|session| session.set("count", 10)).unwrap();
    assert_eq!(client.get("/").send().text(), "11");
    assert!(client.get("/idle").send().header("vary").is_none());
    client.get("/leave").send();
    assert!(client.cookie("session").is_none() && store.lock().is_empty());
}

#[test]
fn visitors_do_not_choose_their_ids() {
    let client = app(InMemory::default()).test_client();
    client.set_cookie("session", "chosen");
    client.get("/").send();
    assert_eq!(client.cookie("session").as_deref(), Some("id0"));
}

#[test]
fn a_store_that_fails_is_an_answer() {
    let client = app(InMemory { fails: true, ..InMemory::default() }).test_client();
    assert_eq!(client.get("/idle").send().status(), 200);
    let response = client.get("/").send();
    assert_eq!(response.status(), 503);
    assert!(response.text().contains("the store is away"));
}
