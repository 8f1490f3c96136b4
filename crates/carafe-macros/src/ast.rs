//! The function under an attribute, as data. Its body stays unread: the user's code is not ours to
//! check, and an editor may send it half written.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Error, FnArg, GenericArgument, GenericParam, Ident, Pat, PathArguments, ReturnType,
    Safety, Signature, Token, Type, Visibility,
};

use crate::diagnostics::mistake;

/// A function with its attributes.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Function> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig: Signature = input.parse()?;
        if input.peek(Token![;]) {
            return Err(mistake(&sig, "this function has no body", ""));
        }
        Ok(Function { attrs, vis, sig, body: input.parse()? })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Function { attrs, vis, sig, body } = self;
        tokens.extend(quote!(#(#attrs)* #vis #sig #body));
    }
}

impl Function {
    /// The name without `r#`.
    pub(crate) fn name(&self) -> String {
        self.sig.ident.unraw().to_string()
    }

    pub(crate) fn is_async(&self) -> bool {
        self.sig.asyncness.is_some()
    }

    /// What the generated items must have in common with the function: its `#[cfg]`s.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> + Clone {
        self.attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
    }

    /// Takes the attributes that `wanted` takes off the function, in order.
    pub(crate) fn take_attributes(
        &mut self,
        wanted: impl Fn(&Attribute) -> bool,
    ) -> Vec<Attribute> {
        let (taken, kept) = std::mem::take(&mut self.attrs).into_iter().partition(wanted);
        self.attrs = kept;
        taken
    }

    /// The doc comment, a line an entry.
    #[cfg(feature = "commands")]
    pub(crate) fn docs(&self) -> Vec<String> {
        docs(&self.attrs)
    }

    /// The return type where it can be written down again.
    pub(crate) fn return_type(&self) -> Option<&Type> {
        match &self.sig.output {
            ReturnType::Type(_, ty) if !mentions(ty, "impl") => Some(ty),
            _ => None,
        }
    }

    /// The arguments, after refusing what no generated code could call. `what` is the function's
    /// part, such as `a handler`.
    pub(crate) fn arguments(&self, what: &str) -> syn::Result<Vec<Argument>> {
        check_qualifiers(&self.sig, what)?;
        let arguments = self.sig.inputs.iter().map(|input| argument(input, what));
        let arguments = arguments.collect::<syn::Result<Vec<_>>>()?;
        if let ReturnType::Type(_, ty) = &self.sig.output
            && let Type::Reference(reference) = &**ty
            && reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static")
        {
            let words = format!("{what} cannot return what it borrowed");
            return Err(mistake(ty, &words, "return an owned value, such as `String` for `&str`"));
        }
        Ok(arguments)
    }
}

/// The doc comment among `attrs`, a line an entry.
#[cfg(feature = "commands")]
pub(crate) fn docs(attrs: &[Attribute]) -> Vec<String> {
    use syn::Meta;

    let text = |attr: &Attribute| match &attr.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    };
    attrs.iter().filter_map(text).map(|line| line.trim().to_owned()).collect()
}

fn check_qualifiers(sig: &Signature, what: &str) -> syn::Result<()> {
    match &sig.safety {
        Safety::Default => {}
        safety => return Err(mistake(safety, &format!("{what} cannot be `unsafe`"), "")),
    }
    if let Some(abi) = &sig.abi {
        return Err(mistake(abi, &format!("{what} cannot be `extern`"), ""));
    }
    let free = |parameter: &&GenericParam| !matches!(parameter, GenericParam::Lifetime(_));
    if let Some(parameter) = sig.generics.params.iter().find(free) {
        let words = format!("{what} cannot be generic");
        return Err(mistake(parameter, &words, "write the type that is meant"));
    }
    Ok(())
}

/// An argument of the function.
pub(crate) struct Argument {
    /// Its name, when it has one: a pattern such as `Json(user)` has none.
    pub(crate) name: Option<Ident>,
    /// The type that is owned by the caller: without `&`, and `String` for `&str`.
    pub(crate) ty: Type,
    /// Whether the function borrows it.
    pub(crate) by_ref: bool,
    #[cfg(feature = "commands")]
    pub(crate) attrs: Vec<Attribute>,
}

