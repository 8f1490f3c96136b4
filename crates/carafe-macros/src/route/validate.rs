//! A function and its rules, checked against each other.

use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, ExprUnary, Lit, Path, Type};

use crate::arguments::{Source, local};
use crate::ast::{Argument, Function, inner_type};
use crate::diagnostics::{mistake, mistake_at};

use super::attr::{Converter, RuleAttr};

/// What is left to write down.
pub(crate) struct Checked {
    pub(crate) krate: Option<Path>,
    pub(crate) rules: Vec<RuleAttr>,
    pub(crate) arguments: Vec<(Argument, Source)>,
    pub(crate) values: Vec<Value>,
}

/// A path value that an argument takes.
pub(crate) struct Value {
    pub(crate) name: String,
    /// `None` for a value that only defaults give.
    pub(crate) converter: Option<Converter>,
    /// The argument's type, without `Option`.
    pub(crate) ty: Type,
}

/// Checks the function against its rules.
pub(crate) fn check(function: &Function, rules: Vec<RuleAttr>) -> syn::Result<Checked> {
    check_same(&rules)?;
    let arguments = function.arguments("a handler")?;
    for rule in &rules {
        check_names(rule, &arguments)?;
    }
    let krate = rules.iter().find_map(RuleAttr::krate).cloned();
    let mut values = Vec::new();
    let mut sourced = Vec::new();
    for argument in arguments {
        let source = match value_name(&rules, &argument) {
            Some(name) => path_value(&rules, &argument, name, krate.as_ref(), &mut values)?,
            None if argument.by_ref && argument.is_called("Request") => Source::Request,
            None => {
                check_body_text(&rules, &argument)?;
                Source::Extract
            }
        };
        sourced.push((argument, source));
    }
    Ok(Checked { krate, rules, arguments: sourced, values })
}

/// The value that the argument takes: of its own name, or of its name without a leading `_`.
fn value_name(rules: &[RuleAttr], argument: &Argument) -> Option<String> {
    let own = argument.name.as_ref()?.unraw().to_string();
    let names = [Some(own.as_str()), own.strip_prefix('_')];
    let known = |name: &&str| rules.iter().any(|rule| rule.provides(name));
    names.into_iter().flatten().find(known).map(str::to_owned)
}

fn check_same(rules: &[RuleAttr]) -> syn::Result<()> {
    for (index, rule) in rules.iter().enumerate() {
        let text = |literal: &Option<syn::LitStr>| literal.as_ref().map(syn::LitStr::value);
        let same = |other: &&RuleAttr| {
            other.text.value() == rule.text.value()
                && other.methods.iter().any(|method| rule.methods.contains(method))
                && text(&other.options.host) == text(&rule.options.host)
                && text(&other.options.subdomain) == text(&rule.options.subdomain)
                && is_websocket(other) == is_websocket(rule)
        };
        if rules[..index].iter().any(|other| same(&other)) {
            return Err(mistake(
                &rule.text,
                "this handler has the same rule already",
                "remove one of them",
            ));
        }
    }
    Ok(())
}

fn is_websocket(rule: &RuleAttr) -> bool {
    rule.options.switches.iter().any(|(name, on)| name == "websocket" && *on)
}

/// Each name of the rule has an argument that takes it.
fn check_names(rule: &RuleAttr, arguments: &[Argument]) -> syn::Result<()> {
    for placeholder in &rule.placeholders {
        let name = &placeholder.name;
        if !arguments.iter().any(|argument| argument.takes(name)) {
            let words = format!("no argument takes `{}`", placeholder.written);
            let hint = format!(
                "add `{name}: {}` to the function's arguments",
                placeholder.converter.usual_type()
            );
            return Err(mistake_at(placeholder.span, &words, &hint));
        }
    }
    for (name, _) in &rule.options.defaults {
        if !arguments.iter().any(|argument| argument.takes(&name.unraw().to_string())) {
            let words = format!("no argument takes the default `{name}`");
            return Err(mistake(name, &words, "add it to the function's arguments"));
        }
    }
    Ok(())
}

