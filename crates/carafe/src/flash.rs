//! Messages that the visitor sees on the next page: [`flash`] and [`get_flashed_messages`].

use std::fmt;
use std::ops::Deref;
use std::slice;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{Value, json};

use crate::app::Core;
use crate::request::Request;
use crate::session::Session;
use crate::signals::Signal;

/// Where messages wait in the session: `[[category, message], ..]`, as in Flask.
const KEY: &str = "_flashes";
/// The category of a message that was given none.
const DEFAULT_CATEGORY: &str = "message";

/// Shows a message on the page that the visitor sees next.
///
/// A message is a text, or a category with a text: `flash(("error", "wrong password"), &session)`.
/// Without a category it is `message`. Without a secret key the request ends in a 500 that says so.
///
/// ```
/// use carafe::prelude::*;
/// use carafe::get_flashed_messages;
///
/// #[post("/greet")]
/// async fn greet(session: Session) -> Redirect {
///     flash("welcome", &session);
///     flash(("warning", "the shop closes soon"), &session);
///     redirect("/")
/// }
///
/// #[get("/")]
/// async fn index(request: &Request) -> String {
///     get_flashed_messages(request).iter().map(|flashed| format!("{flashed}\n")).collect()
/// }
///
/// let client = App::new().routes(routes![greet, index]).test_client();
/// client.post("/greet").send();
/// assert_eq!(client.get("/").send().text(), "welcome\nthe shop closes soon\n");
/// assert_eq!(client.get("/").send().text(), "");
/// ```
pub fn flash(message: impl IntoFlash, session: &Session) {
    let Flashed { category, message } = message.into_flash();
    session.push(KEY, json!([category, message]));
    if let Some(app) = session.app() {
        Core::of_shared(app)
            .listeners
            .send(Signal::MessageFlashed { message: &message, category: &category });
    }
}

/// The messages that wait for this visitor; they are taken out of the session.
///
/// Asked again in the same request, it gives the same messages.
#[inline]
pub fn get_flashed_messages(request: &Request) -> FlashedMessages {
    FlashedMessages(request.slot(|| {
        let waiting = request.session().take(KEY);
        Taken(match waiting {
            Some(Value::Array(messages)) => messages.into_iter().filter_map(read).collect(),
            _ => Vec::new(),
        })
    }))
}

#[inline]
fn read(stored: Value) -> Option<Flashed> {
    let (category, message) = serde_json::from_value(stored).ok()?;
    Some(Flashed { category, message })
}

/// A message with its category. It prints as the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flashed {
    /// What kind of message it is, such as `error`; `message` by default.
    pub category: String,
    /// The message.
    pub message: String,
}

impl Serialize for Flashed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Flashed", 2)?;
        fields.serialize_field("category", &self.category)?;
        fields.serialize_field("message", &self.message)?;
        fields.end()
    }
}

impl fmt::Display for Flashed {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// One request's messages, once they were taken.
struct Taken(Vec<Flashed>);

/// The messages for one page, in the order they were flashed; a slice of [`Flashed`].
#[derive(Clone)]
pub struct FlashedMessages(Arc<Taken>);

impl FlashedMessages {
    /// Only those of these categories; all of them when none is named. Flask's `category_filter`.
    pub fn in_categories<C: AsRef<str>>(&self, categories: &[C]) -> impl Iterator<Item = &Flashed> {
        self.iter().filter(|flashed| {
            categories.is_empty() || categories.iter().any(|name| name.as_ref() == flashed.category)
        })
    }
}

impl Deref for FlashedMessages {
    type Target = [Flashed];

    #[inline]
    fn deref(&self) -> &[Flashed] {
        &self.0.0
    }
}

impl<'a> IntoIterator for &'a FlashedMessages {
    type Item = &'a Flashed;
    type IntoIter = slice::Iter<'a, Flashed>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for FlashedMessages {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// What can be flashed: a text, or a category with a text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be flashed",
    label = "neither a text nor `(category, text)`"
)]
pub trait IntoFlash {
    /// The message with its category.
    fn into_flash(self) -> Flashed;
}

impl IntoFlash for Flashed {
    #[inline]
    fn into_flash(self) -> Flashed {
        self
    }
}

impl IntoFlash for String {
    #[inline]
    fn into_flash(self) -> Flashed {
        Flashed { category: DEFAULT_CATEGORY.to_owned(), message: self }
    }
}

impl IntoFlash for &str {
    #[inline]
    fn into_flash(self) -> Flashed {
        self.to_owned().into_flash()
    }
}

impl IntoFlash for &String {
    #[inline]
    fn into_flash(self) -> Flashed {
        self.as_str().into_flash()
    }
}

impl<C: Into<String>, M: Into<String>> IntoFlash for (C, M) {
    #[inline]
    fn into_flash(self) -> Flashed {
        Flashed { category: self.0.into(), message: self.1.into() }
    }
}
