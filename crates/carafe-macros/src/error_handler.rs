//! `#[error(404)]`, `#[error(MyError)]` and `#[error(default)]`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{LitInt, LitStr, Meta, Path, Token, Type};

use crate::arguments::{self, Source, local};
use crate::ast::{self, Argument, Function, last_segment};
use crate::diagnostics::{mistake, mistake_at};
use crate::fallback::{self, companion};
use crate::route;

/// Which errors a handler takes.
enum Filter {
    Status(LitInt),
    Type(Box<Type>),
    Any,
}

struct ErrorAttr {
    krate: Option<Path>,
    filter: Filter,
}

/// Expands the outermost `#[error]` above a function, and with it all others.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function = match ast::function(item.clone(), "error") {
        Ok(function) => function,
        Err(error) => return fallback::item_only(&item, &error),
    };
    let siblings = function.take_attributes(|attr| {
        attr.path().segments.last().is_some_and(|segment| segment.ident == "error")
    });
    let attributes = siblings.iter().map(|attr| match &attr.meta {
        Meta::List(list) => attribute(list.tokens.clone()),
        _ => attribute(TokenStream::new()),
    });
    let attributes = std::iter::once(attribute(arguments)).chain(attributes);
    let code = attributes.collect::<syn::Result<Vec<_>>>().and_then(|all| code(&function, &all));
    code.unwrap_or_else(|error| {
        let private = quote!(::carafe::__private);
        let members = quote! {
            fn handlers() -> ::std::vec::Vec<#private::ErrorHandler> { ::core::unreachable!() }
        };
        fallback::stub(&function, &error, &quote!(#private::ErrorEndpoint), &members)
    })
}

/// Reads `404`, `default` or a type; after it, `crate = path`.
fn attribute(arguments: TokenStream) -> syn::Result<ErrorAttr> {
    (|input: ParseStream<'_>| {
        let filter = filter(input)?;
        let mut krate = None;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        if !input.is_empty() {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            krate = Some(input.call(Path::parse_mod_style)?);
        }
        Ok(ErrorAttr { krate, filter })
    })
    .parse2(arguments)
}

fn filter(input: ParseStream<'_>) -> syn::Result<Filter> {
    let hint = "write `#[error(404)]`, `#[error(MyError)]` or `#[error(default)]`";
    if input.is_empty() {
        let words = "`#[error]` needs to know which errors";
        return Err(mistake_at(proc_macro2::Span::call_site(), words, hint));
    }
    if input.peek(LitStr) {
        return Err(mistake(&input.parse::<LitStr>()?, "an error is a status or a type", hint));
    }
    if input.peek(LitInt) {
        let status: LitInt = input.parse()?;
        return match status.base10_parse::<u16>() {
            Ok(400..=599) => Ok(Filter::Status(status)),
            _ => {
                let words = format!("`{status}` is not the status of an error");
                Err(mistake(&status, &words, "errors have a status from 400 to 599"))
            }
        };
    }
    if input.peek(Token![default]) {
        input.parse::<Token![default]>()?;
        return Ok(Filter::Any);
    }
    let place = input.span();
    let ty = input.parse::<Type>();
    ty.map(|ty| Filter::Type(Box::new(ty)))
        .map_err(|_| mistake_at(place, "an error is a status or a type", hint))
}

