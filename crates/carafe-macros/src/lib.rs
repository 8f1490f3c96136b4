//! The attributes and macros of Carafe. Use them through the `carafe` crate, which documents each
//! with examples.
//!
//! Each macro goes the same way: its arguments become data (`attr`), the function becomes data
//! (`ast`), the two are checked against each other (`validate`), and code is written (`expand`). On
//! an error the user's item is kept and a stub stands in for the generated part (`fallback`), so
//! that one mistake is one error.

mod app_main;
mod arguments;
mod ast;
#[cfg(feature = "commands")]
mod command;
mod command_stub;
mod diagnostics;
mod embed;
mod error_handler;
mod fallback;
mod methods;
mod route;
mod url_for;

#[cfg(not(feature = "commands"))]
use command_stub as command;

use proc_macro::TokenStream;

macro_rules! route_attributes {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[proc_macro_attribute]
        pub fn $name(arguments: TokenStream, item: TokenStream) -> TokenStream {
            route::expand(stringify!($name), arguments.into(), item.into()).into()
        }
    )*};
}

route_attributes! {
    /// Makes a function the handler of a rule for GET (and HEAD).
    get;
    /// Makes a function the handler of a rule for POST.
    post;
    /// Makes a function the handler of a rule for PUT.
    put;
    /// Makes a function the handler of a rule for PATCH.
    patch;
    /// Makes a function the handler of a rule for DELETE.
    delete;
    /// Makes a function the handler of a rule for the methods listed.
    route;
}

/// Makes a function the handler of errors.
#[proc_macro_attribute]
pub fn error(arguments: TokenStream, item: TokenStream) -> TokenStream {
    error_handler::expand(arguments.into(), item.into()).into()
}

/// Makes a function a command of the app.
#[proc_macro_attribute]
pub fn command(arguments: TokenStream, item: TokenStream) -> TokenStream {
    command::expand(arguments.into(), item.into()).into()
}

/// Makes the function that builds the app the program's entry.
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    app_main::expand(arguments.into(), item.into()).into()
}

/// What `carafe::url_for!` calls.
#[doc(hidden)]
#[proc_macro]
pub fn __url_for(input: TokenStream) -> TokenStream {
    url_for::expand(input.into()).into()
}

/// The files that `#[carafe::main]` embeds in a release build.
#[doc(hidden)]
#[proc_macro]
pub fn __embed(input: TokenStream) -> TokenStream {
    embed::expand(input.into()).into()
}
