//! The report as one page of HTML, which needs no script and nothing from elsewhere.

use super::facts::{Report, Template};
use super::frames::{Frame, Own, Spot};
use super::highlight::rust;
use super::text::millis;
use super::words::Words;
use crate::http::escaped;

const STYLE: &str = include_str!("style.css");

pub(super) fn page(report: &Report, words: Words) -> String {
    let title = format!("{} {} – {} {}", report.status, report.name, report.method, report.target);
    let mut body = String::with_capacity(16 << 10);
    head(&mut body, report, words);
    why(&mut body, report, words);
    source(&mut body, report, words);
    ran(&mut body, report, words);
    request(&mut body, report, words);
    format!(
        "<!doctype html>\n<html lang={}>\n<head>\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width\">\n\
         <meta name=color-scheme content=\"light dark\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n{body}<footer>{}</footer>\n</main>\n</body>\n</html>\n",
        words.code(),
        escaped(&title),
        words.footer(),
    )
}

fn head(out: &mut String, report: &Report, words: Words) {
    let class = if report.status >= 500 { "server" } else { "client" };
    out.push_str(&format!(
        "<header class={class}><div>\n<p class=bar><b class=status>{}</b> {}",
        report.status, report.name
    ));
    out.push_str(&format!(
        " <span class=target><b>{}</b> {}</span>",
        escaped(&report.method),
        escaped(&report.target)
    ));
    if let Some(id) = &report.id {
        out.push_str(&format!(" <span class=id>{} <code>{id}</code></span>", words.word("error")));
    }
    out.push_str("</p>\n");
    if let Some(kind) = &report.kind {
        out.push_str(&format!("<p class=kind>{}</p>\n", escaped(kind)));
    }
    out.push_str(&format!("<h1>{}</h1>\n", in_words(&report.message)));
    if !report.causes.is_empty() {
        out.push_str("<ol class=causes>\n");
        for cause in &report.causes {
            let label = words.word("caused by");
            out.push_str(&format!("<li><span>{label}</span> {}</li>\n", in_words(cause)));
        }
        out.push_str("</ol>\n");
    }
    let handler = report.handler.as_ref();
    if handler.is_some() || report.debug.is_some() {
        out.push_str("<p class=actions>");
        if let Some(link) = &report.debug {
            let label = words.word("Debug this request");
            out.push_str(&format!("<a class=button href=\"{}\">{label}</a> ", escaped(link)));
        }
        if let Some(handler) = handler {
            let label = words.word("Handler");
            out.push_str(&format!(
                "<span class=handler>{label} <code>{}</code> ",
                escaped(&handler.name)
            ));
            out.push_str(&place(&handler.place, handler.link.as_deref()));
            out.push_str("</span>");
        }
        out.push_str("</p>\n");
    }
    out.push_str("</div></header>\n<main>\n");
}

/// Words with `code` in backticks.
fn in_words(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // Without a partner a backtick is one.
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let mut html = String::new();
    for (at, part) in parts.iter().enumerate() {
        match at % 2 {
            0 => html.push_str(&escaped(part)),
            _ => html.push_str(&format!("<code>{}</code>", escaped(part))),
        }
    }
    html
}

fn place(words: &str, link: Option<&str>) -> String {
    match link {
        Some(link) => format!("<a class=place href=\"{}\">{}</a>", escaped(link), escaped(words)),
        None => format!("<span class=place>{}</span>", escaped(words)),
    }
}

fn why(out: &mut String, report: &Report, words: Words) {
    let why = &report.why;
    if why.words.is_empty() && why.rules.is_none() {
        return;
    }
    out.push_str(&format!("<section>\n<h2>{}</h2>\n", words.word("Why")));
    for line in &why.words {
        out.push_str(&format!("<p>{}</p>\n", in_words(line)));
    }
    if let Some(rules) = &why.rules {
        out.push_str(&format!("<p>{}</p>\n", in_words(&rules.verdict)));
        if !rules.tried.is_empty() {
            out.push_str(&format!(
                "<table class=rules><caption>{}</caption>\n",
                words.word("Rules tried")
            ));
            for (rule, reason) in &rules.tried {
                let answers = rule.starts_with('+');
                let (mark, class) = if answers { ("✓", "yes") } else { ("✗", "no") };
                let rule = rule.trim_start_matches(['+', '-', ' ']);
                out.push_str(&format!(
                    "<tr class={class}><td>{mark}</td><th scope=row><code>{}</code></th><td>{}</td></tr>\n",
                    escaped(rule),
                    in_words(reason)
                ));
            }
            out.push_str("</table>\n");
        }
        if rules.others > 0 {
            out.push_str(&format!(
                "<p class=more>{}</p>\n",
                in_words(&words.other_rules(rules.others))
            ));
        }
    }
    out.push_str("</section>\n");
}

