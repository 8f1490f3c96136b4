//! The code for a command: the function as it was, and beside it a type of the same name that knows
//! its arguments and how to run it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use crate::arguments::local;
use crate::ast::{Argument, Function};
use crate::fallback::companion;
use crate::route;

use super::attr::CommandAttr;
use super::validate::{CliArgument, Input, Shape};

/// The whole expansion.
pub(super) fn code(
    function: &Function,
    attribute: &CommandAttr,
    arguments: &[Argument],
    inputs: &[Input],
) -> TokenStream {
    let private = route::private(attribute.krate.as_ref());
    let ident = &function.sig.ident;
    let name = match &attribute.name {
        Some(name) => name.value(),
        None => function.name().replace('_', "-"),
    };
    let about = about(&function.docs());
    let args = inputs.iter().filter_map(|input| match input {
        Input::Cli(cli) => Some(clap_argument(&private, cli)),
        Input::App => None,
    });
    let run = run(&private, function, arguments, inputs);
    let cfgs = function.cfgs();
    let companion = companion(&function.vis, ident, function.cfgs());
    let (running, matches) = (local("running"), local("matches"));
    quote! {
        #function
        #companion
        #(#cfgs)*
        #[automatically_derived]
        impl #private::CommandEndpoint for #ident {
            fn command() -> #private::Command {
                #private::Command::new(
                    #name,
                    #about,
                    || #private::clap::Command::new(#name).about(#about) #(.arg(#args))*,
                    |#running, #matches| ::std::boxed::Box::pin(async move { #run }),
                )
            }
        }
    }
}

/// The first paragraph of the doc comment, on one line and without a period, as clap's own texts.
fn about(docs: &[String]) -> String {
    let lines = docs.iter().skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    let text = lines.cloned().collect::<Vec<_>>().join(" ");
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

fn clap_argument(private: &TokenStream, cli: &CliArgument) -> TokenStream {
    let CliArgument { id, shape, ty, attr, help } = cli;
    let help = help.strip_suffix('.').unwrap_or(help);
    let named = attr.long.is_some() || attr.short.is_some();
    let long = attr.long.iter();
    let short = attr.short.iter();
    let value_name = match &attr.value_name {
        Some(name) => name.value(),
        None => id.to_uppercase(),
    };
    let default = attr.default.iter().map(|(text, _)| quote!(.default_value(#text)));
    let help = match &attr.env {
        Some(env) => format!("{help} [env: {}]", env.value()).trim_start().to_owned(),
        None => help.to_owned(),
    };
    let required = matches!(shape, Shape::One) && attr.default.is_none() && attr.env.is_none();
    let action = match shape {
        Shape::Flag => "SetTrue",
        Shape::Many => "Append",
        Shape::One | Shape::Optional => "Set",
    };
    let action = Ident::new(action, Span::call_site());
    let many = (matches!(shape, Shape::Many) && !named).then(|| quote!(.num_args(0..)));
    let value = (!matches!(shape, Shape::Flag)).then(|| {
        let parser = quote_spanned!(ty.span()=> #private::cli_parser::<#ty>());
        quote!(.value_name(#value_name).required(#required).allow_negative_numbers(true).value_parser(#parser) #many #(#default)*)
    });
    quote! {
        #private::clap::Arg::new(#id)
            .help(#help)
            #(.long(#long))*
            #(.short(#short))*
            .action(#private::clap::ArgAction::#action)
            #value
    }
}

fn run(
    private: &TokenStream,
    function: &Function,
    arguments: &[Argument],
    inputs: &[Input],
) -> TokenStream {
    let ident = &function.sig.ident;
    let (running, matches) = (local("running"), local("matches"));
    let names: Vec<Ident> = (0..arguments.len()).map(|i| local(&format!("argument{i}"))).collect();
    let values = arguments.iter().zip(inputs).map(|(argument, input)| match input {
        Input::App => {
            let ty = &argument.ty;
            quote_spanned!(ty.span()=> <#ty as #private::FromRunning>::from_running(&#running)?)
        }
        Input::Cli(cli) => taken(private, cli, &matches),
    });
    let passed = arguments.iter().zip(&names).map(|(argument, name)| match argument.by_ref {
        true => quote!(&#name),
        false => quote!(#name),
    });
    let answer = crate::arguments::answer(function);
    let outcome = match function.return_type() {
        Some(ty) => quote_spanned! {ty.span()=>
            <#ty as #private::CommandOutcome>::into_outcome(#answer)
        },
        None => quote!(#private::CommandOutcome::into_outcome(#answer)),
    };
    let call = match function.is_async() {
        true => quote!(#ident(#(#passed),*).await),
        false => quote! {
            #private::run_plain_command((#(#names,)*), |(#(#names,)*)| #ident(#(#passed),*)).await?
        },
    };
    quote! {
        #(let #names = #values;)*
        let #answer = #call;
        #outcome
    }
}

fn taken(private: &TokenStream, cli: &CliArgument, matches: &Ident) -> TokenStream {
    let CliArgument { id, shape, ty, attr, .. } = cli;
    let env = match &attr.env {
        Some(env) => quote!(::core::option::Option::Some(#env)),
        None => quote!(::core::option::Option::None),
    };
    match shape {
        Shape::Flag => quote!(#matches.get_flag(#id)),
        Shape::One => quote_spanned! {ty.span()=> #private::cli_one::<#ty>(&#matches, #id, #env)? },
        Shape::Optional => {
            quote_spanned! {ty.span()=> #private::cli_optional::<#ty>(&#matches, #id, #env)? }
        }
        Shape::Many => quote_spanned! {ty.span()=> #private::cli_many::<#ty>(&#matches, #id)? },
    }
}
