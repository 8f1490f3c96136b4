//! From a user's data to template values, by serde. Structs become [`Record`]s, with fields in order.

use std::fmt::{self, Display};

use minijinja::value::Tuple;
use minijinja::{Error as EngineError, ErrorKind, Value};
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::markup;
use super::record::Record;

/// The template value of a user's value; one that fails when it is used if it cannot be serialized.
pub(super) fn to_value(value: &(impl Serialize + ?Sized)) -> Value {
    value
        .serialize(ToValue)
        .unwrap_or_else(|error| Value::from(EngineError::new(ErrorKind::BadSerialization, error.0)))
}

/// Why a value could not be serialized.
#[derive(Debug)]
pub(super) struct Failure(String);

impl Display for Failure {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl serde::ser::Error for Failure {
    fn custom<T: Display>(words: T) -> Failure {
        Failure(words.to_string())
    }
}

/// The serializer.
struct ToValue;

macro_rules! plain {
    ($($method:ident: $type:ty),*) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<Value, Failure> {
            Ok(Value::from(value))
        }
    )*};
}

impl Serializer for ToValue {
    type Ok = Value;
    type Error = Failure;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = Tagged<List>;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Tagged<Entries>;

    plain! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_i128: i128, serialize_u8: u8, serialize_u16: u16,
        serialize_u32: u32, serialize_u64: u64, serialize_u128: u128, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char, serialize_str: &str
    }

    #[inline]
    fn serialize_bytes(self, value: &[u8]) -> Result<Value, Failure> {
        Ok(Value::from_bytes(value.to_vec()))
    }

    #[inline]
    fn serialize_none(self) -> Result<Value, Failure> {
        Ok(Value::from(()))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Failure> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<Value, Failure> {
        Ok(Value::from(()))
    }

    #[inline]
    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, Failure> {
        Ok(Value::from(()))
    }

    #[inline]
    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, Failure> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, Failure> {
        let inner = value.serialize(self)?;
        Ok(if name == markup::MARKER { Value::from_safe_string(inner.to_string()) } else { inner })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Failure> {
        Ok(tagged(variant, value.serialize(self)?))
    }

    #[inline]
    fn serialize_seq(self, length: Option<usize>) -> Result<List, Failure> {
        Ok(List { items: Vec::with_capacity(length.unwrap_or(0).min(1024)), is_tuple: false })
    }

    #[inline]
    fn serialize_tuple(self, length: usize) -> Result<List, Failure> {
        Ok(List { items: Vec::with_capacity(length), is_tuple: true })
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<List, Failure> {
        self.serialize_tuple(length)
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged<List>, Failure> {
        Ok(Tagged { variant, content: self.serialize_tuple(length)? })
    }

    #[inline]
    fn serialize_map(self, length: Option<usize>) -> Result<Entries, Failure> {
        let entries = Vec::with_capacity(length.unwrap_or(0).min(1024));
        Ok(Entries { entries, key: None })
    }

    #[inline]
    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Entries, Failure> {
        self.serialize_map(Some(length))
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged<Entries>, Failure> {
        Ok(Tagged { variant, content: self.serialize_map(Some(length))? })
    }
}

/// An enum's variant with content: a map of one entry, as in JSON.
#[inline]
fn tagged(variant: &'static str, content: Value) -> Value {
    Value::from_object(Record::new(vec![(Value::from(variant), content)]))
}

/// A list or tuple in the making.
struct List {
    items: Vec<Value>,
    is_tuple: bool,
}

impl List {
    fn push(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Failure> {
        self.items.push(value.serialize(ToValue)?);
        Ok(())
    }

    #[inline]
    fn finish(self) -> Value {
        if self.is_tuple { Value::from(Tuple::from(self.items)) } else { Value::from(self.items) }
    }
}

/// A map or struct in the making.
struct Entries {
    entries: Vec<(Value, Value)>,
    key: Option<Value>,
}

impl Entries {
    fn push(
        &mut self,
        name: &'static str,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), Failure> {
        self.entries.push((Value::from(name), value.serialize(ToValue)?));
        Ok(())
    }

    #[inline]
    fn finish(self) -> Value {
        Value::from_object(Record::new(self.entries))
    }
}

/// A variant's content in the making.
struct Tagged<T> {
    variant: &'static str,
    content: T,
}

macro_rules! lists {
    ($($trait:ident :: $method:ident),*) => {$(
        impl $trait for List {
            type Ok = Value;
            type Error = Failure;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
                self.push(value)
            }

            #[inline]
            fn end(self) -> Result<Value, Failure> {
                Ok(self.finish())
            }
        }
    )*};
}
lists!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field
);

impl SerializeTupleVariant for Tagged<List> {
    type Ok = Value;
    type Error = Failure;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.content.push(value)
    }

    #[inline]
    fn end(self) -> Result<Value, Failure> {
        Ok(tagged(self.variant, self.content.finish()))
    }
}

impl SerializeMap for Entries {
    type Ok = Value;
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        self.key = Some(key.serialize(ToValue)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        let key = self.key.take().unwrap_or_default();
        self.entries.push((key, value.serialize(ToValue)?));
        Ok(())
    }

    #[inline]
    fn end(self) -> Result<Value, Failure> {
        Ok(self.finish())
    }
}

impl SerializeStruct for Entries {
    type Ok = Value;
    type Error = Failure;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        self.push(name, value)
    }

    #[inline]
    fn end(self) -> Result<Value, Failure> {
        Ok(self.finish())
    }
}

impl SerializeStructVariant for Tagged<Entries> {
    type Ok = Value;
    type Error = Failure;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        self.content.push(name, value)
    }

    #[inline]
    fn end(self) -> Result<Value, Failure> {
        Ok(tagged(self.variant, self.content.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Markup;
    use super::*;

    #[derive(serde::Serialize)]
    enum Shape {
        Empty,
        Circle(u8),
        Box(u8, u8),
        Named { b: u8, a: Option<u8> },
    }

    fn check(value: impl Serialize, wanted: &str) {
        assert_eq!(format!("{:?}", to_value(&value)), wanted);
    }

    #[test]
    fn values_look_as_in_python() {
        check((1, "x", 2.5, true, ()), "(1, 'x', 2.5, True, None)");
        check([Shape::Empty, Shape::Circle(1)], "('Empty', {'Circle': 1})");
        check(vec![Shape::Box(1, 2)], "[{'Box': (1, 2)}]");
        check(Shape::Named { b: 1, a: None }, "{'Named': {'b': 1, 'a': None}}");
        check(std::collections::BTreeMap::from([(2, 'b'), (1, 'a')]), "{1: 'a', 2: 'b'}");
    }

    #[test]
    fn markup_is_safe() {
        assert!(to_value(&Markup::new("<b>")).is_safe());
        assert!(!to_value("<b>").is_safe());
        assert_eq!(serde_json::to_string(&Markup::new("<b>")).unwrap(), "\"<b>\"");
    }

    #[test]
    fn large_maps_are_found_too() {
        let map: Vec<(String, usize)> = (0..100).rev().map(|i| (format!("k{i}"), i)).collect();
        let map: std::collections::HashMap<_, _> = map.into_iter().collect();
        let value = to_value(&map);
        for i in 0..100 {
            assert_eq!(value.get_attr(&format!("k{i}")).unwrap(), Value::from(i));
        }
        assert!(value.get_attr("k100").unwrap().is_undefined());
    }
}
