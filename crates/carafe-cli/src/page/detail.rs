//! What the page shows of one request, without secrets.

use serde_json::{Value, json};

use crate::channel::{Record, Summary};

use super::mask;

/// A request in a list.
pub(super) fn summary(summary: &Summary) -> Value {
    let mut shown = json!(summary);
    shown["target"] = json!(mask::target(&summary.target));
    shown
}

/// A request with everything that is known of it.
pub(super) fn of(record: &Record) -> Value {
    let (begin, end) = (record.begin_value(), record.end_value());
    let mut shown = summary(&record.summary);
    shown["host"] = begin["host"].clone();
    shown["headers"] = mask::headers(&begin["headers"]);
    shown["query"] = query(&record.summary.target);
    shown["values"] = mask::pairs(&end["values"]);
    let media_type = header(&begin["headers"], "content-type");
    shown["body"] = mask::body(end["body"].as_str().unwrap_or_default(), &media_type);
    shown["bodyCut"] = end["body_cut"].clone();
    shown["failure"] = end["error"].clone();
    shown["cut"] = end["cut"].clone();
    let spans = end["spans"].as_array().into_iter().flatten();
    shown["spans"] = spans.map(span).collect();
    shown
}

/// The app has masked what its templates were given and its queries; names are looked at again.
fn span(span: &Value) -> Value {
    let mut shown = span.clone();
    shown["detail"] = mask::json(&span["detail"]);
    shown
}

fn query(target: &str) -> Value {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        json!([mask::decoded(name), mask::decoded(value)])
    });
    mask::pairs(&pairs.collect())
}

/// The value of a header; empty when there is none.
pub(super) fn header(headers: &Value, wanted: &str) -> String {
    let mut all = headers.as_array().into_iter().flatten();
    let named =
        |pair: &&Value| pair[0].as_str().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
    all.find(named).and_then(|pair| pair[1].as_str()).unwrap_or_default().to_owned()
}
