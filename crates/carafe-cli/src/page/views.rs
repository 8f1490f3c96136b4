//! What is answered: the page, its files, and what it asks for.

use std::sync::Arc;

use carafe::http::values::{SameSite, SetCookie};
use carafe::prelude::*;
use carafe::sse::EventStream;
use serde::Deserialize;
use serde_json::{Value, json};

use super::again::{self, Way};
use super::guard::{Asked, Refusal};
use super::{Shared, assets, detail, peer, stream};

/// Nothing but this page's own files runs in it, and no other page shows it or learns where it is.
const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
];
/// What a page may ask a session for.
const COMMANDS: [&str; 21] = [
    "carafe/clearPoint",
    "carafe/setPoint",
    "carafe/setWatches",
    "carafe/state",
    "completions",
    "continue",
    "evaluate",
    "exceptionInfo",
    "next",
    "pause",
    "restart",
    "scopes",
    "setExceptionBreakpoints",
    "setVariable",
    "source",
    "stackTrace",
    "stepIn",
    "stepOut",
    "terminate",
    "threads",
    "variables",
];

/// The page as an app.
pub(super) fn app(shared: &Arc<Shared>) -> App {
    let guarded = shared.clone();
    let inside = Blueprint::new("inside")
        .prefix(format!("/{}", shared.keys.folder()))
        .routes(routes![index, asset, events, files, file, request, dap, replay, debug, clear]);
    App::new()
        .config("debug", false)
        .config("access_log", "off")
        // The page has no folders of files, and would find those of whoever started the tool.
        .config("static_folder", "no-such-folder")
        .state(shared.clone())
        .before_request(move |request: Request| {
            let refusal = judge(&guarded, &request).err();
            async move { refusal.map(|refusal| refused(&refusal)) }
        })
        .after_request(|_request: Request, response: Response| {
            HEADERS
                .iter()
                .fold(response, |response, (name, value)| response.with_header(name, value))
        })
        .routes(routes![enter, ticket])
        .blueprint(inside)
}

fn judge(shared: &Shared, request: &Request) -> Result<(), Refusal> {
    let mut hosts: Vec<&str> =
        request.headers().get_all("host").iter().map(|host| host.to_str().unwrap_or("")).collect();
    hosts.extend(request.uri().authority().map(|authority| authority.as_str()));
    let name = shared.keys.cookie();
    let cookies = request.headers().get_all("cookie").iter();
    let mut cookies =
        cookies.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let cookie = cookies.find_map(|pair| pair.trim().strip_prefix(&*name)?.strip_prefix('='));
    shared.keys.judge(&Asked {
        method: request.method().as_str(),
        path: request.path(),
        hosts: &hosts,
        origin: request.header("origin").or_else(|| {
            // What is no text is no origin of ours.
            request.headers().contains_key("origin").then_some("")
        }),
        site: request.header("sec-fetch-site"),
        mode: request.header("sec-fetch-mode"),
        upgrades: request.headers().contains_key("upgrade"),
        cookie,
        media_type: request.content_type(),
    })
}

fn refused(refusal: &Refusal) -> Response {
    Response::text(format!("{refusal}\n")).with_status(refusal.status())
}

/// Lets a browser in that shows the token.
#[get("/")]
async fn enter(request: &Request, shared: State<Arc<Shared>>) -> Response {
    match shared.keys.opens(request.args().get("token")) {
        true => let_in(&shared, onward(&shared, "")),
        false => refused(&Refusal::Token),
    }
}

/// The link of an app's error page: runs its request again under the debugger. Whoever followed it is
/// let in where the system says that it is this user.
#[get("/debug")]
fn ticket(request: &Request, shared: State<Arc<Shared>>) -> Response {
    let ticket = request.args().get("ticket").unwrap_or_default();
    let taken = shared.channel.as_ref().and_then(|channel| channel.log().take_ticket(ticket));
    let Some(number) = taken else {
        let words = "this link works once, and for ten minutes\n\nhint: load the page with the error again\n";
        return Response::text(words).with_status(403);
    };
    if let Err(words) = again::send(&shared, number, Way::Debugged) {
        return Response::text(format!("{words}\n")).with_status(410);
    }
    let onward = onward(&shared, &format!("#request={number}"));
    match peer::is_ours(request.remote_addr(), request.local_addr()) {
        true => let_in(&shared, onward),
        false => onward,
    }
}

