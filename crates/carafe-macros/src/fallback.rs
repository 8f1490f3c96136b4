//! What stands in for the generated code after an error, so that the rest of the program is still
//! checked and `routes![..]` does not complain about the same mistake again.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Visibility};

use crate::ast::Function;

/// The type that stands for a function: of its name, among the types.
pub(crate) fn companion<'a>(
    vis: &Visibility,
    name: &syn::Ident,
    cfgs: impl Iterator<Item = &'a Attribute>,
) -> TokenStream {
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #vis struct #name {}
    }
}

/// The item as it was and the error.
pub(crate) fn item_only(item: &TokenStream, error: &syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

/// The function as it was, the error, and a companion type with an impl that has `members`.
pub(crate) fn stub(
    function: &Function,
    error: &syn::Error,
    endpoint: &TokenStream,
    members: &TokenStream,
) -> TokenStream {
    let error = error.to_compile_error();
    if function.sig.receiver().is_some() {
        // Types and impls cannot stand within the impl that this is in.
        return quote!(#function #error);
    }
    let name = &function.sig.ident;
    let cfgs = function.cfgs();
    let companion = companion(&function.vis, name, function.cfgs());
    quote! {
        #function
        #error
        #companion
        #(#cfgs)*
        #[automatically_derived]
        impl #endpoint for #name { #members }
    }
}
