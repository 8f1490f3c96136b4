//! JSON out of a request's body: `Json<T>` as an argument, and `request.json()`.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::{Error, Result};
use crate::request::Request;
use crate::respond::Json;

use super::FromRequest;
use super::form::unsupported;

impl<T: DeserializeOwned> FromRequest for Json<T> {
    #[inline]
    async fn from_request(request: &Request) -> Result<Json<T>> {
        request.json().await.map(Json)
    }
}

/// How [`Request::json_with`] reads: Flask's arguments of `get_json`.
///
/// ```
/// # async fn demo(request: &carafe::Request) -> carafe::Result<()> {
/// use carafe::JsonOptions;
///
/// let options = JsonOptions::new().force().silent();
/// let body: Option<serde_json::Value> = request.json_with(options).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonOptions {
    force: bool,
    silent: bool,
}

impl JsonOptions {
    /// The body must say that it is JSON, and fit.
    #[inline]
    pub fn new() -> JsonOptions {
        JsonOptions::default()
    }

    /// Reads the body as JSON whatever its content type says.
    #[must_use]
    #[inline]
    pub fn force(mut self) -> JsonOptions {
        self.force = true;
        self
    }

    /// Gives `None` for a body that is no JSON or does not fit.
    #[must_use]
    #[inline]
    pub fn silent(mut self) -> JsonOptions {
        self.silent = true;
        self
    }
}

impl Request {
    /// The body as a type of one's own; `serde_json::Value` takes any JSON.
    ///
    /// # Errors
    /// 415 when the content type is not JSON; 400 for a body that is no JSON, with line and column,
    /// or that does not fit, with the path to the field; 413 over `max_content_length`.
    pub async fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.is_json() {
            return Err(unsupported(self, "`application/json`"));
        }
        read(&self.bytes().await?)
    }

    /// As [`Request::json`], with options; `None` only when they ask for silence.
    ///
    /// # Errors
    /// As [`Request::json`]. Silence covers the content type and the JSON, not a body that is too
    /// large or was cut off.
    pub async fn json_with<T: DeserializeOwned>(&self, options: JsonOptions) -> Result<Option<T>> {
        if !options.force && !self.is_json() {
            return match options.silent {
                true => Ok(None),
                false => Err(unsupported(self, "`application/json`")),
            };
        }
        match read(&self.bytes().await?) {
            Ok(value) => Ok(Some(value)),
            Err(_) if options.silent => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let mut json = serde_json::Deserializer::from_slice(body);
    // The path is found only after a failure, by reading again: success pays nothing for it.
    match T::deserialize(&mut json).and_then(|value| json.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(error) if error.classify() == Category::Data => Err(unfit::<T>(body, error)),
        Err(error) => Err(malformed(body, &error)),
    }
}

/// The body is no JSON.
#[inline]
fn malformed(body: &[u8], error: &serde_json::Error) -> Error {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Error::new(400).describe("the body is empty, but JSON is wanted");
    }
    let (line, column) = (error.line(), error.column());
    let words = without_place(error);
    Error::new(400).describe(format!("the body is not JSON: {words}, line {line}, column {column}"))
}

/// The body is JSON, but not what the handler takes.
fn unfit<T: DeserializeOwned>(body: &[u8], first: serde_json::Error) -> Error {
    let mut json = serde_json::Deserializer::from_slice(body);
    let (path, error) = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) => (error.path().to_string(), error.into_inner()),
        Ok(_) => (String::new(), first),
    };
    let path = if path == "." { String::new() } else { path };
    let words = without_place(&error);
    let missing = words.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    match (missing, path.as_str()) {
        (Some(name), "") => field(name, "is missing"),
        (Some(name), path) => field(&format!("{path}.{name}"), "is missing"),
        (None, "") => Error::new(400).describe(format!("the body does not fit: {words}")),
        (None, path) => field(path, &format!("does not fit: {words}")),
    }
}

#[inline]
fn field(path: &str, words: &str) -> Error {
    Error::new(400).describe(format!("`{path}` {words}")).in_field(path)
}

/// An error's words without serde_json's `at line 1 column 2`.
#[inline]
fn without_place(error: &serde_json::Error) -> String {
    let mut words = error.to_string();
    if let Some(at) = words.rfind(" at line ") {
        words.truncate(at);
    }
    words
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only the errors matter")]
    struct Order {
        id: u8,
        items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only the errors matter")]
    struct Item {
        name: String,
    }

    #[track_caller]
    fn check(body: &str, words: &str, field: Option<&str>) {
        let error = read::<Order>(body.as_bytes()).unwrap_err();
        assert_eq!(error.status(), 400);
        assert_eq!((error.description(), error.field()), (words, field), "{body}");
    }

    #[test]
    fn says_what_is_wrong() {
        check("", "the body is empty, but JSON is wanted", None);
        check(" \n", "the body is empty, but JSON is wanted", None);
        check("{\"id\": }", "the body is not JSON: expected value, line 1, column 8", None);
        check(
            "{\"id\": 1,\n",
            "the body is not JSON: EOF while parsing a value, line 2, column 0",
            None,
        );
        check(
            "{\"id\":1,\"items\":[]} x",
            "the body is not JSON: trailing characters, line 1, column 21",
            None,
        );
        check("{\"items\":[]}", "`id` is missing", Some("id"));
        check("{\"id\":1,\"items\":[{}]}", "`items[0].name` is missing", Some("items[0].name"));
        check(
            "{\"id\":1,\"items\":[{\"name\":\"a\"},{\"name\":5}]}",
            "`items[1].name` does not fit: invalid type: integer `5`, expected a string",
            Some("items[1].name"),
        );
        check(
            "{\"id\":300}",
            "`id` does not fit: invalid value: integer `300`, expected u8",
            Some("id"),
        );
        check("3", "the body does not fit: invalid type: integer `3`, expected struct Order", None);
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let deep = "[".repeat(100_000);
        assert!(read::<serde_json::Value>(deep.as_bytes()).is_err());
    }
}
