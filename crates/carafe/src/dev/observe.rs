//! A request's way in and out, seen from outside: its record, its messages to the tool, what is put
//! into its page.

use std::sync::Arc;

use ::http::request::Parts;
use ::http::{HeaderValue, header};

use super::channel;
use super::ending::{Ending, kept};
use super::insert::Insertion;
use super::{live, messages};
use crate::app::{Core, Site};
use crate::error_page;
use crate::http::{Body, Peer, Response};
use crate::request::Request;
use crate::trace::{Matched, Record};

/// Whether anybody wants to know what happens to requests.
pub(crate) fn is_on(core: &Core) -> bool {
    core.debug || channel::tool().is_some()
}

/// Answers a request by `answer`, and keeps what happens.
pub(crate) async fn observe<F: Future<Output = Response>>(
    site: &Site,
    mut parts: Parts,
    mut body: Body,
    peer: Arc<Peer>,
    answer: impl FnOnce(Parts, Body, Arc<Peer>) -> F,
) -> Response {
    if !is_on(&site.core) {
        return answer(parts, body, peer).await;
    }
    let tool = channel::tool();
    let sees_page = tool.is_some() && error_page::sees_details(&site.core, &parts.headers, &peer);
    if sees_page && let Some(response) = live::answer(&parts) {
        return response;
    }
    let insertion = if sees_page { Insertion::into_answer_to(&parts) } else { None };
    let record = Record::new();
    if let Some(tool) = tool {
        let begin = messages::begin(&record, &parts, &peer);
        tool.send(move || begin);
        body = kept(body, &record);
    }
    parts.extensions.insert(record.clone());
    let ending = Ending::new(record, tool);
    let mut response = answer(parts, body, peer).await;
    if ending.record.failure().has_page {
        as_own_page(&mut response);
    }
    if let Some(insertion) = insertion {
        response = insertion.put(response).await;
    }
    ending.pass(response)
}

/// The app's policies are for its own pages: the error page brings a stricter one, with its styles.
fn as_own_page(response: &mut Response) {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; \
         form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    );
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// Notes what a request leads to.
pub(crate) fn matched(core: &Core, request: &Request) {
    let Some(record) = request.record() else { return };
    let target = core.target(request);
    record.set_matched(Matched {
        rule: request.url_rule().map(|rule| rule.text().to_owned()),
        endpoint: request.endpoint().map(str::to_owned),
        handler: target.map(|target| target.handler.clone()).filter(|name| !name.is_empty()),
        place: target.map(|target| (target.place.file, target.place.line)),
        values: request
            .path_values()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    });
}
