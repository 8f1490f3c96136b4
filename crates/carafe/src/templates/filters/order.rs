//! Filters of the engine that take their arguments by name only: here also by position, as in Jinja.

use minijinja::value::Rest;
use minijinja::{Error, State, Value, filters};

use super::arguments::{bind, by_name};

pub(super) fn default(state: &State, value: &Value, arguments: Rest<Value>) -> Result<Value, Error> {
    let [default, boolean] = bind(["default_value", "boolean"], &arguments)?;
    let default = default.unwrap_or_else(|| Value::from(""));
    filters::default(state, value, Rest(vec![default, Value::from(boolean.is_some_and(|b| b.is_true()))]))
}

pub(super) fn dictsort(value: &Value, arguments: Rest<Value>) -> Result<Value, Error> {
    filters::dictsort(value, by_name(["case_sensitive", "by", "reverse"], &arguments)?)
}

pub(super) fn sort(state: &State, value: Value, arguments: Rest<Value>) -> Result<Value, Error> {
    filters::sort(state, value, by_name(["reverse", "case_sensitive", "attribute"], &arguments)?)
}

pub(super) fn min(state: &State, value: Value, arguments: Rest<Value>) -> Result<Value, Error> {
    filters::min(state, value, by_name(["case_sensitive", "attribute"], &arguments)?)
}

pub(super) fn max(state: &State, value: Value, arguments: Rest<Value>) -> Result<Value, Error> {
    filters::max(state, value, by_name(["case_sensitive", "attribute"], &arguments)?)
}

pub(super) fn unique(state: &State, value: Value, arguments: Rest<Value>) -> Result<Value, Error> {
    filters::unique(state, value, by_name(["case_sensitive", "attribute"], &arguments)?)
}
