//! What `run` says when it starts and when it stops.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::app::Site;
use crate::config::AccessLog;

/// Says what runs, where and in which mode.
pub(crate) fn print(site: &Site, addresses: &[SocketAddr], workers: usize) {
    if is_json(site) {
        return log_start(site, addresses, workers);
    }
    let text = text(site, addresses, workers);
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Says that the server ends, and why.
pub(crate) fn print_stopping(site: &Site, signal: &str) {
    say(site, &format!("{signal}: finishing open requests (once more ends them)"));
}

/// Says that the server ended before its requests.
pub(crate) fn print_stopped(site: &Site) {
    say(site, "stopped at once");
}

/// Whoever asked for JSON reads the log with a program: every line of it has to be JSON.
fn is_json(site: &Site) -> bool {
    site.core.config.settings().access_log == AccessLog::Json
}

fn say(site: &Site, words: &str) {
    if is_json(site) {
        tracing::info!(target: "carafe", "{words}");
    } else {
        let _ = writeln!(io::stderr().lock(), "{words}");
    }
}

fn log_start(site: &Site, addresses: &[SocketAddr], workers: usize) {
    let core = &site.core;
    for address in addresses {
        tracing::info!(
            target: "carafe",
            profile = core.config.profile().name(),
            url = url(address.ip(), address.port()),
            rules = site.shared.router.rules().count(),
            workers,
            "{} {} is running", core.name, core.version
        );
    }
}

fn text(site: &Site, addresses: &[SocketAddr], workers: usize) -> String {
    let core = &site.core;
    let profile = core.config.profile().name();
    let routes = site.shared.router.rules().count();
    let workers = counted(workers, "worker");
    let mut text = format!("\n  {} {} is running ({profile})\n\n", core.name, core.version);
    for address in addresses {
        text.push_str(&format!("  {}\n", way_in(*address)));
    }
    text.push_str(&format!("\n  {}, {workers}; Ctrl+C stops\n\n", counted(routes, "rule")));
    text
}

/// `1 rule`, `2 rules`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A URL that can be clicked, and who can reach it. A wildcard address is never a link.
fn way_in(address: SocketAddr) -> String {
    let port = address.port();
    match address.ip() {
        ip if ip.is_loopback() => format!("{:<28} this computer only", url(ip, port)),
        ip if ip.is_unspecified() => {
            let local = url(Ipv4Addr::LOCALHOST.into(), port);
            format!("{local:<28} and every other address of this machine, from its networks")
        }
        ip => format!("{:<28} everyone who can reach this address", url(ip, port)),
    }
}

fn url(ip: IpAddr, port: u16) -> String {
    format!("http://{}", SocketAddr::new(ip, port))
}
