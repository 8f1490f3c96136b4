//! `#[command]`: a function as a command of the app's own command line.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, FnArg, Ident, Lit, LitChar, LitStr, Meta, Path, Token, Type};

use crate::arguments::local;
use crate::ast::{self, Argument, Function, docs, inner_type, last_segment};
use crate::diagnostics::{known_words, mistake, mistake_at};
use crate::fallback::{self, companion};
use crate::route;

/// Types that are read from the command line without being told so.
const PLAIN: [&str; 24] = [
    "String",
    "bool",
    "char",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "PathBuf",
    "IpAddr",
    "Ipv4Addr",
    "Ipv6Addr",
    "SocketAddr",
    "Uuid",
    "OsString",
];

#[derive(Default)]
struct CommandAttr {
    krate: Option<Path>,
    name: Option<LitStr>,
}

/// What `#[arg(..)]` says.
#[derive(Default)]
struct ArgAttr {
    long: Option<String>,
    short: Option<char>,
    /// The text of the literal, with the literal to point at.
    default: Option<(String, Expr)>,
    env: Option<LitStr>,
    value_name: Option<LitStr>,
}

/// How often an argument may be given.
enum Shape {
    Flag,
    One,
    Optional,
    Many,
}

/// An argument of the command line.
struct CliArgument {
    id: String,
    shape: Shape,
    /// The type of one value.
    ty: Type,
    attr: ArgAttr,
    help: String,
}

enum Input {
    Cli(Box<CliArgument>),
    App,
}

