//! Looking for mistakes in all templates without rendering them.

use std::fmt;

use minijinja::Value;

use super::engine::{Engine, Teller};
use super::error::{Known, Missing, TemplateError};
use super::escape::STRING_TEMPLATE;
use super::excerpt::Spot;
use super::scan;
use super::url_calls::{Mention, UrlCall, mentions};

/// A mistake in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The template's name.
    pub template: String,
    /// The line, from 1; 0 when the mistake has no place.
    pub line: usize,
    /// The column in characters, from 1; 0 when it is not known.
    pub column: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.template)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if self.column > 0 {
            write!(f, ":{}", self.column)?;
        }
        write!(f, ": {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// What is wrong with a URL that a template asks for, and what to do about it.
pub(crate) type UrlProblem = (String, Option<String>);

impl Engine {
    /// The mistakes in all templates: syntax, names of templates, filters and tests, and what
    /// `url_problem` says of each `url_for` with a written endpoint.
    pub(crate) fn check(
        &self,
        url_problem: &dyn Fn(&UrlCall<'_>) -> Option<UrlProblem>,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for name in self.names() {
            match self.env.get_template(&name) {
                Ok(template) => {
                    self.check_mentions(&name, template.source(), url_problem, &mut problems)
                }
                Err(error) => problems.push(self.broken(name, error)),
            }
        }
        problems
    }

    /// The mistakes in a template that is written in the app's sources.
    pub(crate) fn check_string(
        &self,
        source: &str,
        url_problem: &dyn Fn(&UrlCall<'_>) -> Option<UrlProblem>,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        match self.env.template_from_named_str(STRING_TEMPLATE, source) {
            Ok(_) => self.check_mentions(STRING_TEMPLATE, source, url_problem, &mut problems),
            Err(error) => problems.push(self.broken(STRING_TEMPLATE.to_owned(), error)),
        }
        problems
    }

    fn broken(&self, template: String, error: minijinja::Error) -> Problem {
        let error = TemplateError::from_engine(error, &Teller::of(self));
        let (line, column) = (error.line, error.column);
        Problem { template, line, column, message: error.message, hint: error.hint }
    }

    fn check_mentions(
        &self,
        template: &str,
        source: &str,
        url_problem: &dyn Fn(&UrlCall<'_>) -> Option<UrlProblem>,
        problems: &mut Vec<Problem>,
    ) {
        for tag in scan::tags(source, self.env.syntax()) {
            for (mention, range) in mentions(&tag) {
                let problem = match mention {
                    Mention::Url(call) => url_problem(&call),
                    other => self.name_problem(&other),
                };
                let Some((message, hint)) = problem else {
                    continue;
                };
                let spot = Spot::of_range(source, range);
                let (line, column) = (spot.line, spot.column);
                problems.push(Problem {
                    template: template.to_owned(),
                    line,
                    column,
                    message,
                    hint,
                });
            }
        }
    }

    /// What is wrong with the name of a template, a filter or a test.
    fn name_problem(&self, mention: &Mention<'_>) -> Option<UrlProblem> {
        let teller = Teller::of(self);
        let (message, missing) = match mention {
            Mention::Url(_) => return None,
            Mention::Templates(names) => {
                if names.iter().any(|name| self.env.get_template(name).is_ok()) {
                    return None;
                }
                // One that exists but is broken is told where it is.
                let known = self.names();
                if names.iter().any(|name| known.iter().any(|known| known == name)) {
                    return None;
                }
                let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let first = names.first().copied().unwrap_or_default();
                (format!("there is no template {}", quoted.join(" or ")), Missing::Template(first))
            }
            Mention::Filter(name) if !self.has("filter", name) => {
                (format!("there is no filter `{name}`"), Missing::Filter(name))
            }
            Mention::Test(name) if !self.has("test", name) => {
                (format!("there is no test `{name}`"), Missing::Test(name))
            }
            _ => return None,
        };
        Some((message, teller.suggest(missing)))
    }

    /// Whether there is a filter or a test of this name, as the tests `filter` and `test` know it.
    fn has(&self, kind: &str, name: &str) -> bool {
        let mut state = self.env.empty_state();
        state.perform_test(kind, &[Value::from(name)]).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Setup;
    use super::*;
    use crate::app::Package;
    use crate::config::Settings;

    fn check(files: &'static [(&'static str, &'static [u8])], wanted: &[&str]) {
        let package = Package { name: "app", version: "", folder: None, files };
        let mut setup = Setup::default();
        setup.filter("shout", |text: String| text).test("loud", |_: String| true);
        setup.begin(Path::new("/nowhere"), Some(package), &Settings::default());
        let engine = setup.finish().unwrap_or_default();
        let problems = engine.check(&|call| {
            let is_known = call.endpoint == "index";
            (!is_known).then(|| (format!("there is no endpoint `{}`", call.endpoint), None))
        });
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn mistakes_are_found_in_all_templates() {
        check(
            &[
                ("templates/a.html", b"{% extends 'b.html' %}\n{{ x|shout|shuot }}{{ url_for('index') }}"),
                ("templates/b.html", b"{% include 'c.html' %}\n  {{ url_for('idx', id=1) if x is loud else y is lud }}"),
                ("templates/d.html", b"{% if %}"),
                ("templates/e.html", b"{% include 'd.html' %}{% include ['no', 'a.html'] %}{# {{ x|no }} #}"),
            ],
            &[
                "a.html:2:12: there is no filter `shuot`; did you mean `shout`?",
                "b.html:1:12: there is no template `c.html`; did you mean `a.html`?",
                "b.html:2:14: there is no endpoint `idx`",
                "b.html:2:50: there is no test `lud`; did you mean `loud`?",
                "d.html:1:7: syntax error: unexpected end of block",
            ],
        );
        check(&[], &[]);
    }

    #[test]
    fn every_name_that_is_suggested_exists() {
        let engine = Engine::default();
        for name in super::super::filters::FILTERS {
            assert!(engine.has("filter", name), "{name}");
        }
        for name in super::super::tests::TESTS {
            assert!(engine.has("test", name), "{name}");
        }
    }
}
