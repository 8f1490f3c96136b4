//! From a request to a handler's argument: [`FromRequest`], one file a kind.

mod cookies;
mod de;
mod form;
mod json;
mod multipart;
mod parts;
mod path;
mod query;
mod state;

use std::any::TypeId;
use std::collections::HashSet;
use std::future::Future;

use crate::error::Result;
use crate::request::Request;

pub use cookies::Cookies;
pub use form::{Form, FormData};
pub use json::JsonOptions;
pub(crate) use multipart::read_at;
pub use multipart::{Multipart, MultipartField, Upload, UploadReader};
pub use path::{
    FloatValue, FromPathValue, IntValue, TextValue, UuidValue, custom_path_value, float_value,
    int_value, path_value, text_value, uuid_value,
};
pub use query::Query;
pub use state::State;
pub(crate) use state::States;

/// A type that a handler may ask for.
///
/// ```
/// use carafe::{FromRequest, Request, Result, abort};
///
/// /// The language that the visitor reads.
/// struct Language(String);
///
/// impl FromRequest for Language {
///     async fn from_request(request: &Request) -> Result<Language> {
///         let header = request.header("accept-language").unwrap_or("en");
///         Ok(Language(header.chars().take(2).collect()))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "nothing provides an argument of type `{Self}`",
    label = "not a path value, and cannot be taken from a request",
    note = "a path value needs its name in the rule, such as `<int:id>` for an argument `id`",
    note = "a type of your own becomes an argument by implementing `carafe::FromRequest`",
    note = "values given to `App::state` are taken as `State<T>`"
)]
pub trait FromRequest: Sized {
    /// Takes the value from the request.
    ///
    /// # Errors
    /// The refusal that the client sees: name the field and the reason.
    fn from_request(request: &Request) -> impl Future<Output = Result<Self>>;

    /// Takes the value if there is one: what an argument of `Option<Self>` is given.
    ///
    /// By default `None` wherever [`from_request`](FromRequest::from_request) refuses. A type for which "there is none" and "it
    /// cannot be told" differ, such as what is read from a database, writes its own.
    ///
    /// # Errors
    /// None by default.
    fn optional(request: &Request) -> impl Future<Output = Result<Option<Self>>> {
        async { Ok(Self::from_request(request).await.ok()) }
    }

    /// What the app lacks for this type to work, in words, if anything.
    ///
    /// Asked once, before serving.
    fn missing(_provided: &Provided) -> Option<String> {
        None
    }
}

/// What an app provides to its handlers, for checks before serving.
#[derive(Default)]
pub struct Provided {
    pub(crate) types: HashSet<TypeId>,
}

impl Provided {
    /// Whether the app was given a state (or a config section) of this type.
    pub fn has<T: 'static>(&self) -> bool {
        self.types.contains(&TypeId::of::<T>())
    }
}

impl FromRequest for Request {
    async fn from_request(request: &Request) -> Result<Request> {
        Ok(request.clone())
    }
}

impl<T: FromRequest> FromRequest for Option<T> {
    /// `None` where `T` would have been refused; see [`FromRequest::optional`].
    async fn from_request(request: &Request) -> Result<Option<T>> {
        T::optional(request).await
    }
}

impl<T: FromRequest> FromRequest for Result<T> {
    async fn from_request(request: &Request) -> Result<Result<T>> {
        Ok(T::from_request(request).await)
    }

    fn missing(provided: &Provided) -> Option<String> {
        T::missing(provided)
    }
}
