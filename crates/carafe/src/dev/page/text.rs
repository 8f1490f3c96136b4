//! The report as text, for a terminal.

use std::fmt::Write;

use super::facts::Report;
use super::frames::{Frame, Spot};

pub(super) fn page(report: &Report) -> String {
    let mut out = String::new();
    // Writing into a `String` does not fail.
    let _ = write_page(&mut out, report);
    out
}

fn write_page(out: &mut String, report: &Report) -> std::fmt::Result {
    write!(out, "{} {}", report.status, report.name)?;
    if let Some(id) = &report.id {
        write!(out, "  (error {id})")?;
    }
    writeln!(out, "\n{} {}\n", report.method, report.target)?;
    match &report.kind {
        Some(kind) => writeln!(out, "{kind}: {}", report.message)?,
        None => writeln!(out, "{}", report.message)?,
    }
    for cause in &report.causes {
        writeln!(out, "  caused by: {}", cause.replace('\n', "\n    "))?;
    }
    write_why(out, report)?;
    write_template(out, report)?;
    if let Some(place) = &report.place {
        write_spot(out, "", place)?;
    }
    write_frames(out, report)?;
    write_request(out, report)
}

fn write_why(out: &mut String, report: &Report) -> std::fmt::Result {
    for words in &report.why.words {
        writeln!(out, "  {words}")?;
    }
    match &report.why.rules {
        Some(rules) => {
            out.push('\n');
            rules.write_rules(out)
        }
        None => Ok(()),
    }
}

fn write_template(out: &mut String, report: &Report) -> std::fmt::Result {
    let Some(template) = &report.template else { return Ok(()) };
    if !template.lines.is_empty() {
        writeln!(out, "\n  template {}:{}:{}", template.name, template.line, template.column)?;
    }
    write_lines(out, &template.lines, u32::try_from(template.line).unwrap_or(0))?;
    for place in &template.included_by {
        writeln!(out, "  from {place}")?;
    }
    match &template.hint {
        Some(hint) => writeln!(out, "  hint: {hint}"),
        None => Ok(()),
    }
}

fn write_spot(out: &mut String, name: &str, spot: &Spot) -> std::fmt::Result {
    let place = format!("{}:{}:{}  {name}", spot.shown, spot.line, spot.column);
    writeln!(out, "\n  {}", place.trim_end())?;
    write_lines(out, &spot.source, spot.line)
}

fn write_lines(out: &mut String, lines: &[(u32, String)], at: u32) -> std::fmt::Result {
    let width = lines.last().map_or(1, |(number, _)| number.to_string().len());
    for (number, text) in lines {
        let mark = if *number == at { '>' } else { ' ' };
        writeln!(out, "  {mark} {number:>width$} | {}", text.trim_end())?;
    }
    Ok(())
}

fn write_frames(out: &mut String, report: &Report) -> std::fmt::Result {
    let mut others = 0;
    for frame in &report.frames {
        match frame {
            Frame::Own(own) => write_spot(out, &own.name, &own.spot)?,
            Frame::Others(all) | Frame::Called(all) => others += all.len(),
        }
    }
    match others {
        0 => Ok(()),
        _ => writeln!(out, "\n  and {others} functions of the framework and libraries"),
    }
}

fn write_request(out: &mut String, report: &Report) -> std::fmt::Result {
    for (title, rows) in &report.tables {
        writeln!(out, "\n{}", title.to_lowercase())?;
        if let (&"Request", Some(handler)) = (title, &report.handler) {
            writeln!(out, "  handler: {}  {}", handler.name, handler.place)?;
        }
        for (name, value) in rows {
            match value.is_empty() {
                true => writeln!(out, "  {name}")?,
                false => writeln!(out, "  {name}: {}", value.replace('\n', "\n    "))?,
            }
        }
    }
    if !report.spans.is_empty() {
        writeln!(out, "\nwhat ran")?;
    }
    for span in &report.spans {
        match Report::is_log(span) {
            true => writeln!(
                out,
                "  {:>9}  log {}: {}",
                "",
                span.detail["level"].as_str().unwrap_or_default(),
                span.name
            )?,
            false => {
                writeln!(out, "  {:>9}  {} {}", millis(span.took), span.kind.name(), span.name)?
            }
        }
    }
    if let Some(link) = &report.debug {
        writeln!(out, "\ndebug this request: {link}")?;
    }
    Ok(())
}

/// A time as people compare it.
pub(super) fn millis(micros: u64) -> String {
    format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10)
}
