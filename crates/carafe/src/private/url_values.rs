//! The compile-time checks of `url_for!`: no value is missing, none is of the wrong type.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::app::{Endpoint, EndpointRule};
use crate::routing::UrlValue;

/// Fails the build, in words, when none of an endpoint's rules has all its values among `given`.
#[inline]
pub const fn check_url_values(endpoint: &str, rules: &[EndpointRule], given: &[&str]) {
    let mut nearest = 0;
    let mut fewest = usize::MAX;
    let mut i = 0;
    while i < rules.len() {
        let missing = count_missing(rules[i].needs, given);
        if missing == 0 {
            return;
        }
        if missing < fewest {
            (nearest, fewest) = (i, missing);
        }
        i += 1;
    }
    // A handler without rules has another mistake, which is told where it was made.
    if !rules.is_empty() {
        let words = lacking(endpoint, &rules[nearest], given);
        panic!("{}", words.text());
    }
}

#[inline]
const fn count_missing(needs: &[&str], given: &[&str]) -> usize {
    let (mut missing, mut i) = (0, 0);
    while i < needs.len() {
        if !contains(given, needs[i]) {
            missing += 1;
        }
        i += 1;
    }
    missing
}

#[inline]
const fn contains(list: &[&str], wanted: &str) -> bool {
    let mut i = 0;
    while i < list.len() {
        if same(list[i].as_bytes(), wanted.as_bytes()) {
            return true;
        }
        i += 1;
    }
    false
}

#[inline]
const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

#[inline]
const fn lacking(endpoint: &str, rule: &EndpointRule, given: &[&str]) -> Words {
    let mut words = Words { bytes: [0; 512], len: 0 };
    words.push("`url_for!(");
    words.push(endpoint);
    words.push(")` lacks");
    let mut first = None;
    let mut i = 0;
    while i < rule.needs.len() {
        if !contains(given, rule.needs[i]) {
            words.push(if first.is_some() { ", `" } else { " `" });
            words.push(rule.needs[i]);
            words.push("`");
            if first.is_none() {
                first = Some(rule.needs[i]);
            }
        }
        i += 1;
    }
    words.push(" of the rule `");
    words.push(rule.rule);
    words.push("`");
    if let Some(name) = first {
        words.push("; write `url_for!(");
        words.push(endpoint);
        words.push(", ");
        words.push(name);
        words.push(" = ..)`");
    }
    words
}

/// Text that is put together while compiling.
struct Words {
    bytes: [u8; 512],
    len: usize,
}

impl Words {
    /// Adds a piece, if it fits.
    #[inline]
    const fn push(&mut self, piece: &str) {
        let piece = piece.as_bytes();
        if self.len + piece.len() > self.bytes.len() {
            return;
        }
        let mut i = 0;
        while i < piece.len() {
            self.bytes[self.len + i] = piece[i];
            i += 1;
        }
        self.len += piece.len();
    }

    #[inline]
    const fn text(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "a value is missing",
        }
    }
}

/// Says what an endpoint's value of the name with this hash is matched by.
pub trait UrlArgument<const NAME: u64>: Endpoint {
    /// One of [`IntUrl`], [`FloatUrl`], [`UuidUrl`], [`TextUrl`] and [`CustomUrl`].
    type Kind;
    const KIND: Self::Kind;
}

/// A value of an endpoint, by its name's hash.
///
/// `kind` is an inherent method where the endpoint has such a value; otherwise it is
/// [`UnknownUrlArgument`]'s, because any name may go to the query.
pub struct UrlArgumentOf<E, const NAME: u64>(PhantomData<fn() -> E>);

impl<E, const NAME: u64> UrlArgumentOf<E, NAME> {
    pub const NEW: UrlArgumentOf<E, NAME> = UrlArgumentOf(PhantomData);
}

impl<E: UrlArgument<NAME>, const NAME: u64> UrlArgumentOf<E, NAME> {
    #[inline]
    pub fn kind(self) -> E::Kind {
        E::KIND
    }
}

/// What a name that the rules do not have falls back to.
pub trait UnknownUrlArgument: Sized {
    #[inline]
    fn kind(self) -> CustomUrl {
        CustomUrl
    }
}

impl<E, const NAME: u64> UnknownUrlArgument for UrlArgumentOf<E, NAME> {}

// Written out and not by a macro: the compiler shows them in its errors.

/// An `<int:..>`.
pub struct IntUrl;

impl IntUrl {
    pub fn url_value<V: IntUrlValue>(self, value: V) -> UrlValue<'static> {
        value.into_url_value()
    }
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in the place of an `<int:..>`",
    label = "not a whole number",
    note = "give an `i64`, or any other integer"
)]
pub trait IntUrlValue {
    fn into_url_value(self) -> UrlValue<'static>;
}

/// A `<float:..>`.
pub struct FloatUrl;

impl FloatUrl {
    pub fn url_value<V: FloatUrlValue>(self, value: V) -> UrlValue<'static> {
        value.into_url_value()
    }
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in the place of a `<float:..>`",
    label = "not an `f64`",
    note = "give an `f64` or an `f32`, such as `1.0`"
)]
pub trait FloatUrlValue {
    fn into_url_value(self) -> UrlValue<'static>;
}

