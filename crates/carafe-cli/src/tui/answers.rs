//! Answers in lines: where the program is held, breakpoints, frames, source, routes, requests.

use std::path::Path;

use serde_json::Value;

use super::desk::{Answer, Desk, Phase};
use super::held::Held;
use super::points::{Point, Points, Route};
use super::sources::{Sources, printable};
use crate::channel::Summary;

/// Lines of source that `l` shows.
pub(super) const LISTED: usize = 10;

/// A stop: why and in which function, unless that `is_known`, and the line.
pub(super) fn stop(
    held: &Held,
    hit: &[usize],
    is_known: bool,
    sources: &mut Sources,
) -> Vec<String> {
    let why = reason(held, hit);
    let Some((path, line)) = held.frame().and_then(|frame| frame.place()) else {
        return vec![format!("{why}, outside of the app's source")];
    };
    let name = held.frame().map(|frame| frame.name.as_str()).unwrap_or_default();
    let place = format!("{why} in {name}, {}:{line}", sources.shown(path));
    let mut lines: Vec<String> = (!is_known).then_some(place).into_iter().collect();
    lines.extend(line_of(path, line, sources));
    lines
}

/// Why the program is held.
pub(super) fn reason(held: &Held, hit: &[usize]) -> String {
    let numbers: Vec<String> = hit.iter().map(usize::to_string).collect();
    match held.reason.as_str() {
        "breakpoint" if hit.is_empty() => "breakpoint".to_owned(),
        "breakpoint" => format!("breakpoint {}", numbers.join(", ")),
        "exception" => match held.text.as_str() {
            "" => "the app panicked".to_owned(),
            text => printable(&text.replace('\n', " ")),
        },
        "pause" => "paused".to_owned(),
        "entry" => "started".to_owned(),
        "step" => "step".to_owned(),
        other => printable(other),
    }
}

fn line_of(path: &Path, line: usize, sources: &mut Sources) -> Option<String> {
    let lines = sources.lines(path)?;
    Some(format!("{line:>5}  {}", lines.get(line.checked_sub(1)?)?))
}

/// All breakpoints.
pub(super) fn breakpoints(points: &Points, sources: &Sources) -> Vec<String> {
    let exceptions = points.filters.iter().map(|filter| exception(filter));
    let own = points.list.iter().map(|point| breakpoint(point, sources));
    let lines: Vec<String> = exceptions.chain(own).collect();
    if lines.is_empty() { vec!["there are no breakpoints".to_owned()] } else { lines }
}

/// What a filter stops at.
pub(super) fn exception(filter: &str) -> String {
    match filter {
        "panic" => "panic: where the app panics".to_owned(),
        "5xx" => "5xx: where an error of 500 or more comes up".to_owned(),
        other => other.to_owned(),
    }
}

/// One breakpoint.
pub(super) fn breakpoint(point: &Point, sources: &Sources) -> String {
    let line = |file| format!("{}:{}", sources.shown(file), point.line);
    let place = match (&point.name, &point.file) {
        (Some(name), Some(file)) => format!("{name} ({})", line(file)),
        (Some(name), None) => name.clone(),
        (None, file) => file.as_deref().map(line).unwrap_or_default(),
    };
    let condition = point.condition.as_ref().map(|text| format!(" if {text}")).unwrap_or_default();
    let log = point.log.as_ref().map(|text| format!(" log {text}")).unwrap_or_default();
    let why = point.message.as_deref().unwrap_or("no code stands there, as far as is known");
    let state = match (point.enabled, point.verified) {
        (false, _) => "  (off)".to_owned(),
        (true, true) => String::new(),
        (true, false) => format!("  (not set: {why})"),
    };
    printable(&format!("{} {place}{condition}{log}{state}", point.id))
}

/// The stack: the app's frames, what is folded between them as a count.
pub(super) fn frames(held: &Held, all: bool, sources: &Sources) -> Vec<String> {
    frame_rows(held, all, sources).into_iter().map(|(_, line)| line).collect()
}

/// The same, each line with its frame's number, where it is one.
pub(super) fn frame_rows(
    held: &Held,
    all: bool,
    sources: &Sources,
) -> Vec<(Option<usize>, String)> {
    let mut lines = Vec::new();
    let mut folded = 0;
    for (number, frame) in held.frames.iter().enumerate() {
        if !all && !frame.own && number != held.at {
            folded += 1;
            continue;
        }
        lines.extend(fold(&mut folded));
        let mark = if number == held.at { '>' } else { ' ' };
        let place = frame.place().map(|(path, line)| format!("  {}:{line}", sources.shown(path)));
        let place = place.unwrap_or_default();
        lines.push((Some(number), format!("{mark}{number:<3} {}{place}", frame.name)));
    }
    lines.extend(fold(&mut folded));
    lines
}

fn fold(folded: &mut usize) -> Option<(Option<usize>, String)> {
    let count = std::mem::take(folded);
    (count > 0).then(|| (None, format!("     … {count} not of the app")))
}

