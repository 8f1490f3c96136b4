//! What `#[command]` leaves of a function when it cannot be a command: also where the feature
//! `commands` is off, and nothing else of commands is compiled.

use proc_macro2::TokenStream;
use quote::quote;
use syn::FnArg;

use crate::ast::Function;
use crate::fallback;

/// The function, the error, and a type that stands for the command.
pub(crate) fn stub(function: &Function, error: &syn::Error) -> TokenStream {
    let private = quote!(::carafe::__private);
    let members = quote!(fn command() -> #private::Command { ::core::unreachable!() });
    fallback::stub(function, error, &quote!(#private::CommandEndpoint), &members)
}

/// Takes off what only this attribute understands: `#[arg]` and doc comments of arguments.
pub(crate) fn strip(function: &mut Function) {
    for input in &mut function.sig.inputs {
        if let FnArg::Typed(typed) = input {
            typed.attrs.retain(|attr| !attr.path().is_ident("arg") && !attr.path().is_ident("doc"));
        }
    }
}

/// The one error of an app that has commands but not the feature, at `#[command]`.
#[cfg(not(feature = "commands"))]
pub(crate) fn expand(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    use proc_macro2::Span;

    use crate::{ast, diagnostics};

    let words = "commands of an app's own need Carafe's feature `commands`";
    let hint = "cargo add carafe --features commands";
    let error = diagnostics::mistake_at(Span::call_site(), words, hint);
    match ast::function(item.clone(), "command") {
        Ok(mut function) => {
            strip(&mut function);
            stub(&function, &error)
        }
        Err(error) => fallback::item_only(&item, &error),
    }
}
