//! The attributes of `carafe-login`; use them, and read about them, through that crate.

mod guard;

use proc_macro::TokenStream;

/// Only for visitors who are signed in.
#[proc_macro_attribute]
pub fn login_required(arguments: TokenStream, item: TokenStream) -> TokenStream {
    guard::expand("login_required", arguments.into(), item.into()).into()
}

/// Only for visitors who proved lately who they are.
#[proc_macro_attribute]
pub fn fresh_login_required(arguments: TokenStream, item: TokenStream) -> TokenStream {
    guard::expand("fresh_login_required", arguments.into(), item.into()).into()
}

/// Only for users with one of these roles.
#[proc_macro_attribute]
pub fn roles(arguments: TokenStream, item: TokenStream) -> TokenStream {
    guard::expand("roles", arguments.into(), item.into()).into()
}

/// Only for users with all of these permissions.
#[proc_macro_attribute]
pub fn permissions(arguments: TokenStream, item: TokenStream) -> TokenStream {
    guard::expand("permissions", arguments.into(), item.into()).into()
}
