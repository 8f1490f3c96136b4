//! What `#[command(..)]` and `#[arg(..)]` say, as data.

use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Ident, Lit, LitChar, LitStr, Meta, Path, Token};

use crate::diagnostics::{known_words, mistake};

#[derive(Default)]
pub(super) struct CommandAttr {
    pub(super) krate: Option<Path>,
    pub(super) name: Option<LitStr>,
}

/// What `#[arg(..)]` says.
#[derive(Default)]
pub(super) struct ArgAttr {
    pub(super) long: Option<String>,
    pub(super) short: Option<char>,
    /// The text of the literal, with the literal to point at.
    pub(super) default: Option<(String, Expr)>,
    pub(super) env: Option<LitStr>,
    pub(super) value_name: Option<LitStr>,
}

pub(super) fn attribute(input: ParseStream<'_>) -> syn::Result<CommandAttr> {
    let mut attribute = CommandAttr::default();
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        match name.to_string().as_str() {
            "crate" => {
                input.parse::<Token![=]>()?;
                attribute.krate = Some(input.call(Path::parse_mod_style)?);
            }
            "name" => {
                input.parse::<Token![=]>()?;
                let text: LitStr = input.parse()?;
                check_command_name(&text)?;
                attribute.name = Some(text);
            }
            word => {
                let words = format!("there is no option `{word}`");
                return Err(mistake(&name, &words, &known_words(word, &["name"])));
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(attribute)
}

fn check_command_name(text: &LitStr) -> syn::Result<()> {
    let name = text.value();
    if name.is_empty() || name.starts_with('-') || name.contains(char::is_whitespace) {
        let words = format!("a command cannot be called `{name}`");
        return Err(mistake(text, &words, "use letters, digits and `-`"));
    }
    Ok(())
}

pub(super) fn arg_attribute(attr: &Attribute, id: &str) -> syn::Result<ArgAttr> {
    match &attr.meta {
        Meta::Path(_) => Ok(ArgAttr::default()),
        Meta::List(list) => {
            (|input: ParseStream<'_>| arg_options(input, id)).parse2(list.tokens.clone())
        }
        Meta::NameValue(_) => Err(mistake(attr, "`#[arg]` takes a list", "write `#[arg(long)]`")),
    }
}

fn arg_options(input: ParseStream<'_>, id: &str) -> syn::Result<ArgAttr> {
    const NAMES: [&str; 5] = ["long", "short", "default", "env", "value_name"];
    let mut options = ArgAttr::default();
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        let has_value = input.peek(Token![=]);
        if has_value {
            input.parse::<Token![=]>()?;
        }
        match name.to_string().as_str() {
            "long" if has_value => options.long = Some(input.parse::<LitStr>()?.value()),
            "long" => options.long = Some(id.replace('_', "-")),
            "short" if has_value => options.short = Some(input.parse::<LitChar>()?.value()),
            "short" => options.short = id.chars().next(),
            "default" if has_value => options.default = Some(default(input.parse()?)?),
            "env" if has_value => options.env = Some(input.parse()?),
            "value_name" if has_value => options.value_name = Some(input.parse()?),
            word if NAMES.contains(&word) => {
                let words = format!("the option `{word}` needs a value");
                return Err(mistake(&name, &words, &format!("write `{word} = ..`")));
            }
            word => {
                let words = format!("there is no option `{word}`");
                return Err(mistake(&name, &words, &known_words(word, &NAMES)));
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(options)
}

/// A default is a literal: what would be typed in its place.
fn default(value: Expr) -> syn::Result<(String, Expr)> {
    let text = match &value {
        Expr::Lit(lit) => literal_text(&lit.lit),
        Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. }) => match &**expr {
            Expr::Lit(lit) => literal_text(&lit.lit).map(|text| format!("-{text}")),
            _ => None,
        },
        _ => None,
    };
    match text {
        Some(text) => Ok((text, value)),
        None => Err(mistake(
            &value,
            "a default is a literal",
            "write what would be typed: `default = \"..\"`",
        )),
    }
}

fn literal_text(lit: &Lit) -> Option<String> {
    Some(match lit {
        Lit::Str(text) => text.value(),
        Lit::Char(letter) => letter.value().to_string(),
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        _ => return None,
    })
}
