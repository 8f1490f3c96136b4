//! `explain METHOD PATH`: which rules a request tries, and why each fits or not.

use std::process::ExitCode;

use ::http::{Method, Uri};
use clap::ArgMatches;

use crate::app::Site;
use crate::request::decode_path;

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
    let Ok(uri) = path.parse::<Uri>() else {
        return complain(&format!(
            "`{path}` is not a path\n\nhint: it begins with `/`, such as /users/5"
        ));
    };
    let core = &site.core;
    let server_name = core.config.settings().server_name.as_deref();
    let host = text("host").or(server_name).unwrap_or("localhost");
    let decoded = decode_path(&uri);
    let path = decoded.as_deref().unwrap_or_else(|| uri.path());
    tell(&crate::explain::explain(&site.shared, host, path, &method).to_string())
}
