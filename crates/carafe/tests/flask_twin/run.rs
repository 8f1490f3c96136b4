//! Sends the table to one side and collects its answers.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::client::{self, Response};
use crate::table::Entry;

/// Where each app of one side listens.
pub(crate) type Ports = HashMap<String, SocketAddr>;

/// What a session remembers between its requests.
#[derive(Default)]
struct Memory {
    cookies: BTreeMap<String, String>,
    saved: BTreeMap<String, String>,
}

/// The answers, in the order of the table; an error is a request that got none.
pub(crate) fn run(table: &[Entry], ports: &Ports) -> Vec<Result<Response, String>> {
    let mut memories: HashMap<(&str, &str), Memory> = HashMap::new();
    let mut answers = Vec::with_capacity(table.len());
    for entry in table {
        answers.push(match &entry.session {
            Some(name) => {
                let memory = memories.entry((entry.app.as_str(), name.as_str())).or_default();
                one(entry, ports, memory)
            }
            None => one(entry, ports, &mut Memory::default()),
        });
    }
    answers
}

fn one(entry: &Entry, ports: &Ports, memory: &mut Memory) -> Result<Response, String> {
    let address = *ports.get(&entry.app).ok_or_else(|| format!("no app `{}`", entry.app))?;
    let response = client::send(address, &request(entry, memory)?)?;
    for line in response.all("set-cookie") {
        memory.keep_cookie(line);
    }
    for (placeholder, header) in &entry.save {
        let value = response.header(header).ok_or_else(|| format!("no `{header}` to save"))?;
        memory.saved.insert(placeholder.clone(), value);
    }
    Ok(response)
}

fn request(entry: &Entry, memory: &Memory) -> Result<Vec<u8>, String> {
    let has = |name: &str| entry.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    let mut text = format!("{} {} HTTP/1.1\r\n", entry.method, entry.target);
    if !has("host") {
        text.push_str("Host: localhost\r\n");
    }
    for (name, value) in &entry.headers {
        let value = memory.fill(value);
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !memory.cookies.is_empty() {
        let pairs: Vec<_> = memory.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        text.push_str(&format!("Cookie: {}\r\n", pairs.join("; ")));
    }
    let body = body(entry)?;
    if let Some(body) = &body
        && !has("transfer-encoding")
        && !has("content-length")
    {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("Connection: close\r\n\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend(body.unwrap_or_default());
    Ok(bytes)
}

fn body(entry: &Entry) -> Result<Option<Vec<u8>>, String> {
    match (&entry.body, &entry.body_b64) {
        (Some(text), None) => Ok(Some(text.clone().into_bytes())),
        (None, Some(text)) => STANDARD.decode(text).map(Some).map_err(|error| error.to_string()),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err("both `body` and `body_b64`".to_string()),
    }
}

impl Memory {
    /// Keeps a cookie, whatever its path and domain; `Max-Age=0` forgets it.
    fn keep_cookie(&mut self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).unwrap_or_default();
        if parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_string(), value.to_string());
        }
    }

    fn fill(&self, value: &str) -> String {
        self.saved.iter().fold(value.to_string(), |text, (name, saved)| {
            text.replace(&format!("{{{name}}}"), saved)
        })
    }
}
