//! The page itself: what is going on, what the compiler said, and a script that follows it.

use std::path::Path;

use super::State;
use crate::app::diagnostic::{Diagnostic, plain};

const PAGE: &str = include_str!("page.html");
/// At most so many messages are shown; the rest is in the terminal.
const MOST: usize = 20;

/// The page for a browser. Details only for whom they are meant.
pub(super) fn page(app: &str, state: &State, trusted: bool) -> String {
    let (kind, title, body) = match state {
        State::Building(done, all) => ("building", format!("Building {app}"), bar(*done, *all)),
        State::Failed { .. } if !trusted => {
            ("failed", format!("{app} does not run"), String::new())
        }
        State::Failed { why, diagnostics, last } => {
            ("failed", why.clone(), details(diagnostics, last))
        }
    };
    PAGE.replace("{kind}", kind).replace("{title}", &escape(&title)).replace("{body}", &body)
}

/// The same as text.
pub(super) fn text(why: &str, diagnostics: &[Diagnostic], last: &[String]) -> String {
    let mut text = format!("{why}\n");
    for diagnostic in shown(diagnostics) {
        text.push_str(&format!("\n{}", plain(&diagnostic.rendered)));
    }
    if !last.is_empty() {
        text.push_str(&format!("\n{}\n", plain(&last.join("\n"))));
    }
    text
}

fn bar(done: u32, all: u32) -> String {
    // Without a value it moves to and fro.
    let value = if all > 0 { format!(" value=\"{done}\" max=\"{all}\"") } else { String::new() };
    let words = if all > 0 { format!("{done} of {all} crates") } else { String::new() };
    format!(
        "<progress id=\"bar\"{value}></progress><p id=\"words\">{words}</p>\
         <p>This page opens the app as soon as it runs.</p>"
    )
}

/// Errors alone where there are any: warnings do not keep an app from running.
fn shown(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    let any = diagnostics.iter().any(Diagnostic::is_error);
    diagnostics.iter().filter(move |one| one.is_error() || !any).take(MOST)
}

fn details(diagnostics: &[Diagnostic], last: &[String]) -> String {
    let mut html = String::new();
    for diagnostic in shown(diagnostics) {
        let rendered = escape(&plain(&diagnostic.rendered));
        html.push_str(&format!("<section>{}<pre>{rendered}</pre></section>", link(diagnostic)));
    }
    if !last.is_empty() {
        let lines = escape(&plain(&last.join("\n")));
        html.push_str(&format!("<section><pre>{lines}</pre></section>"));
    }
    html + "<p>Save the file when it is mended; this page follows.</p>"
}

/// A link that opens the editor at the line.
fn link(diagnostic: &Diagnostic) -> String {
    let Some((file, line, column)) = &diagnostic.place else { return String::new() };
    let words = escape(&format!("{file}:{line}:{column}"));
    if !Path::new(file).is_absolute() {
        return format!("<p>{words}</p>");
    }
    let template = std::env::var("CARAFE_TOOL_EDITOR").ok();
    let template = template.filter(|text| text.contains("{file}"));
    let url = template
        .as_deref()
        .unwrap_or("vscode://file{file}:{line}:{column}")
        .replace("{file}", file)
        .replace("{line}", &line.to_string())
        .replace("{column}", &column.to_string());
    format!("<p><a href=\"{}\">{words}</a></p>", escape(&url))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
