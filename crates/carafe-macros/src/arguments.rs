//! How the generated code gets a handler's arguments and calls it.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

use crate::ast::{Argument, Function};

/// An argument's origin.
pub(crate) enum Source {
    /// `&Request`.
    Request,
    /// A value that an expression of this type gives.
    Given(TokenStream),
    /// Anything that can be taken from the request.
    Extract,
}

/// The names that the generated code uses; they cannot meet the user's.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The expression that yields the argument, inside an async block that has `request`.
pub(crate) fn value(private: &TokenStream, argument: &Argument, source: &Source) -> TokenStream {
    let request = local("request");
    let ty = &argument.ty;
    match source {
        Source::Request => quote!(::core::clone::Clone::clone(&#request)),
        Source::Given(expression) => expression.clone(),
        Source::Extract => quote_spanned! {ty.span()=>
            <#ty as #private::FromRequest>::from_request(&#request).await?
        },
    }
}

/// The body of the view: extract each argument in order, call the function, make the response.
pub(crate) fn call(
    private: &TokenStream,
    function: &Function,
    arguments: &[(Argument, Source)],
) -> TokenStream {
    let name = &function.sig.ident;
    let request = local("request");
    let answer = answer(function);
    let respond = respond(private, function.return_type(), &answer);
    let names: Vec<Ident> = (0..arguments.len())
        .map(|i| format_ident!("argument{i}", span = Span::mixed_site()))
        .collect();
    if function.is_async() {
        let lets = arguments.iter().zip(&names).filter_map(|((argument, source), name)| {
            let value = value(private, argument, source);
            (!matches!(source, Source::Request)).then(|| quote!(let #name = #value;))
        });
        let passed = arguments.iter().zip(&names).map(|((argument, source), name)| match source {
            Source::Request => quote!(&#request),
            _ if argument.by_ref => quote!(&#name),
            _ => quote!(#name),
        });
        return quote! {
            #(#lets)*
            let #answer = #name(#(#passed),*).await;
            #respond
        };
    }
    let values = arguments.iter().map(|(argument, source)| value(private, argument, source));
    let passed = arguments.iter().zip(&names).map(|((argument, _), name)| match argument.by_ref {
        true => quote!(&#name),
        false => quote!(#name),
    });
    // All in one place, so that the compiler sees one mistake in an argument that cannot be sent.
    let call = quote_spanned! {name.span()=>
        #private::call_plain(&#request, (#(#values,)*), |(#(#names,)*)| #name(#(#passed),*)).await?
    };
    quote! {
        let #answer = #call;
        #respond
    }
}

/// The answer's name, placed at the return type so that errors about it point there.
pub(crate) fn answer(function: &Function) -> Ident {
    let place = match &function.sig.output {
        syn::ReturnType::Type(_, ty) => ty.span(),
        syn::ReturnType::Default => function.sig.ident.span(),
    };
    Ident::new("answer", Span::mixed_site().located_at(place))
}

pub(crate) fn respond(private: &TokenStream, ty: Option<&Type>, answer: &Ident) -> TokenStream {
    let request = local("request");
    match ty {
        Some(ty) => quote_spanned! {ty.span()=>
            <#ty as #private::IntoResponse>::into_response(#answer, &#request)
        },
        None => quote!(#private::IntoResponse::into_response(#answer, &#request)),
    }
}

/// The checks before serving that the extracted arguments ask for.
pub(crate) fn needs<'a>(
    private: &'a TokenStream,
    arguments: &'a [(Argument, Source)],
) -> impl Iterator<Item = TokenStream> + 'a {
    arguments.iter().filter(|(_, source)| matches!(source, Source::Extract)).map(
        move |(argument, _)| {
            let ty = &argument.ty;
            quote_spanned!(ty.span()=> <#ty as #private::FromRequest>::missing)
        },
    )
}
