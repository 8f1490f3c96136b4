//! `check`: everything that can be found wrong without serving a request.

use std::process::ExitCode;

use crate::app::App;
use crate::banner::counted;
use crate::config::Loader;

use super::{complain, tell};

pub(super) fn run(app: App, loader: impl FnOnce(&App) -> Result<Loader, String>) -> ExitCode {
    let sources = app.package.and_then(|package| package.folder);
    let site = match loader(&app).map(|loader| app.build(loader)) {
        Ok(Ok(site)) => site,
        Ok(Err(errors)) => return complain(&errors.to_string()),
        Err(words) => return complain(&words),
    };
    let mut problems = crate::check::templates(&site);
    let scanned = sources.map(|folder| crate::check::sources(&site, std::path::Path::new(folder)));
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
