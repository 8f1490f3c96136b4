//! What a handler can learn of its request: `/echo/<case>` answers with one part of it, as text/plain.
//!
//! Multi-valued things are written one key a line, `key=first,second`, keys sorted.

use std::collections::BTreeMap;

use carafe::http::Method;
use carafe::http::values::Authorization;
use carafe::prelude::*;
use carafe::{FormData, JsonOptions, Text};
use serde_json::Value;

fn pairs<'a>(values: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut keys: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, value) in values {
        keys.entry(key).or_default().push(value);
    }
    let lines: Vec<_> =
        keys.iter().map(|(key, values)| format!("{key}={}", values.join(","))).collect();
    lines.join("\n")
}

fn authorization(request: &Request) -> String {
    match request.authorization() {
        None => "none".to_owned(),
        Some(Authorization::Basic { username, password }) => format!("basic {username}:{password}"),
        Some(other) => {
            format!("{} {}", other.scheme().to_lowercase(), other.token().unwrap_or("None"))
        }
    }
}

fn best(found: Option<&str>) -> String {
    found.unwrap_or("None").to_owned()
}

/// The part of the request that needs no body.
fn part(request: &Request, case: &str) -> Result<String> {
    Ok(match case {
        "method" => request.method().to_string(),
        "path" => request.path().to_owned(),
        "full_path" => request.full_path(),
        "url" => request.url(),
        "base_url" => request.base_url(),
        "root_url" => request.root_url(),
        "host_url" => request.host_url(),
        "host" => request.host().to_owned(),
        "scheme" => request.scheme().to_owned(),
        "is_secure" => request.is_secure().to_string(),
        "script_root" => request.root_path().to_owned(),
        "query_string" => request.query_string().to_owned(),
        "remote_addr" => request.remote_addr().or_404()?.ip().to_string(),
        "endpoint" => request.endpoint().or_404()?.to_owned(),
        "rule" => request.url_rule().or_404()?.text().to_owned(),
        "args" => pairs(request.args().iter()),
        "arg-key" => request.arg("key")?.to_owned(),
        "arg-get" => request.args().get("key").unwrap_or("absent").to_owned(),
        // A value that is not an integer counts as absent.
        "arg-int" => request.args().get_or("n", -1).to_string(),
        "cookies" => pairs(request.cookies().iter()),
        "header" => request.header("x-twin").unwrap_or("absent").to_owned(),
        "authorization" => authorization(request),
        "user_agent" => request.user_agent().unwrap_or_default().to_owned(),
        "content_type" => request.content_type().unwrap_or("none").to_owned(),
        "content_length" => {
            request.content_length().map_or("None".to_owned(), |length| length.to_string())
        }
        "mimetype" => request.mimetype().into_owned(),
        "charset" => {
            let params = request.mimetype_params();
            params.as_ref().and_then(|params| params.param("charset")).unwrap_or("none").to_owned()
        }
        "referrer" => request.referrer().unwrap_or("none").to_owned(),
        "is_json" => request.is_json().to_string(),
        "accept" => best(request.accept_mimetypes().best_match(&["text/html", "application/json"])),
        "accept-language" => best(request.accept_languages().best_match(&["en", "ko", "fr"])),
        "accept-encoding" => best(request.accept_encodings().best_match(&["gzip", "br"])),
        "access_route" => {
            let route = request.header("x-forwarded-for");
            route
                .map_or_else(|| part(request, "remote_addr"), |hops| Ok(hops.replace(", ", ",")))?
        }
        _ => abort!(404),
    })
}

#[route("/echo/<case>", methods = ["GET", "POST", "PUT", "PATCH", "DELETE"])]
#[route("/echo/<case>/<path:rest>", methods = ["GET", "POST", "PUT", "PATCH", "DELETE"], endpoint = "echo_rest")]
async fn echo(request: &Request, case: String, _rest: Option<String>) -> Result<Text<Vec<u8>>> {
    let text = match &*case {
        "form" => pairs(request.form().await?.fields().iter()),
        "form-key" => request.form().await?.get_or_400("key")?.to_owned(),
        "values" => {
            let form = request.form().await?;
            let with_form = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
            pairs(request.args().iter().chain(form.fields().iter().filter(|_| with_form)))
        }
        "data" => return Ok(Text(request.bytes().await?.to_vec())),
        "data-length" => request.bytes().await?.len().to_string(),
        _ => part(request, &case)?,
    };
    Ok(Text(text.into_bytes()))
}

/// A line a field: `name=value`, or `name: filename, type, size, content` for a file.
#[post("/upload")]
async fn upload(form: FormData) -> Result<Text> {
    let mut lines: Vec<_> =
        form.fields().iter().map(|(key, value)| format!("{key}={value}")).collect();
    for file in form.files() {
        let content = file.read().await?;
        let (field, name, mimetype) = (file.field(), file.filename(), file.mimetype());
        let text = String::from_utf8_lossy(&content);
        lines.push(format!("{field}: {name}, {mimetype}, {}, {text}", content.len()));
    }
    Ok(Text(lines.join("\n")))
}

/// The file field is required: without it, 400.
#[post("/upload/need")]
async fn need(form: FormData) -> Result<String> {
    Ok(form.file_or_400("doc")?.filename().to_owned())
}

/// The parsed body as JSON.
#[post("/json/<case>")]
async fn parsed(request: &Request, case: String) -> Result<Json<Option<Value>>> {
    let options = JsonOptions::new();
    let value = match &*case {
        "plain" => Some(request.json().await?),
        "silent" => request.json_with(options.silent()).await?,
        "force" => request.json_with(options.force()).await?,
        "force-silent" => request.json_with(options.force().silent()).await?,
        _ => abort!(404),
    };
    Ok(Json(value))
}

pub(super) fn add(app: App) -> App {
    app.routes(routes![echo, upload, need, parsed])
}
