//! Arguments that a debugger can still show after an `.await`.
//!
//! A `Copy` argument that is not used after an `.await` is no part of the future, and what debuggers
//! then show for it is whatever lies where it was. In a debug build each such argument is borrowed
//! until the function ends; a release build has nothing of it.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::{FnArg, Ident, Pat, Type};

use crate::ast::{Function, last_segment};

/// Types that are `Copy` whatever the app declares; what owns something stays in the future anyway.
const COPY: [&str; 16] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32",
    "u64", "u128", "usize",
];

/// The body of the function, with its arguments kept in debug builds.
pub(super) fn body(private: &TokenStream, function: &Function) -> Group {
    let kept: Vec<&Ident> = function.sig.inputs.iter().filter_map(copied).collect();
    let body = &function.body;
    // `#![...]` has to stay the first.
    let has_attributes = body.stream().into_iter().nth(1).is_some_and(|second| {
        matches!(second, TokenTree::Punct(punct) if punct.as_char() == '!')
            && body.stream().to_string().starts_with('#')
    });
    if !function.is_async() || kept.is_empty() || has_attributes {
        return body.clone();
    }
    // At the signature, where the function begins: the debugger's lines stay those of the author.
    let place = function.sig.ident.span();
    let private = placed(private.clone(), place);
    let mut stream = quote_spanned! {place=>
        #[cfg(debug_assertions)]
        let __kept = #private::Kept((#(&#kept,)*));
    };
    stream.extend(body.stream());
    let mut kept = Group::new(body.delimiter(), stream);
    kept.set_span(body.span());
    kept
}

fn placed(path: TokenStream, place: Span) -> TokenStream {
    let place = |mut token: TokenTree| {
        token.set_span(token.span().located_at(place));
        token
    };
    path.into_iter().map(place).collect()
}

/// The name of an argument that is copied, and that nothing can change.
fn copied(input: &FnArg) -> Option<&Ident> {
    let FnArg::Typed(typed) = input else { return None };
    let is_copy = match &*typed.ty {
        Type::Reference(reference) => reference.mutability.is_none(),
        ty => last_segment(ty).is_some_and(|segment| COPY.iter().any(|name| segment.ident == name)),
    };
    match &*typed.pat {
        Pat::Ident(pat) if is_copy && pat.mutability.is_none() && pat.by_ref.is_none() => {
            Some(&pat.ident)
        }
        _ => None,
    }
}