/// Text that no rule has would be the body; a GET has none (RFC 9110 section 9.3.1), so that a name
/// forgotten in the rule would go unseen.
fn check_body_text(rules: &[RuleAttr], argument: &Argument) -> syn::Result<()> {
    let is_get = |rule: &RuleAttr| rule.methods.iter().all(|method| method == "GET");
    match &argument.name {
        Some(name) if argument.is_text() && rules.iter().all(is_get) => {
            let own = name.unraw().to_string();
            let words =
                format!("nothing provides `{own}`: no rule has `<{own}>`, and a GET has no body");
            let hint = format!(
                "write `<{own}>` in the rule; a value of a blueprint's prefix is `request.view_arg(\"{own}\")`"
            );
            Err(mistake(name, &words, &hint))
        }
        _ => Ok(()),
    }
}

/// How the argument gets the value `name`, noting the value's type on the way.
fn path_value(
    rules: &[RuleAttr],
    argument: &Argument,
    name: String,
    krate: Option<&Path>,
    values: &mut Vec<Value>,
) -> syn::Result<Source> {
    let inner = inner_type(&argument.ty, "Option");
    if inner.is_none()
        && let Some(rule) = rules.iter().find(|rule| !rule.provides(&name))
    {
        let words = format!("this rule has no value for the argument `{name}`");
        let hint = format!("add `defaults({name} = ..)`, or take the argument as an `Option`");
        return Err(mistake(&rule.text, &words, &hint));
    }
    let mut converters: Vec<Converter> = Vec::new();
    for placeholder in rules.iter().filter_map(|rule| rule.placeholder(&name)) {
        if !converters.contains(&placeholder.converter) {
            converters.push(placeholder.converter);
        }
        let customs = converters.iter().filter(|one| **one == Converter::Custom).count();
        if customs > 0 && customs < converters.len() {
            let words = format!(
                "`{}` is of another kind than in the handler's other rule",
                placeholder.written
            );
            return Err(mistake_at(placeholder.span, &words, "use the same converter in both"));
        }
    }
    check_defaults(rules, &name, &converters)?;
    let ty = inner.unwrap_or(&argument.ty);
    let function = converters.first().map_or("path_value", |converter| converter.function());
    let function = syn::Ident::new(function, proc_macro2::Span::call_site());
    let private = super::private(krate);
    let request = local("request");
    let take = quote_spanned!(ty.span()=> #private::#function::<#ty>);
    let take = match inner {
        None => quote_spanned!(ty.span()=> #take(&#request, #name)?),
        Some(_) => quote_spanned!(ty.span()=> #private::optional(&#request, #name, #take)?),
    };
    if converters.is_empty() {
        values.push(Value { name: name.clone(), converter: None, ty: ty.clone() });
    }
    values.extend(converters.into_iter().map(|converter| Value {
        name: name.clone(),
        converter: Some(converter),
        ty: ty.clone(),
    }));
    Ok(Source::Given(take))
}

/// A default that is a literal fits the converter of the same name in another rule.
fn check_defaults(rules: &[RuleAttr], name: &str, converters: &[Converter]) -> syn::Result<()> {
    let defaults = rules.iter().flat_map(|rule| &rule.options.defaults);
    for (_, value) in defaults.filter(|(default, _)| *default == name) {
        for converter in converters {
            let fits = match (converter, literal(value)) {
                (Converter::Custom, _) | (_, None) => true,
                (Converter::Int, Some(value)) => matches!(value, Lit::Int(_)),
                (Converter::Float, Some(value)) => matches!(value, Lit::Int(_) | Lit::Float(_)),
                (Converter::Uuid, Some(_)) => false,
                (Converter::Text, Some(value)) => matches!(value, Lit::Str(_)),
            };
            if !fits {
                let words =
                    format!("this default does not fit `{name}` in the handler's other rule");
                let hint =
                    format!("the other rule gives a value of type `{}`", converter.usual_type());
                return Err(mistake(value, &words, &hint));
            }
        }
    }
    Ok(())
}

fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        Expr::Unary(ExprUnary { expr, .. }) => literal(expr),
        _ => None,
    }
}