impl Argument {
    /// Whether the type is called `name`, whatever path leads to it.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        last_segment(&self.ty).is_some_and(|segment| segment.ident == name)
    }

    /// Whether the type is `String` or `&str`.
    pub(crate) fn is_text(&self) -> bool {
        // What stands for `str`: see `owned_text`.
        self.is_called("String") || matches!(self.ty, Type::Verbatim(_))
    }

    /// Whether this argument takes the value `name`; a leading `_` says that it goes unused.
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|own| {
            let own = own.unraw().to_string();
            own == name || own.strip_prefix('_') == Some(name)
        })
    }
}

fn argument(input: &FnArg, what: &str) -> syn::Result<Argument> {
    let typed = match input {
        FnArg::Typed(typed) => typed,
        FnArg::Receiver(receiver) => {
            let words = format!("{what} cannot take `self`");
            let hint =
                "write a function outside of `impl`, and take the app's values as `State<T>`";
            return Err(mistake(&receiver.self_token, &words, hint));
        }
    };
    let (ty, by_ref) = match &*typed.ty {
        Type::Reference(reference) => {
            if let Some(mutable) = &reference.mutability {
                let words = format!("{what} cannot borrow an argument mutably");
                return Err(mistake(mutable, &words, "take the value itself: `mut name: T`"));
            }
            ((*reference.elem).clone(), true)
        }
        ty => (ty.clone(), false),
    };
    if matches!(ty, Type::ImplTrait(_)) {
        let words = format!("an argument of {what} needs a type with a name");
        return Err(mistake(&typed.ty, &words, "write the type instead of `impl`"));
    }
    let is_str = by_ref && matches!(&ty, Type::Path(path) if path.path.is_ident("str"));
    let ty = if is_str { owned_text(&ty) } else { ty };
    let name = match &*typed.pat {
        Pat::Ident(pat) => Some(pat.ident.clone()),
        _ => None,
    };
    Ok(Argument {
        name,
        ty,
        by_ref,
        #[cfg(feature = "commands")]
        attrs: typed.attrs.clone(),
    })
}

/// `String`, in the place of `str`.
fn owned_text(ty: &Type) -> Type {
    let span = syn::spanned::Spanned::span(ty);
    Type::Verbatim(quote::quote_spanned!(span=> ::std::string::String))
}

/// The last segment of a type that is a path.
pub(crate) fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        _ => None,
    }
}

/// The `T` of `wrapper<T>`, such as `Option<T>`.
pub(crate) fn inner_type<'a>(ty: &'a Type, wrapper: &str) -> Option<&'a Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == wrapper)?;
    match &segment.arguments {
        PathArguments::AngleBracketed(list) if list.args.len() == 1 => match list.args.first()? {
            GenericArgument::Type(inner) => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

fn mentions(tokens: &impl ToTokens, word: &str) -> bool {
    fn search(tokens: TokenStream, word: &str) -> bool {
        tokens.into_iter().any(|token| match token {
            proc_macro2::TokenTree::Ident(ident) => ident == word,
            proc_macro2::TokenTree::Group(group) => search(group.stream(), word),
            _ => false,
        })
    }
    search(tokens.to_token_stream(), word)
}

/// Reads the item under an attribute called `attribute`, or says that it is not a function.
pub(crate) fn function(item: TokenStream, attribute: &str) -> syn::Result<Function> {
    syn::parse2(item.clone()).map_err(|error| {
        let keyword = |token: &proc_macro2::TokenTree| {
            matches!(token, proc_macro2::TokenTree::Ident(ident)
                if ["struct", "enum", "impl", "mod", "trait", "static", "type", "use"]
                    .contains(&ident.to_string().as_str()))
        };
        match item.into_iter().find(keyword) {
            Some(keyword) => {
                let words = format!("`#[{attribute}]` belongs above a function");
                Error::new(keyword.span(), words)
            }
            None => error,
        }
    })
}
