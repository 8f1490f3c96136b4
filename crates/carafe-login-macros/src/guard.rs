//! What the attributes expand to: the function as it was, and the guard of the type that `#[get]` and its kin make
//! beside it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Meta, Signature, Token, Visibility};

const ATTRIBUTES: [&str; 4] = ["login_required", "fresh_login_required", "roles", "permissions"];

/// The parts of a function that matter; its body stays unread.
struct Function {
    attrs: Vec<Attribute>,
    vis: Visibility,
    sig: Signature,
    body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Function> {
        let attrs = input.call(Attribute::parse_outer)?;
        Ok(Function { attrs, vis: input.parse()?, sig: input.parse()?, body: input.parse()? })
    }
}

/// One requirement, as it is asked for at run time.
struct Requirement(TokenStream);

pub(crate) fn expand(name: &str, arguments: TokenStream, item: TokenStream) -> TokenStream {
    match function(name, item.clone()) {
        Ok(function) => match requirements(name, arguments, &function) {
            Ok(requirements) => write(function, &requirements),
            Err(error) => without(function, &error),
        },
        Err(error) => {
            let error = error.to_compile_error();
            quote!(#item #error)
        }
    }
}

fn function(name: &str, item: TokenStream) -> syn::Result<Function> {
    syn::parse2(item).map_err(|error| {
        let words = format!("`#[{name}]` belongs above a handler");
        syn::Error::new(error.span(), words)
    })
}

/// Which of our attributes this is.
fn ours(attr: &Attribute) -> Option<&'static str> {
    let last = attr.path().segments.last()?;
    ATTRIBUTES.into_iter().find(|name| last.ident == name)
}

/// This attribute's requirement, after those of the attributes above it.
fn requirements(
    name: &str,
    arguments: TokenStream,
    function: &Function,
) -> syn::Result<Vec<Requirement>> {
    if let Some(receiver) = function.sig.receiver() {
        let words = "a handler cannot take `self`";
        return Err(syn::Error::new_spanned(receiver, words));
    }
    let (own, handed_on) = split(arguments);
    let mut all = vec![requirement(name, own)?];
    for item in handed_on {
        all.push(Requirement(item));
    }
    Ok(all)
}

/// The attribute's own arguments, and behind a `;` what attributes above it have handed on.
fn split(arguments: TokenStream) -> (TokenStream, Vec<TokenStream>) {
    let is_end =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    let mut tokens = arguments.into_iter();
    let own = tokens.by_ref().take_while(|token| !is_end(token)).collect();
    let groups = tokens.filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    });
    (own, groups.collect())
}

fn requirement(name: &str, arguments: TokenStream) -> syn::Result<Requirement> {
    let is_list = matches!(name, "roles" | "permissions");
    if !is_list {
        if !arguments.is_empty() {
            let words = format!("`#[{name}]` takes no arguments");
            return Err(syn::Error::new_spanned(arguments, words));
        }
        let name =
            Ident::new(if name == "login_required" { "Login" } else { "Fresh" }, Span::call_site());
        return Ok(Requirement(quote!(::carafe_login::__private::Requirement::#name)));
    }
    let example = match name {
        "roles" => "`#[roles(\"admin\")]`",
        _ => "`#[permissions(\"posts.write\")]`",
    };
    let names = Punctuated::<LitStr, Token![,]>::parse_terminated
        .parse2(arguments.clone())
        .map_err(|error| {
            let words = format!("`#[{name}]` takes names in quotes\n\nhint: write {example}");
            syn::Error::new(error.span(), words)
        })?;
    if names.is_empty() {
        let words = format!("`#[{name}]` needs at least one name\n\nhint: write {example}");
        return Err(syn::Error::new(Span::call_site(), words));
    }
    let names = names.iter();
    let kind = Ident::new(if name == "roles" { "Roles" } else { "Permissions" }, Span::call_site());
    Ok(Requirement(quote!(::carafe_login::__private::Requirement::#kind(&[#(#names),*]))))
}

fn write(mut function: Function, requirements: &[Requirement]) -> TokenStream {
    // A type has one guard: the innermost attribute makes it, and is told what those above it ask. So each is used where it is
    // written, and an import of it is no import too many.
    let inner = function.attrs.iter_mut().find(|attr| ours(attr).is_some());
    let guard = match inner {
        Some(attr) => {
            hand_on(attr, requirements);
            TokenStream::new()
        }
        None => guard(&function, requirements),
    };
    let Function { attrs, vis, sig, body } = &function;
    quote! {
        #(#attrs)* #vis #sig #body
        #guard
    }
}

fn hand_on(attr: &mut Attribute, requirements: &[Requirement]) {
    let own = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let path = attr.path().clone();
    let requirements = requirements.iter().map(|one| &one.0);
    let all: Attribute = syn::parse_quote!(#[#path(#own ; #({ #requirements })*)]);
    *attr = all;
}

/// After a mistake: the function without our attributes, so that there is one mistake to read.
fn without(mut function: Function, error: &syn::Error) -> TokenStream {
    function.attrs.retain(|attr| ours(attr).is_none());
    let Function { attrs, vis, sig, body } = &function;
    let error = error.to_compile_error();
    quote!(#(#attrs)* #vis #sig #body #error)
}

fn guard(function: &Function, requirements: &[Requirement]) -> TokenStream {
    let name = &function.sig.ident;
    let cfgs = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    let requirements = requirements.iter().map(|one| &one.0);
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl ::carafe_login::__private::Guarded for #name {
            fn guard() -> ::carafe_login::__private::Guard {
                ::carafe_login::__private::guard(&[#(#requirements),*])
            }
        }
    }
}
