//! [`Report`]: all that the development error page says, whatever it is written as.

use std::path::Path;

use serde_json::Value;

use super::frames::{self, Frame, Spot, frames};
use super::why::Why;
use crate::app::Core;
use crate::dev::{editor, ticket};
use crate::error::Error;
use crate::http::status_name;
use crate::masking;
use crate::request::Request;
use crate::templates::TemplateError;
use crate::trace::{Closed, Kind, Record, cut};

/// Longer values are cut to so many bytes.
const LONGEST: usize = 2 << 10;

/// All that is told of an error.
pub(super) struct Report {
    pub(super) status: u16,
    pub(super) name: &'static str,
    pub(super) id: Option<String>,
    /// `panic`, or the type of the error; none for a refusal.
    pub(super) kind: Option<String>,
    pub(super) message: String,
    pub(super) causes: Vec<String>,
    pub(super) field: Option<String>,
    /// Where it was made, unless the first of the app's frames says so.
    pub(super) place: Option<Spot>,
    pub(super) frames: Vec<Frame>,
    pub(super) template: Option<Template>,
    pub(super) why: Why,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) target: String,
    pub(super) handler: Option<Handler>,
    /// The request in tables: a title, and names with values.
    pub(super) tables: Vec<(&'static str, Vec<(String, String)>)>,
    /// What ran until then, in its order.
    pub(super) spans: Vec<Closed>,
    /// Where a debugger runs it again.
    pub(super) debug: Option<String>,
}

/// The handler that the request led to.
pub(super) struct Handler {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) link: Option<String>,
}

/// The template that failed.
pub(super) struct Template {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) hint: Option<String>,
    pub(super) lines: Vec<(u32, String)>,
    pub(super) included_by: Vec<String>,
    pub(super) link: Option<String>,
}

impl Report {
    pub(super) fn of(core: &Core, request: &Request, error: &Error) -> Report {
        let record = request.record();
        let told = Told::of(error, record.map(|record| &**record));
        let is_server_error = error.status().is_server_error();
        let frames = if is_server_error { all_frames(core, error, record) } else { Vec::new() };
        let place = match frames.iter().any(|frame| matches!(frame, Frame::Own(_))) {
            true => None,
            false => place_of(&core.folder, error, record),
        };
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        Report {
            status: error.status().as_u16(),
            name: status_name(error.status()),
            id: error.id().map(str::to_owned),
            kind: told.kind,
            message: told.message,
            causes: told.causes,
            field: error.field().map(str::to_owned),
            place,
            frames,
            template: error.find::<TemplateError>().map(|error| Template::of(core, error)),
            why: Why::of(core, request, error),
            method: request.method().to_string(),
            url: masking::target(&request.url()),
            target: masking::target(target),
            handler: handler(core, request),
            tables: tables(core, request),
            spans: record.map(|record| spans(record)).unwrap_or_default(),
            debug: record.and_then(|record| ticket::link(record)),
        }
    }

    /// Whether something that ran is a line of the log.
    pub(super) fn is_log(span: &Closed) -> bool {
        span.kind == Kind::LOG
    }
}

/// What ran, without the line of the log that tells of this very error.
fn spans(record: &Record) -> Vec<Closed> {
    let mut spans = record.spans().0;
    spans.retain(|span| !Report::is_log(span) || !span.name.starts_with("exception on "));
    spans
}

/// The words of an error.
pub(super) struct Told {
    pub(super) kind: Option<String>,
    pub(super) message: String,
    pub(super) causes: Vec<String>,
}

impl Told {
    pub(super) fn of(error: &Error, record: Option<&Record>) -> Told {
        let panic = record.filter(|_| error.is_panic()).and_then(Record::panic);
        if let Some(panic) = panic {
            return Told {
                kind: Some("panic".to_owned()),
                message: panic.message.clone(),
                causes: Vec::new(),
            };
        }
        let mut chain: Vec<String> = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            let words = match cause.downcast_ref::<TemplateError>() {
                // Its lines are shown by themselves.
                Some(template) => template.summary(),
                None => cause.to_string(),
            };
            // Some errors tell their causes themselves.
            if !chain.last().is_some_and(|last| last.contains(&words)) {
                chain.push(words);
            }
            next = cause.source();
        }
        let own = error.own_description().map(str::to_owned);
        let message = match own {
            Some(own) => {
                chain.retain(|words| *words != own);
                own
            }
            None if chain.is_empty() => error.description().to_owned(),
            None => chain.remove(0),
        };
        let kind = if error.is_panic() { Some("panic") } else { error.origin().type_name };
        let kind = kind.filter(|name| !is_text(name)).map(public_path);
        Told { kind, message, causes: chain }
    }
}

/// Carafe's own types by the paths that apps write.
fn public_path(type_name: &str) -> String {
    match type_name.strip_prefix("carafe::templates::") {
        Some(inner) => format!("carafe::templates::{}", inner.rsplit("::").next().unwrap_or(inner)),
        None => type_name.to_owned(),
    }
}

/// Whether a cause is only words.
fn is_text(type_name: &str) -> bool {
    let is_error = type_name.contains("Box<dyn") || type_name == "carafe::http::body::BoxError";
    is_error
        || matches!(type_name, "&str" | "alloc::string::String")
        || type_name.starts_with("alloc::borrow::Cow")
        || type_name == "carafe::request::body::OverLimit"
}

