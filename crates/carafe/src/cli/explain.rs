//! `explain METHOD PATH`: which rules a request tries, and why each fits or not.

use std::process::ExitCode;

use ::http::Method;
use percent_encoding::percent_decode_str;

use crate::app::{App, Site};

use super::line::Line;
use super::{complain, tell, with_site};

pub(super) fn run(app: App, line: &Line) -> ExitCode {
    with_site(app, line, |site| print(site, line.value(0), line.value(1), line.option("--host")))
}

fn print(site: &Site, method: &str, path: &str, host: Option<&str>) -> ExitCode {
    let method = method.to_uppercase();
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
    let host = host.or(named).or(server_name).unwrap_or("localhost");
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
