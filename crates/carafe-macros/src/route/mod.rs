//! `#[get]`, `#[post]`, `#[put]`, `#[patch]`, `#[delete]` and `#[route]`.

mod attr;
mod expand;
mod keep;
mod options;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta};

use crate::ast::{self, Function};
use crate::diagnostics::mistake;
use crate::fallback;

use self::attr::RuleAttr;
pub(crate) use self::expand::private;

const ATTRIBUTES: [&str; 6] = ["get", "post", "put", "patch", "delete", "route"];

/// Expands the outermost of the rules above a function, and with it all others.
pub(crate) fn expand(attribute: &str, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function = match ast::function(item.clone(), attribute) {
        Ok(function) => function,
        Err(error) => return fallback::item_only(&item, &error),
    };
    let siblings = function.take_attributes(|attr| rule_attribute(attr).is_some());
    match rules(attribute, arguments, &siblings)
        .and_then(|rules| validate::check(&function, rules))
        .map(|checked| expand::route(&function, &checked))
    {
        Ok(code) => code,
        Err(error) => stub(&function, &error),
    }
}

fn stub(function: &Function, error: &syn::Error) -> TokenStream {
    let private = quote!(::carafe::__private);
    let members = quote! {
        const RULES: &'static [#private::EndpointRule] = &[];
        fn route() -> #private::Route { ::core::unreachable!() }
    };
    fallback::stub(function, error, &quote!(#private::Endpoint), &members)
}

/// Which of our attributes this is.
fn rule_attribute(attr: &Attribute) -> Option<&'static str> {
    let last = attr.path().segments.last()?;
    ATTRIBUTES.into_iter().find(|name| last.ident == name)
}

/// All rules, the outermost first.
fn rules(
    attribute: &str,
    arguments: TokenStream,
    siblings: &[Attribute],
) -> syn::Result<Vec<RuleAttr>> {
    let mut rules = vec![attr::parse(attribute, arguments)?];
    for sibling in siblings {
        let Some(name) = rule_attribute(sibling) else {
            continue;
        };
        let Meta::List(list) = &sibling.meta else {
            let words = format!("`#[{name}]` needs a rule");
            return Err(mistake(sibling, &words, &format!("write `#[{name}(\"/\")]`")));
        };
        rules.push(attr::parse(name, list.tokens.clone())?);
    }
    Ok(rules)
}
