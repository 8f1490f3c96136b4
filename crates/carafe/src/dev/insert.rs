//! Puts the live-reload script into whole HTML pages, and into nothing else.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};

use ::http::request::Parts;
use ::http::{HeaderMap, Method, header};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};

use super::live;
use crate::http::{Body, BoxError, Response, Status};

/// A page whose length is known is read whole up to so many bytes; a longer one goes as it is.
const LONGEST: u64 = 8 << 20;
/// A page says what it is within so many bytes.
const BEGINNING: usize = 1 << 10;

/// The script for one page.
pub(super) struct Insertion {
    /// What the page is made of when it is made now.
    version: String,
    is_head: bool,
}

impl Insertion {
    /// What to put into the answer to this request, if a browser asks for a page.
    pub(super) fn into_answer_to(parts: &Parts) -> Option<Insertion> {
        wants_page(parts).then(|| Insertion {
            version: live::state().version(),
            is_head: parts.method == Method::HEAD,
        })
    }

    /// The response with the script, where it is a page that may have it.
    pub(super) async fn put(self, mut response: Response) -> Response {
        if !is_page(&response) {
            return response;
        }
        let Some(nonce) = allowance(response.headers()) else {
            tell_of_policy();
            return response;
        };
        let script = script(&self.version, nonce.as_deref());
        let body = response.take_body();
        let body = match with_script(body, script).await {
            Ok(body) => body,
            Err(body) => {
                drop(response.replace_stream(body));
                if self.is_head && response.body().as_bytes() == Some(b"") {
                    // Nobody knows how long the page would be.
                    response.headers_mut().remove(header::CONTENT_LENGTH);
                }
                return response;
            }
        };
        let headers = response.headers_mut();
        // What is sent is not what these were made of; and a page that comes out of a cache would
        // be an old one, and reload itself again.
        for name in [header::ETAG, header::LAST_MODIFIED, header::ACCEPT_RANGES] {
            headers.remove(name);
        }
        if body.is_stream() {
            headers.remove(header::CONTENT_LENGTH);
            drop(response.replace_stream(body));
        } else {
            drop(response.replace_body(body));
        }
        response
    }
}

/// Whether a browser asks for a page to show: no script's request, no part of a page.
fn wants_page(parts: &Parts) -> bool {
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let shows = text("sec-fetch-dest")
        .is_none_or(|to| matches!(to, "document" | "iframe" | "frame" | "embed" | "object"));
    let is_partial = parts.headers.contains_key("hx-request")
        || parts.headers.contains_key("turbo-frame")
        || text("x-requested-with").is_some();
    let accepts = text("accept").is_some_and(|accept| accept.contains("text/html"));
    shows && accepts && !is_partial
}

fn is_page(response: &Response) -> bool {
    let status = response.status();
    let has_page = !status.is_informational()
        && !status.is_redirection()
        && !matches!(status, Status::NO_CONTENT | Status::PARTIAL_CONTENT);
    let headers = response.headers();
    let kind = response.header(header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_attached = response
        .header(header::CONTENT_DISPOSITION)
        .is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("attachment"));
    has_page
        && kind.eq_ignore_ascii_case("text/html")
        && !headers.contains_key(header::CONTENT_ENCODING)
        && !headers.contains_key(header::CONTENT_RANGE)
        && !is_attached
}

fn script(version: &str, nonce: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" nonce=\"{}\"", crate::http::escaped(nonce)));
    format!(
        "<script src=\"{}\" defer data-version=\"{version}\"{}></script>",
        live::SCRIPT,
        nonce.unwrap_or_default()
    )
}

/// Whether the page's policies let it load the script and connect to its origin, and the nonce that
/// the script needs for it, if it needs one.
///
/// Every policy has to allow it (Content Security Policy Level 3, section 8.1).
fn allowance(headers: &HeaderMap) -> Option<Option<String>> {
    let mut nonce = None;
    for value in headers.get_all(header::CONTENT_SECURITY_POLICY) {
        for policy in value.to_str().ok()?.split(',') {
            if let Some(found) = Policy::of(policy).allows()? {
                nonce = Some(found);
            }
        }
    }
    Some(nonce)
}

/// The directives of one policy.
struct Policy<'a>(Vec<(String, Vec<&'a str>)>);

impl<'a> Policy<'a> {
    fn of(policy: &'a str) -> Policy<'a> {
        let directives = policy.split(';').filter_map(|directive| {
            let mut words = directive.split_ascii_whitespace();
            Some((words.next()?.to_ascii_lowercase(), words.collect()))
        });
        Policy(directives.collect())
    }

    /// The sources of the first of these directives that is there.
    fn sources(&self, names: &[&str]) -> Option<&[&'a str]> {
        let find = |name: &&str| self.0.iter().find(|(own, _)| own == name);
        names.iter().find_map(find).map(|(_, sources)| sources.as_slice())
    }

    /// `None` where it forbids the script, else the nonce that the script needs.
    fn allows(&self) -> Option<Option<String>> {
        if self.sources(&["sandbox"]).is_some_and(|words| !words.contains(&"allow-scripts")) {
            return None;
        }
        let connects = self.sources(&["connect-src", "default-src"]).is_none_or(names_ourselves);
        if !connects {
            return None;
        }
        let Some(sources) = self.sources(&["script-src-elem", "script-src", "default-src"]) else {
            return Some(None);
        };
        let nonce = sources
            .iter()
            .find_map(|source| source.strip_prefix("'nonce-")?.strip_suffix('\''))
            .map(str::to_owned);
        let strict = sources.contains(&"'strict-dynamic'");
        (nonce.is_some() || !strict && names_ourselves(sources)).then_some(nonce)
    }
}

fn names_ourselves(sources: &[&str]) -> bool {
    sources.iter().any(|source| matches!(*source, "'self'" | "*" | "http:"))
}

fn tell_of_policy() {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Relaxed) {
        tracing::warn!(
            target: "carafe",
            "pages do not reload by themselves: their `Content-Security-Policy` forbids the script \
             of this origin (`script-src 'self'` and `connect-src 'self'` would allow it)"
        );
    }
}

