//! `explain METHOD PATH`: which rules a request tries, and why each fits or not.

use std::process::ExitCode;

use ::http::Method;
use clap::ArgMatches;
use percent_encoding::percent_decode_str;

use crate::app::Site;

use super::{complain, tell};

pub(super) fn print(site: &Site, matches: &ArgMatches) -> ExitCode {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let method = text("method").unwrap_or("GET").to_uppercase();
    let path = text("path").unwrap_or("/");
    let Ok(method) = Method::from_bytes(method.as_bytes()) else {
        return complain(&format!(
            "`{method}` is not a method\n\nhint: GET, POST, PUT, PATCH or DELETE"
        ));
    };
    let (named, path) = split(path);
    if !path.starts_with('/') {
        return complain(&format!(
            "`{path}` is not a path\n\nhint: it begins with `/`, such as /users/5"
        ));
    }
    let core = &site.core;
    let server_name = core.config.settings().server_name.as_deref();
    let host = text("host").or(named).or(server_name).unwrap_or("localhost");
    let path = percent_decode_str(path).decode_utf8_lossy();
    tell(&crate::explain::explain(&site.shared, host, &path, &method).to_string())
}

/// The host and the path of what may be a whole URL, as it is copied from a browser.
fn split(url: &str) -> (Option<&str>, &str) {
    let (host, path) = match url.split_once("://") {
        Some((_scheme, rest)) => match rest.find(['/', '?', '#']) {
            Some(slash) if rest[slash..].starts_with('/') => (Some(&rest[..slash]), &rest[slash..]),
            Some(end) => (Some(&rest[..end]), "/"),
            None => (Some(rest), "/"),
        },
        None => (None, url),
    };
    let end = path.find(['?', '#']).unwrap_or(path.len());
    (host, &path[..end])
}
