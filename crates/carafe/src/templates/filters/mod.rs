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

use minijinja::Environment;

pub(super) use self::arguments::keywords;
pub(super) use self::names::FILTERS;
pub(super) use self::text::centered;

/// Adds the filters.
pub(super) fn register(env: &mut Environment<'static>) {
    env.add_filter("pluralize", numbers::pluralize);
    for name in ["escape", "e"] {
        env.add_filter(name, text::escape);
    }
    env.add_filter("forceescape", text::forceescape);
    env.add_filter("center", text::center);
    env.add_filter("indent", text::indent);
    env.add_filter("trim", text::trim);
    env.add_filter("truncate", text::truncate);
    env.add_filter("wordcount", text::wordcount);
    env.add_filter("wordwrap", wordwrap::wordwrap);
    env.add_filter("striptags", strip::striptags);
    env.add_filter("format", format::format);
    env.add_filter("tojson", json::tojson);
    env.add_filter("pprint", pretty::pprint);
    env.add_filter("urlencode", urlencode::urlencode);
    env.add_filter("urlize", urlize::urlize);
    env.add_filter("xmlattr", xmlattr::xmlattr);
    env.add_filter("int", numbers::int);
    env.add_filter("float", numbers::float);
    env.add_filter("filesizeformat", numbers::filesizeformat);
    env.add_filter("random", chance::random);
    for name in ["default", "d"] {
        env.add_filter(name, order::default);
    }
    env.add_filter("batch", order::batch);
    env.add_filter("slice", order::slice);
    env.add_filter("dictsort", order::dictsort);
    env.add_filter("sort", order::sort);
    env.add_filter("min", order::min);
    env.add_filter("max", order::max);
    env.add_filter("unique", order::unique);
}
