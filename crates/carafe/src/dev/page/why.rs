//! Why a request was refused, in words: the rules that were tried, the field, the limit and its key.

use crate::app::Core;
use crate::error::Error;
use crate::explain::{self, Explanation};
use crate::request::Request;

/// What there is to say of a refusal.
#[derive(Default)]
pub(super) struct Why {
    /// The rules that were tried, as `explain` has them.
    pub(super) rules: Option<Explanation>,
    /// What else is known, and what to do.
    pub(super) words: Vec<String>,
}

impl Why {
    pub(super) fn of(core: &Core, request: &Request, error: &Error) -> Why {
        let mut why = Why::default();
        let status = error.status().as_u16();
        if matches!(status, 404 | 405) && request.url_rule().is_none() {
            let (host, path) = (request.host(), request.path());
            why.rules = Some(explain::near(request.shared(), host, path, request.method()));
            return why;
        }
        match status {
            404 | 410 => why.say(answered_by_handler(request, status)),
            400 | 422 => why.field(request, error),
            415 => why.say(how_to_send(request)),
            _ => {}
        }
        why.keys(core, error);
        if status == 400 && !core.config.settings().trusted_hosts.is_empty() {
            let words = error.description();
            if words.contains("host name") {
                let trusted = core.config.settings().trusted_hosts.join("`, `");
                why.say(format!(
                    "the host is `{}`; `trusted_hosts` has `{trusted}`",
                    request.host()
                ));
            }
        }
        why
    }

    fn say(&mut self, words: impl Into<String>) {
        self.words.push(words.into());
    }

    /// What was sent for the field that was refused.
    fn field(&mut self, request: &Request, error: &Error) {
        let Some(field) = error.field() else { return };
        let form = request.form_if_read();
        let sent = form.as_ref().and_then(|form| form.get(field)).map(|text| ("form", text));
        let sent = sent.or_else(|| request.args().get(field).map(|text| ("query", text)));
        self.say(match sent {
            Some((place, text)) => {
                let text = crate::trace::cut(&crate::masking::text(field, text), 200);
                format!("the {place} has `{field}` = `{text}`")
            }
            None => {
                let in_form = form
                    .map(|form| form.fields().iter().map(|(name, _)| name.to_owned()).collect());
                let names: Vec<String> = in_form.unwrap_or_else(|| {
                    request.args().iter().map(|(name, _)| name.to_owned()).collect()
                });
                match names.is_empty() {
                    true => format!("no field `{field}` was sent as a form or in the query"),
                    false => {
                        format!("`{field}` was not sent; these were: `{}`", names.join("`, `"))
                    }
                }
            }
        });
    }

    /// The configuration's keys that the error names, with what they are set to and by whom.
    fn keys(&mut self, core: &Core, error: &Error) {
        const KEYS: [&str; 4] =
            ["max_content_length", "max_form_memory_size", "max_form_parts", "body_read_timeout"];
        let told = error.to_string();
        let entries = core.config.entries();
        let named = entries.iter().filter(|entry| KEYS.contains(&&*entry.key));
        for entry in named.filter(|entry| told.contains(&*entry.key)) {
            let from = match entry.is_default {
                true => "the default; carafe.toml may set another".to_owned(),
                false => format!("from {}", entry.source),
            };
            self.say(format!("the limit is `{} = {}`, {from}", entry.key, entry.value));
        }
    }
}

fn answered_by_handler(request: &Request, status: u16) -> String {
    let rule = request.url_rule().map_or("", |rule| rule.text());
    let endpoint = request.endpoint().unwrap_or_default();
    format!("the rule `{rule}` matched, and its handler `{endpoint}` answered {status}")
}

fn how_to_send(request: &Request) -> String {
    match &*request.mimetype() {
        "" => "a client says what a body is with the header `Content-Type`".to_owned(),
        _ => {
            "a form is sent as `application/x-www-form-urlencoded` or `multipart/form-data`, JSON \
              with the header `Content-Type: application/json`"
                .to_owned()
        }
    }
}
