//! Calling handlers and error handlers.

use crate::error::{Error, Result};
use crate::handler::Blocking;
use crate::hooks::ErrorHandler;
use crate::request::Request;

/// Runs a plain `fn` on the thread pool. The arguments come apart from the call, so that the
/// compiler's words about one that cannot be sent there are about its type and not about a closure.
pub fn call_plain<A, T>(
    request: &Request,
    arguments: A,
    call: impl FnOnce(A) -> T + Send + 'static,
) -> Blocking<T>
where
    A: Send + 'static,
    T: Send + 'static,
{
    request.run_blocking(move || call(arguments))
}

/// The path value, taken by `take`, where the matched rule has it.
pub fn optional<T>(
    request: &Request,
    name: &str,
    take: fn(&Request, &str) -> Result<T>,
) -> Result<Option<T>> {
    request.path_value(name).is_some().then(|| take(request, name)).transpose()
}

/// The type that stands for an error handler in `errors!`; made by `#[error]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error handler",
    label = "this function has no `#[error]`",
    note = "write which errors it takes above it, such as `#[error(404)]`"
)]
pub trait ErrorEndpoint {
    /// A handler for each of its attributes.
    fn handlers() -> Vec<ErrorHandler>;
}

/// All handlers of the functions in `errors![..]`.
#[inline]
pub fn errors(functions: &[fn() -> Vec<ErrorHandler>]) -> Vec<ErrorHandler> {
    functions.iter().flat_map(|handlers| handlers()).collect()
}

/// The cause that `#[error(MyError)]` was chosen for.
pub fn cause<E: std::error::Error + 'static>(error: &Error) -> Result<&E> {
    error.find::<E>().ok_or_else(|| {
        Error::new(500)
            .caused_by(format!("the error was not caused by `{}`", std::any::type_name::<E>()))
    })
}

/// A name without `r#`.
#[inline]
pub const fn plain_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |name: &'static str, expected: &str| assert_eq!(plain_name(name), expected);
        check("user", "user");
        check("r#type", "type");
        check("r", "r");
    }
}
