//! Forms: [`Form<T>`] as a user's type, [`FormData`] as keys, values and files.

use std::ops::Deref;
use std::sync::Arc;

use ::http::Method;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;

use crate::error::{Error, Result};
use crate::http::values::MultiDict;
use crate::request::{Request, missing_key};

use super::FromRequest;
use super::de::from_pairs;
use super::multipart::{Upload, read_form};
use super::query::refusal;

const URLENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// A form as a type of one's own; files are left to [`FormData`].
///
/// It reads as [`Query`](super::Query) does. The answer is 415 for a body that is no form, and 400,
/// naming the fields, for one that does not fit.
///
/// ```
/// use carafe::Form;
///
/// #[derive(serde::Deserialize)]
/// struct NewUser {
///     name: String,
///     age: u8,
///     newsletter: bool, // a checkbox
/// }
///
/// async fn create(form: Form<NewUser>) -> String {
///     format!("welcome, {}", form.name)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

impl<T> Deref for Form<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Form<T> {
    #[inline]
    async fn from_request(request: &Request) -> Result<Form<T>> {
        if Kind::of(request) == Kind::Other {
            return Err(unsupported(request, &format!("a form (`{URLENCODED}` or `{MULTIPART}`)")));
        }
        let form = request.form().await?;
        from_pairs(form.fields()).map(Form).map_err(refusal)
    }
}

/// The 415 that says what was sent and what is wanted.
#[inline]
pub(super) fn unsupported(request: &Request, wanted: &str) -> Error {
    let mimetype = request.mimetype();
    let words = match &*mimetype {
        "" => format!("the request has no content type, but {wanted} is wanted"),
        sent => format!("the body is `{sent}`, but {wanted} is wanted"),
    };
    Error::new(415).describe(words)
}

/// How a form is written, as its content type says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Urlencoded,
    Multipart,
    Other,
}

impl Kind {
    #[inline]
    fn of(request: &Request) -> Kind {
        match &*request.mimetype() {
            URLENCODED => Kind::Urlencoded,
            MULTIPART => Kind::Multipart,
            _ => Kind::Other,
        }
    }
}

/// A form's fields and files: Flask's `request.form` and `request.files`. Clones share one form.
///
/// As in Flask, a body of another content type is an empty form.
#[derive(Clone, Default)]
pub struct FormData(Arc<Parts>);

#[derive(Default)]
struct Parts {
    fields: MultiDict,
    files: Vec<Upload>,
    is_multipart: bool,
}

impl FormData {
    #[inline]
    pub(super) fn multipart(fields: MultiDict, files: Vec<Upload>) -> FormData {
        FormData(Arc::new(Parts { fields, files, is_multipart: true }))
    }

    /// The fields that are not files.
    #[inline]
    pub fn fields(&self) -> &MultiDict {
        &self.0.fields
    }

    /// The first value of a field.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.fields.get(key)
    }

    /// The first value of a field that must be there: Flask's `form[key]`.
    ///
    /// # Errors
    /// 400, naming the field, when it is missing.
    #[inline]
    pub fn get_or_400(&self, key: &str) -> Result<&str> {
        self.get(key).ok_or_else(|| missing_key(key, "form"))
    }

    /// Every value of a field, in order.
    #[inline]
    pub fn getlist<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        self.0.fields.getlist(key)
    }

    /// Every file, in order, also the empty ones that browsers send where none was chosen.
    #[inline]
    pub fn files(&self) -> &[Upload] {
        &self.0.files
    }

    /// The first file of a field; `None` also when the visitor chose none.
    #[inline]
    pub fn file(&self, key: &str) -> Option<&Upload> {
        self.getfiles(key).next()
    }

    /// Every chosen file of a field, in order.
    #[inline]
    pub fn getfiles<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a Upload> {
        self.0.files.iter().filter(move |file| file.field() == key && file.is_chosen())
    }

    /// The first file of a field that must be there: Flask's `files[key]`.
    ///
    /// # Errors
    /// 400, naming the field, when there is none; it says so when the form was sent in a way that
    /// leaves files out.
    #[inline]
    pub fn file_or_400(&self, key: &str) -> Result<&Upload> {
        self.file(key).ok_or_else(|| {
            let words = if self.0.is_multipart {
                format!("there is no file for `{key}` in the form")
            } else {
                format!(
                    "there is no file for `{key}`: a form sends files only with \
                     enctype=\"{MULTIPART}\""
                )
            };
            Error::new(400).describe(words).in_field(key)
        })
    }
}

impl FromRequest for FormData {
    #[inline]
    async fn from_request(request: &Request) -> Result<FormData> {
        request.form().await
    }
}

/// A request's form, once it was read.
#[derive(Default)]
struct Read(OnceCell<FormData>);

impl Request {
    /// The form in the body: read once, then kept. A body of another type is an empty form.
    ///
    /// ```
    /// # async fn demo(request: &carafe::Request) -> carafe::Result<()> {
    /// let form = request.form().await?;
    /// let name = form.get_or_400("name")?;
    /// if let Some(photo) = form.file("photo") {
    ///     photo.save(format!("photos/{}", photo.safe_filename())).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// 413 over `max_content_length`, `max_form_parts` or `max_form_memory_size`; 400 for a form
    /// that is broken or was cut off.
    #[inline]
    pub async fn form(&self) -> Result<FormData> {
        let read = self.slot(Read::default);
        let form = read.0.get_or_try_init(|| async {
            match Kind::of(self) {
                Kind::Urlencoded => read_urlencoded(self).await,
                Kind::Multipart => read_form(self).await,
                Kind::Other => Ok(FormData::default()),
            }
        });
        form.await.cloned()
    }

    /// The form, when it was read already.
    #[inline]
    pub(crate) fn form_if_read(&self) -> Option<FormData> {
        self.existing_slot::<Read>()?.0.get().cloned()
    }

    /// The query's values, then the form's: Flask's `values`. The form of a GET is not looked at.
    ///
    /// # Errors
    /// As [`Request::form`].
    #[inline]
    pub async fn values(&self) -> Result<MultiDict> {
        let mut values = self.args().clone();
        if !matches!(*self.method(), Method::GET | Method::HEAD) {
            let form = self.form().await?;
            let fields = form.fields().iter();
            values.extend(fields.map(|(key, value)| (key.to_owned(), value.to_owned())));
        }
        Ok(values)
    }
}

#[inline]
async fn read_urlencoded(request: &Request) -> Result<FormData> {
    let limit = request.limits().max_form_parts;
    let body = request.bytes().await?;
    let fields = MultiDict::parse_with_limit(&body, limit).map_err(|_| too_many_parts(limit))?;
    Ok(FormData(Arc::new(Parts { fields, ..Parts::default() })))
}

#[inline]
pub(super) fn too_many_parts(limit: usize) -> Error {
    let words = format!("the form has more fields and files than `max_form_parts` of {limit}");
    Error::new(413).describe(words)
}
