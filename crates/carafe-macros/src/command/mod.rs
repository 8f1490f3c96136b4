//! `#[command]`: a function as a command of the app's own command line.

mod attr;
mod expand;
mod validate;

use proc_macro2::TokenStream;
use syn::parse::Parser;

use crate::ast;
use crate::command_stub::{strip, stub};
use crate::fallback;

/// Expands the attribute.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function = match ast::function(item.clone(), "command") {
        Ok(function) => function,
        Err(error) => return fallback::item_only(&item, &error),
    };
    let checked = attr::attribute.parse2(arguments).and_then(|attribute| {
        let arguments = function.arguments("a command")?;
        let inputs = arguments.iter().map(validate::input).collect::<syn::Result<Vec<_>>>()?;
        validate::check_names(&inputs, &arguments)?;
        Ok((attribute, arguments, inputs))
    });
    strip(&mut function);
    match checked {
        Ok((attribute, arguments, inputs)) => {
            expand::code(&function, &attribute, &arguments, &inputs)
        }
        Err(error) => stub(&function, &error),
    }
}
