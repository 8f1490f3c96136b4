//! [`Engine`]: the app's templates, compiled and ready. No lock is held while one is rendered.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use minijinja::{Environment, Error as EngineError, ErrorKind, Template, Value};

use super::context::Context;
use super::error::{Known, Missing, TemplateError};
use super::escape::STRING_TEMPLATE;
use super::scope::Scope;
use super::setup::{Names, environment};
use super::source::Sources;
use super::suggest;
use crate::app::Core;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::signals::Signal;
use crate::trace::{self, Kind, Span};

/// The app's templates.
pub(crate) struct Engine {
    pub(super) env: Environment<'static>,
    pub(super) sources: Arc<Sources>,
    pub(super) names: Names,
    /// How large the last output of each template in the program was, in bytes.
    sizes: HashMap<&'static str, AtomicUsize>,
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new(environment(), Arc::default(), Names::default())
    }
}

impl Engine {
    pub(super) fn new(
        mut env: Environment<'static>,
        sources: Arc<Sources>,
        names: Names,
    ) -> Engine {
        let loader = sources.clone();
        env.set_loader(move |name| loader.load(name));
        env.set_auto_reload(sources.reloads);
        let mut sizes = HashMap::new();
        // With explanations, each template is looked for when it is asked for.
        if !sources.reloads && !sources.explains {
            for (name, text) in sources.all_embedded() {
                // One with a mistake fails when it is rendered, and in `check`.
                let _ = env.add_template(name, text);
                sizes.insert(name, AtomicUsize::new(0));
            }
        }
        Engine { env, sources, names, sizes }
    }

    /// Renders the first of the templates that exists.
    #[inline]
    pub(crate) fn render(
        &self,
        request: Option<&Request>,
        names: &[&str],
        context: Context,
    ) -> Result<String> {
        let template = self.find(names)?;
        self.render_template(&template, request, context)
    }

    /// Renders a template from a string.
    #[inline]
    pub(crate) fn render_string(
        &self,
        request: Option<&Request>,
        source: &str,
        context: Context,
    ) -> Result<String> {
        self.render_template(&self.compile(source)?, request, context)
    }

    /// Compiles a template from a string.
    #[inline]
    pub(super) fn compile<'a>(&'a self, source: &'a str) -> Result<Template<'a, 'a>> {
        let template = self.env.template_from_named_str(STRING_TEMPLATE, source);
        template.map_err(|error| self.tell(error, Some(source), None))
    }

    #[inline]
    fn render_template(
        &self,
        template: &Template<'_, '_>,
        request: Option<&Request>,
        context: Context,
    ) -> Result<String> {
        let scope = Scope::new(context, request.cloned());
        let _span = span(request, template.name(), &scope);
        announce(request, |template| Signal::BeforeRenderTemplate { template }, template.name());
        let output = self.write(template, &scope)?;
        announce(request, |template| Signal::TemplateRendered { template }, template.name());
        Ok(output)
    }

    /// Renders into a buffer of the size that was needed the last time.
    #[inline]
    fn write(&self, template: &Template<'_, '_>, scope: &Arc<Scope>) -> Result<String> {
        let size = self.sizes.get(template.name());
        let expected = size.map_or(0, |size| size.load(Ordering::Relaxed));
        let root = Value::from_dyn_object(scope.clone());
        let tell = |error| self.tell(error, Some(template.source()), Some(scope));
        if expected == 0 {
            let output = template.render(root).map_err(tell)?;
            if let Some(size) = size {
                size.store(output.len(), Ordering::Relaxed);
            }
            return Ok(output);
        }
        let mut output = Vec::with_capacity(expected + expected / 8);
        template.render_captured_to(root, &mut output).map_err(tell)?;
        if let Some(size) = size
            && output.len() != expected
        {
            size.store(output.len(), Ordering::Relaxed);
        }
        // The engine writes whole texts, so this does not fail.
        String::from_utf8(output).map_err(Error::from)
    }

    /// The first of the templates that exists.
    #[inline]
    pub(super) fn find(&self, names: &[&str]) -> Result<Template<'_, '_>> {
        for name in names {
            match self.env.get_template(name) {
                Ok(template) => return Ok(template),
                Err(error) if error.kind() == ErrorKind::TemplateNotFound => {}
                Err(error) => return Err(self.tell(error, None, None)),
            }
        }
        Err(self.not_found(names))
    }

    #[inline]
    fn not_found(&self, names: &[&str]) -> Error {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = match quoted.as_slice() {
            [] => "no template was named".to_owned(),
            [one] => format!("there is no template {one}"),
            several => format!("there is none of the templates {}", several.join(", ")),
        };
        let hint = names.iter().find_map(|name| Teller::of(self).suggest(Missing::Template(name)));
        TemplateError::new(message, hint).into()
    }

    /// The engine's error with all that is known about it.
    #[inline]
    pub(super) fn tell(
        &self,
        error: EngineError,
        source: Option<&str>,
        scope: Option<&Scope>,
    ) -> Error {
        TemplateError::from_engine(error, &Teller { engine: self, source, scope }).into()
    }

    /// The file that a template is in, when it is in one.
    #[cfg(debug_assertions)]
    pub(crate) fn file(&self, name: &str) -> Option<std::path::PathBuf> {
        self.sources.file(name).filter(|_| !name.is_empty())
    }

    /// The names of all templates, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        self.sources.names()
    }
}

/// The span of a rendering, with the values that the template gets.
#[inline]
pub(super) fn span(request: Option<&Request>, template: &str, scope: &Scope) -> Option<Span> {
    let mut span = trace::of(request?, Kind::TEMPLATE, template, None);
    #[cfg(debug_assertions)]
    span.detail(|| scope.context().shown());
    #[cfg(not(debug_assertions))]
    let _ = (&mut span, scope);
    Some(span)
}

/// Sends a signal of a rendering; with no listener it costs a comparison.
pub(super) fn announce<'a>(
    request: Option<&Request>,
    signal: impl FnOnce(&'a str) -> Signal<'a>,
    template: &'a str,
) {
    if let Some(request) = request {
        Core::of(request).listeners.send(signal(template));
    }
}

/// Knows what an error is told with.
pub(super) struct Teller<'a> {
    engine: &'a Engine,
    /// The source of the template that was rendered.
    source: Option<&'a str>,
    scope: Option<&'a Scope>,
}

impl<'a> Teller<'a> {
    pub(super) fn of(engine: &'a Engine) -> Teller<'a> {
        Teller { engine, source: None, scope: None }
    }
}

impl Known for Teller<'_> {
    fn source(&self, template: &str) -> Option<String> {
        if template == STRING_TEMPLATE {
            return self.source.map(str::to_owned);
        }
        let compiled = self.engine.env.get_template(template).ok();
        compiled.map(|template| template.source().to_owned())
    }

    fn suggest(&self, what: Missing<'_>) -> Option<String> {
        let names = &self.engine.names;
        match what {
            Missing::Template(name) => suggest::template(name, &self.engine.sources),
            Missing::Filter(name) => suggest::nearest(name, suggest::filters(&names.filters)),
            Missing::Test(name) => suggest::nearest(name, suggest::tests(&names.tests)),
            Missing::Variable(name) => {
                let own = self.scope.map(Scope::names).unwrap_or_default();
                let globals = self.engine.env.globals().map(|(name, _)| name.to_owned());
                let all: Vec<String> = own.into_iter().chain(globals).collect();
                suggest::nearest(name, all.iter().map(String::as_str))
            }
        }
    }
}
