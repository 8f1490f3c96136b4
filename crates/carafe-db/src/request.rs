//! What a request has to do with its databases: at most one transaction with each, which ends with it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use carafe::{FromRequest, Provided, Request, Response};

use crate::base::Base;
use crate::databases::Databases;
use crate::db::Db;
use crate::error::Result;
use crate::settings::DEFAULT;
use crate::transaction::{Cell, Tx};

/// Where a [`Db`] was got from.
#[derive(Clone)]
pub(crate) enum Scope {
    /// Outside of requests.
    Free,
    Request(Arc<Transactions>),
    Transaction(Arc<Cell>),
}

/// The transactions of one request.
#[derive(Default)]
pub(crate) struct Transactions {
    cells: Mutex<Vec<Arc<Cell>>>,
    /// Of two that begin at once, one waits for the other's.
    beginning: tokio::sync::Mutex<()>,
    over: AtomicBool,
}

impl Transactions {
    fn cells(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Cell>>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn transaction(&self, base: &Arc<Base>) -> Option<Arc<Cell>> {
        self.cells().iter().find(|cell| Arc::ptr_eq(cell.base(), base)).cloned()
    }

    pub(crate) fn take(&self, base: &Arc<Base>) -> Option<Arc<Cell>> {
        let mut cells = self.cells();
        let index = cells.iter().position(|cell| Arc::ptr_eq(cell.base(), base))?;
        Some(cells.swap_remove(index))
    }

    /// Makes sure that there is one; `false` when the request is over and can have none.
    pub(crate) async fn begin(&self, base: &Arc<Base>) -> Result<bool> {
        let _one = self.beginning.lock().await;
        if self.over.load(Ordering::Acquire) {
            return Ok(false);
        }
        if self.transaction(base).is_none() {
            let cell = Cell::begin(base).await?;
            self.cells().push(cell);
            // The request may have ended meanwhile, on another thread.
            if self.over.load(Ordering::Acquire) {
                self.give_up();
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Ends all of them; the first that cannot be committed undoes those after it.
    async fn end(&self, commit: bool) -> Result<()> {
        let cells = std::mem::take(&mut *self.cells());
        let mut result = Ok(());
        for cell in cells {
            let ended = cell.end(commit && result.is_ok()).await;
            if commit && result.is_ok() {
                result = ended;
            }
        }
        result
    }

    /// Ends what is still open, without waiting.
    fn give_up(&self) {
        self.over.store(true, Ordering::Release);
        for cell in self.cells().drain(..) {
            cell.give_up();
        }
    }
}

/// After a request: commits on success, rolls back otherwise.
pub(crate) async fn finish(request: Request, response: Response) -> carafe::Result<Response> {
    let Some(transactions) = request.existing_slot::<Transactions>() else { return Ok(response) };
    let first = transactions.cells().first().map(|cell| cell.base().runtime.clone());
    let Some(runtime) = first else { return Ok(response) };
    let commit = response.status().as_u16() < 400;
    let ended =
        crate::call::Call::new(runtime, async move { transactions.end(commit).await }).await;
    match (commit, ended) {
        (true, Err(error)) => Err(error.into()),
        // What cannot be rolled back is so already.
        _ => Ok(response),
    }
}

/// At the very end, also when the client is gone: nothing stays open.
pub(crate) fn tear_down(request: &Request, _error: Option<&carafe::Error>) {
    if let Some(transactions) = request.existing_slot::<Transactions>() {
        transactions.give_up();
    }
}

fn missing(provided: &Provided) -> Option<String> {
    (!provided.has::<Databases>())
        .then(|| "`Db`: add `.extension(carafe_db::Database::from_config())` to the app".to_owned())
}

impl FromRequest for Db {
    async fn from_request(request: &Request) -> carafe::Result<Db> {
        let databases = carafe::State::<Databases>::from_request(request).await?;
        let base = databases.named(DEFAULT)?;
        let scope = Scope::Request(request.slot(Transactions::default));
        Ok(Db::new(base, scope, (*databases).clone()))
    }

    fn missing(provided: &Provided) -> Option<String> {
        missing(provided)
    }
}

impl FromRequest for Tx {
    async fn from_request(request: &Request) -> carafe::Result<Tx> {
        let db = Db::from_request(request).await?;
        Ok(db.begin().await?)
    }

    fn missing(provided: &Provided) -> Option<String> {
        missing(provided)
    }
}
