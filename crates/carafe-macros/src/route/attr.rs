//! The arguments of a rule's attribute as data: the rule's text, read by the router's own parser,
//! and the options.

use carafe_rule::{Builtin, Part};
use proc_macro2::{Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Path, Token};

use crate::diagnostics::{mistake, mistake_at};
use crate::methods;

use super::options::{self, Options};

/// One rule above a function.
pub(crate) struct RuleAttr {
    pub(crate) text: LitStr,
    pub(crate) methods: Vec<String>,
    pub(crate) placeholders: Vec<Placeholder>,
    pub(crate) options: Options,
}

/// A `<converter:name>` of the rule, of its host or of its subdomain.
pub(crate) struct Placeholder {
    pub(crate) name: String,
    pub(crate) converter: Converter,
    /// As written, such as `<int:id>`.
    pub(crate) written: String,
    /// The literal it stands in.
    pub(crate) span: Span,
}

/// What a placeholder matches, as far as the compiler can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Converter {
    Int,
    Float,
    Uuid,
    /// `string`, `path` and `any`.
    Text,
    /// One that the app registers.
    Custom,
}

impl Converter {
    fn of(builtin: &Builtin) -> Converter {
        match builtin {
            Builtin::Int { .. } => Converter::Int,
            Builtin::Float { .. } => Converter::Float,
            Builtin::Uuid => Converter::Uuid,
            _ => Converter::Text,
        }
    }

    /// The type that an argument for it usually has.
    pub(crate) fn usual_type(self) -> &'static str {
        match self {
            Converter::Int => "i64",
            Converter::Float => "f64",
            Converter::Uuid => "Uuid",
            Converter::Text => "String",
            Converter::Custom => "..",
        }
    }

    /// The function in `carafe::__private` that takes its value out of a request.
    pub(crate) fn function(self) -> &'static str {
        match self {
            Converter::Int => "int_value",
            Converter::Float => "float_value",
            Converter::Uuid => "uuid_value",
            Converter::Text => "text_value",
            Converter::Custom => "custom_path_value",
        }
    }

    /// The type in `carafe::__private` that checks its values in `url_for!`.
    pub(crate) fn url_kind(self) -> &'static str {
        match self {
            Converter::Int => "IntUrl",
            Converter::Float => "FloatUrl",
            Converter::Uuid => "UuidUrl",
            Converter::Text => "TextUrl",
            Converter::Custom => "CustomUrl",
        }
    }
}

impl RuleAttr {
    /// The path of the crate, when the attribute names one.
    pub(crate) fn krate(&self) -> Option<&Path> {
        self.options.krate.as_ref()
    }

    pub(crate) fn placeholder(&self, name: &str) -> Option<&Placeholder> {
        self.placeholders.iter().find(|placeholder| placeholder.name == name)
    }

    /// Whether the rule has the name, in its path or among its defaults.
    pub(crate) fn provides(&self, name: &str) -> bool {
        self.placeholder(name).is_some()
            || self.options.defaults.iter().any(|(default, _)| *default == name)
    }
}

/// Reads `"/users/<int:id>", endpoint = "user", ..`.
pub(crate) fn parse(attribute: &str, arguments: TokenStream) -> syn::Result<RuleAttr> {
    (|input: ParseStream<'_>| read(attribute, input)).parse2(arguments)
}

fn read(attribute: &str, input: ParseStream<'_>) -> syn::Result<RuleAttr> {
    let example = format!("write `#[{attribute}(\"/\")]`");
    if input.is_empty() {
        let words = format!("`#[{attribute}]` needs a rule");
        return Err(mistake_at(Span::call_site(), &words, &example));
    }
    if !input.peek(LitStr) {
        let words = "the rule comes first, as text in quotes";
        return Err(mistake_at(input.span(), words, &example));
    }
    let text: LitStr = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    let mut options = options::parse(input)?;
    let methods = match (methods::of_attribute(attribute), options.methods.take()) {
        (Some(method), None) => vec![method],
        (None, None) => vec!["GET".to_owned()],
        (None, Some((_, methods))) => methods,
        (Some(_), Some((name, _))) => {
            let words = format!("`#[{attribute}]` already says the method");
            let hint = "write `#[route(\"..\", methods = [..])]` for several";
            return Err(mistake(&name, &words, hint));
        }
    };
    let mut placeholders = placeholders(&text, carafe_rule::parse)?;
    for host in [&options.host, &options.subdomain].into_iter().flatten() {
        placeholders.extend(self::placeholders(host, carafe_rule::parse_host)?);
    }
    Ok(RuleAttr { text, methods, placeholders, options })
}

type ReadRule = fn(&str) -> Result<carafe_rule::Rule, carafe_rule::ParseError>;

fn placeholders(literal: &LitStr, read: ReadRule) -> syn::Result<Vec<Placeholder>> {
    let text = literal.value();
    let refuse = |error: &carafe_rule::ParseError| refuse(literal, error);
    let rule = read(&text).map_err(|error| refuse(&error))?;
    let mut placeholders = Vec::new();
    for part in rule.parts {
        let Part::Dynamic { converter: name_of_converter, arguments, name, span } = part else {
            continue;
        };
        let converter = match Builtin::new(&name_of_converter, &arguments, span.clone()) {
            Ok(Some(builtin)) => Converter::of(&builtin),
            // Exchanged, as in `<id:int>`: nobody calls an argument `int`.
            Ok(None) if carafe_rule::BUILTIN_NAMES[2..].contains(&name.as_str()) => {
                let known = carafe_rule::BUILTIN_NAMES;
                let error = carafe_rule::unknown_converter(&name_of_converter, &name, span, known);
                return Err(refuse(&error));
            }
            Ok(None) => Converter::Custom,
            Err(error) => return Err(refuse(&error)),
        };
        let written = text[span].to_owned();
        placeholders.push(Placeholder { name, converter, written, span: literal.span() });
    }
    Ok(placeholders)
}

/// The parser's message, at the piece of the literal that it is about where the compiler can point
/// into literals, otherwise at the whole.
fn refuse(literal: &LitStr, error: &carafe_rule::ParseError) -> syn::Error {
    let span = error.span();
    // One byte for the opening quote; raw texts and escapes move the rest about.
    let plain = literal.token().to_string() == format!("\"{}\"", literal.value());
    let piece = plain.then(|| literal.token().subspan(span.start + 1..span.end + 1)).flatten();
    mistake_at(piece.unwrap_or_else(|| literal.span()), error.message(), error.hint().unwrap_or(""))
}