/// Expands the attribute.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function = match ast::function(item.clone(), "command") {
        Ok(function) => function,
        Err(error) => return fallback::item_only(&item, &error),
    };
    let checked = attribute.parse2(arguments).and_then(|attribute| {
        let arguments = function.arguments("a command")?;
        let inputs = arguments
            .iter()
            .map(input)
            .collect::<syn::Result<Vec<_>>>()?;
        check_names(&inputs, &arguments)?;
        Ok((attribute, arguments, inputs))
    });
    strip(&mut function);
    match checked {
        Ok((attribute, arguments, inputs)) => code(&function, &attribute, &arguments, &inputs),
        Err(error) => {
            let private = quote!(::carafe::__private);
            let members = quote!(fn command() -> #private::Command { ::core::unreachable!() });
            fallback::stub(
                &function,
                &error,
                &quote!(#private::CommandEndpoint),
                &members,
            )
        }
    }
}

/// Takes off what only this attribute understands: `#[arg]` and doc comments of arguments.
fn strip(function: &mut Function) {
    for input in &mut function.sig.inputs {
        if let FnArg::Typed(typed) = input {
            typed
                .attrs
                .retain(|attr| !attr.path().is_ident("arg") && !attr.path().is_ident("doc"));
        }
    }
}

fn attribute(input: ParseStream<'_>) -> syn::Result<CommandAttr> {
    let mut attribute = CommandAttr::default();
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        match name.to_string().as_str() {
            "crate" => {
                input.parse::<Token![=]>()?;
                attribute.krate = Some(input.call(Path::parse_mod_style)?);
            }
            "name" => {
                input.parse::<Token![=]>()?;
                let text: LitStr = input.parse()?;
                check_command_name(&text)?;
                attribute.name = Some(text);
            }
            word => {
                let words = format!("there is no option `{word}`");
                return Err(mistake(&name, &words, &known_words(word, &["name"])));
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(attribute)
}

fn check_command_name(text: &LitStr) -> syn::Result<()> {
    let name = text.value();
    if name.is_empty() || name.starts_with('-') || name.contains(char::is_whitespace) {
        let words = format!("a command cannot be called `{name}`");
        return Err(mistake(text, &words, "use letters, digits and `-`"));
    }
    Ok(())
}

fn input(argument: &Argument) -> syn::Result<Input> {
    let arg = argument
        .attrs
        .iter()
        .find(|attr| attr.path().is_ident("arg"));
    if arg.is_none() && !is_plain(&argument.ty) {
        return Ok(Input::App);
    }
    let Some(name) = &argument.name else {
        return Err(mistake(
            &argument.ty,
            "a command's argument needs a name",
            "",
        ));
    };
    let id = name.unraw().to_string().trim_start_matches('_').to_owned();
    let attr = arg
        .map(|attr| arg_attribute(attr, &id))
        .transpose()?
        .unwrap_or_default();
    let (shape, ty) = shape(&argument.ty);
    if matches!(shape, Shape::Flag) && attr.long.is_none() && attr.short.is_none() {
        let words = format!("the flag `{id}` needs a name on the command line");
        return Err(mistake(
            name,
            &words,
            &format!("write `#[arg(long)]` before it, for `--{id}`"),
        ));
    }
    if let (Shape::Flag | Shape::Optional | Shape::Many, Some((_, default))) =
        (&shape, &attr.default)
    {
        let hint = "write the type of one value, or leave the default out";
        return Err(mistake(
            default,
            "an argument of this type cannot have a default",
            hint,
        ));
    }
    let help = docs(&argument.attrs).join(" ").trim().to_owned();
    Ok(Input::Cli(Box::new(CliArgument {
        id,
        shape,
        ty,
        attr,
        help,
    })))
}

fn is_plain(ty: &Type) -> bool {
    let inner = inner_type(ty, "Option")
        .or_else(|| inner_type(ty, "Vec"))
        .unwrap_or(ty);
    match (last_segment(inner), inner) {
        (Some(segment), _) => PLAIN.iter().any(|plain| segment.ident == plain),
        // What `&str` was turned into.
        (None, Type::Verbatim(_)) => true,
        _ => false,
    }
}

fn shape(ty: &Type) -> (Shape, Type) {
    if let Some(inner) = inner_type(ty, "Option") {
        return (Shape::Optional, inner.clone());
    }
    if let Some(inner) = inner_type(ty, "Vec") {
        return (Shape::Many, inner.clone());
    }
    match last_segment(ty) {
        Some(segment) if segment.ident == "bool" => (Shape::Flag, ty.clone()),
        _ => (Shape::One, ty.clone()),
    }
}

fn arg_attribute(attr: &Attribute, id: &str) -> syn::Result<ArgAttr> {
    match &attr.meta {
        Meta::Path(_) => Ok(ArgAttr::default()),
        Meta::List(list) => {
            (|input: ParseStream<'_>| arg_options(input, id)).parse2(list.tokens.clone())
        }
        Meta::NameValue(_) => Err(mistake(
            attr,
            "`#[arg]` takes a list",
            "write `#[arg(long)]`",
        )),
    }
}

fn arg_options(input: ParseStream<'_>, id: &str) -> syn::Result<ArgAttr> {
    const NAMES: [&str; 5] = ["long", "short", "default", "env", "value_name"];
    let mut options = ArgAttr::default();
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        let has_value = input.peek(Token![=]);
        if has_value {
            input.parse::<Token![=]>()?;
        }
        match name.to_string().as_str() {
            "long" if has_value => options.long = Some(input.parse::<LitStr>()?.value()),
            "long" => options.long = Some(id.replace('_', "-")),
            "short" if has_value => options.short = Some(input.parse::<LitChar>()?.value()),
            "short" => options.short = id.chars().next(),
            "default" if has_value => options.default = Some(default(input.parse()?)?),
            "env" if has_value => options.env = Some(input.parse()?),
            "value_name" if has_value => options.value_name = Some(input.parse()?),
            word if NAMES.contains(&word) => {
                let words = format!("the option `{word}` needs a value");
                return Err(mistake(&name, &words, &format!("write `{word} = ..`")));
            }
            word => {
                let words = format!("there is no option `{word}`");
                return Err(mistake(&name, &words, &known_words(word, &NAMES)));
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(options)
}

/// A default is a literal: what would be typed in its place.
fn default(value: Expr) -> syn::Result<(String, Expr)> {
    let text = match &value {
        Expr::Lit(lit) => literal_text(&lit.lit),
        Expr::Unary(syn::ExprUnary {
            op: syn::UnOp::Neg(_),
            expr,
            ..
        }) => match &**expr {
            Expr::Lit(lit) => literal_text(&lit.lit).map(|text| format!("-{text}")),
            _ => None,
        },
        _ => None,
    };
    match text {
        Some(text) => Ok((text, value)),
        None => Err(mistake(
            &value,
            "a default is a literal",
            "write what would be typed: `default = \"..\"`",
        )),
    }
}

fn literal_text(lit: &Lit) -> Option<String> {
    Some(match lit {
        Lit::Str(text) => text.value(),
        Lit::Char(letter) => letter.value().to_string(),
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        _ => return None,
    })
}

/// clap would find these at run time only.
fn check_names(inputs: &[Input], arguments: &[Argument]) -> syn::Result<()> {
    let mut seen: Vec<String> = vec!["--help".to_owned(), "-h".to_owned()];
    for (input, argument) in inputs.iter().zip(arguments) {
        let Input::Cli(cli) = input else { continue };
        let long = cli.attr.long.as_ref().map(|long| format!("--{long}"));
        let short = cli.attr.short.map(|short| format!("-{short}"));
        for name in long.into_iter().chain(short) {
            if seen.contains(&name) {
                let words = format!("the option `{name}` is taken");
                let hint = "name it with `long = \"..\"` or `short = '..'`";
                let span = argument
                    .name
                    .as_ref()
                    .map_or_else(Span::call_site, Ident::span);
                return Err(mistake_at(span, &words, hint));
            }
            seen.push(name);
        }
    }
    Ok(())
}

fn code(
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
    let lines = docs
        .iter()
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty());
    let text = lines.cloned().collect::<Vec<_>>().join(" ");
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

fn clap_argument(private: &TokenStream, cli: &CliArgument) -> TokenStream {
    let CliArgument {
        id,
        shape,
        ty,
        attr,
        help,
    } = cli;
    let help = help.strip_suffix('.').unwrap_or(help);
    let named = attr.long.is_some() || attr.short.is_some();
    let long = attr.long.iter();
    let short = attr.short.iter();
    let value_name = match &attr.value_name {
        Some(name) => name.value(),
        None => id.to_uppercase(),
    };
    let default = attr
        .default
        .iter()
        .map(|(text, _)| quote!(.default_value(#text)));
    let help = match &attr.env {
        Some(env) => format!("{help} [env: {}]", env.value())
            .trim_start()
            .to_owned(),
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
        quote!(.value_name(#value_name).required(#required).value_parser(#parser) #many #(#default)*)
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
    let names: Vec<Ident> = (0..arguments.len())
        .map(|i| local(&format!("argument{i}")))
        .collect();
    let values = arguments
        .iter()
        .zip(inputs)
        .map(|(argument, input)| match input {
            Input::App => {
                let ty = &argument.ty;
                quote_spanned!(ty.span()=> <#ty as #private::FromRunning>::from_running(&#running)?)
            }
            Input::Cli(cli) => taken(private, cli, &matches),
        });
    let passed = arguments
        .iter()
        .zip(&names)
        .map(|(argument, name)| match argument.by_ref {
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
    let CliArgument {
        id,
        shape,
        ty,
        attr,
        ..
    } = cli;
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
