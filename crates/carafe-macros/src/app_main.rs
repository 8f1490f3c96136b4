//! `#[carafe::main]`: the function that builds the app, and the program around it.

use std::path::{Component, Path as FilePath, PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Path, ReturnType, Token, bracketed, ext::IdentExt};

use crate::ast::{self, Function, last_segment};
use crate::diagnostics::{known_words, mistake, mistake_at};
use crate::fallback;
use crate::route;

/// The folders that are embedded when they exist.
const FOLDERS: [&str; 2] = ["templates", "static"];

#[derive(Default)]
struct MainAttr {
    krate: Option<Path>,
    embed: Vec<LitStr>,
}

/// Expands the attribute.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let function = match ast::function(item.clone(), "carafe::main") {
        Ok(function) => function,
        Err(error) => return fallback::item_only(&item, &error),
    };
    let checked = attribute.parse2(arguments).and_then(|attribute| {
        check(&function)?;
        Ok(code(&function, &attribute))
    });
    checked.unwrap_or_else(|error| {
        let error = error.to_compile_error();
        // Without a `main` the compiler would complain a second time.
        let main = (function.sig.ident != "main").then(|| {
            quote!(
                fn main() {}
            )
        });
        quote!(#[allow(dead_code)] #function #main #error)
    })
}

fn attribute(input: ParseStream<'_>) -> syn::Result<MainAttr> {
    let mut attribute = MainAttr::default();
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        match name.to_string().as_str() {
            "crate" => {
                input.parse::<Token![=]>()?;
                attribute.krate = Some(input.call(Path::parse_mod_style)?);
            }
            "embed" => attribute.embed = folders(input)?,
            word => {
                let words = format!("there is no option `{word}`");
                return Err(mistake(&name, &words, &known_words(word, &["embed"])));
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(attribute)
}

fn folders(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    input.parse::<Token![=]>()?;
    let list;
    bracketed!(list in input);
    let folders = Punctuated::<LitStr, Token![,]>::parse_terminated(&list)?;
    for folder in &folders {
        let path = folder.value();
        if !is_inside(&path) {
            let words = format!("the folder `{path}` is not inside of the crate's folder");
            return Err(mistake(folder, &words, "write a path relative to Cargo.toml"));
        }
        if !root().join(&path).is_dir() {
            return Err(mistake(
                folder,
                &format!("there is no folder `{path}`"),
                "paths are relative to Cargo.toml",
            ));
        }
    }
    Ok(folders.into_iter().collect())
}

/// Whether a path stays below the folder that it is relative to.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && FilePath::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// The folder of the crate that is being compiled.
pub(crate) fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from)
}

fn check(function: &Function) -> syn::Result<()> {
    let sig = &function.sig;
    if let Some(token) = &sig.asyncness {
        let hint = "do async work in `App::on_startup`";
        return Err(mistake(token, "the function that builds the app cannot be `async`", hint));
    }
    if let Some(argument) = sig.inputs.first() {
        let hint = "read settings with `App::config_section` or from the environment";
        return Err(mistake(argument, "the function that builds the app takes no arguments", hint));
    }
    function.arguments("the function that builds the app")?;
    if sig.ident == "main" {
        let hint = "call it `app`: `#[carafe::main]` writes `main` beside it";
        return Err(mistake(
            &sig.ident,
            "the function that builds the app cannot be called `main`",
            hint,
        ));
    }
    let hint = format!("write `fn {}() -> App`", sig.ident);
    match &sig.output {
        ReturnType::Type(_, ty) if last_segment(ty).is_some_and(|last| last.ident == "App") => {
            Ok(())
        }
        ReturnType::Type(_, ty) => Err(mistake(ty, "this function has to return the app", &hint)),
        ReturnType::Default => {
            Err(mistake(&sig.ident, "this function has to return the app", &hint))
        }
    }
}

fn code(function: &Function, attribute: &MainAttr) -> TokenStream {
    let private = route::private(attribute.krate.as_ref());
    let Function { attrs, vis, sig, body } = function;
    let name = &sig.ident;
    let output = &sig.output;
    let optional = FOLDERS.iter().map(|folder| LitStr::new(folder, Span::call_site()));
    let folders = optional.chain(attribute.embed.iter().cloned());
    let cfgs = function.cfgs();
    quote! {
        #(#attrs)*
        #vis #sig {
            fn #name() #output #body
            #[cfg(debug_assertions)]
            const FILES: &[(&str, &[u8])] = &[];
            #[cfg(not(debug_assertions))]
            const FILES: &[(&str, &[u8])] = #private::__embed!(#(#folders),*);
            #name().package(#private::Package {
                name: ::core::env!("CARGO_PKG_NAME"),
                version: ::core::env!("CARGO_PKG_VERSION"),
                folder: if ::core::cfg!(debug_assertions) {
                    ::core::option::Option::Some(::core::env!("CARGO_MANIFEST_DIR"))
                } else {
                    ::core::option::Option::None
                },
                files: FILES,
            })
        }

        #(#cfgs)*
        fn main() -> ::std::process::ExitCode {
            #private::main(#name)
        }
    }
}

/// An error where the whole attribute is meant.
pub(crate) fn at_attribute(words: &str) -> syn::Error {
    mistake_at(Span::call_site(), words, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_stay_inside() {
        let check = |path: &str, expected: bool| assert_eq!(is_inside(path), expected, "{path}");
        check("themes", true);
        check("themes/templates", true);
        check("", false);
        check("..", false);
        check("a/../../b", false);
        check("/etc", false);
    }
}
