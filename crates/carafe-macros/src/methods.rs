//! The HTTP methods that rules may name.

use proc_macro2::Span;
use syn::{Error, Expr, ExprLit, Lit};

use crate::diagnostics::{known_words, mistake, mistake_at};

/// The methods of RFC 9110 and RFC 5789.
const KNOWN: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"];

/// The method that `#[get]` and its kin stand for; `None` for `#[route]`.
pub(crate) fn of_attribute(attribute: &str) -> Option<String> {
    (attribute != "route").then(|| attribute.to_uppercase())
}

/// Reads `["GET", "POST"]` or `[GET, POST]`.
pub(crate) fn list(value: &Expr) -> syn::Result<Vec<String>> {
    let Expr::Array(array) = value else {
        return Err(mistake(
            value,
            "the methods are a list",
            "write `methods = [\"GET\", \"POST\"]`",
        ));
    };
    let mut methods: Vec<String> = Vec::new();
    for element in &array.elems {
        let method = one(element)?;
        if methods.contains(&method) {
            return Err(mistake(element, &format!("the method `{method}` is listed twice"), ""));
        }
        methods.push(method);
    }
    if methods.is_empty() {
        return Err(mistake(value, "the list of methods is empty", "write `methods = [\"GET\"]`"));
    }
    Ok(methods)
}

/// Reads one method, as text or as a word.
fn one(element: &Expr) -> syn::Result<String> {
    match element {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => check(&text.value(), text.span()),
        Expr::Path(path) => match path.path.segments.last() {
            Some(segment) => check(&segment.ident.to_string(), segment.ident.span()),
            None => Err(not_a_method(element)),
        },
        _ => Err(not_a_method(element)),
    }
}

fn not_a_method(element: &Expr) -> Error {
    mistake(element, "this is not a method", "write it as \"GET\" or GET")
}

fn check(method: &str, span: Span) -> syn::Result<String> {
    if KNOWN.contains(&method) {
        return Ok(method.to_owned());
    }
    let words = format!("there is no method `{method}`");
    let hint = match KNOWN.contains(&method.to_uppercase().as_str()) {
        true => format!("methods are written in capitals: `{}`", method.to_uppercase()),
        false => known_words(method, &KNOWN),
    };
    Err(mistake_at(span, &words, &hint))
}
