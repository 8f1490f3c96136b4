//! [`MultipartField`]: one field or file of a form, as it arrives.

use std::borrow::Cow;

use ::http::{HeaderMap, header};
use bytes::Bytes;

use crate::error::Result;
use crate::http::values::{ContentDisposition, secure_filename};

use super::{Multipart, disposition, too_much_text};

/// One field or file of a [`Multipart`] form.
pub struct MultipartField<'a> {
    form: &'a mut Multipart,
    headers: HeaderMap,
    disposition: Option<ContentDisposition>,
}

impl MultipartField<'_> {
    #[inline]
    pub(super) fn new(form: &mut Multipart, headers: HeaderMap) -> MultipartField<'_> {
        MultipartField { form, disposition: disposition(&headers), headers }
    }

    /// The field's name; empty when it has none.
    #[inline]
    pub fn name(&self) -> &str {
        self.disposition.as_ref().and_then(ContentDisposition::name).unwrap_or_default()
    }

    /// The file's name as it was sent, never to be used as a path; `None` for a field of text.
    #[inline]
    pub fn filename(&self) -> Option<&str> {
        self.disposition.as_ref()?.filename()
    }

    /// The file's name, safe as the name of one file; empty when nothing safe is left.
    #[inline]
    pub fn safe_filename(&self) -> String {
        secure_filename(self.filename().unwrap_or_default())
    }

    /// The media type that the client says it has.
    #[inline]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// The part's own headers.
    #[inline]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The next piece of the data, as it came; `None` at its end.
    ///
    /// # Errors
    /// 400 when the form is broken or was cut off, 413 over `max_content_length`.
    #[inline]
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.form.parts.chunk().await
    }

    /// The rest of the data as text; bytes that are not UTF-8 become U+FFFD, as in Flask.
    ///
    /// # Errors
    /// As [`MultipartField::chunk`], and 413 over `max_form_memory_size`.
    #[inline]
    pub async fn text(mut self) -> Result<String> {
        let limit = self.form.limits.max_form_memory_size;
        self.text_within(limit).await?.ok_or_else(|| too_much_text(limit))
    }

    /// The rest of the data, whole in memory.
    ///
    /// # Errors
    /// As [`MultipartField::chunk`].
    #[inline]
    pub async fn bytes(mut self) -> Result<Bytes> {
        Ok(self.collect(u64::MAX).await?.unwrap_or_default().into())
    }

    /// The rest as text, or `None` when it is longer than `limit` bytes.
    #[inline]
    pub(super) async fn text_within(&mut self, limit: u64) -> Result<Option<String>> {
        let Some(bytes) = self.collect(limit).await? else {
            return Ok(None);
        };
        Ok(Some(match String::from_utf8_lossy(&bytes) {
            Cow::Owned(text) => text,
            // Valid already, so the bytes are the text.
            Cow::Borrowed(_) => String::from_utf8(bytes).unwrap_or_default(),
        }))
    }

    #[inline]
    async fn collect(&mut self, limit: u64) -> Result<Option<Vec<u8>>> {
        let mut all = Vec::new();
        while let Some(piece) = self.chunk().await? {
            if (all.len() + piece.len()) as u64 > limit {
                return Ok(None);
            }
            all.extend_from_slice(&piece);
        }
        Ok(Some(all))
    }

    #[inline]
    pub(super) fn take_headers(&mut self) -> HeaderMap {
        std::mem::take(&mut self.headers)
    }
}
