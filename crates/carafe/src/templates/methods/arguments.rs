//! What a method was called with.

use minijinja::{Error, ErrorKind, Value};

/// A method's name and its arguments, which are known by their places.
pub(super) struct Arguments<'a> {
    pub(super) method: &'a str,
    pub(super) values: &'a [Value],
}

impl<'a> Arguments<'a> {
    /// Refuses more than `most`.
    pub(super) fn at_most(&self, most: usize) -> Result<(), Error> {
        if self.values.len() <= most {
            return Ok(());
        }
        let words = format!("`{}` takes at most {most} arguments", self.method);
        Err(Error::new(ErrorKind::TooManyArguments, words))
    }

    /// The value at a place, which has to be there.
    pub(super) fn value(&self, place: usize) -> Result<&'a Value, Error> {
        self.values.get(place).ok_or_else(|| {
            let words = format!("`{}` needs {} or more arguments", self.method, place + 1);
            Error::new(ErrorKind::MissingArgument, words)
        })
    }

    /// The one value.
    pub(super) fn only_value(&self) -> Result<&'a Value, Error> {
        self.at_most(1)?;
        self.value(0)
    }

    /// The one text.
    pub(super) fn only_text(&self) -> Result<&'a str, Error> {
        let value = self.only_value()?;
        value.as_str().ok_or_else(|| self.wrong("a text", value))
    }

    /// A text; `None` where it was left out or is `none`.
    pub(super) fn text(&self, place: usize) -> Result<Option<&'a str>, Error> {
        let value = self.values.get(place).filter(|value| !value.is_none());
        value.map(|value| value.as_str().ok_or_else(|| self.wrong("a text", value))).transpose()
    }

    /// A whole number; `None` where it was left out, is `none`, or is negative: Python's "all".
    pub(super) fn number(&self, place: usize) -> Result<Option<usize>, Error> {
        let Some(value) = self.values.get(place).filter(|value| !value.is_none()) else {
            return Ok(None);
        };
        match value.as_i64() {
            Some(number) => Ok(usize::try_from(number).ok()),
            None => Err(self.wrong("a whole number", value)),
        }
    }

    pub(super) fn wrong(&self, wanted: &str, value: &Value) -> Error {
        let words = format!("`{}` wants {wanted}, not {}", self.method, value.kind());
        Error::new(ErrorKind::InvalidOperation, words)
    }
}
