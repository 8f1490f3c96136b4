//! Sending files: [`send_file`], [`send_bytes`], [`send_from_directory`], and conditional answers.
//!
//! A file is opened on a thread that may block; `answer` decides what of it is sent, `body` sends it.

mod answer;
mod body;
mod byteranges;
mod conditional;
mod kind;
mod open;
mod types;

use std::future::{Future, IntoFuture};
use std::path::Path;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use ::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;

use crate::app::Core;
use crate::error::{Error, Result};
use crate::http::Response;
use crate::http::values::{CacheControl, ContentDisposition, ETag, Validators, http_date};
use crate::request::Request;

use self::answer::{Content, Sendable};
use self::open::{Opened, Place};

/// Sends a file: its type by its name, with `ETag` and `Last-Modified`, in parts where asked.
///
/// A relative path is relative to the app's root. Never give it a path that a visitor chose: that is
/// what [`send_from_directory`] is for.
///
/// ```
/// use carafe::{Request, Response, Result, send_file};
///
/// async fn report(request: Request) -> Result<Response> {
///     send_file(&request, "reports/2025.pdf").as_attachment().await
/// }
/// ```
///
/// # Errors
/// 500 when the file cannot be read; 412 and 416 as the request's conditions and ranges ask.
pub fn send_file(request: &Request, path: impl AsRef<Path>) -> SendFile {
    let path = Core::of(request).root.join(path);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    SendFile::new(request, Source::File(Place::Exactly(path)), name)
}

/// Sends bytes under a file's name, which tells their type.
///
/// ```
/// use carafe::{Request, Response, Result, send_bytes};
///
/// async fn export(request: Request) -> Result<Response> {
///     send_bytes(&request, "id,name\n1,Ann\n", "people.csv").as_attachment().await
/// }
/// ```
///
/// # Errors
/// 412 and 416 as the request's conditions and ranges ask.
pub fn send_bytes(request: &Request, data: impl Into<Bytes>, name: impl Into<String>) -> SendFile {
    SendFile::new(request, Source::Bytes(data.into()), Some(name.into()))
}

/// Sends a file out of a folder by a path that a visitor chose.
///
/// The answer is 404 for what is not a file inside the folder, links out of it included. A relative
/// folder is relative to the app's root.
///
/// ```
/// use carafe::{Request, Response, Result, send_from_directory};
///
/// async fn photo(request: Request, path: String) -> Result<Response> {
///     send_from_directory(&request, "photos", &path).await
/// }
/// ```
///
/// # Errors
/// 404 as above; 412 and 416 as the request's conditions and ranges ask.
pub fn send_from_directory(request: &Request, folder: impl AsRef<Path>, path: &str) -> SendFile {
    let folder = Core::of(request).root.join(folder);
    let name = path.rsplit('/').next().map(str::to_owned);
    let place = Place::Inside { folder, path: path.to_owned() };
    SendFile::new(request, Source::File(place), name)
}

/// A file to be sent; `.await` it, or call [`SendFile::send_blocking`] in a plain `fn`.
#[must_use = "a file is sent by `.await`, or by `.send_blocking()` in a plain `fn`"]
pub struct SendFile {
    request: Request,
    source: Source,
    name: Option<String>,
    as_attachment: bool,
    mimetype: Option<String>,
    max_age: Option<Duration>,
    conditional: bool,
    etag: Tag,
    last_modified: Option<SystemTime>,
}

enum Source {
    File(Place),
    Bytes(Bytes),
}

/// Which `ETag` a file gets.
enum Tag {
    None,
    Own,
    Given(ETag),
}

impl SendFile {
    fn new(request: &Request, source: Source, name: Option<String>) -> SendFile {
        let settings = Core::of(request).config.settings();
        SendFile {
            request: request.clone(),
            source,
            name,
            as_attachment: false,
            mimetype: None,
            max_age: settings.send_file_max_age_default.map(|age| age.duration()),
            conditional: true,
            etag: Tag::Own,
            last_modified: None,
        }
    }

    /// To be saved, not shown.
    pub fn as_attachment(mut self) -> SendFile {
        self.as_attachment = true;
        self
    }

    /// The name under which the browser saves it; by default the file's own.
    pub fn download_name(mut self, name: impl Into<String>) -> SendFile {
        self.name = Some(name.into());
        self
    }

    /// The media type; by default what the name tells, or `application/octet-stream`.
    pub fn mimetype(mut self, mimetype: impl Into<String>) -> SendFile {
        self.mimetype = Some(mimetype.into());
        self
    }

    /// How long browsers may keep it without asking, in whole seconds; with `None` they ask each
    /// time. By default the config key `send_file_max_age_default`.
    pub fn max_age(mut self, max_age: impl Into<Option<Duration>>) -> SendFile {
        self.max_age = max_age.into();
        self
    }

    /// Whether the request's conditions and ranges count; by default they do.
    pub fn conditional(mut self, conditional: bool) -> SendFile {
        self.conditional = conditional;
        self
    }

    /// Whether it gets an `ETag`, made of a file's time, size and path, or of the bytes themselves;
    /// by default it does.
    #[inline]
    pub fn etag(mut self, etag: bool) -> SendFile {
        self.etag = if etag { Tag::Own } else { Tag::None };
        self
    }

