//! The arguments of a converter: the `min=1, max=5` of `<int(min=1, max=5):page>`.

use std::fmt;
use std::ops::Range;

use crate::error::ParseError;

/// The arguments between a converter's parentheses, in the order written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments {
    list: Vec<Argument>,
}

/// One argument, positional or `name=value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The name before `=`; `None` when positional.
    pub name: Option<String>,
    /// What the text means.
    pub value: ArgumentValue,
    /// The value as written, without its quotes.
    pub text: String,
    /// The bytes of the whole argument in the rule's text.
    pub span: Range<usize>,
}

/// The meaning of an argument's text.
#[derive(Clone, Debug, PartialEq)]
pub enum ArgumentValue {
    /// A whole number, such as `5` or `-5`.
    Int(i128),
    /// A number with a point, such as `0.5`.
    Float(f64),
    /// `True`, `False`, `true` or `false`.
    Bool(bool),
    /// `None` or `none`: as if the argument were not given.
    None,
    /// A quoted or bare word.
    Str(String),
}

impl Arguments {
    /// The arguments in the order written.
    pub fn iter(&self) -> std::slice::Iter<'_, Argument> {
        self.list.iter()
    }

    /// How many arguments there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The positional argument at `index`, counted from 0.
    #[must_use]
    pub fn positional(&self, index: usize) -> Option<&Argument> {
        self.list.get(index).filter(|argument| argument.name.is_none())
    }

    /// The argument called `name`.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Argument> {
        self.list.iter().find(|argument| argument.name.as_deref() == Some(name))
    }

    /// The argument called `name`, or else the positional one at `index`.
    #[must_use]
    pub fn find(&self, index: usize, name: &str) -> Option<&Argument> {
        self.named(name).or_else(|| self.positional(index))
    }
}

impl<'a> IntoIterator for &'a Arguments {
    type Item = &'a Argument;
    type IntoIter = std::slice::Iter<'a, Argument>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The same text for the same arguments, however they were spaced or quoted.
impl fmt::Display for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, argument) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            if let Some(name) = &argument.name {
                write!(f, "{name}=")?;
            }
            match &argument.value {
                ArgumentValue::Str(text) if text.chars().all(is_bare) && !text.is_empty() => {
                    f.write_str(text)?;
                }
                ArgumentValue::Str(text) => write!(f, "{text:?}")?,
                _ => f.write_str(&argument.text)?,
            }
        }
        Ok(())
    }
}

/// Reads arguments from `text[start..]`, just behind `(`, to the closing parenthesis. Returns them
/// and the position behind it.
pub(crate) fn parse(text: &str, start: usize) -> Result<(Arguments, usize), ParseError> {
    let mut scanner = Scanner { text, at: start };
    let mut list: Vec<Argument> = Vec::new();
    loop {
        scanner.skip_spaces();
        match scanner.peek() {
            None => {
                return Err(ParseError::new(
                    start - 1..text.len(),
                    format!("`{}` is not closed", &text[start - 1..]),
                )
                .with_hint("add `)` behind the converter's arguments"));
            }
            Some(')') => return Ok((Arguments { list }, scanner.at + 1)),
            Some(',') => {
                let at = scanner.at;
                return Err(ParseError::new(at..at + 1, "an argument is missing before `,`"));
            }
            Some(_) => {
                let argument = scanner.argument()?;
                check_order(&list, &argument)?;
                list.push(argument);
                scanner.separator()?;
            }
        }
    }
}

