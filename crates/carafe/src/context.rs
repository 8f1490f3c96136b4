//! The request that the running code belongs to, so that `render!` and `url_for!` need no argument.
//!
//! Nothing here is public: handlers are passed their request. The context is set around each poll of
//! a request's future and around a plain `fn` on the thread pool, so it never outlives the request
//! and never leaks into another one.

use std::cell::RefCell;

use crate::request::Request;

thread_local! {
    static CURRENT: RefCell<Option<Request>> = const { RefCell::new(None) };
}

/// Runs `work` with `request` as the current one, and puts the former one back, also after a panic.
pub(crate) fn enter<T>(request: &Request, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Request>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.with_borrow_mut(|current| *current = self.0.take());
        }
    }
    let _restore = Restore(CURRENT.replace(Some(request.clone())));
    work()
}

/// The current request, when this code runs inside one.
#[inline]
pub(crate) fn current() -> Option<Request> {
    CURRENT.with_borrow(Clone::clone)
}

/// As [`current`], also where it is just being changed: then there is none.
#[cfg(debug_assertions)]
pub(crate) fn current_if_free() -> Option<Request> {
    CURRENT.try_with(|current| current.try_borrow().ok()?.clone()).ok()?
}