/// A `<uuid:..>`.
pub struct UuidUrl;

impl UuidUrl {
    pub fn url_value<V: UuidUrlValue>(self, value: V) -> UrlValue<'static> {
        value.into_url_value()
    }
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in the place of a `<uuid:..>`",
    label = "not a UUID",
    note = "give a `carafe::Uuid`"
)]
pub trait UuidUrlValue {
    fn into_url_value(self) -> UrlValue<'static>;
}

/// Any other built-in converter.
pub struct TextUrl;

impl TextUrl {
    pub fn url_value<V: TextUrlValue>(self, value: V) -> UrlValue<'static> {
        value.into_url_value()
    }
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in the place of text",
    label = "not text",
    note = "give a `&str` or a `String`; `.to_string()` makes one"
)]
pub trait TextUrlValue {
    fn into_url_value(self) -> UrlValue<'static>;
}

/// A converter of the app, or a value of the query: what fits is only known to the app.
pub struct CustomUrl;

impl CustomUrl {
    pub fn url_value<'a>(self, value: impl Into<UrlValue<'a>>) -> UrlValue<'static> {
        url_value(value)
    }
}

/// A value that outlives the expression it was made in.
pub fn url_value<'a>(value: impl Into<UrlValue<'a>>) -> UrlValue<'static> {
    owned(value.into())
}

#[inline]
fn owned(value: UrlValue<'_>) -> UrlValue<'static> {
    match value {
        UrlValue::Int(value) => UrlValue::Int(value),
        UrlValue::UInt(value) => UrlValue::UInt(value),
        UrlValue::Float(value) => UrlValue::Float(value),
        UrlValue::Bool(value) => UrlValue::Bool(value),
        UrlValue::Str(value) => UrlValue::Str(Cow::Owned(value.into_owned())),
        UrlValue::List(values) => UrlValue::List(values.into_iter().map(owned).collect()),
        UrlValue::None => UrlValue::None,
        UrlValue::Uuid(value) => UrlValue::Uuid(value),
        UrlValue::Other(value) => UrlValue::Other(value),
    }
}

macro_rules! plain {
    ($($value:ident: $($plain:ty),*;)*) => {$($(
        #[diagnostic::do_not_recommend]
        impl $value for $plain {
            #[inline]
            fn into_url_value(self) -> UrlValue<'static> {
                self.into()
            }
        }

        #[diagnostic::do_not_recommend]
        impl $value for &$plain {
            #[inline]
            fn into_url_value(self) -> UrlValue<'static> {
                (*self).into()
            }
        }
    )*)*};
}
plain! {
    IntUrlValue: i8, i16, i32, i64, isize, u8, u16, u32, u64, usize;
    FloatUrlValue: f32, f64;
    UuidUrlValue: uuid::Uuid;
}

macro_rules! texts {
    ($($text:ty => |$value:ident| $owned:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl TextUrlValue for $text {
            #[inline]
            fn into_url_value(self) -> UrlValue<'static> {
                let $value = self;
                UrlValue::Str(Cow::Owned($owned))
            }
        }
    )*};
}
texts! {
    String => |text| text;
    &String => |text| text.clone();
    &str => |text| text.to_owned();
    &&str => |text| (*text).to_owned();
    Cow<'_, str> => |text| text.into_owned();
    &Cow<'_, str> => |text| text.clone().into_owned();
    Box<str> => |text| text.into_string();
    &Box<str> => |text| text.clone().into_string();
    Arc<str> => |text| text.as_ref().to_owned();
    &Arc<str> => |text| text.as_ref().to_owned();
    char => |letter| letter.to_string();
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: EndpointRule =
        EndpointRule { rule: "/users/<int:id>/<tag>", needs: &["id", "tag"] };
    const ALL: EndpointRule = EndpointRule { rule: "/users", needs: &[] };

    #[test]
    fn complete() {
        check_url_values("user", &[USER], &["tag", "id", "page"]);
        check_url_values("user", &[USER, ALL], &["page"]);
        check_url_values("user", &[], &[]);
    }

    #[test]
    fn words() {
        let check = |given: &[&str], expected: &str| {
            assert_eq!(lacking("user", &USER, given).text(), expected);
        };
        check(
            &["tag"],
            "`url_for!(user)` lacks `id` of the rule `/users/<int:id>/<tag>`; write `url_for!(user, id = ..)`",
        );
        check(
            &[],
            "`url_for!(user)` lacks `id`, `tag` of the rule `/users/<int:id>/<tag>`; write `url_for!(user, id = ..)`",
        );
        let long = "x".repeat(600);
        let rule = EndpointRule { rule: "/é/<id>", needs: &["id"] };
        assert_eq!(
            lacking(&long, &rule, &[]).text(),
            "`url_for!()` lacks `id` of the rule `/é/<id>`; write `url_for!(, id = ..)`"
        );
    }
}
