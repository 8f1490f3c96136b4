//! `multipart/form-data` (RFC 7578): [`Multipart`] as it arrives, and whole forms with [`Upload`]s.

mod field;
mod parts;
mod read_at;
mod spool;
mod temp_file;
mod upload;

use ::http::{HeaderMap, header};

use crate::error::{Error, Result};
use crate::http::values::{ContentDisposition, MultiDict};
use crate::request::{Limits, Request};

pub use self::field::MultipartField;
use self::parts::Parts;
pub(crate) use self::read_at::read_at;
use self::spool::Spool;
pub use self::upload::{Upload, UploadReader};

use super::FromRequest;
use super::form::{FormData, too_many_parts, unsupported};

/// A multipart form that is read as it arrives, for uploads that are not to be kept whole.
///
/// ```
/// use carafe::{Multipart, Result};
///
/// async fn upload(mut form: Multipart) -> Result<String> {
///     let mut bytes = 0;
///     while let Some(mut field) = form.next_field().await? {
///         while let Some(piece) = field.chunk().await? {
///             bytes += piece.len();
///         }
///     }
///     Ok(format!("{bytes} bytes"))
/// }
/// ```
pub struct Multipart {
    parts: Parts,
    limits: Limits,
    seen: usize,
}

impl FromRequest for Multipart {
    /// 415 for another content type, 400 without a boundary.
    #[inline]
    async fn from_request(request: &Request) -> Result<Multipart> {
        Multipart::open(request)
    }
}

impl Multipart {
    #[inline]
    fn open(request: &Request) -> Result<Multipart> {
        let media_type = request.mimetype_params();
        let media_type = match media_type {
            Some(media_type) if media_type.mimetype() == "multipart/form-data" => media_type,
            _ => return Err(unsupported(request, "`multipart/form-data`")),
        };
        let boundary = media_type.boundary().filter(|boundary| is_boundary(boundary));
        let Some(boundary) = boundary else {
            let words = "the content type of the form has no `boundary` that can be used";
            return Err(Error::new(400).describe(words));
        };
        let parts = Parts::new(request.take_body()?, boundary);
        Ok(Multipart { parts, limits: request.limits(), seen: 0 })
    }

    /// The next field or file; what is left of the one before is skipped.
    ///
    /// # Errors
    /// 413 over `max_form_parts` or `max_content_length`; 400 for a form that is broken or was cut
    /// off.
    #[inline]
    pub async fn next_field(&mut self) -> Result<Option<MultipartField<'_>>> {
        let Some(headers) = self.parts.next().await? else {
            return Ok(None);
        };
        self.seen += 1;
        if self.seen > self.limits.max_form_parts {
            return Err(too_many_parts(self.limits.max_form_parts));
        }
        Ok(Some(MultipartField::new(self, headers)))
    }
}

/// RFC 2046 section 5.1.1: 1 to 70 characters; a line break would let a part's data look like one.
#[inline]
fn is_boundary(boundary: &str) -> bool {
    (1..=70).contains(&boundary.len()) && boundary.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The whole form: fields in memory, files in memory or on disk.
#[inline]
pub(super) async fn read_form(request: &Request) -> Result<FormData> {
    let mut form = Multipart::open(request)?;
    let mut memory = form.limits.max_form_memory_size;
    let limit = memory;
    let (mut fields, mut files) = (MultiDict::new(), Vec::new());
    while let Some(mut field) = form.next_field().await? {
        let name = field.name().to_owned();
        if field.filename().is_none() {
            let text = field.text_within(memory).await?.ok_or_else(|| too_much_text(limit))?;
            memory -= (text.len() as u64).min(memory);
            fields.add(name, text);
        } else {
            files.push(spool(&mut field, name).await?);
        }
    }
    Ok(FormData::multipart(fields, files))
}

#[inline]
async fn spool(field: &mut MultipartField<'_>, name: String) -> Result<Upload> {
    let mut spool = Spool::default();
    while let Some(piece) = field.chunk().await? {
        spool.write(piece).await?;
    }
    let (content, size) = spool.finish().await?;
    let filename = field.filename().unwrap_or_default().to_owned();
    Ok(Upload::new(name, filename, field.take_headers(), content, size))
}

#[inline]
fn too_much_text(limit: u64) -> Error {
    let words =
        format!("the fields of the form are larger than `max_form_memory_size` of {limit} bytes");
    Error::new(413).describe(words)
}

/// A part's disposition, its name and its file name as they were sent.
#[inline]
fn disposition(headers: &HeaderMap) -> Option<ContentDisposition> {
    let value = headers.get(header::CONTENT_DISPOSITION)?;
    String::from_utf8_lossy(value.as_bytes()).parse().ok()
}
