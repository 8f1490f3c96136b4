//! [`Query<T>`]: the URL's query as a user's type.

use std::ops::Deref;

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::request::Request;

use super::FromRequest;
use super::de::{Failure, from_pairs};

/// The query as a type of one's own.
///
/// Repeated keys make lists; a missing or empty value is `None` in an `Option`; a missing list is
/// empty and a missing `bool` is false.
///
/// ```
/// use carafe::Query;
///
/// #[derive(serde::Deserialize)]
/// struct Search {
///     q: String,
///     page: Option<u32>,
///     #[serde(default)]
///     tag: Vec<String>,
/// }
///
/// async fn search(query: Query<Search>) -> String {
///     format!("{} on page {}", query.q, query.page.unwrap_or(1))
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T> Deref for Query<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    #[inline]
    async fn from_request(request: &Request) -> Result<Query<T>> {
        from_pairs(request.args()).map(Query).map_err(refusal)
    }
}

/// The 400 for fields that do not fit: all of them in words, and the first one's name.
#[inline]
pub(super) fn refusal(failures: Vec<Failure>) -> Error {
    let words: Vec<String> = failures.iter().map(ToString::to_string).collect();
    let error = Error::new(400).describe(words.join("; "));
    match failures.into_iter().find_map(|failure| failure.field) {
        Some(field) => error.in_field(field),
        None => error,
    }
}
