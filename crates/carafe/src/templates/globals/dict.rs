//! `dict(a=1)`, `dict(pairs)`, `dict(other, b=2)`: a map, as Python makes it.

use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Error, ErrorKind, Value};

use super::super::record::Record;

pub(super) fn dict(arguments: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for argument in arguments.0.into_iter().map(ValueOrKwargs::into_value) {
        for item in argument.try_iter()? {
            let (key, value) = if argument.kind() == ValueKind::Map {
                let value = argument.get_item(&item)?;
                (item, value)
            } else {
                pair(&item)?
            };
            match entries.iter_mut().find(|(own, _)| *own == key) {
                Some(entry) => entry.1 = value,
                None => entries.push((key, value)),
            }
        }
    }
    Ok(Value::from_object(Record::new(entries)))
}

fn pair(item: &Value) -> Result<(Value, Value), Error> {
    if item.len() != Some(2) {
        let words = format!("`dict` takes pairs, not {}", item.kind());
        return Err(Error::new(ErrorKind::InvalidOperation, words));
    }
    Ok((item.get_item_by_index(0)?, item.get_item_by_index(1)?))
}