fn code(function: &Function, attributes: &[ErrorAttr]) -> syn::Result<TokenStream> {
    let krate = attributes.iter().find_map(|attribute| attribute.krate.as_ref());
    let private = route::private(krate);
    let arguments = function.arguments("an error handler")?;
    for argument in &arguments {
        check(argument, attributes)?;
    }
    let name = &function.sig.ident;
    let cfgs = function.cfgs();
    let companion = companion(&function.vis, name, function.cfgs());
    let handlers = attributes.iter().map(|attribute| {
        let body = body(&private, function, &arguments, attribute);
        let (request, error) = (local("request"), local("error"));
        let call = quote! {
            |#request, #error| ::std::boxed::Box::pin(async move { #body })
        };
        match &attribute.filter {
            Filter::Status(status) => quote!(#private::ErrorHandler::for_status(#status, #call)),
            Filter::Type(ty) => quote_spanned! {ty.span()=>
                #private::ErrorHandler::for_type::<#ty>(#call)
            },
            Filter::Any => quote!(#private::ErrorHandler::for_any(#call)),
        }
    });
    Ok(quote! {
        #function
        #companion
        #(#cfgs)*
        #[automatically_derived]
        impl #private::ErrorEndpoint for #name {
            fn handlers() -> ::std::vec::Vec<#private::ErrorHandler> {
                ::std::vec![#(#handlers),*]
            }
        }
    })
}

/// What a borrowed argument refers to.
enum Borrowed {
    Request,
    Error,
    Cause,
}

fn borrowed(argument: &Argument, filter: &Filter) -> Option<Borrowed> {
    if argument.is_called("Request") {
        return Some(Borrowed::Request);
    }
    if let Filter::Type(ty) = filter
        && same_type(&argument.ty, ty)
    {
        return Some(Borrowed::Cause);
    }
    is_carafe_error(&argument.ty).then_some(Borrowed::Error)
}

/// `Error` or `carafe::Error`; other paths lead to other errors.
fn is_carafe_error(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let segments = &path.path.segments;
    segments.last().is_some_and(|last| last.ident == "Error")
        && (segments.len() == 1 || segments[0].ident == "carafe")
}

/// Whether both are spelled alike, up to the path that leads there.
fn same_type(a: &Type, b: &Type) -> bool {
    match (last_segment(a), last_segment(b)) {
        (Some(a), Some(b)) => a.to_token_stream().to_string() == b.to_token_stream().to_string(),
        _ => a.to_token_stream().to_string() == b.to_token_stream().to_string(),
    }
}

fn check(argument: &Argument, attributes: &[ErrorAttr]) -> syn::Result<()> {
    let ty = &argument.ty;
    if !argument.by_ref {
        let is_cause = attributes.iter().any(
            |attribute| matches!(&attribute.filter, Filter::Type(cause) if same_type(cause, ty)),
        );
        if is_cause || is_carafe_error(ty) {
            let hint = format!("write `&{}`", ty.to_token_stream().to_string().replace(' ', ""));
            return Err(mistake(ty, "an error handler borrows the error", &hint));
        }
        return Ok(());
    }
    if attributes.iter().all(|attribute| borrowed(argument, &attribute.filter).is_some()) {
        return Ok(());
    }
    let shown = ty.to_token_stream().to_string().replace(' ', "");
    let words = format!("this error handler has no `&{shown}` to lend");
    let hint =
        format!("`&Error` and `&Request` always are; for `&{shown}` write `#[error({shown})]`");
    Err(mistake(ty, &words, &hint))
}

fn body(
    private: &TokenStream,
    function: &Function,
    list: &[Argument],
    attribute: &ErrorAttr,
) -> TokenStream {
    let (request, error) = (local("request"), local("error"));
    let name = &function.sig.ident;
    let names: Vec<_> = (0..list.len()).map(|i| local(&format!("argument{i}"))).collect();
    let lets =
        list.iter().zip(&names).filter(|(argument, _)| !argument.by_ref).map(|(argument, name)| {
            let value = arguments::value(private, argument, &Source::Extract);
            quote!(let #name = #value;)
        });
    let passed = list.iter().zip(&names).map(|(argument, name)| {
        let ty = &argument.ty;
        match argument.by_ref.then(|| borrowed(argument, &attribute.filter)).flatten() {
            None => quote!(#name),
            Some(Borrowed::Request) => quote!(&#request),
            Some(Borrowed::Error) => quote!(&#error),
            Some(Borrowed::Cause) => quote!(#private::cause::<#ty>(&#error)?),
        }
    });
    let answer = arguments::answer(function);
    let respond = arguments::respond(private, function.return_type(), &answer);
    if function.is_async() {
        return quote! {
            #(#lets)*
            let #answer = #name(#(#passed),*).await;
            #respond
        };
    }
    let outer = local("outer");
    quote! {
        #(#lets)*
        let #outer = ::core::clone::Clone::clone(&#request);
        let #answer = #outer
            .run_blocking(move || -> #private::Result<_> {
                ::core::result::Result::Ok(#name(#(#passed),*))
            })
            .await??;
        let #request = #outer;
        #respond
    }
}
