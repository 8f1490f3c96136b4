//! The built-in converters' arguments, checked: `<int(min=5, max=1):x>` is a mistake that can be
//! told before the app runs.

use std::ops::Range;

use crate::arguments::{Argument, ArgumentValue, Arguments};
use crate::error::ParseError;

/// The names that [`Builtin::new`] knows.
pub const BUILTIN_NAMES: [&str; 7] = ["default", "string", "int", "float", "path", "any", "uuid"];

/// A built-in converter with its arguments.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Builtin {
    /// `default` or `string`: text without a slash.
    Text {
        /// The least number of characters; at least 1.
        min_length: usize,
        /// The largest number of characters.
        max_length: Option<usize>,
    },
    /// `int`: decimal digits.
    Int {
        /// The exact number of characters; 0 means any number.
        fixed_digits: usize,
        /// The smallest value.
        min: Option<i128>,
        /// The largest value.
        max: Option<i128>,
        /// Whether a `-` may come first.
        signed: bool,
    },
    /// `float`: digits, a point, digits.
    Float {
        /// The smallest value.
        min: Option<f64>,
        /// The largest value.
        max: Option<f64>,
        /// Whether a `-` may come first.
        signed: bool,
    },
    /// `path`: text with slashes.
    Path,
    /// `any(a, b)`: one of the words.
    Any(Vec<String>),
    /// `uuid`: the form with hyphens.
    Uuid,
}

impl Builtin {
    /// The built-in converter called `converter`, or `None` when there is none of that name.
    /// `span` is the placeholder's, for errors about arguments that are missing.
    ///
    /// # Errors
    /// When an argument is unknown, is of the wrong kind, or contradicts another.
    pub fn new(
        converter: &str,
        arguments: &Arguments,
        span: Range<usize>,
    ) -> Result<Option<Self>, ParseError> {
        let reader = Reader { converter, arguments, span };
        match converter {
            "default" | "string" => reader.text(),
            "int" => reader.int(),
            "float" => reader.float(),
            "path" => reader.none(Self::Path),
            "uuid" => reader.none(Self::Uuid),
            "any" => reader.any(),
            _ => return Ok(None),
        }
        .map(Some)
    }
}

/// The error for a converter that nobody registered; `known` are the names that exist. Notices
/// `<id:int>`, where the converter and the name changed places.
#[must_use]
pub fn unknown_converter<'a>(
    converter: &str,
    name: &str,
    span: Range<usize>,
    known: impl IntoIterator<Item = &'a str>,
) -> ParseError {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    let error = ParseError::new(span, format!("there is no converter `{converter}`"));
    if known.contains(&name) {
        return error.with_hint(format!("the converter comes first: `<{name}:{converter}>`"));
    }
    let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    error.with_hint(format!("the converters are {}", list.join(", ")))
}

struct Reader<'a> {
    converter: &'a str,
    arguments: &'a Arguments,
    span: Range<usize>,
}

