//! The macros of `carafe-db`: [`migrations!`](macro@migrations) and [`FromRow`](derive@FromRow).
//!
//! They are documented where `carafe-db` hands them on.

mod embed;
mod from_row;

use proc_macro::TokenStream;

/// Carries a folder of migrations in the program; see `carafe_db::migrations!`.
#[proc_macro]
pub fn migrations(input: TokenStream) -> TokenStream {
    embed::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Reads a struct from a row; see `carafe_db::FromRow`.
#[proc_macro_derive(FromRow, attributes(row, sqlx))]
pub fn from_row(input: TokenStream) -> TokenStream {
    from_row::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
