//! `urlize`: text with its addresses made into links. What is an address is decided in `links`.

use std::fmt::Write;

use minijinja::{Error, State, Value};

use super::super::escape;
use super::arguments::{Given, bind, flag, text};
use super::links::{Link, find};
use crate::few;

pub(super) fn urlize(state: &State, value: &Value, arguments: Given) -> Result<Value, Error> {
    let names = ["trim_url_limit", "nofollow", "target", "rel", "extra_schemes"];
    let [limit, nofollow, target, rel, schemes] = bind(names, arguments)?;
    let mut rels: Vec<String> = text(rel.as_ref())
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .chain(flag(nofollow.as_ref(), false).then(|| "nofollow".to_owned()))
        .chain(["noopener".to_owned()])
        .collect();
    few::sort_and_dedup(&mut rels);
    let schemes: Vec<String> = match schemes.filter(|schemes| !schemes.is_none()) {
        Some(schemes) => schemes.try_iter()?.map(|scheme| scheme.to_string()).collect(),
        None => Vec::new(),
    };
    let style = Style {
        limit: limit.as_ref().and_then(Value::as_usize),
        rel: escape::escaped(&rels.join(" ")),
        target: text(target.as_ref()).map(|target| escape::escaped(&target)),
    };
    let source = escape::html(value);
    let mut out = String::with_capacity(source.len() * 2);
    for word in source.split_inclusive(char::is_whitespace) {
        let gap = word.trim_end_matches(char::is_whitespace).len();
        let (word, gap) = word.split_at(gap);
        style.write(&mut out, word, &schemes);
        out.push_str(gap);
    }
    Ok(if escape::is_on(state) { Value::from_safe_string(out) } else { Value::from(out) })
}

/// How links are written.
struct Style {
    limit: Option<usize>,
    rel: String,
    target: Option<String>,
}

impl Style {
    /// Writes one word, which is escaped already.
    fn write(&self, out: &mut String, word: &str, schemes: &[String]) {
        let Some((before, link, after)) = find(word, schemes) else {
            return out.push_str(word);
        };
        out.push_str(before);
        // Writing into a `String` does not fail.
        let _ = match link {
            Link::Page { href, text } => self.write_page(out, &href, text),
            Link::Mail { address, text } => write!(out, "<a href=\"mailto:{address}\">{text}</a>"),
        };
        out.push_str(after);
    }

    fn write_page(&self, out: &mut String, href: &str, text: &str) -> std::fmt::Result {
        write!(out, "<a href=\"{href}\" rel=\"{}\"", self.rel)?;
        if let Some(target) = &self.target {
            write!(out, " target=\"{target}\"")?;
        }
        match self.limit.and_then(|limit| text.char_indices().nth(limit)) {
            Some((end, _)) => write!(out, ">{}...</a>", text.get(..end).unwrap_or(text)),
            None => write!(out, ">{text}</a>"),
        }
    }
}
