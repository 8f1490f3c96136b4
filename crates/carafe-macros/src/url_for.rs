//! `url_for!`: a URL for a handler, its values checked by the compiler.

use proc_macro2::{Group, Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, LitStr, Path, Token};

use crate::diagnostics::{known_words, mistake, mistake_at};

/// The options among the values, with the method of `UrlFor` for each.
const OPTIONS: [(&str, &str); 4] = [
    ("_external", "external"),
    ("_anchor", "anchor"),
    ("_scheme", "scheme"),
    ("_method", "method"),
];

/// The number by which an endpoint's values are told apart among types: 64-bit FNV-1a.
pub(crate) fn name_hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Expands `[path of the crate] endpoint, id = 5, ..`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    parse.parse2(input).map_or_else(
        |error| {
            let error = error.to_compile_error();
            quote!({ #error ::std::string::String::new() })
        },
        |call| call.code(),
    )
}

struct Call {
    krate: TokenStream,
    target: Target,
    values: Vec<Value>,
}

enum Target {
    Handler(Path),
    Named(LitStr),
}

struct Value {
    name: Ident,
    value: Expr,
}

fn parse(input: ParseStream<'_>) -> syn::Result<Call> {
    let krate = input.parse::<Group>()?.stream();
    let target = target(input)?;
    let mut values: Vec<Value> = Vec::new();
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        let value = value(input)?;
        if values.iter().any(|other| other.name == value.name) {
            let words = format!("the value `{}` is given twice", value.name);
            return Err(mistake(&value.name, &words, "write a list for several: `name = [1, 2]`"));
        }
        values.push(value);
    }
    Ok(Call { krate, target, values })
}

fn target(input: ParseStream<'_>) -> syn::Result<Target> {
    let hint = "write `url_for!(user, id = 5)`, with the name of a handler";
    if input.is_empty() {
        return Err(mistake_at(proc_macro2::Span::call_site(), "this URL has no endpoint", hint));
    }
    if input.peek(LitStr) {
        return Ok(Target::Named(input.parse()?));
    }
    let place = input.span();
    let path = input.call(Path::parse_mod_style);
    path.map(Target::Handler).map_err(|_| mistake_at(place, "expected the name of a handler", hint))
}

/// `id = 5`, `id: 5`, or `id` for `id = id`.
fn value(input: ParseStream<'_>) -> syn::Result<Value> {
    let place = input.span();
    let name = input
        .call(Ident::parse_any)
        .map_err(|_| mistake_at(place, "expected the name of a value", "write `name = value`"))?;
    let option = name.unraw().to_string();
    if option.starts_with('_') && !OPTIONS.iter().any(|(known, _)| *known == option) {
        let known = OPTIONS.map(|(known, _)| known);
        let words = format!("there is no option `{option}`");
        return Err(mistake(&name, &words, &known_words(&option, &known)));
    }
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        input.parse()?
    } else if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
        input.parse()?
    } else {
        Expr::Path(syn::parse2(name.to_token_stream())?)
    };
    Ok(Value { name, value })
}

impl Call {
    fn code(&self) -> TokenStream {
        let krate = &self.krate;
        let private = quote!(#krate::__private);
        match &self.target {
            Target::Named(name) => {
                let values = self.values.iter().map(|value| {
                    let expression = &value.value;
                    value.step(|| quote!(#private::url_value(#expression)))
                });
                quote!(#private::named_url(#name, #private::UrlFor::new() #(#values)*))
            }
            Target::Handler(path) => self.checked(&private, path),
        }
    }

    fn checked(&self, private: &TokenStream, path: &Path) -> TokenStream {
        let shown = path.to_token_stream().to_string().replace(' ', "");
        let given = self.values.iter().filter(|value| value.option().is_none());
        let given = given.map(|value| value.name.unraw().to_string());
        let values = self.values.iter().map(|value| value.step(|| value.checked(private, path)));
        let place = path.span();
        let here = respan(private.clone(), place);
        let check = quote_spanned! {place=>
            #here::check_url_values(#shown, <#path as #here::Endpoint>::RULES, &[#(#given),*])
        };
        quote! {{
            const _: () = #check;
            #[allow(unused_imports)]
            use #private::UnknownUrlArgument as _;
            #private::endpoint_url::<#path>(#private::UrlFor::new() #(#values)*)
        }}
    }
}

/// The same tokens, meaning the same, but shown at `place` in errors.
fn respan(tokens: TokenStream, place: proc_macro2::Span) -> TokenStream {
    let moved = tokens.into_iter().map(|mut token| {
        token.set_span(token.span().located_at(place));
        token
    });
    moved.collect()
}

impl Value {
    /// The method of `UrlFor` for an option.
    fn option(&self) -> Option<Ident> {
        let found = OPTIONS.iter().find(|(name, _)| self.name == name)?;
        Some(Ident::new(found.1, self.name.span()))
    }

    /// The call that adds this to a `UrlFor`; `value` makes the value's expression.
    fn step(&self, value: impl FnOnce() -> TokenStream) -> TokenStream {
        let expression = &self.value;
        match self.option() {
            Some(option) => quote!(.#option(#expression)),
            None => {
                let name = self.name.unraw().to_string();
                let value = value();
                quote!(.value(#name, #value))
            }
        }
    }

    /// The value, of the type that the endpoint's rule asks for; any type for a name that the rule
    /// does not have, because that goes to the query.
    fn checked(&self, private: &TokenStream, path: &Path) -> TokenStream {
        let hash = name_hash(&self.name.unraw().to_string());
        let expression = &self.value;
        quote_spanned! {expression.span()=>
            #private::UrlArgumentOf::<#path, #hash>::NEW.kind().url_value(#expression)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_published() {
        // The test vectors of the FNV authors.
        assert_eq!(name_hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(name_hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(name_hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
