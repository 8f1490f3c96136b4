//! `check`: everything that can be found wrong without serving a request.

use std::path::Path;
use std::process::ExitCode;

use crate::app::{App, Site};
use crate::banner::counted;

use super::line::Line;
use super::{complain, tell, with_site};

pub(super) fn run(app: App, line: &Line) -> ExitCode {
    let sources = app.package.and_then(|package| package.folder);
    with_site(app, line, |site| report(site, sources.map(Path::new)))
}

fn report(site: &Site, sources: Option<&Path>) -> ExitCode {
    let mut problems = crate::check::templates(site);
    let scanned = sources.map(|folder| crate::check::sources(site, folder));
    problems.extend(scanned.into_iter().flatten());
    if problems.is_empty() {
        let rules = site.shared.router.rules().count();
        let templates = site.core.templates.names().len();
        let (rules, templates) = (counted(rules, "rule"), counted(templates, "template"));
        return tell(&format!("no mistakes: {rules}, {templates}\n"));
    }
    let count = counted(problems.len(), "mistake");
    let numbered = problems.iter().zip(1..).map(|(problem, i)| format!("\n{i}. {problem}"));
    let list: String = numbered.collect();
    complain(&format!("{count} in templates and sources\n{list}"))
}
