//! Jinja's 54 filters: those that the engine lacks, and those that it has but that behave otherwise.
//!
//! The others are the engine's own.

mod arguments;
mod chance;
mod format;
mod json;
mod links;
mod names;
mod numbers;
mod order;
mod pretty;
mod strip;
mod text;
mod urlencode;
mod urlize;
mod wordwrap;
mod xmlattr;

use minijinja::{Environment, Error, State, Value};

use self::arguments::Given;

pub(super) use self::arguments::keywords;
pub(super) use self::names::FILTERS;
pub(super) use self::text::centered;

/// A filter as all are registered: one type, since the engine's code for a filter is compiled once for each type.
type Filter = fn(&mut State<'_, '_>, &Value, Given) -> Result<Value, Error>;

/// Adds the filters.
pub(super) fn register(env: &mut Environment<'static>) {
    for (name, filter) in OURS {
        env.add_filter(*name, *filter);
    }
}

#[rustfmt::skip]
const OURS: &[(&str, Filter)] = &[
    ("batch", |state, value, given| order::batch(state, value, given)),
    ("center", |_, value, given| text::center(value, given)),
    ("d", |state, value, given| order::default(state, value, given)),
    ("default", |state, value, given| order::default(state, value, given)),
    ("dictsort", |_, value, given| order::dictsort(value, given)),
    ("e", |_, value, given| alone(given, || text::escape(value))),
    ("escape", |_, value, given| alone(given, || text::escape(value))),
    ("filesizeformat", |_, value, given| numbers::filesizeformat(value, given).map(Value::from)),
    ("float", |_, value, given| numbers::float(value, given)),
    ("forceescape", |_, value, given| alone(given, || text::forceescape(value))),
    ("format", |state, value, given| format::format(state, value, given)),
    ("indent", |_, value, given| text::indent(value, given)),
    ("int", |_, value, given| numbers::int(value, given)),
    ("max", |state, value, given| order::max(state, value, given)),
    ("min", |state, value, given| order::min(state, value, given)),
    ("pluralize", |_, value, given| numbers::pluralize(value, given)),
    ("pprint", |_, value, given| alone(given, || Value::from(pretty::pprint(value)))),
    ("random", |_, value, given| alone(given, || value).and_then(chance::random)),
    ("slice", |state, value, given| order::slice(state, value, given)),
    ("sort", |state, value, given| order::sort(state, value, given)),
    ("striptags", |_, value, given| alone(given, || Value::from(strip::striptags(value)))),
    ("tojson", |_, value, given| json::tojson(value, given)),
    ("trim", |state, value, given| text::trim(state, value, given)),
    ("truncate", |_, value, given| text::truncate(value, given)),
    ("unique", |state, value, given| order::unique(state, value, given)),
    ("urlencode", |_, value, given| alone(given, || value).and_then(urlencode::urlencode).map(Value::from)),
    ("urlize", |state, value, given| urlize::urlize(state, value, given)),
    ("wordcount", |_, value, given| alone(given, || Value::from(text::wordcount(value)))),
    ("wordwrap", |_, value, given| wordwrap::wordwrap(value, given).map(Value::from)),
    ("xmlattr", |state, value, given| xmlattr::xmlattr(state, value, given)),
];

/// For filters without arguments.
fn alone<T>(given: Given, filter: impl FnOnce() -> T) -> Result<T, Error> {
    arguments::bind([], given)?;
    Ok(filter())
}
