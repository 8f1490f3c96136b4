//! Templates: Jinja, by its own author's engine, with Flask's globals, filters and habits.
//!
//! A template is a file below `templates` in the app's folder (or below a blueprint's
//! `template_folder`; the app's own win). In development it is read from the disk, and a saved change
//! shows with the next request; in release builds it is part of the program.
//!
//! ```no_run
//! use carafe::prelude::*;
//!
//! #[get("/hello/<name>")]
//! async fn hello(name: String) -> Result<Html> {
//!     render!("hello.html", name)
//! }
//! ```
//!
//! # What a template sees
//! The values it was given, those of the app's and the blueprint's `context_processor`s, and
//! `request`, `session`, `g`, `config`, `url_for(endpoint, ..)`,
//! `get_flashed_messages(with_categories, category_filter)`, `cycler`, `dict`, `joiner`, `lipsum`,
//! `namespace` and `range`. What a template does not use costs nothing.
//!
//! Values in templates named `.html`, `.htm`, `.xml`, `.xhtml` or `.svg` (an ending `.j2` or
//! `.jinja` is looked through) and in templates from strings are escaped; `|safe` and [`Markup`] are
//! not.
//!
//! # Where it differs from Jinja
//! Values are read-only in templates (`list.append` is an error; `namespace` is for that), `"%s" % x`
//! is written `"%s"|format(x)`, macros have no `varargs` and `kwargs`, imports always see the
//! context, `attr` finds a map's keys too, a map that is written in a template is in the order of its
//! keys (a struct keeps that of its fields), and there is no `{% trans %}`.

mod attribute;
mod check;
mod context;
mod engine;
mod error;
mod escape;
mod excerpt;
mod filters;
mod globals;
#[cfg(test)]
mod jinja_table;
mod markup;
mod methods;
mod name;
mod python;
mod record;
mod reload;
mod render;
mod scan;
mod scope;
mod serialize;
mod setup;
mod source;
mod stream;
mod suggest;
mod tests;
mod url_calls;

/// The engine itself, for functions with keyword arguments and for objects; as it is, so its versions are Carafe's.
pub use minijinja;
pub use minijinja::Value;

pub use self::attribute::{TemplateAttribute, get_template_attribute};
pub use self::check::Problem;
pub use self::context::{Context, ContextProcessor};
pub(crate) use self::engine::Engine;
pub use self::error::{SourceLine, TemplateError};
pub use self::markup::Markup;
pub use self::name::TemplateName;
pub use self::render::{render, render_string, stream_template, stream_template_string};
pub use self::setup::Setup;
pub(crate) use self::url_calls::UrlCall;