impl Reader<'_> {
    fn text(&self) -> Result<Builtin, ParseError> {
        self.check_known(&["minlength", "maxlength", "length"])?;
        let min = self.length(0, "minlength")?;
        let max = self.length(1, "maxlength")?;
        if let Some(length) = self.length(2, "length")? {
            if min.is_some() || max.is_some() {
                return Err(self.conflict("`length` already fixes `minlength` and `maxlength`"));
            }
            return Ok(Builtin::Text { min_length: length, max_length: Some(length) });
        }
        let min_length = min.unwrap_or(1);
        if let Some(max) = max
            && max < min_length
        {
            return Err(self
                .conflict(&format!("`minlength` {min_length} is larger than `maxlength` {max}")));
        }
        Ok(Builtin::Text { min_length, max_length: max })
    }

    fn int(&self) -> Result<Builtin, ParseError> {
        self.check_known(&["fixed_digits", "min", "max", "signed"])?;
        let fixed_digits = match self.int_argument(0, "fixed_digits")? {
            None => 0,
            Some((argument, number)) => usize::try_from(number)
                .map_err(|_| self.wrong(argument, "fixed_digits", "a whole number"))?,
        };
        let min = self.int_argument(1, "min")?.map(|(_, number)| number);
        let max = self.int_argument(2, "max")?.map(|(_, number)| number);
        let signed = self.bool_argument(3, "signed")?;
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            return Err(self.conflict(&format!("`min` {min} is larger than `max` {max}")));
        }
        if !signed {
            self.check_sign(min.is_some_and(|n| n < 0), max.is_some_and(|n| n < 0))?;
        }
        Ok(Builtin::Int { fixed_digits, min, max, signed })
    }

    fn float(&self) -> Result<Builtin, ParseError> {
        self.check_known(&["min", "max", "signed"])?;
        let min = self.float_argument(0, "min")?;
        let max = self.float_argument(1, "max")?;
        let signed = self.bool_argument(2, "signed")?;
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            return Err(self.conflict(&format!("`min` {min} is larger than `max` {max}")));
        }
        if !signed {
            self.check_sign(min.is_some_and(|n| n < 0.0), max.is_some_and(|n| n < 0.0))?;
        }
        Ok(Builtin::Float { min, max, signed })
    }

    fn any(&self) -> Result<Builtin, ParseError> {
        let mut items: Vec<String> = Vec::new();
        for argument in self.arguments {
            if let Some(name) = &argument.name {
                return Err(self.unknown(argument, name, &[]));
            }
            let problem = match argument.text.as_str() {
                "" => Some("an empty item never matches".to_owned()),
                text if text.contains('/') => {
                    Some(format!("`{text}` never matches, because `any` takes no slash"))
                }
                text if items.iter().any(|item| item == text) => {
                    Some(format!("`{text}` is given twice"))
                }
                _ => None,
            };
            if let Some(problem) = problem {
                return Err(ParseError::new(argument.span.clone(), problem));
            }
            items.push(argument.text.clone());
        }
        if items.is_empty() {
            return Err(ParseError::new(self.span.clone(), "`any` needs the words that it takes")
                .with_hint("write `<any(red, green):color>`"));
        }
        Ok(Builtin::Any(items))
    }

    fn none(&self, builtin: Builtin) -> Result<Builtin, ParseError> {
        self.check_known(&[])?;
        Ok(builtin)
    }

    fn check_known(&self, names: &[&str]) -> Result<(), ParseError> {
        for (index, argument) in self.arguments.iter().enumerate() {
            match &argument.name {
                Some(name) => match names.iter().position(|known| known == name) {
                    None => return Err(self.unknown(argument, name, names)),
                    Some(position) if self.arguments.positional(position).is_some() => {
                        return Err(ParseError::new(
                            argument.span.clone(),
                            format!("the argument `{name}` is given twice"),
                        ));
                    }
                    Some(_) => {}
                },
                None if index >= names.len() => {
                    let limit = match names.len() {
                        0 => "no arguments".to_owned(),
                        most => format!("at most {most} arguments"),
                    };
                    let message = format!("the converter `{}` takes {limit}", self.converter);
                    return Err(ParseError::new(argument.span.clone(), message));
                }
                None => {}
            }
        }
        Ok(())
    }

    fn unknown(&self, argument: &Argument, name: &str, names: &[&str]) -> ParseError {
        let message = format!("the converter `{}` has no argument `{name}`", self.converter);
        let error = ParseError::new(argument.span.clone(), message);
        if names.is_empty() {
            return error;
        }
        let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        error.with_hint(format!("it has {}", list.join(", ")))
    }

    fn given(&self, index: usize, name: &str) -> Option<&Argument> {
        self.arguments.find(index, name).filter(|argument| argument.value != ArgumentValue::None)
    }

    fn length(&self, index: usize, name: &str) -> Result<Option<usize>, ParseError> {
        let Some((argument, number)) = self.int_argument(index, name)? else {
            return Ok(None);
        };
        match usize::try_from(number) {
            Ok(length) if length > 0 => Ok(Some(length)),
            _ => Err(self.wrong(argument, name, "at least 1")),
        }
    }

    fn int_argument(
        &self,
        index: usize,
        name: &str,
    ) -> Result<Option<(&Argument, i128)>, ParseError> {
        match self.given(index, name) {
            None => Ok(None),
            Some(argument) => match argument.value {
                ArgumentValue::Int(number) => Ok(Some((argument, number))),
                _ => Err(self.wrong(argument, name, "a whole number")),
            },
        }
    }

    fn float_argument(&self, index: usize, name: &str) -> Result<Option<f64>, ParseError> {
        match self.given(index, name) {
            None => Ok(None),
            Some(argument) => match argument.value {
                ArgumentValue::Float(number) => Ok(Some(number)),
                #[expect(clippy::cast_precision_loss, reason = "a bound is a float in the end")]
                ArgumentValue::Int(number) => Ok(Some(number as f64)),
                _ => Err(self.wrong(argument, name, "a number")),
            },
        }
    }

    fn bool_argument(&self, index: usize, name: &str) -> Result<bool, ParseError> {
        match self.given(index, name) {
            None => Ok(false),
            Some(argument) => match argument.value {
                ArgumentValue::Bool(value) => Ok(value),
                _ => Err(self.wrong(argument, name, "`true` or `false`")),
            },
        }
    }

    fn check_sign(&self, min_negative: bool, max_negative: bool) -> Result<(), ParseError> {
        let name = match (min_negative, max_negative) {
            (_, true) => "max",
            (true, false) => "min",
            (false, false) => return Ok(()),
        };
        Err(self
            .conflict(&format!("`{name}` is below zero, but the converter takes no sign"))
            .with_hint("add `signed=true`"))
    }

    fn wrong(&self, argument: &Argument, name: &str, wanted: &str) -> ParseError {
        ParseError::new(
            argument.span.clone(),
            format!(
                "`{name}` of the converter `{}` is {wanted}, not `{}`",
                self.converter, argument.text
            ),
        )
    }

    fn conflict(&self, message: &str) -> ParseError {
        ParseError::new(self.span.clone(), message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Part, parse};

    fn built(placeholder: &str) -> Result<Option<Builtin>, ParseError> {
        let rule = parse(&format!("/<{placeholder}:x>")).unwrap();
        let Part::Dynamic { converter, arguments, span, .. } = &rule.parts[1] else {
            panic!("{rule:?}")
        };
        Builtin::new(converter, arguments, span.clone())
    }

    #[test]
    fn reads() {
        let check = |text: &str, expected: Builtin| {
            assert_eq!(built(text).unwrap().unwrap(), expected, "{text}");
        };
        let text = |min_length, max_length| Builtin::Text { min_length, max_length };
        check("default", text(1, None));
        check("string(2)", text(2, None));
        check("string(2, 5)", text(2, Some(5)));
        check("string(maxlength=5)", text(1, Some(5)));
        check("string(length=2)", text(2, Some(2)));
        check("string(minlength=2, maxlength=None)", text(2, None));
        let int = |fixed_digits, min, max, signed| Builtin::Int { fixed_digits, min, max, signed };
        check("int", int(0, None, None, false));
        check("int(4)", int(4, None, None, false));
        check("int(min=1, max=5)", int(0, Some(1), Some(5), false));
        check("int(0, -5, 5, True)", int(0, Some(-5), Some(5), true));
        check("float(min=1)", Builtin::Float { min: Some(1.0), max: None, signed: false });
        check("path", Builtin::Path);
        check("uuid()", Builtin::Uuid);
        check("any(a, 1, 'b c')", Builtin::Any(vec!["a".into(), "1".into(), "b c".into()]));
        assert_eq!(built("list").unwrap(), None);
    }

    #[test]
    fn mistakes() {
        let check = |text: &str, message: &str| {
            assert_eq!(built(text).unwrap_err().message(), message, "{text}");
        };
        check("int(mn=1)", "the converter `int` has no argument `mn`");
        check("int(1, 2, 3, true, 5)", "the converter `int` takes at most 4 arguments");
        check("int(1, fixed_digits=2)", "the argument `fixed_digits` is given twice");
        check("path(1)", "the converter `path` takes no arguments");
        check("int(min=a)", "`min` of the converter `int` is a whole number, not `a`");
        check("int(min=0.5)", "`min` of the converter `int` is a whole number, not `0.5`");
        check("int(-1)", "`fixed_digits` of the converter `int` is a whole number, not `-1`");
        check("int(min=5, max=1)", "`min` 5 is larger than `max` 1");
        check("int(min=-5)", "`min` is below zero, but the converter takes no sign");
        check("int(signed=1)", "`signed` of the converter `int` is `true` or `false`, not `1`");
        check("float(min=2, max=1.5)", "`min` 2 is larger than `max` 1.5");
        check("float(max=-1)", "`max` is below zero, but the converter takes no sign");
        check("string(0)", "`minlength` of the converter `string` is at least 1, not `0`");
        check("string(5, 2)", "`minlength` 5 is larger than `maxlength` 2");
        check("string(5, length=2)", "`length` already fixes `minlength` and `maxlength`");
        check("any", "`any` needs the words that it takes");
        check("any('')", "an empty item never matches");
        check("any(a, a)", "`a` is given twice");
        check("any('a/b')", "`a/b` never matches, because `any` takes no slash");
        check("any(x=1)", "the converter `any` has no argument `x`");
    }

    #[test]
    fn unknown() {
        let error = unknown_converter("id", "int", 1..9, BUILTIN_NAMES);
        assert_eq!(error.message(), "there is no converter `id`");
        assert_eq!(error.hint(), Some("the converter comes first: `<int:id>`"));
        let error = unknown_converter("lst", "x", 1..9, ["int", "any"]);
        assert_eq!(error.hint(), Some("the converters are `any`, `int`"));
    }
}
