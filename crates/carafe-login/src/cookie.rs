//! The remember-me cookie: a token, and nothing of the user.

use std::time::SystemTime;

use carafe::Request;
use carafe::config::{CookieSameSite, CookieSecure};
use carafe::http::values::{SameSite, SetCookie};

use crate::settings::Settings;

/// No token of ours is longer.
const LONGEST: usize = 64;

/// The tokens in the request's cookies of this name: several differ in path or domain.
pub(crate) fn tokens(request: &Request, settings: &Settings) -> Vec<String> {
    let cookies = request.cookies();
    let tokens = cookies.getlist(&settings.remember_cookie_name);
    tokens.filter(|token| !token.is_empty() && token.len() <= LONGEST).map(str::to_owned).collect()
}

/// Whether the browser sent the cookie at all.
pub(crate) fn is_sent(request: &Request, settings: &Settings) -> bool {
    request.cookies().contains(&settings.remember_cookie_name)
}

fn dressed(cookie: SetCookie, secure_request: bool, settings: &Settings) -> SetCookie {
    let secure = match settings.remember_cookie_secure {
        CookieSecure::Always => true,
        CookieSecure::Never => false,
        _ => secure_request,
    };
    let cookie = cookie
        .path(settings.remember_cookie_path.as_str())
        .secure(secure)
        .http_only(settings.remember_cookie_httponly);
    let cookie = match &settings.remember_cookie_domain {
        Some(domain) => cookie.domain(domain.as_str()),
        None => cookie,
    };
    match settings.remember_cookie_samesite {
        CookieSameSite::Lax => cookie.same_site(SameSite::Lax),
        CookieSameSite::Strict => cookie.same_site(SameSite::Strict),
        CookieSameSite::None => cookie.same_site(SameSite::None),
        _ => cookie,
    }
}

/// Has the response set the cookie.
pub(crate) fn set(request: &Request, settings: &Settings, token: String, expires: SystemTime) {
    let cookie = SetCookie::new(settings.remember_cookie_name.as_str(), token).expires(expires);
    let cookie = dressed(cookie, request.is_secure(), settings);
    request.after_this_request(move |response| response.with_cookie(cookie));
}

/// Has the browser forget the cookie.
pub(crate) fn delete(request: &Request, settings: &Settings) {
    let cookie = SetCookie::delete(settings.remember_cookie_name.as_str());
    let cookie = dressed(cookie, request.is_secure(), settings);
    request.after_this_request(move |response| response.with_cookie(cookie));
}

/// Whether such a cookie can be set at all.
pub(crate) fn check(settings: &Settings) -> Result<(), String> {
    let cookie = SetCookie::new(settings.remember_cookie_name.as_str(), "");
    dressed(cookie, true, settings)
        .to_header_value(SystemTime::UNIX_EPOCH)
        .map(drop)
        .map_err(|error| format!("the remember-me cookie cannot be set: {error}\n\nhint: look at `login.remember_cookie_*`"))
}
