//! Hints for names that do not exist.

use super::filters::FILTERS;
use super::source::Sources;
use super::tests::TESTS;
use crate::config::closest;

pub(super) fn filters(own: &[String]) -> impl Iterator<Item = &str> {
    FILTERS
        .iter()
        .copied()
        .chain(own.iter().map(String::as_str))
}

pub(super) fn tests(own: &[String]) -> impl Iterator<Item = &str> {
    TESTS.iter().copied().chain(own.iter().map(String::as_str))
}

/// `did you mean ..?`, when a name is near.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    closest(name, names).map(|nearest| format!("did you mean `{nearest}`?"))
}

/// The nearest template, one of the same name in another folder, or where it would be looked for.
pub(super) fn template(name: &str, sources: &Sources) -> Option<String> {
    let names = sources.names();
    if let Some(hint) = nearest(name, names.iter().map(String::as_str)) {
        return Some(hint);
    }
    let file = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    if let Some(same) = names.iter().find(|other| file(other) == file(name)) {
        return Some(format!("did you mean `{same}`?"));
    }
    let folder = sources.folders.first()?;
    Some(format!(
        "it would be `{}`",
        folder.path.join(name).display()
    ))
}