fn all_frames(core: &Core, error: &Error, record: Option<&std::sync::Arc<Record>>) -> Vec<Frame> {
    let panic = record.filter(|_| error.is_panic()).and_then(|record| record.panic());
    match panic {
        Some(panic) => frames(&core.folder, &panic.backtrace),
        None => frames(&core.folder, &error.origin().backtrace),
    }
}

/// Where an error was made, when that is in the app.
pub(super) fn place_of(
    folder: &Path,
    error: &Error,
    record: Option<&std::sync::Arc<Record>>,
) -> Option<Spot> {
    let panic = record.filter(|_| error.is_panic()).and_then(|record| record.panic());
    if let Some(panic) = panic {
        let (file, line, column) = panic.place.as_ref()?;
        return Spot::find(folder, file, *line, *column);
    }
    let place = error.origin().place;
    Spot::find(folder, place.file(), place.line(), place.column())
}

impl Template {
    fn of(core: &Core, error: &TemplateError) -> Template {
        let file = core.templates.file(&error.name);
        let line = u32::try_from(error.line).unwrap_or(0);
        let mut lines: Vec<(u32, String)> = match &file {
            Some(file) if line > 0 => frames::lines_around(file, line),
            _ => Vec::new(),
        };
        if lines.is_empty() {
            let number = |line: usize| u32::try_from(line).unwrap_or(0);
            lines =
                error.lines.iter().map(|line| (number(line.number), line.text.clone())).collect();
        }
        let found = file.and_then(|file| editor::find(&core.folder, &file.to_string_lossy()));
        let column = u32::try_from(error.column).unwrap_or(1);
        Template {
            name: error.name.clone(),
            line: error.line,
            column: error.column,
            hint: error.hint.clone(),
            lines,
            included_by: error
                .included_by
                .iter()
                .map(|(name, line)| format!("{name}, line {line}"))
                .collect(),
            link: found.map(|file| editor::link_to(&file, line, column)),
        }
    }
}

fn handler(core: &Core, request: &Request) -> Option<Handler> {
    let target = core.target(request)?;
    let place = target.place;
    let spot = Spot::find(&core.folder, place.file, place.line, 1);
    Some(Handler {
        name: match target.handler.is_empty() {
            true => request.endpoint().unwrap_or_default().to_owned(),
            false => target.handler.clone(),
        },
        place: spot
            .as_ref()
            .map_or_else(|| place.to_string(), |spot| format!("{}:{}", spot.shown, spot.line)),
        link: spot.map(|spot| spot.link()),
    })
}

type Rows = Vec<(String, String)>;

fn tables(core: &Core, request: &Request) -> Vec<(&'static str, Rows)> {
    let mut all = vec![
        ("Request", overview(request)),
        ("Path values", rows(request.path_values())),
        ("Query", rows(request.args().iter())),
    ];
    if let Some(form) = request.form_if_read() {
        all.push(("Form", rows(form.fields().iter())));
    } else if let Some(body) = request.body_if_kept().filter(|body| !body.is_empty()) {
        all.push(("Body", vec![(request.mimetype().into_owned(), masking::body(&body, LONGEST))]));
    }
    if let Some(session) = request.session_if_open() {
        let shown = |(key, value): (&String, &Value)| {
            let value = masking::value(key, value.clone());
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (key.clone(), cut(&text, LONGEST))
        };
        all.push(("Session", session.iter().map(shown).collect()));
    }
    all.push(("Cookies", cookies(core, request)));
    let header = |(name, value): (&::http::HeaderName, &::http::HeaderValue)| {
        let text = masking::header(name.as_str(), value.as_bytes());
        (name.to_string(), cut(&text, LONGEST))
    };
    all.push(("Headers", request.headers().iter().map(header).collect()));
    let g = request.slot_places().into_iter().map(|(name, _)| name);
    let g = g.filter(|name| !crate::debugging::is_frameworks(name));
    all.push(("g", g.map(|name| (name.to_owned(), String::new())).collect()));
    all.retain(|(_, rows)| !rows.is_empty());
    all
}

fn overview(request: &Request) -> Rows {
    let mut rows = vec![("url".to_owned(), masking::target(&request.url()))];
    let mut add = |name: &str, value: Option<String>| {
        rows.extend(value.map(|value| (name.to_owned(), value)));
    };
    add("rule", request.url_rule().map(|rule| rule.text().to_owned()));
    add("endpoint", request.endpoint().map(str::to_owned));
    add("client", request.remote_addr().map(|address| address.to_string()));
    add("version", Some(format!("{:?}", request.version())));
    rows
}

fn rows<K: AsRef<str>, V: AsRef<str>>(all: impl IntoIterator<Item = (K, V)>) -> Rows {
    let row = |(name, value): (K, V)| {
        let text = masking::text(name.as_ref(), value.as_ref());
        (name.as_ref().to_owned(), cut(&text, LONGEST))
    };
    all.into_iter().map(row).collect()
}

/// Names tell enough; what a cookie holds may let somebody in.
fn cookies(core: &Core, request: &Request) -> Rows {
    const PLAIN: usize = 32;
    let session = &core.config.settings().session_cookie_name;
    let shown = |(name, value): (&str, &str)| {
        let is_long = value.len() > PLAIN || name == session;
        let text = match is_long {
            true => masking::HIDDEN.to_owned(),
            false => masking::text(name, value),
        };
        (name.to_owned(), text)
    };
    request.cookies().iter().map(shown).collect()
}
