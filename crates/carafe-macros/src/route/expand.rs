//! The code for a handler: the function as it was, and beside it a type of the same name that knows
//! its rules and how to call it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use crate::arguments;
use crate::ast::Function;
use crate::fallback::companion;
use crate::url_for::name_hash;

use super::attr::{Converter, RuleAttr};
use super::keep;
use super::validate::{Checked, Value};

/// `::carafe::__private`, under the name that the crate has here.
pub(crate) fn private(krate: Option<&Path>) -> TokenStream {
    match krate {
        Some(path) => quote!(#path::__private),
        None => quote!(::carafe::__private),
    }
}

/// The whole expansion.
pub(crate) fn route(function: &Function, checked: &Checked) -> TokenStream {
    let private = private(checked.krate.as_ref());
    let name = &function.sig.ident;
    let cfgs = function.cfgs();
    let companion = companion(&function.vis, name, function.cfgs());
    let known = checked.rules.iter().map(|rule| known_rule(&private, rule));
    let record = record(&private, function, checked);
    let url_arguments = url_arguments(&private, function, checked);
    let Function { attrs, vis, sig, .. } = function;
    let body = keep::body(&private, function);
    quote! {
        #(#attrs)*
        #vis #sig #body
        #companion
        #(#cfgs)*
        #[automatically_derived]
        impl #private::Endpoint for #name {
            const RULES: &'static [#private::EndpointRule] = &[#(#known),*];

            fn route() -> #private::Route {
                #record
            }
        }
        #url_arguments
    }
}

/// What `url_for!` has to know of a rule.
fn known_rule(private: &TokenStream, rule: &RuleAttr) -> TokenStream {
    let text = &rule.text;
    let is_default = |name: &str| rule.options.defaults.iter().any(|(default, _)| *default == name);
    let needs = rule.placeholders.iter().map(|one| &one.name).filter(|name| !is_default(name));
    quote!(#private::EndpointRule { rule: #text, needs: &[#(#needs),*] })
}

fn record(private: &TokenStream, function: &Function, checked: &Checked) -> TokenStream {
    let name = function.name();
    let ident = &function.sig.ident;
    let request = arguments::local("request");
    let call = arguments::call(private, function, &checked.arguments);
    let rules = checked.rules.iter().map(|one| rule(private, one, &checked.values));
    let needs = arguments::needs(private, &checked.arguments);
    let line = quote_spanned!(ident.span()=> ::core::line!());
    quote! {
        #private::Route::new(
            #name,
            ::core::concat!(::core::module_path!(), "::", #name),
            ::core::file!(),
            #line,
            #private::View::boxed(|#request| ::std::boxed::Box::pin(async move { #call })),
        )
        .marker::<#ident>()
        .guarded(#private::GuardOf::<#ident>::ASK.guard())
        #(.rule(#rules))*
        #(.need(#needs))*
    }
}

fn rule(private: &TokenStream, rule: &RuleAttr, values: &[Value]) -> TokenStream {
    let text = &rule.text;
    let options = &rule.options;
    let methods = rule.methods.iter().map(|method| Ident::new(method, Span::call_site()));
    let line = quote_spanned!(text.span()=> ::core::line!());
    let texts = [
        ("endpoint", &options.endpoint),
        ("subdomain", &options.subdomain),
        ("host", &options.host),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| {
        let name = Ident::new(name, Span::call_site());
        text.as_ref().map(|text| quote!(.#name(#text)))
    });
    let switches = options.switches.iter().map(|(name, on)| quote!(.#name(#on)));
    let redirect = options.redirect_to.iter();
    let defaults = options.defaults.iter().map(|(name, value)| {
        let name = syn::ext::IdentExt::unraw(name).to_string();
        quote!(.default(#name, #value))
    });
    let types = values
        .iter()
        .filter(|value| {
            let converter = rule.placeholder(&value.name).map(|one| one.converter);
            converter.is_some() && converter == value.converter
        })
        .map(|value| typed(private, value));
    quote! {
        #private::Rule::new(#text)
            .methods([#(#private::Method::#methods),*])
            #(#texts)*
            #(#switches)*
            #(.redirect_to(#redirect))*
            #(#defaults)*
            #(#types)*
            .at(::core::file!(), #line)
    }
}

/// Tells the router the type that a value has to fit, where it can do something about it.
fn typed(private: &TokenStream, value: &Value) -> TokenStream {
    let Value { name, converter, ty } = value;
    let span = syn::spanned::Spanned::span(ty);
    match converter {
        Some(Converter::Int) => {
            quote_spanned!(span=> .narrow(#name, <#ty as #private::IntValue>::RANGE))
        }
        Some(Converter::Custom) => quote_spanned!(span=> .custom::<#ty>(#name)),
        _ => TokenStream::new(),
    }
}

/// What `url_for!` checks a value's type by.
fn url_arguments(private: &TokenStream, function: &Function, checked: &Checked) -> TokenStream {
    let endpoint = &function.sig.ident;
    let mut done: Vec<&str> = Vec::new();
    let mut code = TokenStream::new();
    for value in checked.values.iter().filter(|value| value.converter.is_some()) {
        if done.contains(&value.name.as_str()) {
            continue;
        }
        done.push(&value.name);
        let same = |other: &&Value| other.name == value.name && other.converter != value.converter;
        let kind = match value.converter {
            Some(converter) if !checked.values.iter().any(|other| same(&other)) => converter,
            _ => Converter::Custom,
        };
        let kind = Ident::new(kind.url_kind(), Span::call_site());
        let hash = name_hash(&value.name);
        let cfgs = function.cfgs();
        code.extend(quote! {
            #(#cfgs)*
            #[automatically_derived]
            impl #private::UrlArgument<#hash> for #endpoint {
                type Kind = #private::#kind;
                const KIND: #private::#kind = #private::#kind;
            }
        });
    }
    code
}
