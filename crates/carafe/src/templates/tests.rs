//! Jinja's tests that the engine lacks or understands otherwise: `callable`, `sequence`.

use minijinja::value::ValueKind;
use minijinja::{Environment, Value};

/// Jinja's 39 tests, then those that the engine has besides.
pub(super) const TESTS: &[&str] = &[
    "!=",
    "<",
    "<=",
    "==",
    ">",
    ">=",
    "boolean",
    "callable",
    "defined",
    "divisibleby",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
    // Not Jinja's.
    "endingwith",
    "int",
    "safe",
    "startingwith",
];

/// Adds the tests.
pub(super) fn register(env: &mut Environment<'static>) {
    env.add_test("callable", is_callable);
    env.add_test("sequence", is_sequence);
}

/// Functions and macros; calling what is undefined is an error, but Jinja counts it too.
fn is_callable(value: &Value) -> bool {
    let is_macro =
        || value.as_object().is_some_and(|object| object.type_name().ends_with("::Macro"));
    value.kind() == ValueKind::Plain || value.is_undefined() || is_macro()
}

/// What has a length and can be indexed.
fn is_sequence(value: &Value) -> bool {
    matches!(
        value.kind(),
        ValueKind::Seq
            | ValueKind::Map
            | ValueKind::String
            | ValueKind::Bytes
            | ValueKind::Undefined
    )
}
