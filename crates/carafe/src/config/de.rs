//! From the tree to a type: a serde `Deserializer` that knows where each value was set and collects its mistakes.

use std::cell::RefCell;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use super::ConfigErrors;
use super::access::{Entries, Items, Variant};
use super::failure::{Failure, Loose};
use super::report::Report;
use super::tree::{Node, Table, Value, join};

/// Reads a type from the node under `key`. Keys that the type does not have are mistakes.
pub(super) fn read<T: DeserializeOwned>(key: &str, node: &Node) -> Result<T, ConfigErrors> {
    let report = RefCell::new(Report::default());
    loop {
        let reader = Reader { key: key.to_owned(), node, report: &report };
        let outcome = T::deserialize(reader).map_err(|failure| failure.locate(key, node));
        let mut report = report.borrow_mut();
        let found_more = match outcome {
            Ok(value) if !report.has_errors() => return Ok(value),
            Ok(_) => false,
            Err(failure) => report.note(*failure),
        };
        if !found_more {
            return Err(std::mem::take(&mut *report).into_errors());
        }
    }
}

/// One node as serde sees it.
pub(super) struct Reader<'a> {
    key: String,
    node: &'a Node,
    report: &'a RefCell<Report>,
}

impl<'a> Reader<'a> {
    #[inline]
    pub(super) fn new(key: String, node: &'a Node, report: &'a RefCell<Report>) -> Reader<'a> {
        Reader { key, node, report }
    }

    /// Reads the node; a failure is one of this place unless it knows a deeper one.
    #[inline]
    pub(super) fn read<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Failure> {
        let (key, node) = (self.key.clone(), self.node);
        seed.deserialize(self).map_err(|failure| Failure::Located(failure.locate(&key, node)))
    }

    #[inline]
    fn entries(&self, table: &'a Table, known: Option<&[&str]>) -> Entries<'a> {
        let mut report = self.report.borrow_mut();
        let mut entries = Vec::with_capacity(table.len());
        for (name, node) in table {
            let is_known = known.is_none_or(|known| known.contains(&name.as_str()));
            if !is_known {
                report.note_unknown(&self.key, name, node, known.unwrap_or_default());
            } else if !report.is_left_out(&join(&self.key, name)) {
                entries.push((name.as_str(), node));
            }
        }
        Entries::new(self.key.clone(), entries, self.report)
    }

    #[inline]
    fn text(&self) -> Result<&'a str, Failure> {
        self.node.as_text().ok_or_else(|| Failure::expected("a string"))
    }

    #[inline]
    fn table(&self) -> Result<&'a Table, Failure> {
        self.node.table().ok_or_else(|| Failure::expected("a section"))
    }
}

/// Whole numbers: in range or told the range.
macro_rules! integers {
    ($($method:ident $visit:ident $type:ty, $expected:expr;)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            let integer = self.node.as_integer().and_then(|integer| <$type>::try_from(integer).ok());
            visitor.$visit(integer.ok_or_else(|| Failure::expected($expected))?)
        }
    )*};
}

#[inline]
fn range(least: i64, most: i64) -> String {
    format!("a whole number from {least} to {most}")
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Failure;

    integers! {
        deserialize_i8 visit_i8 i8, range(i8::MIN.into(), i8::MAX.into());
        deserialize_i16 visit_i16 i16, range(i16::MIN.into(), i16::MAX.into());
        deserialize_i32 visit_i32 i32, range(i32::MIN.into(), i32::MAX.into());
        deserialize_i64 visit_i64 i64, "a whole number";
        deserialize_i128 visit_i128 i128, "a whole number";
        deserialize_u8 visit_u8 u8, range(0, u8::MAX.into());
        deserialize_u16 visit_u16 u16, range(0, u16::MAX.into());
        deserialize_u32 visit_u32 u32, range(0, u32::MAX.into());
        deserialize_u64 visit_u64 u64, "a whole number, 0 or more";
        deserialize_u128 visit_u128 u128, "a whole number, 0 or more";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(integer) => match (u64::try_from(*integer), i64::try_from(*integer)) {
                (Ok(integer), _) => visitor.visit_u64(integer),
                (_, Ok(integer)) => visitor.visit_i64(integer),
                _ => visitor.visit_i128(*integer),
            },
            Value::Float(float) => visitor.visit_f64(*float),
            Value::Text(text) => visitor.visit_str(text),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Table(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let value = self.node.as_bool().ok_or_else(|| Failure::expected("`true` or `false`"))?;
        visitor.visit_bool(value)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_f64(self.node.as_float().ok_or_else(|| Failure::expected("a number"))?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_bytes(self.text()?.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_bytes(self.text()?.as_bytes())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.node.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.node.value {
            Value::Null => visitor.visit_unit(),
            _ => Err(Failure::expected("left out")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let items = self.node.as_list().ok_or_else(|| Failure::expected("a list"))?;
        visitor.visit_seq(Items::new(self.key, items, self.report))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let table = self.table()?;
        visitor.visit_map(self.entries(table, None))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let table = self.table()?;
        visitor.visit_map(self.entries(table, Some(fields)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let only = self.node.table().filter(|table| table.len() == 1);
        if let Some((name, node)) = only.and_then(|table| table.iter().next()) {
            let content = Reader::new(join(&self.key, name), node, self.report);
            return visitor.visit_enum(Variant::new(name, content));
        }
        let options = || variants.iter().map(|name| (*name).to_owned()).collect();
        let text = self.node.as_text().ok_or_else(|| Failure::Loose(Loose::OneOf(options())))?;
        // `lax` for `Lax`: nobody should have to remember.
        let variant = variants.iter().find(|variant| variant.eq_ignore_ascii_case(text));
        let text: StrDeserializer<'_, Failure> =
            variant.copied().unwrap_or(text).into_deserializer();
        visitor.visit_enum(text)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }
}
