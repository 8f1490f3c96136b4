//! `status`: who this app is, and where it listens.

use serde_json::json;

use crate::app::Site;
use crate::run::succession::Origin;

/// The answer, which never changes while an app runs.
pub(super) fn line(site: &Site, origin: &Origin, addresses: &[String]) -> String {
    let (core, settings) = (&site.core, site.core.config.settings());
    json!({
        "pid": std::process::id(),
        "name": core.name,
        "version": core.version,
        "profile": core.config.profile().name(),
        "exe": origin.executable(),
        "folder": origin.folder(),
        "addresses": addresses,
        "trusted_hosts": settings.trusted_hosts,
        "trusted_proxies": settings.trusted_proxies,
        "server_name": settings.server_name,
    })
    .to_string()
}
