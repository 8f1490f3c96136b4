//! What whoever may not is told: a page of a browser goes to sign in, a script gets a 401 in JSON.

use carafe::http::values::{Authorization, WwwAuthenticate};
use carafe::{
    Error, IntoResponse, Request, Response, Result, Status, UrlFor, abort, flash, redirect,
};

use crate::event::Event;
use crate::machine::Machine;
use crate::next;

/// An answer in the place of a handler's, for an extractor, which can only fail.
pub(crate) fn as_error(answer: Result<Response>) -> Error {
    answer.map_or_else(|error| error, Error::from_response)
}

/// The answer to a visitor who is not signed in.
pub(crate) async fn unauthorized(machine: &Machine, request: &Request) -> Result<Response> {
    request.signal(&Event::Unauthorized);
    if let Some(answer) = &machine.plan().unauthorized {
        return answer(request.clone()).await;
    }
    let settings = machine.settings()?;
    match machine.login_view(settings) {
        Some(view) if is_page(request) => {
            let message = (&settings.login_message_category, &settings.login_message);
            to_view(machine, request, view, message)
        }
        _ => refuse(machine, request, "sign in to see this"),
    }
}

/// The answer to a user who has to prove again who they are.
pub(crate) async fn needs_refresh(
    machine: &Machine,
    request: &Request,
    user: &str,
) -> Result<Response> {
    request.signal(&Event::NeedsRefresh { user: user.to_owned() });
    if let Some(answer) = &machine.plan().needs_refresh {
        return answer(request.clone()).await;
    }
    let settings = machine.settings()?;
    match machine.refresh_view(settings).or(machine.login_view(settings)) {
        Some(view) if is_page(request) => {
            let message =
                (&settings.needs_refresh_message_category, &settings.needs_refresh_message);
            to_view(machine, request, view, message)
        }
        _ => refuse(machine, request, "sign in again to see this"),
    }
}

/// The refusal of a user who is signed in, but lacks what it takes.
pub(crate) fn forbidden(request: &Request) -> Error {
    request.signal(&Event::Unauthorized);
    abort(403).describe("you may not see this")
}

/// Whether a browser asks for a page to show. Scripts do not name HTML, browsers do; and they tell what they want it for.
fn is_page(request: &Request) -> bool {
    let by_script = request.header("sec-fetch-dest").is_some_and(|dest| dest == "empty")
        || request.header("x-requested-with").is_some()
        || request.authorization().is_some();
    let accepts = request.header("accept");
    !by_script
        && !request.prefers_json()
        && accepts.is_none_or(|accepts| accepts.contains("text/html") || accepts.contains("xhtml"))
}

fn to_view(
    machine: &Machine,
    request: &Request,
    view: &str,
    (category, message): (&String, &String),
) -> Result<Response> {
    let session = request.session();
    if !message.is_empty() {
        flash((category.as_str(), message.as_str()), &session);
    }
    let url = match view.starts_with('/') {
        true => format!("{}{view}", request.root_path()),
        false => request.url_for(view, UrlFor::new())?,
    };
    let next = next::of_request(request);
    if machine.settings()?.use_session_for_next {
        session.set(next::IN_SESSION, next)?;
        return redirect(url).into_response(request);
    }
    redirect(next.map_or(url.clone(), |next| next::with_next(&url, &next))).into_response(request)
}

/// 401 with what the app understands (RFC 9110, section 15.5.2).
fn refuse(machine: &Machine, request: &Request, words: &'static str) -> Result<Response> {
    let challenges = challenges(machine, request)?;
    if is_page(request) {
        let error = abort(401).describe(words);
        return Err(challenges
            .into_iter()
            .fold(error, |error, challenge| error.with_header("www-authenticate", challenge)));
    }
    let text =
        format!(r#"{{"error":{{"status":401,"title":"Unauthorized","description":"{words}"}}}}"#);
    let response = Response::typed("application/json", text)
        .with_status(Status::UNAUTHORIZED)
        .with_header("vary", "accept");
    let mut response = response;
    for challenge in challenges {
        if let Ok(value) = challenge.parse() {
            response.headers_mut().append("www-authenticate", value);
        }
    }
    Err(Error::from_response(response))
}

fn challenges(machine: &Machine, request: &Request) -> Result<Vec<String>> {
    let realm = &machine.settings()?.realm;
    let plan = machine.plan();
    let mut challenges = Vec::new();
    if plan.bearer {
        let challenge = WwwAuthenticate::bearer().param("realm", realm);
        // RFC 6750, section 3.1: a code only where there was a token.
        let challenge = match request.authorization() {
            Some(Authorization::Bearer(_)) => challenge.param("error", "invalid_token"),
            _ => challenge,
        };
        challenges.push(challenge);
    }
    if plan.basic {
        // RFC 7617, section 2.1: passwords are sent as UTF-8.
        challenges.push(WwwAuthenticate::basic(realm).param("charset", "UTF-8"));
    }
    let text = |challenge: WwwAuthenticate| {
        challenge.to_header_value().to_str().map(str::to_owned).unwrap_or_default()
    };
    Ok(challenges.into_iter().map(text).collect())
}
