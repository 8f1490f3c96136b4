//! [`get_template_attribute`]: a macro or a variable of a template, from Rust.

use minijinja::{Captured, ErrorKind, Value};

use super::context::Context;
use super::error::TemplateError;
use super::filters::keywords;
use super::render::current_request;
use super::scope::Scope;
use super::serialize::to_value;
use crate::app::Core;
use crate::error::Result;
use crate::request::Request;
use crate::respond::Html;

/// A macro or a variable of a template: Flask's `get_template_attribute`.
///
/// ```
/// use carafe::prelude::*;
/// use carafe::templates::{Context, get_template_attribute};
///
/// # fn demo() -> Result<Html> {
/// // {% macro hello(name) %}Hello {{ name }}!{% endmacro %}
/// get_template_attribute("_macros.html", "hello")?.call(Context::new().with("name", "Ann"))
/// # }
/// ```
///
/// # Errors
/// 500 when there is no such template or it has no such name; also outside of a request.
#[inline]
pub fn get_template_attribute(template: &str, attribute: &str) -> Result<TemplateAttribute> {
    let request = current_request("get_template_attribute")?;
    request.template_attribute(template, attribute)
}

impl Request {
    /// A macro or a variable of a template, as
    /// [`get_template_attribute`](crate::templates::get_template_attribute).
    ///
    /// # Errors
    /// 500 when there is no such template or it has no such name.
    #[inline]
    pub fn template_attribute(&self, template: &str, attribute: &str) -> Result<TemplateAttribute> {
        let attribute = TemplateAttribute {
            request: self.clone(),
            template: template.to_owned(),
            attribute: attribute.to_owned(),
        };
        attribute.value()?;
        Ok(attribute)
    }
}

/// A macro or a variable of a template; see [`get_template_attribute`].
#[derive(Clone, Debug)]
pub struct TemplateAttribute {
    request: Request,
    template: String,
    attribute: String,
}

impl TemplateAttribute {
    /// The value. A macro's can only be shown; [`TemplateAttribute::call`] calls it.
    ///
    /// # Errors
    /// 500 when the template fails, or has no such name any more.
    #[inline]
    pub fn value(&self) -> Result<Value> {
        let captured = self.run()?;
        captured.state().lookup(&self.attribute).ok_or_else(|| {
            let exports = captured.state().exports().into_iter();
            let hint = super::suggest::nearest(&self.attribute, exports);
            let words = format!("the template `{}` has no `{}`", self.template, self.attribute);
            TemplateError::new(words, hint).into()
        })
    }

    /// Calls the macro, with its arguments by name.
    ///
    /// # Errors
    /// 500 when it fails, or is no macro.
    #[inline]
    pub fn call(&self, arguments: Context) -> Result<Html> {
        let mut pairs = Vec::new();
        for name in arguments.names() {
            if let Some(value) = arguments.get(name) {
                pairs.push((name.to_owned(), value.clone()));
            }
        }
        self.call_values(&[keywords(pairs).into()])
    }

    /// Calls the macro, with its arguments by position.
    ///
    /// # Errors
    /// As [`TemplateAttribute::call`].
    #[inline]
    pub fn call_with(&self, arguments: &[impl serde::Serialize]) -> Result<Html> {
        self.call_values(&arguments.iter().map(to_value).collect::<Vec<_>>())
    }

    #[inline]
    fn call_values(&self, arguments: &[Value]) -> Result<Html> {
        let engine = &Core::of(&self.request).templates;
        let mut captured = self.run()?;
        let output = captured.with_state_mut(|state| match state.lookup(&self.attribute) {
            Some(attribute) => attribute.call(state, arguments).map(|output| output.to_string()),
            None => Err(minijinja::Error::new(
                ErrorKind::UnknownFunction,
                format!("{} is unknown", self.attribute),
            )),
        });
        output.map(Html).map_err(|error| engine.tell(error, None, None))
    }

    /// Runs the template for what it defines.
    #[inline]
    fn run(&self) -> Result<Captured<'_>> {
        let engine = &Core::of(&self.request).templates;
        let template = engine.find(&[&self.template])?;
        let scope = Scope::new(Context::new(), Some(self.request.clone()));
        let root = Value::from_dyn_object(scope.clone());
        template.render_captured(root).map_err(|error| engine.tell(error, None, Some(&scope)))
    }
}