/// Leads to the page. A redirect would not do: to browsers, what follows one is still asked for by the
/// page that it began at, and a strict cookie is kept back.
fn onward(shared: &Shared, place: &str) -> Response {
    let url = format!("/{}/{place}", shared.keys.folder());
    Response::html(format!(
        "<!doctype html>\n<html lang=en>\n<title>Carafe</title>\n<meta http-equiv=refresh content=\"0; url={url}\">\n<p><a href=\"{url}\">Debugger</a></p>\n"
    ))
}

fn let_in(shared: &Shared, response: Response) -> Response {
    let cookie = SetCookie::new(shared.keys.cookie(), shared.keys.token())
        .path(format!("/{}/", shared.keys.folder()))
        .http_only(true)
        .same_site(SameSite::Strict);
    response.with_cookie(cookie)
}

#[get("/")]
async fn index() -> Response {
    Response::html(assets::INDEX)
}

#[get("/assets/<name>")]
async fn asset(name: &str) -> Result<Response> {
    let (_, media_type, text) = assets::find(name).ok_or_else(|| carafe::abort(404))?;
    Ok(Response::typed(media_type, *text))
}

#[get("/api/events")]
async fn events(shared: State<Arc<Shared>>) -> EventStream {
    stream::open(&shared)
}

#[get("/api/files")]
fn files(shared: State<Arc<Shared>>) -> Json<Vec<String>> {
    Json(shared.files.list())
}

#[get("/api/file")]
fn file(request: &Request, shared: State<Arc<Shared>>) -> Response {
    let path = request.args().get("path").unwrap_or_default();
    match shared.files.read(path) {
        Ok(file) => answer(&file),
        Err(words) => answer(&json!({"error": words})).with_status(404),
    }
}

#[get("/api/requests/<int:number>")]
fn request(number: u64, shared: State<Arc<Shared>>) -> Response {
    let record = shared.channel.as_ref().and_then(|channel| channel.log().find(number).cloned());
    match record {
        Some(record) => answer(&detail::of(&record)),
        None => answer(&json!({"error": "the request is not kept any more"})).with_status(404),
    }
}

#[derive(Deserialize)]
struct Order {
    command: String,
    #[serde(default)]
    arguments: Value,
}

/// Asks the session; what takes long is answered at once, and told when it is done.
#[post("/api/dap")]
fn dap(order: Json<Order>, shared: State<Arc<Shared>>) -> Response {
    let Order { command, arguments } = order.0;
    if !COMMANDS.contains(&&*command) {
        let words = format!("`{command}` is not something that this page may ask for");
        return answer(&json!({"error": words})).with_status(403);
    }
    if matches!(&*command, "restart" | "terminate") {
        let shared = shared.clone();
        std::thread::spawn(move || {
            let done = match &*command {
                "restart" => shared.restart().inspect_err(|words| {
                    // An older build may still run.
                    shared.hub.change(|status| status.stays(words));
                }),
                _ => shared.ask(&command, &arguments),
            };
            if let Err(words) = done {
                shared.hub.tell("failed", &json!({"command": command, "error": words}));
            }
        });
        return answer(&json!({"body": {}}));
    }
    answer(&match shared.ask(&command, &arguments) {
        Ok(body) => json!({"body": body}),
        Err(words) => json!({"error": words}),
    })
}

#[derive(Deserialize)]
struct Again {
    number: u64,
    debug: bool,
}

/// Sends a request again.
#[post("/api/replay")]
fn replay(wish: Json<Again>, shared: State<Arc<Shared>>) -> Response {
    let way = if wish.debug { Way::Debugged } else { Way::AsItWas };
    answer(&match again::send(&shared, wish.number, way) {
        Ok(()) => json!({"body": {}}),
        Err(words) => json!({"error": words}),
    })
}

/// Starts debugging, in a page that began without.
#[post("/api/debug")]
fn debug(_nothing: Json<Value>, shared: State<Arc<Shared>>) -> Response {
    let Some(debug) = shared.debug.clone().filter(|_| shared.seat().is_none()) else {
        return answer(&json!({"error": "there is a debugger already"}));
    };
    let shared = shared.clone();
    std::thread::spawn(move || match debug() {
        Ok(session) => shared.attach(&session),
        Err(words) => shared.hub.change(|status| status.fails(&words)),
    });
    answer(&json!({"body": {}}))
}

/// Forgets the requests.
#[post("/api/clear")]
fn clear(_nothing: Json<Value>, shared: State<Arc<Shared>>) -> Response {
    if let Some(channel) = &shared.channel {
        channel.log().clear();
    }
    shared.hub.tell("cleared", &Value::Null);
    answer(&json!({"body": {}}))
}

fn answer(value: &Value) -> Response {
    Response::typed("application/json", value.to_string())
}
