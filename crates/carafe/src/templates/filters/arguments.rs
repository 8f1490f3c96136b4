//! A filter's arguments as Python takes them: by position or by name.

use minijinja::value::{ArgType, Kwargs, Rest, ValueOrKwargs};
use minijinja::{Error, ErrorKind, Value};

/// What stands after the filtered value, by position and by name.
pub(super) type Given = Rest<ValueOrKwargs>;

/// The values as they stand; names are a map at the end.
pub(super) fn values_of(given: Given) -> Vec<Value> {
    given.0.into_iter().map(ValueOrKwargs::into_value).collect()
}

/// The arguments after the filtered value, each in the place of its name; `None` where not given.
pub(super) fn bind<const N: usize>(
    names: [&str; N],
    given: Given,
) -> Result<[Option<Value>; N], Error> {
    let mut bound = [const { None }; N];
    bind_to(&names, &mut bound, given)?;
    Ok(bound)
}

/// As [`bind`], compiled once for all numbers of names.
fn bind_to(names: &[&str], bound: &mut [Option<Value>], given: Given) -> Result<(), Error> {
    let given = values_of(given);
    let (positional, named) = match given.split_last() {
        Some((last, before)) if last.is_kwargs() => (before, Some(Kwargs::from_value(Some(last))?)),
        _ => (given.as_slice(), None),
    };
    if positional.len() > names.len() {
        return Err(Error::new(
            ErrorKind::TooManyArguments,
            format!("it takes at most {}: {}", names.len(), names.join(", ")),
        ));
    }
    for (place, value) in bound.iter_mut().zip(positional) {
        *place = Some(value.clone());
    }
    if let Some(named) = named {
        for (place, name) in bound.iter_mut().zip(names) {
            if named.has(name) {
                *place = Some(named.get(name)?);
            }
        }
        named.assert_all_used()?;
    }
    Ok(())
}

/// The same arguments, all by name, for a filter of the engine.
pub(super) fn by_name<const N: usize>(names: [&str; N], given: Given) -> Result<Kwargs, Error> {
    let mut pairs = Vec::with_capacity(N);
    for (name, value) in names.into_iter().zip(bind(names, given)?) {
        if let Some(value) = value {
            pairs.push((name.to_owned(), named(name, value)));
        }
    }
    Ok(keywords(pairs))
}

/// Arguments by name. All are made here: it is some 5,000 lines of LLVM IR for each kind of iterator.
pub(in crate::templates) fn keywords(pairs: Vec<(String, Value)>) -> Kwargs {
    pairs.into_iter().collect()
}

/// The engine wants an attribute as text, also where it is a position.
fn named(name: &str, value: Value) -> Value {
    match value.as_usize() {
        Some(position) if name == "attribute" => Value::from(position.to_string()),
        _ => value,
    }
}

/// An argument as a number of characters or items.
pub(super) fn count(value: Option<&Value>, default: usize, name: &str) -> Result<usize, Error> {
    match value {
        None => Ok(default),
        Some(value) => value.as_usize().ok_or_else(|| wrong(name, "a whole number from 0", value)),
    }
}

/// An argument as yes or no.
pub(super) fn flag(value: Option<&Value>, default: bool) -> bool {
    value.map_or(default, Value::is_true)
}

/// An argument as text; `none` counts as not given.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    value.filter(|value| !value.is_none() && !value.is_undefined()).map(ToString::to_string)
}

/// An argument is not what it must be.
pub(super) fn wrong(name: &str, wanted: &str, value: &Value) -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("`{name}` must be {wanted}, not {}", value.kind()),
    )
}
