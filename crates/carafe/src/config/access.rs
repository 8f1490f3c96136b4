//! The ways serde walks into a node: the entries of a section, the items of a list, the variant of an enum.

use std::borrow::Cow;
use std::cell::RefCell;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::de::Reader;
use super::failure::Failure;
use super::report::Report;
use super::tree::{Node, join};

/// The entries of a section, without those that failed before.
pub(super) struct Entries<'a> {
    section: String,
    entries: std::vec::IntoIter<(&'a str, &'a Node)>,
    value: Option<(&'a str, &'a Node)>,
    report: &'a RefCell<Report>,
}

impl<'a> Entries<'a> {
    #[inline]
    pub(super) fn new(
        section: String,
        entries: Vec<(&'a str, &'a Node)>,
        report: &'a RefCell<Report>,
    ) -> Entries<'a> {
        Entries { section, entries: entries.into_iter(), value: None, report }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failure> {
        self.value = self.entries.next();
        let Some((name, _)) = self.value else {
            return Ok(None);
        };
        let name: StrDeserializer<'_, Failure> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        match self.value.take() {
            Some((name, node)) => {
                Reader::new(join(&self.section, name), node, self.report).read(seed)
            }
            None => Err(serde::de::Error::custom("a value was asked for before its key")),
        }
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// The items of a list, without those that failed before.
pub(super) struct Items<'a> {
    list: String,
    items: Cow<'a, [Node]>,
    next: usize,
    report: &'a RefCell<Report>,
}

impl<'a> Items<'a> {
    #[inline]
    pub(super) fn new(
        list: String,
        items: Cow<'a, [Node]>,
        report: &'a RefCell<Report>,
    ) -> Items<'a> {
        Items { list, items, next: 0, report }
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Failure> {
        while let Some(node) = self.items.get(self.next) {
            let key = format!("{}[{}]", self.list, self.next);
            self.next += 1;
            if !self.report.borrow().is_left_out(&key) {
                return Reader::new(key, node, self.report).read(seed).map(Some);
            }
        }
        Ok(None)
    }
}

/// An enum's variant that carries something, written as a section with one key.
pub(super) struct Variant<'a> {
    name: &'a str,
    content: Reader<'a>,
}

impl<'a> Variant<'a> {
    #[inline]
    pub(super) fn new(name: &'a str, content: Reader<'a>) -> Variant<'a> {
        Variant { name, content }
    }
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Failure;
    type Variant = Content<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content<'a>), Failure> {
        let name: StrDeserializer<'_, Failure> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Content(self.content)))
    }
}

/// What a variant carries.
pub(super) struct Content<'a>(Reader<'a>);

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Failure;

    #[inline]
    fn unit_variant(self) -> Result<(), Failure> {
        self.0.read(std::marker::PhantomData)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Failure> {
        self.0.read(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failure> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.0.deserialize_struct("", fields, visitor)
    }
}
