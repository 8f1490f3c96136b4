//! `urlencode`: text for a path, or pairs for a query.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 3986 section 2.3 leaves alone, and `/`.
const PATH: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// In a query a space is a plus.
const QUERY: AsciiSet = PATH.add(b'/').remove(b' ');

pub(super) fn urlencode(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::Map => {
            let pairs = value.try_iter()?.map(|key| Ok((value.get_item(&key)?, key)));
            join(pairs.map(|pair: Result<_, Error>| pair.map(|(value, key)| (key, value))))
        }
        ValueKind::Seq | ValueKind::Iterable => join(
            value
                .try_iter()?
                .map(|pair| Ok((pair.get_item_by_index(0)?, pair.get_item_by_index(1)?))),
        ),
        _ => Ok(utf8_percent_encode(&value.to_string(), &PATH).to_string()),
    }
}

fn join(pairs: impl Iterator<Item = Result<(Value, Value), Error>>) -> Result<String, Error> {
    let parts: Vec<String> = pairs
        .map(|pair| pair.map(|(key, value)| format!("{}={}", query(&key), query(&value))))
        .collect::<Result<_, _>>()?;
    Ok(parts.join("&"))
}

fn query(value: &Value) -> String {
    utf8_percent_encode(&value.to_string(), &QUERY).to_string().replace(' ', "+")
}
