//! What `run` tells the `carafe` tool, and what it is told: only in debug builds.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::succession::Event;
use crate::app::Site;
use crate::dev;
use crate::server::Listener;

/// The tool's view of a server.
pub(super) struct Tool {
    site: Arc<Site>,
    urls: Vec<String>,
}

impl Tool {
    /// The server ends by `events` when the tool does.
    pub(super) fn new(
        site: &Arc<Site>,
        listeners: &[Listener],
        events: &UnboundedSender<Event>,
    ) -> Tool {
        let addresses = listeners.iter().filter_map(|listener| listener.address().ok());
        let urls = addresses.filter_map(|address| address.tcp()).map(url).collect();
        let events = events.clone();
        dev::on_end(move || {
            let _ = events.send(Event::ToolGone);
        });
        Tool { site: site.clone(), urls }
    }

    /// Says hello once the app takes connections; tells whether the app is to end, since its tool did.
    pub(super) fn ends_by(&mut self, event: &Event) -> bool {
        if let Event::Accepting = event {
            dev::hello(&self.site, std::mem::take(&mut self.urls));
        }
        matches!(event, Event::ToolGone)
    }
}

/// The URL by which this computer reaches an address.
fn url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    format!("http://{address}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lead_somewhere() {
        let check = |address: &str, expected| assert_eq!(url(address.parse().unwrap()), expected);
        check("127.0.0.1:5000", "http://127.0.0.1:5000/");
        check("0.0.0.0:80", "http://127.0.0.1:80/");
        check("[::]:80", "http://[::1]:80/");
    }
}