/// The body with the script in it; or as it was, when it is no whole page.
async fn with_script(mut body: Body, script: String) -> Result<Body, Body> {
    if let Some(page) = body.as_bytes() {
        let Some(page) = insert(page, &script) else { return Err(body) };
        return Ok(Body::from(page));
    }
    if let Some(length) = HttpBody::size_hint(&body).exact() {
        if length > LONGEST {
            return Err(body);
        }
        return match body.read(LONGEST).await {
            Ok(whole) => match insert(&whole, &script) {
                Some(page) => Ok(Body::from(page)),
                None => Err(Body::from(whole)),
            },
            Err(error) => {
                let error: BoxError = Box::new(error);
                Ok(Body::stream(Failed(Some(error))))
            }
        };
    }
    // A page that is sent while it is made: its beginning says what it is, its end gets the script.
    let first = body.next().await;
    let is_page = matches!(&first, Some(Ok(piece)) if is_whole(piece));
    let end = is_page.then(|| Bytes::from(script));
    let following = Body::new(Following { first, body, end });
    if is_page { Ok(following) } else { Err(following) }
}

/// The page with the script at the end of its body.
fn insert(page: &[u8], script: &str) -> Option<Vec<u8>> {
    if !is_whole(page) {
        return None;
    }
    let at =
        find_last(page, b"</body").or_else(|| find_last(page, b"</html")).unwrap_or(page.len());
    let mut whole = Vec::with_capacity(page.len() + script.len());
    whole.extend_from_slice(&page[..at]);
    whole.extend_from_slice(script.as_bytes());
    whole.extend_from_slice(&page[at..]);
    Some(whole)
}

/// Whether this begins as a document does, and is no fragment of one.
fn is_whole(page: &[u8]) -> bool {
    let start = &page[..page.len().min(BEGINNING)];
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let begins = |text: &[u8], with: &[u8]| {
        text.get(..with.len()).is_some_and(|text| text.eq_ignore_ascii_case(with))
    };
    let mut rest = start;
    while begins(rest, b"<!--") {
        let Some(end) = rest.windows(3).position(|three| three == b"-->") else { return false };
        rest = rest[end + 3..].trim_ascii_start();
    }
    [&b"<!doctype html"[..], b"<html", b"<head", b"<body"].iter().any(|with| begins(rest, with))
}

fn find_last(page: &[u8], tag: &[u8]) -> Option<usize> {
    page.windows(tag.len()).rposition(|text| text.eq_ignore_ascii_case(tag))
}

/// A body whose first piece was read already, and what to send after its end.
struct Following {
    first: Option<Result<Bytes, BoxError>>,
    body: Body,
    end: Option<Bytes>,
}

impl HttpBody for Following {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first.map(Frame::data)));
        }
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(None) => Poll::Ready(self.end.take().map(|end| Ok(Frame::data(end)))),
            poll => poll,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.end.is_none() && self.body.is_end_stream()
    }
}

/// A stream of one error.
struct Failed(Option<BoxError>);

impl futures_core::Stream for Failed {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BoxError>>> {
        Poll::Ready(self.0.take().map(Err))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stands_at_the_end_of_the_body() {
        let check = |page: &str, expected: Option<&str>| {
            let page = insert(page.as_bytes(), "#").map(|page| String::from_utf8(page).unwrap());
            assert_eq!(page.as_deref(), expected);
        };
        check("<!doctype html><p>a</body></html>", Some("<!doctype html><p>a#</body></html>"));
        check("\n<HTML><p>a</HTML>", Some("\n<HTML><p>a#</HTML>"));
        check("<!-- a --> <!DOCTYPE html>a", Some("<!-- a --> <!DOCTYPE html>a#"));
        check("\u{feff}<!doctype html>", Some("\u{feff}<!doctype html>#"));
        check("<p>a part</p>", None);
        check("a</body>", None);
        check("<!-- a", None);
        check("", None);
    }

    #[test]
    fn policies() {
        let check = |policy: &str, expected: Option<Option<&str>>| {
            let allowed = Policy::of(policy).allows();
            assert_eq!(allowed.as_ref().map(Option::as_deref), expected, "{policy}");
        };
        check("", Some(None));
        check("img-src 'none'", Some(None));
        check("default-src 'self'", Some(None));
        check("default-src 'none'", None);
        check("default-src 'none'; script-src 'self'; connect-src 'self'", Some(None));
        check("script-src 'self'; connect-src 'none'", None);
        check("script-src https://cdn.test", None);
        check("script-src 'nonce-abc'", Some(Some("abc")));
        check("script-src 'nonce-abc' 'strict-dynamic'", Some(Some("abc")));
        check("script-src 'self' 'strict-dynamic'", None);
        check("default-src *; sandbox", None);
        check("sandbox allow-scripts", Some(None));
    }
}
