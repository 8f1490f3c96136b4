//! Queries and forms as a user's types: a serde deserializer over keys with texts.
//!
//! It reads structs, maps and lists of pairs. Within a struct every type that is made from text,
//! `Option` (a missing or empty field is `None`), lists from repeated keys (a missing one is
//! empty), and `bool` from checkboxes (a missing one is `false`).

mod failure;
mod value;

use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::few;
use crate::http::values::MultiDict;

pub(crate) use self::failure::Failure;
use self::failure::Kind;
use self::value::{Absent, Value};

/// How many wrong fields are told at once.
const MAX_FAILURES: usize = 8;
/// How often a type is read again at most, to find out more or to leave empty fields out.
const MAX_PASSES: usize = 64;

/// Reads a `T` out of the pairs, or says what is wrong: first the wrong values, then the first
/// missing one.
pub(crate) fn from_pairs<T: DeserializeOwned>(pairs: &MultiDict) -> Result<T, Vec<Failure>> {
    let fields = group(pairs);
    let mut plan = Plan::default();
    for _ in 0..MAX_PASSES {
        match T::deserialize(Root { pairs, fields: &fields, plan: &plan }) {
            Ok(value) if plan.failures.is_empty() => return Ok(value),
            Ok(_) => break,
            Err(failure) => {
                if !plan.goes_on_after(failure) {
                    break;
                }
            }
        }
    }
    if plan.failures.is_empty() {
        plan.failures.push(Failure::refused("has too many empty fields".to_owned()));
    }
    Err(plan.failures)
}

/// A key and all its values.
struct Field<'a> {
    name: &'a str,
    texts: Vec<&'a str>,
}

/// Groups by key. Sorted, so that a hostile form with many keys costs no more than its sorting.
#[inline]
fn group(pairs: &MultiDict) -> Vec<Field<'_>> {
    let mut sorted: Vec<(&str, &str)> = pairs.iter().collect();
    few::sort_by(&mut sorted, |(a, _), (b, _)| a.cmp(b));
    let mut fields: Vec<Field<'_>> = Vec::with_capacity(sorted.len());
    for (name, text) in sorted {
        match fields.last_mut() {
            Some(field) if field.name == name => field.texts.push(text),
            _ => fields.push(Field { name, texts: vec![text] }),
        }
    }
    fields
}

/// What earlier passes taught. serde stops at the first failure; reading again without the field
/// that failed finds the next one.
#[derive(Default)]
struct Plan {
    failures: Vec<Failure>,
    left_out: Vec<String>,
    /// Missing fields that are offered as [`Absent`].
    absent: Vec<String>,
}

impl Plan {
    /// Takes a failure in; says whether another pass may find out more.
    #[inline]
    fn goes_on_after(&mut self, failure: Failure) -> bool {
        let Some(field) = failure.field.clone() else {
            self.failures.push(failure);
            return false;
        };
        let is_known = self.failures.iter().any(|known| known.field.as_ref() == Some(&field));
        match failure.kind {
            // It is missing because it was left out after its own failure.
            Kind::Missing if is_known => false,
            Kind::Missing if !self.absent.contains(&field) => {
                self.absent.push(field);
                true
            }
            Kind::Empty if !self.left_out.contains(&field) => {
                self.left_out.push(field);
                true
            }
            Kind::Refused(_) if !self.left_out.contains(&field) => {
                self.left_out.push(field);
                self.failures.push(failure);
                self.failures.len() < MAX_FAILURES
            }
            _ => {
                if !is_known {
                    self.failures.push(failure);
                }
                false
            }
        }
    }
}

/// The whole query or form.
struct Root<'a> {
    pairs: &'a MultiDict,
    fields: &'a [Field<'a>],
    plan: &'a Plan,
}

impl<'de> Deserializer<'de> for Root<'_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let absent = self.plan.absent.iter().map(String::as_str);
        let present = self
            .fields
            .iter()
            .filter(|field| !self.plan.left_out.iter().any(|name| name == field.name));
        let next = present
            .map(Entry::Present)
            .chain(absent.map(Entry::Absent))
            .collect::<Vec<_>>()
            .into_iter();
        visitor.visit_map(Entries { next, value: None })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    /// A list of pairs, in the order they came.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        MapDeserializer::new(self.pairs.iter()).deserialize_seq(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit_struct tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[derive(Clone, Copy)]
enum Entry<'a> {
    Present(&'a Field<'a>),
    Absent(&'a str),
}

impl<'a> Entry<'a> {
    #[inline]
    fn name(self) -> &'a str {
        match self {
            Entry::Present(field) => field.name,
            Entry::Absent(name) => name,
        }
    }
}

struct Entries<'a> {
    next: std::vec::IntoIter<Entry<'a>>,
    value: Option<Entry<'a>>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failure> {
        self.value = self.next.next();
        let Some(entry) = self.value else {
            return Ok(None);
        };
        let name = entry.name();
        let key = seed.deserialize(Value { name, texts: &[name] });
        key.map(Some).map_err(|failure| failure.in_field(name))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        let Some(entry) = self.value.take() else {
            return Err(serde::de::Error::custom("a value was asked for before its key"));
        };
        let value = match entry {
            Entry::Present(field) => {
                seed.deserialize(Value { name: field.name, texts: &field.texts })
            }
            Entry::Absent(name) => seed.deserialize(Absent(name)),
        };
        value.map_err(|failure| failure.in_field(entry.name()))
    }
}

#[cfg(test)]
mod tests;