/// The frame that is looked at, with its line.
pub(super) fn frame(held: &Held, number: usize, sources: &mut Sources) -> Vec<String> {
    let Some(frame) = held.frames.get(number) else { return Vec::new() };
    let place = frame.place().map(|(path, line)| format!("  {}:{line}", sources.shown(path)));
    let mut lines = vec![format!("{number:<3} {}{}", frame.name, place.unwrap_or_default())];
    lines.extend(frame.place().and_then(|(path, line)| line_of(path, line, sources)));
    lines
}

/// Source around a line: `*` is a breakpoint, `>` where the program is held.
pub(super) fn source(
    file: &Path,
    line: usize,
    current: Option<usize>,
    points: &Points,
    sources: &mut Sources,
) -> Answer {
    let lines =
        sources.lines(file).ok_or_else(|| format!("`{}` cannot be read", file.display()))?;
    let first = line.saturating_sub(LISTED / 2).max(1);
    if first > lines.len() {
        return Err(format!("`{}` has {} lines", sources.shown(file), lines.len()));
    }
    let shown = lines.iter().enumerate().skip(first - 1).take(LISTED).map(|(at, text)| {
        let number = at + 1;
        let point = if points.on_line(file, number).is_some() { '*' } else { ' ' };
        let here = if current == Some(number) { '>' } else { ' ' };
        format!("{point}{here}{number:>5}  {text}").trim_end().to_owned()
    });
    Ok(shown.collect())
}

/// The app's routes, each with its handler's place.
pub(super) fn routes(routes: &[Route], sources: &Sources) -> Answer {
    if routes.is_empty() {
        return Err("no routes are known: the app has none, or does not run".to_owned());
    }
    let rows = routes.iter().map(|route| {
        let place = format!("{}:{}", sources.shown(&route.file), route.line);
        [methods(route), route.rule.clone(), route.endpoint.clone(), place]
    });
    Ok(table(rows.collect()))
}

/// The methods that a route is for; HEAD and OPTIONS come by themselves.
fn methods(route: &Route) -> String {
    let own: Vec<&str> = route
        .methods
        .iter()
        .map(String::as_str)
        .filter(|method| !matches!(*method, "HEAD" | "OPTIONS"))
        .collect();
    match (route.methods.is_empty(), own.is_empty()) {
        (true, _) => "ANY".to_owned(),
        (false, true) => route.methods.join(","),
        (false, false) => own.join(","),
    }
}

/// Columns, each as wide as it has to be.
fn table<const N: usize>(rows: Vec<[String; N]>) -> Vec<String> {
    let widths: Vec<usize> = (0..N)
        .map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0))
        .collect();
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            printable(cells.collect::<Vec<_>>().join("  ").trim_end())
        })
        .collect()
}

/// The last requests; `>` marks the one that is held.
pub(super) fn requests(desk: &Desk, count: usize) -> Answer {
    let rows = last_requests(desk, count)?;
    if rows.is_empty() {
        return Ok(vec!["no request came in yet".to_owned()]);
    }
    Ok(request_lines(&rows))
}

/// Requests as lines.
pub(super) fn request_lines(rows: &[(Summary, bool)]) -> Vec<String> {
    table(rows.iter().map(|(summary, held)| request_row(summary, *held)).collect())
}

/// The last requests, the oldest first, each with whether it is held.
pub(super) fn last_requests(desk: &Desk, count: usize) -> Result<Vec<(Summary, bool)>, String> {
    let channel = desk.channel.as_ref().ok_or("requests are not told of on this system")?;
    let log = channel.log();
    let mut last: Vec<Summary> =
        log.records().rev().take(count).map(|record| record.summary.clone()).collect();
    last.reverse();
    drop(log);
    let held = held_request(&last, &desk.phase);
    let is_held = |summary: &Summary| held == Some(summary.number);
    Ok(last.into_iter().map(|one| (is_held(&one), one)).map(|(held, one)| (one, held)).collect())
}

/// The request that a held thread works for: the last one that it took and has not answered.
fn held_request(requests: &[Summary], phase: &Phase) -> Option<u64> {
    let Phase::Held(held) = phase else { return None };
    let is_open = |summary: &&Summary| summary.status.is_none() && !summary.lost;
    let open: Vec<&Summary> = requests.iter().filter(is_open).collect();
    let on_thread = open.iter().rev().find(|one| i64::try_from(one.thread) == Ok(held.thread));
    // A plain `fn` runs on a thread of the pool: where there is one open request, it is that.
    let only = match open.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    on_thread.or(only).map(|summary| summary.number)
}

fn request_row(summary: &Summary, held: bool) -> [String; 5] {
    let (status, time) = outcome(summary, held);
    let mark = if held { '>' } else { ' ' };
    let number = format!("{mark}{}", summary.number);
    let what = format!("{} {}", summary.method, summary.target);
    [number, status, time, what, summary.endpoint.clone()]
}