fn check_order(before: &[Argument], argument: &Argument) -> Result<(), ParseError> {
    let Some(name) = &argument.name else {
        if before.iter().any(|earlier| earlier.name.is_some()) {
            return Err(ParseError::new(
                argument.span.clone(),
                format!("`{}` has no name, but follows an argument with one", argument.text),
            )
            .with_hint("write arguments without a name first"));
        }
        return Ok(());
    };
    if before.iter().any(|earlier| earlier.name.as_ref() == Some(name)) {
        return Err(ParseError::new(
            argument.span.clone(),
            format!("the argument `{name}` is given twice"),
        ));
    }
    Ok(())
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn skip_spaces(&mut self) {
        self.at = self.text.len() - self.text[self.at..].trim_start().len();
    }

    fn bare(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.find(|c| !is_bare(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn argument(&mut self) -> Result<Argument, ParseError> {
        let start = self.at;
        let word = self.bare();
        let after_word = self.at;
        self.skip_spaces();
        if !word.is_empty() && self.peek() == Some('=') {
            self.at += 1;
            self.skip_spaces();
            let (value, text) = self.value()?;
            return Ok(Argument { name: Some(word.to_owned()), value, text, span: start..self.at });
        }
        self.at = start;
        if !word.is_empty() {
            self.at = after_word;
            return Ok(Argument {
                name: None,
                value: meaning(word),
                text: word.to_owned(),
                span: start..after_word,
            });
        }
        let (value, text) = self.value()?;
        Ok(Argument { name: None, value, text, span: start..self.at })
    }

    fn value(&mut self) -> Result<(ArgumentValue, String), ParseError> {
        let start = self.at;
        match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                let inner = &self.text[start + 1..];
                let Some(length) = inner.find(quote) else {
                    return Err(ParseError::new(
                        start..self.text.len(),
                        format!("the text {} is not closed", &self.text[start..]),
                    )
                    .with_hint(format!("add `{quote}` behind it")));
                };
                self.at = start + length + 2;
                let text = inner[..length].to_owned();
                Ok((ArgumentValue::Str(text.clone()), text))
            }
            Some(c) if is_bare(c) => {
                let word = self.bare();
                Ok((meaning(word), word.to_owned()))
            }
            Some(',' | ')') | None => {
                Err(ParseError::new(start..start, "a value is missing behind `=`"))
            }
            Some(c) => Err(ParseError::new(
                start..start + c.len_utf8(),
                format!("`{c}` cannot stand in an argument"),
            )
            .with_hint("put text with such characters in quotes")),
        }
    }

    fn separator(&mut self) -> Result<(), ParseError> {
        self.skip_spaces();
        match self.peek() {
            Some(',') => {
                self.at += 1;
                Ok(())
            }
            Some(')') | None => Ok(()),
            Some(c) => {
                let hint = match c {
                    ':' | '>' => "close the arguments with `)`",
                    _ => "put text with spaces or other characters in quotes",
                };
                let span = self.at..self.at + c.len_utf8();
                Err(ParseError::new(span, format!("expected `,` or `)` before `{c}`"))
                    .with_hint(hint))
            }
        }
    }
}

fn is_bare(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn meaning(word: &str) -> ArgumentValue {
    match word {
        "True" | "true" => return ArgumentValue::Bool(true),
        "False" | "false" => return ArgumentValue::Bool(false),
        "None" | "none" => return ArgumentValue::None,
        _ => {}
    }
    if let Ok(number) = word.parse::<i128>() {
        return ArgumentValue::Int(number);
    }
    // Rust also reads `inf`, `nan` and `1e5` as floats; in a rule those are words.
    let is_decimal = word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    match word.parse::<f64>() {
        Ok(number) if is_decimal => ArgumentValue::Float(number),
        _ => ArgumentValue::Str(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(Option<&str>, ArgumentValue)]) {
        let (arguments, end) = parse(&format!("({text})"), 1).unwrap();
        assert_eq!(end, text.len() + 2, "{text}");
        let found: Vec<_> =
            arguments.iter().map(|a| (a.name.as_deref(), a.value.clone())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values() {
        use ArgumentValue::{Bool, Float, Int, None as Nothing, Str};
        let word = |text: &str| Str(text.to_owned());
        check("", &[]);
        check("5", &[(None, Int(5))]);
        check(" -5 , 0.5 ", &[(None, Int(-5)), (None, Float(0.5))]);
        check("True,false,None", &[(None, Bool(true)), (None, Bool(false)), (None, Nothing)]);
        check("min=1, max = 5", &[(Some("min"), Int(1)), (Some("max"), Int(5))]);
        check("a, \"b,)c\", 'd'", &[(None, word("a")), (None, word("b,)c")), (None, word("d"))]);
        check("x='1'", &[(Some("x"), word("1"))]);
        check("1,", &[(None, Int(1))]);
        check(
            "inf, 1e5, foo-bar",
            &[(None, word("inf")), (None, word("1e5")), (None, word("foo-bar"))],
        );
        check("18446744073709551615", &[(None, Int(u64::MAX.into()))]);
    }

    #[test]
    fn mistakes() {
        let check = |text: &str, message: &str| {
            assert_eq!(parse(text, 1).unwrap_err().to_string(), message, "{text}");
        };
        check("(5", "`(5` is not closed");
        check("(,5)", "an argument is missing before `,`");
        check("(a=)", "a value is missing behind `=`");
        check("(a=1, a=2)", "the argument `a` is given twice");
        check("(a=1, 2)", "`2` has no name, but follows an argument with one");
        check("('a)", "the text 'a) is not closed");
        check("(a b)", "expected `,` or `)` before `b`");
        check("(/)", "`/` cannot stand in an argument");
    }

    #[test]
    fn same_text_for_same_arguments() {
        let check = |text: &str, expected: &str| {
            assert_eq!(parse(text, 1).unwrap().0.to_string(), expected, "{text}");
        };
        check("( min = 1,max=2 )", "min=1, max=2");
        check("('a', \"b c\")", "a, \"b c\"");
    }
}
