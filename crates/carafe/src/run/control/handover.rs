//! `take-over`: the listening sockets for another process, which then says that it is ready.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use carafe_net::Caller;
use serde_json::json;
use tokio::sync::mpsc::UnboundedSender;

use crate::run::succession::Event;
use crate::server::Listener;

use super::refuse;

/// What can be handed on, and who is getting it.
pub(super) struct Sockets {
    addresses: Vec<String>,
    activated: bool,
    owner: Mutex<Owner>,
}

enum Owner {
    /// This process.
    Here(Arc<Vec<Listener>>),
    /// This process, and another one that is not ready yet.
    Both(Arc<Vec<Listener>>, u32),
    /// Not this process any more.
    Gone,
}

impl Sockets {
    pub(super) fn new(listeners: &[Listener], activated: bool) -> io::Result<Sockets> {
        let listeners =
            listeners.iter().map(Listener::try_clone).collect::<io::Result<Vec<_>>>()?;
        let addresses = listeners.iter().map(|listener| Ok(listener.address()?.to_string()));
        let addresses = addresses.collect::<io::Result<Vec<_>>>()?;
        let owner = Mutex::new(Owner::Here(Arc::new(listeners)));
        Ok(Sockets { addresses, activated, owner })
    }

    /// Where they listen.
    pub(super) fn addresses(&self) -> Vec<String> {
        self.addresses.clone()
    }

    /// The process that is getting them.
    pub(super) fn successor(&self) -> Option<u32> {
        match *self.lock() {
            Owner::Both(_, pid) => Some(pid),
            _ => None,
        }
    }

    /// Closes them here. The workers close theirs.
    pub(super) fn let_go(&self) {
        *self.lock() = Owner::Gone;
    }

    /// Gives them to a process, or says why not.
    fn give(&self, pid: u32) -> Result<Arc<Vec<Listener>>, String> {
        let mut owner = self.lock();
        match &*owner {
            Owner::Gone => Err("this app is ending".to_owned()),
            Owner::Both(_, other) => Err(format!("process {other} is taking over already")),
            Owner::Here(_) if std::process::id() == 1 => Err(
                "this app is process 1 of a container, which ends with it: replace the container"
                    .to_owned(),
            ),
            Owner::Here(listeners) => {
                let listeners = listeners.clone();
                *owner = Owner::Both(listeners.clone(), pid);
                Ok(listeners)
            }
        }
    }

    /// They are this process's alone again: the one that was getting them has ended.
    pub(super) fn take_back_from(&self, pid: u32) {
        let mut owner = self.lock();
        if let Owner::Both(listeners, getting) = &*owner
            && *getting == pid
        {
            *owner = Owner::Here(listeners.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Owner> {
        self.owner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands the sockets to the caller, and waits for its word. There is no deadline for that: start-up
/// steps may take long, and the end of the caller is seen at once.
pub(super) fn hand_over(
    sockets: &Sockets,
    events: &UnboundedSender<Event>,
    caller: &mut Caller,
) -> io::Result<()> {
    let pid = caller.pid();
    let listeners = match sockets.give(pid) {
        Ok(listeners) => listeners,
        Err(why) => return refuse(caller, &why),
    };
    let answer = json!({ "addresses": sockets.addresses, "activated": sockets.activated });
    let handles: Vec<BorrowedFd<'_>> = listeners.iter().map(AsFd::as_fd).collect();
    let sent = caller.answer_with(&answer.to_string(), &handles);
    drop(handles);
    // While the other one starts up, this process may end, and must then close its sockets.
    drop(listeners);
    let ready = sent.and_then(|()| caller.next_line());
    let event = match ready.as_deref() {
        Ok("ready") => Event::TakenOver(pid),
        _ => {
            sockets.take_back_from(pid);
            Event::GaveUp(pid)
        }
    };
    // Nobody listens when the app has ended.
    let _ = events.send(event);
    Ok(())
}
