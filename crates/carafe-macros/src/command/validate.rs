//! A command's arguments: which come from the command line, and in which shape.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Ident, Type};

use crate::ast::{Argument, docs, inner_type, last_segment};
use crate::diagnostics::{mistake, mistake_at};

use super::attr::{ArgAttr, arg_attribute};

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

/// How often an argument may be given.
pub(super) enum Shape {
    Flag,
    One,
    Optional,
    Many,
}

/// An argument of the command line.
pub(super) struct CliArgument {
    pub(super) id: String,
    pub(super) shape: Shape,
    /// The type of one value.
    pub(super) ty: Type,
    pub(super) attr: ArgAttr,
    pub(super) help: String,
}

pub(super) enum Input {
    Cli(Box<CliArgument>),
    App,
}

pub(super) fn input(argument: &Argument) -> syn::Result<Input> {
    let arg = argument.attrs.iter().find(|attr| attr.path().is_ident("arg"));
    if arg.is_none() && !is_plain(&argument.ty) {
        return Ok(Input::App);
    }
    let Some(name) = &argument.name else {
        return Err(mistake(&argument.ty, "a command's argument needs a name", ""));
    };
    let id = name.unraw().to_string().trim_start_matches('_').to_owned();
    let attr = arg.map(|attr| arg_attribute(attr, &id)).transpose()?.unwrap_or_default();
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
        return Err(mistake(default, "an argument of this type cannot have a default", hint));
    }
    let help = docs(&argument.attrs).join(" ").trim().to_owned();
    Ok(Input::Cli(Box::new(CliArgument { id, shape, ty, attr, help })))
}

fn is_plain(ty: &Type) -> bool {
    let inner = inner_type(ty, "Option").or_else(|| inner_type(ty, "Vec")).unwrap_or(ty);
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

/// clap would find these at run time only.
pub(super) fn check_names(inputs: &[Input], arguments: &[Argument]) -> syn::Result<()> {
    let mut seen: Vec<String> = ["--help", "-h", "--set"].map(str::to_owned).to_vec();
    for (input, argument) in inputs.iter().zip(arguments) {
        let Input::Cli(cli) = input else { continue };
        let long = cli.attr.long.as_ref().map(|long| format!("--{long}"));
        let short = cli.attr.short.map(|short| format!("-{short}"));
        for name in long.into_iter().chain(short) {
            if seen.contains(&name) {
                let words = format!("the option `{name}` is taken");
                let hint = "name it with `long = \"..\"` or `short = '..'`";
                let span = argument.name.as_ref().map_or_else(Span::call_site, Ident::span);
                return Err(mistake_at(span, &words, hint));
            }
            seen.push(name);
        }
    }
    Ok(())
}
