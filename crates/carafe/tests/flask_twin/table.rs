//! The table of requests, `table.json`: what is sent, what is compared, and where Carafe differs on purpose.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One request and how its two answers are compared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// `group/what`, unique.
    pub(crate) name: String,
    /// Which app of `flask_app.py`.
    #[serde(default = "main_app")]
    pub(crate) app: String,
    /// Requests of one session run in order and share cookies and saved headers.
    pub(crate) session: Option<String>,
    #[serde(default = "get")]
    pub(crate) method: String,
    /// The request target, sent as it is.
    pub(crate) target: String,
    /// Added to `Host: localhost` and `Connection: close`; `{name}` stands for a saved header.
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    /// Sent with its `Content-Length`, unless the headers say it is chunked: then it is sent as it is.
    pub(crate) body: Option<String>,
    /// Like `body`, for bytes that are not UTF-8.
    pub(crate) body_b64: Option<String>,
    /// Response headers kept for later requests of the session: placeholder to header.
    #[serde(default)]
    pub(crate) save: BTreeMap<String, String>,
    /// What Flask answers. It keeps a mistyped request, a 404 in both, from passing unseen.
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) compare: Compare,
    pub(crate) difference: Option<Difference>,
}

/// What of two answers must agree, besides the status.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Compare {
    pub(crate) headers: Vec<String>,
    pub(crate) body: BodyRule,
}

impl Default for Compare {
    fn default() -> Self {
        let headers = ["content-type", "location", "allow"];
        Self { headers: headers.map(str::to_string).to_vec(), body: BodyRule::default() }
    }
}

/// How two bodies are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BodyRule {
    /// Byte by byte.
    #[default]
    Exact,
    /// As JSON values.
    Json,
    /// Not at all.
    None,
    /// White space runs are one space, and ways to write the same character in HTML are one.
    Normalised,
    /// Without white space at the end.
    Trimmed,
    /// An HTML error page: its title and heading.
    Title,
    /// An HTML error page: its title, heading and first paragraph.
    Page,
}

/// A difference on purpose.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Difference {
    pub(crate) reason: String,
    pub(crate) carafe: Expected,
}

/// What Carafe answers instead; what is left out is not checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) status: Option<u16>,
    /// A `*` stands for anything.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<String>,
}

fn main_app() -> String {
    "main".to_string()
}

fn get() -> String {
    "GET".to_string()
}

/// Reads the table.
pub(crate) fn load() -> Result<Vec<Entry>, String> {
    let table: Vec<Entry> = serde_json::from_str(include_str!("table.json"))
        .map_err(|error| format!("table.json: {error}"))?;
    let mut seen = std::collections::HashSet::new();
    match table.iter().find(|entry| !seen.insert(&entry.name)) {
        Some(twice) => Err(format!("table.json: two entries are named `{}`", twice.name)),
        None => Ok(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let table = load().unwrap();
        assert!(table.len() >= 170, "{} entries", table.len());
        for entry in &table {
            assert!(entry.name.contains('/'), "`{}` has no group", entry.name);
            assert!(entry.target.starts_with('/'), "`{}` has a bad target", entry.name);
            if let Some(difference) = &entry.difference {
                assert!(!difference.reason.is_empty(), "`{}` differs without a reason", entry.name);
            }
        }
    }
}
