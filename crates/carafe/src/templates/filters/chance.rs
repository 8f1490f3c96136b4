//! `random`: one item by chance.

use minijinja::{Error, Value};

use super::super::python::random_below;

pub(super) fn random(value: &Value) -> Result<Value, Error> {
    let items: Vec<Value> = value.try_iter()?.collect();
    Ok(items
        .get(random_below(items.len()))
        .cloned()
        .unwrap_or_default())
}
