//! What `run` says when it starts and when it stops.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::app::Site;
use crate::config::AccessLog;
use crate::run::How;
use crate::server::ListenAddress;

/// Says what runs, where and in which mode.
pub(crate) fn print(site: &Site, addresses: &[ListenAddress], how: How, workers: usize) {
    if is_json(site) {
        return log_start(site, addresses, how, workers);
    }
    let text = text(site, addresses, how, workers);
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

fn log_start(site: &Site, addresses: &[ListenAddress], how: How, workers: usize) {
    let core = &site.core;
    for address in addresses {
        tracing::info!(
            target: "carafe",
            profile = core.config.profile().name(),
            url = link(address),
            sockets = origin(how),
            rules = site.shared.router.rules().count(),
            workers,
            "{} {} is running", core.name, core.version
        );
    }
}

fn text(site: &Site, addresses: &[ListenAddress], how: How, workers: usize) -> String {
    let core = &site.core;
    let profile = core.config.profile().name();
    let routes = site.shared.router.rules().count();
    let workers = counted(workers, "worker");
    let mut text = format!("\n  {} {} is running ({profile})\n\n", core.name, core.version);
    for address in addresses {
        let line = match address {
            ListenAddress::Tcp(address) => way_in(*address),
            ListenAddress::Unix(_) => format!("{:<28} programs on this computer", link(address)),
        };
        text.push_str(&format!("  {line}\n"));
    }
    if how != How::Bound {
        text.push_str(&format!("\n  {}; `host` and `port` are not looked at\n", origin(how)));
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

fn link(address: &ListenAddress) -> String {
    match address {
        ListenAddress::Tcp(address) => url(address.ip(), address.port()),
        ListenAddress::Unix(_) => address.to_string(),
    }
}

fn origin(how: How) -> &'static str {
    match how {
        How::Bound => "opened here",
        How::Activated => "given by the service manager",
        How::TakenOver => "taken over from the app that ran before",
    }
}

fn url(ip: IpAddr, port: u16) -> String {
    format!("http://{}", SocketAddr::new(ip, port))
}
