//! Filters of the engine that take their arguments by name only: here also by position, as in Jinja.

use minijinja::value::Rest;
use minijinja::{Error, ErrorKind, State, Value, filters};

use super::arguments::{Given, bind, by_name, count};

pub(super) fn default(state: &State, value: &Value, arguments: Given) -> Result<Value, Error> {
    let [default, boolean] = bind(["default_value", "boolean"], arguments)?;
    let default = default.unwrap_or_else(|| Value::from(""));
    filters::default(
        state,
        value,
        Rest(vec![default, Value::from(boolean.is_some_and(|b| b.is_true()))]),
    )
}

pub(super) fn batch(state: &State, value: &Value, arguments: Given) -> Result<Value, Error> {
    let (size, fill) = portions(["linecount", "fill_with"], arguments)?;
    filters::batch(state, value.clone(), size, fill)
}

pub(super) fn slice(state: &State, value: &Value, arguments: Given) -> Result<Value, Error> {
    let (size, fill) = portions(["slices", "fill_with"], arguments)?;
    filters::slice(state, value.clone(), size, fill)
}

fn portions(names: [&str; 2], arguments: Given) -> Result<(usize, Option<Value>), Error> {
    let [size, fill] = bind(names, arguments)?;
    if size.is_none() {
        let words = format!("it needs `{}`", names[0]);
        return Err(Error::new(ErrorKind::MissingArgument, words));
    }
    Ok((count(size.as_ref(), 1, names[0])?, fill.filter(|fill| !fill.is_none())))
}

pub(super) fn dictsort(value: &Value, arguments: Given) -> Result<Value, Error> {
    filters::dictsort(value, by_name(["case_sensitive", "by", "reverse"], arguments)?)
}

pub(super) fn sort(state: &State, value: &Value, arguments: Given) -> Result<Value, Error> {
    filters::sort(
        state,
        value.clone(),
        by_name(["reverse", "case_sensitive", "attribute"], arguments)?,
    )
}

pub(super) fn min(state: &State, value: &Value, arguments: Given) -> Result<Value, Error> {
    filters::min(state, value.clone(), by_name(["case_sensitive", "attribute"], arguments)?)
}

pub(super) fn max(state: &State, value: &Value, arguments: Given) -> Result<Value, Error> {
    filters::max(state, value.clone(), by_name(["case_sensitive", "attribute"], arguments)?)
}

pub(super) fn unique(state: &State, value: &Value, arguments: Given) -> Result<Value, Error> {
    filters::unique(state, value.clone(), by_name(["case_sensitive", "attribute"], arguments)?)
}
