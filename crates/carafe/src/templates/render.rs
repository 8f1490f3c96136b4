//! The functions that handlers call: `render`, `render_string`, and the streaming ones.

use super::context::Context;
use super::engine::{announce, span};
use super::escape::STRING_TEMPLATE;
use super::name::TemplateName;
use super::scope::Scope;
use super::stream::{PipeWriter, pipe};
use crate::app::Core;
use crate::context::current;
use crate::error::{Error, Result};
use crate::http::{Body, Response};
use crate::request::Request;
use crate::respond::Html;
use crate::signals::Signal;

use minijinja::{Template, Value};

/// Renders a template with these values: Flask's `render_template`. `render!` is shorter.
///
/// Of several names the first template that exists is taken.
///
/// # Errors
/// 500 with a [`TemplateError`](super::TemplateError) when there is no such template or it fails;
/// also outside of a request.
pub fn render(name: impl TemplateName, context: Context) -> Result<Html> {
    current_request("render")?.render(name, context)
}

/// Renders a template that is given as text. Values are escaped.
///
/// # Errors
/// As [`render`].
#[inline]
pub fn render_string(source: &str, context: Context) -> Result<Html> {
    current_request("render_string")?.render_string(source, context)
}

/// Renders a template and sends it while it is rendered: Flask's `stream_template`.
///
/// For long pages, so that the browser can begin before the end is there. A thread of the pool
/// (config key `threads`) works at the client's pace, so it is busy while the client reads. When
/// the template fails, the page ends there and the log says why; hooks may no longer change the
/// status and the session by then.
///
/// # Errors
/// 500 when there is no such template, it cannot be compiled, or outside of a request.
pub fn stream_template(name: impl TemplateName, context: Context) -> Result<Response> {
    current_request("stream_template")?.stream_template(name, context)
}

/// As [`stream_template`], with the template itself as text.
///
/// # Errors
/// As [`stream_template`].
#[inline]
pub fn stream_template_string(source: &str, context: Context) -> Result<Response> {
    current_request("stream_template_string")?.stream_template_string(source, context)
}

#[inline]
pub(super) fn current_request(function: &str) -> Result<Request> {
    current().ok_or_else(|| {
        Error::new(500).caused_by(format!(
            "`{function}` was called outside of a request; use `request.{function}(..)`, or in a test \
             `app.test_request(\"/\").enter(..)`"
        ))
    })
}

impl Request {
    /// Renders a template with these values, as [`render`](crate::templates::render).
    ///
    /// # Errors
    /// 500 with a [`TemplateError`](crate::templates::TemplateError) when there is no such template
    /// or it fails.
    pub fn render(&self, name: impl TemplateName, context: Context) -> Result<Html> {
        let engine = &Core::of(self).templates;
        name.with_names(|names| engine.render(Some(self), names, context)).map(Html)
    }

    /// Renders a template that is given as text. Values are escaped.
    ///
    /// # Errors
    /// As [`Request::render`].
    #[inline]
    pub fn render_string(&self, source: &str, context: Context) -> Result<Html> {
        Core::of(self).templates.render_string(Some(self), source, context).map(Html)
    }

    /// Renders a template and sends it while it is rendered; see
    /// [`stream_template`](crate::templates::stream_template).
    ///
    /// # Errors
    /// 500 when there is no such template or it cannot be compiled.
    pub fn stream_template(&self, name: impl TemplateName, context: Context) -> Result<Response> {
        let engine = &Core::of(self).templates;
        let name =
            name.with_names(|names| Ok::<_, Error>(engine.find(names)?.name().to_owned()))?;
        self.stream(context, move |request, work| {
            let template = Core::of(request).templates.find(&[&name])?;
            work(&template)
        })
    }

    /// As [`Request::stream_template`], with the template itself as text.
    ///
    /// # Errors
    /// As [`Request::stream_template`].
    #[inline]
    pub fn stream_template_string(&self, source: &str, context: Context) -> Result<Response> {
        let engine = &Core::of(self).templates;
        // Compiled here for its mistakes, and on the thread to be rendered.
        engine.compile(source).map(drop)?;
        let source = source.to_owned();
        self.stream(context, move |request, work| {
            work(&Core::of(request).templates.compile(&source)?)
        })
    }

    /// Renders on a thread of the pool the template that `with_template` finds.
    fn stream(
        &self,
        context: Context,
        with_template: impl FnOnce(
            &Request,
            &mut dyn FnMut(&Template<'_, '_>) -> Result<()>,
        ) -> Result<()>
        + Send
        + 'static,
    ) -> Result<Response> {
        let (writer, body): (PipeWriter, Body) = pipe();
        let request = self.clone();
        self.shared().pool.spawn(self.clone(), move || {
            let mut unused = Some((writer, context));
            let rendered = with_template(&request, &mut |template| match unused.take() {
                Some((writer, context)) => write(&request, template, context, writer),
                None => Ok(()),
            });
            if let Err(error) = rendered {
                let path = request.path();
                tracing::error!(target: "carafe", "a streamed template broke off at {path}: {error}");
            }
        })?;
        Ok(Response::html(body))
    }
}

#[inline]
fn write(
    request: &Request,
    template: &Template<'_, '_>,
    context: Context,
    mut writer: PipeWriter,
) -> Result<()> {
    let engine = &Core::of(request).templates;
    let scope = Scope::new(context, Some(request.clone()));
    let _span = span(Some(request), template.name(), &scope);
    announce(Some(request), |template| Signal::BeforeRenderTemplate { template }, template.name());
    match template.render_captured_to(Value::from_dyn_object(scope.clone()), &mut writer) {
        Ok(_) => {
            announce(
                Some(request),
                |template| Signal::TemplateRendered { template },
                template.name(),
            );
            writer.finish();
            Ok(())
        }
        // The client left: nobody has to be told.
        Err(_) if writer.is_abandoned() => Ok(()),
        Err(error) => {
            let source = (template.name() == STRING_TEMPLATE).then(|| template.source());
            Err(engine.tell(error, source, Some(&scope)))
        }
    }
}