fn source(out: &mut String, report: &Report, words: Words) {
    if let Some(template) = report.template.as_ref().filter(|template| !template.lines.is_empty()) {
        out.push_str(&format!("<section>\n<h2>{}</h2>\n", words.word("Template")));
        template_source(out, template, words);
        out.push_str("</section>\n");
    } else if let Some(hint) =
        report.template.as_ref().and_then(|template| template.hint.as_deref())
    {
        out.push_str(&format!(
            "<section><p class=hint>{}: {}</p></section>\n",
            words.word("hint"),
            in_words(hint)
        ));
    }
    if report.place.is_none() && report.frames.is_empty() {
        return;
    }
    out.push_str(&format!("<section>\n<h2>{}</h2>\n", words.word("Source")));
    if let Some(spot) = &report.place {
        card(out, "", spot, true);
    }
    let mut first = report.place.is_none();
    for frame in &report.frames {
        match frame {
            Frame::Own(Own { name, spot }) => {
                card(out, name, spot, first);
                first = false;
            }
            Frame::Others(others) | Frame::Called(others) => {
                let label = match frame {
                    Frame::Called(_) => words.called(others.len()),
                    _ => words.others(others.len()),
                };
                out.push_str(&format!("<details class=others><summary>{label}</summary>\n<ol>\n"));
                for other in others {
                    let (name, place) = other.split_once("  ").unwrap_or((other, ""));
                    out.push_str(&format!(
                        "<li>{} <span>{}</span></li>\n",
                        escaped(name),
                        escaped(place)
                    ));
                }
                out.push_str("</ol>\n</details>\n");
            }
        }
    }
    out.push_str("</section>\n");
}

/// A place with the lines around it; the first one is open.
fn card(out: &mut String, name: &str, spot: &Spot, open: bool) {
    let open = if open { " open" } else { "" };
    let shown = format!("{}:{}:{}", spot.shown, spot.line, spot.column);
    out.push_str(&format!(
        "<details class=card{open}><summary><code>{}</code>{}</summary>\n",
        escaped(name),
        place(&shown, Some(&spot.link()))
    ));
    code(out, &spot.source, spot.line, rust);
    out.push_str("</details>\n");
}

fn code(out: &mut String, lines: &[(u32, String)], at: u32, colour: fn(&str) -> String) {
    out.push_str("<pre tabindex=0>");
    for (number, text) in lines {
        let here = if *number == at { " class=here" } else { "" };
        out.push_str(&format!("<span{here}><b>{number}</b>{}\n</span>", colour(text.trim_end())));
    }
    out.push_str("</pre>\n");
}

fn template_source(out: &mut String, template: &Template, words: Words) {
    let shown = format!("{}:{}:{}", template.name, template.line, template.column);
    out.push_str(&format!(
        "<div class=card><p class=summary>{}</p>\n",
        place(&shown, template.link.as_deref())
    ));
    code(out, &template.lines, u32::try_from(template.line).unwrap_or(0), escaped);
    out.push_str("</div>\n");
    for from in &template.included_by {
        out.push_str(&format!("<p class=more>{} {}</p>\n", words.word("from"), escaped(from)));
    }
    if let Some(hint) = &template.hint {
        out.push_str(&format!("<p class=hint>{}: {}</p>\n", words.word("hint"), in_words(hint)));
    }
}

/// What ran, each with its place in the time until the error.
fn ran(out: &mut String, report: &Report, words: Words) {
    if report.spans.is_empty() {
        return;
    }
    // In percent of the whole, with two digits behind the point.
    let end = report.spans.iter().map(|span| span.start + span.took).max().unwrap_or_default();
    let whole = end.max(1) as f64;
    let percent = |micros: u64| (micros as f64 / whole * 10_000.0).round() / 100.0;
    out.push_str(&format!("<section>\n<h2>{}</h2>\n<table class=ran>\n", words.word("What ran")));
    for span in &report.spans {
        let kind = span.kind.name();
        let (start, width) = (percent(span.start).min(99.0), percent(span.took));
        let detail = match Report::is_log(span) {
            true => span.detail["level"].as_str().unwrap_or_default().to_owned(),
            false if span.detail.is_null() => String::new(),
            false => {
                span.detail["sql"].as_str().map_or_else(|| span.detail.to_string(), str::to_owned)
            }
        };
        let took = if Report::is_log(span) { String::new() } else { millis(span.took) };
        out.push_str(&format!(
            "<tr><td class=\"kind {kind}\">{kind}</td><th scope=row>{}<small>{}</small></th>\
             <td class=bar><i class={kind} style=\"left:{start}%;width:{}%\"></i></td><td class=took>{took}</td></tr>\n",
            escaped(&span.name),
            escaped(&detail),
            width.min(100.0 - start).max(0.4),
        ));
    }
    out.push_str("</table>\n</section>\n");
}

fn request(out: &mut String, report: &Report, words: Words) {
    out.push_str("<section class=tables>\n");
    for (title, rows) in &report.tables {
        out.push_str(&format!("<details open><summary>{}</summary>\n<table>\n", words.word(title)));
        for (name, value) in rows {
            let value = match value.as_str() {
                crate::masking::HIDDEN => format!("<em>{}</em>", crate::masking::HIDDEN),
                text => escaped(text),
            };
            out.push_str(&format!(
                "<tr><th scope=row>{}</th><td>{value}</td></tr>\n",
                escaped(name)
            ));
        }
        out.push_str("</table>\n</details>\n");
    }
    out.push_str("</section>\n");
}
