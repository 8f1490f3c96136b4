//! The `Forwarded` header: a list to which each proxy adds an element with all that it knows.

use std::net::SocketAddr;

use ::http::{HeaderMap, header};

use crate::config::Hops;
use crate::http::values::{Forwarded, ForwardedNode, InvalidValue, is_valid_host};

use super::told::{Client, Told, host_with_port};
use super::trust::{Trust, ignored};
use super::x_forwarded::secure_of;

/// What the header says, as far as it is believed.
pub(super) fn told(trust: &Trust, headers: &HeaderMap) -> Told {
    let rules = &trust.rules;
    let mut said = Said::default();
    for element in elements(headers) {
        let is_last = said.add(element, trust);
        if is_last {
            break;
        }
    }
    let client = match rules.x_for {
        Hops::Auto => said.client,
        hops => nth(headers, hops).map_or(Client::Connected, |element| client_of(&element)),
    };
    let proto = match rules.x_proto {
        Hops::Auto => said.secure,
        hops => nth(headers, hops).and_then(|element| secure_in(&element)),
    };
    let host = match rules.x_host {
        Hops::Auto => said.host,
        hops => nth(headers, hops).and_then(|element| host_in(&element)),
    };
    let host = host_with_port(headers, host.as_deref(), None);
    Told { client, secure: proto, host, prefix: None }
}

/// What those elements say that trusted proxies wrote. Of each parameter the outermost counts: that
/// proxy is the one that the client talked to.
#[derive(Default)]
struct Said {
    client: Client,
    secure: Option<bool>,
    host: Option<String>,
}

impl Said {
    /// Takes in the next element; `true` when whoever wrote the one after it is not trusted.
    fn add(&mut self, element: Result<Forwarded<'_>, InvalidValue>, trust: &Trust) -> bool {
        let Ok(element) = element else {
            self.client = client_of(&element);
            return true;
        };
        let element = Ok(element);
        self.secure = secure_in(&element).or(self.secure);
        self.host = host_in(&element).or(self.host.take());
        match client_of(&element) {
            // The proxy does not say who came to it.
            Client::Connected => true,
            client => {
                self.client = client;
                !matches!(client, Client::At(address) if trust.trusts_address(address.ip()))
            }
        }
    }
}

type Element<'a> = Result<Forwarded<'a>, InvalidValue>;

/// The elements of all lines, the last one first.
fn elements(headers: &HeaderMap) -> impl Iterator<Item = Element<'_>> {
    let lines = headers.get_all(header::FORWARDED).iter().rev();
    lines.flat_map(|line| Forwarded::from_right(line.as_bytes()))
}

fn nth(headers: &HeaderMap, hops: Hops) -> Option<Element<'_>> {
    elements(headers).nth(hops.last_but()?)
}

fn client_of(element: &Element<'_>) -> Client {
    let node = match element {
        Ok(element) => element.client(),
        Err(error) => Some(Err(error.clone())),
    };
    match node {
        None => Client::Connected,
        Some(Ok(ForwardedNode::Address(ip, port))) => {
            Client::At(SocketAddr::new(ip, port.unwrap_or(0)))
        }
        Some(Ok(_)) => Client::Unknown,
        Some(Err(error)) => {
            ignored("forwarded", &error.to_string());
            Client::Unknown
        }
    }
}

fn secure_in(element: &Element<'_>) -> Option<bool> {
    let proto = element.as_ref().ok()?.proto.as_deref()?;
    let secure = secure_of(proto);
    if secure.is_none() {
        ignored("forwarded: proto", proto);
    }
    secure
}

fn host_in(element: &Element<'_>) -> Option<String> {
    let host = element.as_ref().ok()?.host.as_deref()?;
    if !is_valid_host(host) {
        ignored("forwarded: host", host);
        return None;
    }
    Some(host.to_owned())
}
