//! `#[derive(FromRow)]`: a struct from the columns of a row, of whichever database.
//!
//! The impl is generic over the row, as the one that sqlx derives; its paths lead through
//! `carafe_db`, so that an app need not name sqlx.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{
    Data, DeriveInput, Error, Field, Fields, Ident, Lifetime, LitStr, Meta, Result, Token, Type,
    WherePredicate, parse_quote,
};

/// What is said about one field.
#[derive(Default)]
struct Options {
    rename: Option<String>,
    default: bool,
    skip: bool,
    flatten: bool,
    json: bool,
    try_from: Option<Type>,
}

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        _ => return Err(Error::new_spanned(&input.ident, "only a struct can be read from a row")),
    };
    let lifetime: Lifetime = parse_quote!('carafe_row);
    let mut predicates: Vec<WherePredicate> = Vec::new();
    let body = match fields {
        Fields::Named(fields) => {
            let mut reads = Vec::new();
            for field in &fields.named {
                reads.push(named(field, &lifetime, &mut predicates)?);
            }
            predicates.push(parse_quote!(
                &#lifetime ::core::primitive::str: ::carafe_db::__private::ColumnIndex<CarafeRow>
            ));
            quote!({ #(#reads),* })
        }
        Fields::Unnamed(fields) => {
            let mut reads = Vec::new();
            for (index, field) in fields.unnamed.iter().enumerate() {
                let ty = &field.ty;
                decodes(&mut predicates, ty, &lifetime);
                reads.push(quote!(::carafe_db::__private::Row::try_get::<#ty, _>(row, #index)?));
            }
            predicates.push(parse_quote!(
                ::core::primitive::usize: ::carafe_db::__private::ColumnIndex<CarafeRow>
            ));
            quote!((#(#reads),*))
        }
        Fields::Unit => {
            return Err(Error::new_spanned(&input.ident, "a struct without fields has no columns"));
        }
    };
    Ok(implement(&input, &lifetime, predicates, &body))
}

fn implement(
    input: &DeriveInput,
    lifetime: &Lifetime,
    predicates: Vec<WherePredicate>,
    body: &TokenStream,
) -> TokenStream {
    let name = &input.ident;
    let (_, type_generics, _) = input.generics.split_for_impl();
    let mut generics = input.generics.clone();
    generics.params.insert(0, parse_quote!(#lifetime));
    generics.params.push(parse_quote!(CarafeRow: ::carafe_db::__private::Row));
    generics.make_where_clause().predicates.extend(predicates);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::carafe_db::__private::FromRow<#lifetime, CarafeRow>
            for #name #type_generics #where_clause
        {
            fn from_row(row: &#lifetime CarafeRow) -> ::carafe_db::__private::Result<Self> {
                ::core::result::Result::Ok(#name #body)
            }
        }
    }
}

fn decodes(predicates: &mut Vec<WherePredicate>, ty: &Type, lifetime: &Lifetime) {
    predicates.push(parse_quote!(
        #ty: ::carafe_db::__private::Decode<#lifetime, CarafeRow::Database>
    ));
    predicates.push(parse_quote!(#ty: ::carafe_db::__private::Type<CarafeRow::Database>));
}

/// `name: value` of a field that has a name.
fn named(
    field: &Field,
    lifetime: &Lifetime,
    predicates: &mut Vec<WherePredicate>,
) -> Result<TokenStream> {
    let options = options(field)?;
    let ty = &field.ty;
    let Some(ident) = &field.ident else { return Ok(TokenStream::new()) };
    if options.skip {
        return Ok(quote!(#ident: ::core::default::Default::default()));
    }
    if options.flatten {
        predicates.push(parse_quote!(#ty: ::carafe_db::__private::FromRow<#lifetime, CarafeRow>));
        return Ok(quote!(#ident: ::carafe_db::__private::FromRow::from_row(row)?));
    }
    let column = options.rename.clone().unwrap_or_else(|| plain(ident));
    let read = read(&options, ty, &column, lifetime, predicates);
    Ok(match options.default {
        true => quote!(#ident: ::carafe_db::__private::or_default(#read)?),
        false => quote!(#ident: #read?),
    })
}

/// The `Result` of reading one column.
fn read(
    options: &Options,
    ty: &Type,
    column: &str,
    lifetime: &Lifetime,
    predicates: &mut Vec<WherePredicate>,
) -> TokenStream {
    if options.json {
        let json: Type = parse_quote!(::carafe_db::__private::Json<#ty>);
        decodes(predicates, &json, lifetime);
        return quote!(
            ::carafe_db::__private::Row::try_get::<#json, _>(row, #column).map(|json| json.0)
        );
    }
    if let Some(from) = &options.try_from {
        decodes(predicates, from, lifetime);
        return quote!(
            ::carafe_db::__private::Row::try_get::<#from, _>(row, #column).and_then(|value| {
                ::carafe_db::__private::converted(
                    <#ty as ::core::convert::TryFrom<#from>>::try_from(value),
                    #column,
                )
            })
        );
    }
    decodes(predicates, ty, lifetime);
    quote!(::carafe_db::__private::Row::try_get::<#ty, _>(row, #column))
}

/// A name without `r#`.
fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

fn options(field: &Field) -> Result<Options> {
    let mut options = Options::default();
    for attribute in &field.attrs {
        if !attribute.path().is_ident("row") && !attribute.path().is_ident("sqlx") {
            continue;
        }
        let metas = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?;
        for meta in metas {
            option(&meta, &mut options)?;
        }
    }
    Ok(options)
}

fn option(meta: &Meta, options: &mut Options) -> Result<()> {
    let text = |meta: &Meta| -> Result<LitStr> {
        let value = &meta.require_name_value()?.value;
        syn::parse2(quote!(#value))
    };
    let name = meta.path().get_ident().map(Ident::to_string).unwrap_or_default();
    match name.as_str() {
        "rename" => options.rename = Some(text(meta)?.value()),
        "try_from" => options.try_from = Some(text(meta)?.parse()?),
        "default" => options.default = true,
        "skip" => options.skip = true,
        "flatten" => options.flatten = true,
        "json" => options.json = true,
        _ => {
            let words = "expected `rename = \"..\"`, `default`, `skip`, `flatten`, `json` \
                         or `try_from = \"..\"`";
            return Err(Error::new_spanned(meta, words));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_in_words() {
        let check = |input: TokenStream, expected: &str| {
            assert_eq!(expand(input).unwrap_err().to_string(), expected);
        };
        check(
            quote!(
                enum Kind {
                    A,
                }
            ),
            "only a struct can be read from a row",
        );
        check(
            quote!(
                struct Nothing;
            ),
            "a struct without fields has no columns",
        );
        check(
            quote!(
                struct User {
                    #[row(renamed = "x")]
                    name: String,
                }
            ),
            "expected `rename = \"..\"`, `default`, `skip`, `flatten`, `json` or `try_from = \"..\"`",
        );
    }
}
