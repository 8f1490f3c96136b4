//! The options of a rule's attribute: Flask's arguments of `route`.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, Ident, LitStr, Path, Token, parenthesized};

use crate::diagnostics::{known_words, mistake};
use crate::methods;

const NAMES: [&str; 12] = [
    "methods",
    "endpoint",
    "defaults",
    "strict_slashes",
    "merge_slashes",
    "subdomain",
    "host",
    "redirect_to",
    "alias",
    "build_only",
    "websocket",
    "provide_automatic_options",
];

/// The options that were written.
#[derive(Default)]
pub(crate) struct Options {
    /// `crate = some::path`, for a renamed dependency.
    pub(crate) krate: Option<Path>,
    /// With the option's own name, to point at.
    pub(crate) methods: Option<(Ident, Vec<String>)>,
    pub(crate) endpoint: Option<LitStr>,
    pub(crate) defaults: Vec<(Ident, Expr)>,
    pub(crate) subdomain: Option<LitStr>,
    pub(crate) host: Option<LitStr>,
    pub(crate) redirect_to: Option<Expr>,
    /// Options that are true or false; `Rule` has a method of the same name for each.
    pub(crate) switches: Vec<(Ident, bool)>,
}

/// Reads options to the end.
pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Options> {
    let mut options = Options::default();
    let mut seen: Vec<Ident> = Vec::new();
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        if seen.contains(&name) {
            return Err(mistake(&name, &format!("the option `{name}` is given twice"), ""));
        }
        option(input, &name, &mut options)?;
        seen.push(name);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(options)
}

fn option(input: ParseStream<'_>, name: &Ident, options: &mut Options) -> syn::Result<()> {
    match name.to_string().as_str() {
        "crate" => {
            input.parse::<Token![=]>()?;
            options.krate = Some(input.call(Path::parse_mod_style)?);
        }
        "methods" => options.methods = Some((name.clone(), methods::list(&value(input, name)?)?)),
        "endpoint" => {
            let endpoint = text(input, name)?;
            check_endpoint(&endpoint)?;
            options.endpoint = Some(endpoint);
        }
        "subdomain" => options.subdomain = Some(text(input, name)?),
        "host" => options.host = Some(text(input, name)?),
        "redirect_to" => options.redirect_to = Some(value(input, name)?),
        "defaults" => options.defaults = defaults(input, name)?,
        "strict_slashes"
        | "merge_slashes"
        | "alias"
        | "build_only"
        | "websocket"
        | "provide_automatic_options" => {
            options.switches.push((name.clone(), switch(input, name)?));
        }
        word => {
            let words = format!("there is no option `{word}`");
            return Err(mistake(name, &words, &known_words(word, &NAMES)));
        }
    }
    Ok(())
}

fn value(input: ParseStream<'_>, name: &Ident) -> syn::Result<Expr> {
    if !input.peek(Token![=]) {
        let hint = format!("write `{name} = ..`");
        return Err(mistake(name, &format!("the option `{name}` needs a value"), &hint));
    }
    input.parse::<Token![=]>()?;
    input.parse()
}

fn text(input: ParseStream<'_>, name: &Ident) -> syn::Result<LitStr> {
    let value = value(input, name)?;
    match &value {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Ok(text.clone()),
        _ => Err(mistake(&value, &format!("the option `{name}` is text in quotes"), "")),
    }
}

/// `alias` alone means `alias = true`.
fn switch(input: ParseStream<'_>, name: &Ident) -> syn::Result<bool> {
    if !input.peek(Token![=]) {
        return Ok(true);
    }
    match value(input, name)? {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Bool(value), .. }) => Ok(value.value),
        other => Err(mistake(&other, &format!("the option `{name}` is `true` or `false`"), "")),
    }
}

fn defaults(input: ParseStream<'_>, option: &Ident) -> syn::Result<Vec<(Ident, Expr)>> {
    if !input.peek(syn::token::Paren) {
        let words = "the defaults are a list of names with values";
        return Err(mistake(option, words, "write `defaults(page = 1, lang = \"en\")`"));
    }
    let list;
    parenthesized!(list in input);
    let mut defaults: Vec<(Ident, Expr)> = Vec::new();
    while !list.is_empty() {
        let name = list.call(Ident::parse_any)?;
        if defaults.iter().any(|(other, _)| *other == name) {
            return Err(mistake(&name, &format!("the default `{name}` is given twice"), ""));
        }
        let value = value(&list, &name)?;
        defaults.push((name, value));
        if !list.is_empty() {
            list.parse::<Token![,]>()?;
        }
    }
    Ok(defaults)
}

fn check_endpoint(endpoint: &LitStr) -> syn::Result<()> {
    let name = endpoint.value();
    if name.is_empty() {
        return Err(mistake(endpoint, "an endpoint needs a name", ""));
    }
    if name.contains('.') {
        let words = format!("the endpoint `{name}` contains a dot");
        let hint = "a blueprint puts its own name and a dot before its endpoints";
        return Err(mistake(endpoint, &words, hint));
    }
    Ok(())
}
