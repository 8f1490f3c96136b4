//! What keeps a handler's arguments where a debugger finds them.

/// Borrows until it is dropped, at the end of the handler, so that what is borrowed stays in the
/// handler's future over each `.await`. Only in debug builds.
pub struct Kept<T>(pub T);

impl<T> Drop for Kept<T> {
    // It is the drop that makes the borrow last.
    fn drop(&mut self) {}
}