/// What became of a request, and how long it took.
fn outcome(summary: &Summary, held: bool) -> (String, String) {
    let status = match summary.status {
        Some(status) => status.to_string(),
        None if summary.lost => "lost".to_owned(),
        None if held => "held".to_owned(),
        None => "...".to_owned(),
    };
    (status, summary.micros.map(time).unwrap_or_default())
}

/// A time that was given in microseconds.
fn time(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} us"),
        1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format!("{:.2} s", micros as f64 / 1e6),
    }
}

/// A request in full: its rule, its values, where its time went, its error.
pub(super) fn details(desk: &Desk, number: u64) -> Answer {
    let channel = desk.channel.as_ref().ok_or("requests are not told of on this system")?;
    let (summary, end) = {
        let log = channel.log();
        let found = log.find(number).ok_or_else(|| format!("there is no request {number}"))?;
        (found.summary.clone(), found.end_value())
    };
    let (status, took) = outcome(&summary, false);
    let mut lines = vec![format!("{} {}  {status}  {took}", summary.method, summary.target)];
    if !summary.rule.is_empty() {
        let place = format!("{}:{}", summary.file, summary.line);
        lines.push(format!("rule {}  {}  {place}", summary.rule, summary.handler));
    }
    for value in end["values"].as_array().into_iter().flatten() {
        let text = |at: usize| value[at].as_str().unwrap_or_default();
        lines.push(format!("value {} = {}", text(0), text(1)));
    }
    if !summary.error.is_empty() {
        lines.push(format!("error {}", summary.error));
    }
    lines.extend(end["spans"].as_array().into_iter().flatten().map(span));
    Ok(lines.iter().map(|line| printable(line.trim_end())).collect())
}

fn span(span: &Value) -> String {
    let text = |key: &str| span[key].as_str().unwrap_or_default();
    let number = |key: &str| span[key].as_u64().unwrap_or_default();
    let what = match text("kind") {
        "log" => span["detail"]["message"].as_str().unwrap_or_default(),
        "query" => span["detail"]["sql"].as_str().unwrap_or(text("name")),
        _ => text("name"),
    };
    let (start, took) = (time(number("start")), time(number("took")));
    format!("{:<9} at {start:>9}  {took:>9}  {}", text("kind"), what.replace('\n', " "))
}

/// The watches, numbered.
pub(super) fn watches(watches: &[String]) -> Vec<String> {
    match watches {
        [] => vec!["nothing is watched".to_owned()],
        _ => watches.iter().enumerate().map(|(at, one)| format!("{} {one}", at + 1)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::held::Frame;
    use super::*;

    fn held(reason: &str) -> Held {
        let frame = |name: &str, own| Frame { name: name.to_owned(), own, ..Frame::default() };
        let frames =
            vec![frame("rust_panic", false), frame("app::user", true), frame("main", false)];
        let (reason, text) = (reason.to_owned(), String::new());
        Held { thread: 5, reason, text, hit: Value::Null, frames, at: 1 }
    }

    #[test]
    fn folds_what_is_not_the_apps() {
        let sources = Sources::new("/".into());
        let short = frames(&held("step"), false, &sources);
        assert_eq!(short, ["     … 1 not of the app", ">1   app::user", "     … 1 not of the app"]);
        assert_eq!(frames(&held("step"), true, &sources)[2], " 2   main");
    }

    #[test]
    fn says_why() {
        let check = |stop: &Held, hit: &[usize], expected: &str| {
            assert_eq!(reason(stop, hit), expected);
        };
        check(&held("breakpoint"), &[2, 3], "breakpoint 2, 3");
        check(&held("breakpoint"), &[], "breakpoint");
        check(&held("exception"), &[], "the app panicked");
        check(&held("pause"), &[], "paused");
    }

    #[test]
    fn the_held_request_is_its_threads_last() {
        let request =
            |number, thread, status| Summary { number, thread, status, ..Summary::default() };
        let phase = Phase::Held(held("breakpoint"));
        let check = |requests: &[Summary], expected: Option<u64>| {
            assert_eq!(held_request(requests, &phase), expected);
        };
        check(&[request(1, 5, None), request(2, 5, None), request(3, 5, Some(200))], Some(2));
        check(&[request(1, 6, None)], Some(1));
        check(&[request(1, 6, None), request(2, 7, None)], None);
        check(&[], None);
        assert_eq!(held_request(&[request(1, 5, None)], &Phase::Running), None);
    }

    #[test]
    fn times_have_units() {
        assert_eq!([812, 8_120, 2_000_000].map(time), ["812 us", "8.1 ms", "2.00 s"]);
    }

    #[test]
    fn columns_are_as_wide_as_needed() {
        let rows = vec![["a".to_owned(), "b".to_owned()], ["long".to_owned(), "x".to_owned()]];
        assert_eq!(table(rows), ["a     b", "long  x"]);
    }
}