    /// Gives it this `ETag`.
    pub fn with_etag(mut self, etag: ETag) -> SendFile {
        self.etag = Tag::Given(etag);
        self
    }

    /// When it last changed; by default what the file system says.
    pub fn last_modified(mut self, time: SystemTime) -> SendFile {
        self.last_modified = Some(time);
        self
    }

    /// Opens the file in place and makes the response, for plain `fn` handlers.
    ///
    /// # Errors
    /// As [`send_file`], [`send_bytes`] and [`send_from_directory`].
    #[inline]
    pub fn send_blocking(mut self) -> Result<Response> {
        match self.take_place() {
            Some(place) => {
                let preload = self.preloads();
                self.send_opened(place.open(preload)?)
            }
            None => self.send_bytes(),
        }
    }

    async fn send(mut self) -> Result<Response> {
        let Some(place) = self.take_place() else {
            return self.send_bytes();
        };
        let preload = self.preloads();
        let opened = tokio::task::spawn_blocking(move || place.open(preload)).await;
        self.send_opened(opened.map_err(Error::from)??)
    }

    fn take_place(&mut self) -> Option<Place> {
        match std::mem::replace(&mut self.source, Source::Bytes(Bytes::new())) {
            Source::File(place) => Some(place),
            bytes => {
                self.source = bytes;
                None
            }
        }
    }

    /// Whether a small file's content is likely to be sent whole, so that it is read while the thread
    /// is at it.
    fn preloads(&self) -> bool {
        let headers = self.request.headers();
        let asks = [header::RANGE, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE];
        *self.request.method() == ::http::Method::GET
            && !self.uses_x_sendfile()
            && !asks.iter().any(|name| headers.contains_key(name))
    }

    fn uses_x_sendfile(&self) -> bool {
        Core::of(&self.request).config.settings().use_x_sendfile
    }

    fn send_opened(mut self, opened: Opened) -> Result<Response> {
        let mut headers = self.headers()?;
        let validators = Validators {
            etag: match std::mem::replace(&mut self.etag, Tag::None) {
                Tag::None => None,
                Tag::Own => Some(opened.etag()?),
                Tag::Given(etag) => Some(etag),
            },
            last_modified: self.last_modified.or(opened.modified),
        };
        let length = opened.length;
        let content = if self.uses_x_sendfile() {
            headers.insert("x-sendfile", HeaderValue::try_from(opened.path_text()?)?);
            Content::Elsewhere
        } else {
            opened.into_content()
        };
        let conditional = self.conditional;
        answer::answer(
            &self.request,
            Sendable { content, length, headers, validators, conditional },
        )
    }

    fn send_bytes(mut self) -> Result<Response> {
        let headers = self.headers()?;
        let Source::Bytes(bytes) = self.source else {
            return Err(Error::new(500));
        };
        let validators = Validators {
            etag: match std::mem::replace(&mut self.etag, Tag::None) {
                Tag::None => None,
                Tag::Own => Some(ETag::from_content(&bytes)),
                Tag::Given(etag) => Some(etag),
            },
            last_modified: self.last_modified,
        };
        let (length, conditional) = (bytes.len() as u64, self.conditional);
        let content = Content::Bytes(bytes);
        answer::answer(
            &self.request,
            Sendable { content, length, headers, validators, conditional },
        )
    }

    /// What can be said without looking at the content.
    fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::with_capacity(10);
        let name = self.name.as_deref();
        let guess = kind::guess(name.unwrap_or_default());
        let mimetype = match (&self.mimetype, self.as_attachment) {
            (Some(mimetype), _) => mimetype,
            (None, true) => guess.as_download,
            (None, false) => guess.mimetype,
        };
        headers.insert(header::CONTENT_TYPE, kind::content_type(mimetype)?);
        // A browser would unpack an encoded file while saving it.
        if let (Some(encoding), false) = (guess.encoding, self.as_attachment) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        let disposition = match (name, self.as_attachment) {
            (name, true) => Some(ContentDisposition::attachment(name)),
            (Some(name), false) => Some(ContentDisposition::inline(Some(name))),
            (None, false) => None,
        };
        if let Some(disposition) = disposition {
            headers.insert(header::CONTENT_DISPOSITION, disposition.to_header_value());
        }
        self.add_caching(&mut headers)?;
        Ok(headers)
    }

    fn add_caching(&self, headers: &mut HeaderMap) -> Result<()> {
        let Some(age) = self.max_age else {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            return Ok(());
        };
        let seconds = Duration::from_secs(age.as_secs());
        let cache = CacheControl::new();
        let cache = if seconds.is_zero() { cache.no_cache() } else { cache.public() };
        headers.insert(header::CACHE_CONTROL, cache.max_age(seconds).to_header_value());
        let expires = SystemTime::now().checked_add(seconds).unwrap_or_else(SystemTime::now);
        headers.insert(header::EXPIRES, HeaderValue::try_from(http_date(expires))?);
        Ok(())
    }
}

impl IntoFuture for SendFile {
    type Output = Result<Response>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Response>>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
