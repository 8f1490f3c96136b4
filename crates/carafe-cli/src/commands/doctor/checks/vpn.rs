//! Does a VPN hold the way to the client?

use carafe_net::{Lang, LinkKind};

use super::super::facts::Facts;
use super::super::finding::{Cause, Finding};
use super::super::question::Client;

const ID: &str = "vpn";

pub(super) fn check(facts: &Facts, lang: Lang) -> Vec<Finding> {
    let Some(main) = facts.routes.default_interface() else { return Vec::new() };
    let is_vpn = facts.interfaces.iter().any(|one| one.name == main && one.kind == LinkKind::Vpn);
    if !is_vpn || facts.question.client == Client::ThisMachine {
        return Vec::new();
    }
    let what = match lang {
        Lang::English => format!("the VPN `{main}` holds the way to the internet"),
        _ => format!("인터넷으로 나가는 경로가 VPN `{main}` 인터페이스입니다"),
    };
    vec![match facts.question.client {
        Client::At(client) if answers_elsewhere(facts, client, main) => {
            let why = match lang {
                Lang::English => format!(
                    "{client} comes in another way, and its answers would leave through the VPN: it never sees them"
                ),
                _ => format!(
                    "{client} 기기는 다른 길로 들어오는데 응답은 VPN으로 나가므로, 응답이 그 기기에 닿지 않습니다"
                ),
            };
            let down = format!("sudo ip link set {main} down");
            Finding::problem(ID, Cause::Vpn, what).why(why).run(down)
        }
        _ => Finding::note(ID, what).why(lang.pick(
            "devices of this network still reach this computer, unless the VPN's program forbids the local network",
            "VPN 프로그램이 로컬 네트워크를 막지 않는 한, 같은 네트워크의 기기는 여전히 접속할 수 있습니다",
        )),
    }]
}

/// Whether the client's packets come in over another interface than the VPN that answers take.
fn answers_elsewhere(facts: &Facts, client: std::net::IpAddr, vpn: &str) -> bool {
    let way_back = facts.routes.to(client).map(|(interface, _)| interface);
    let meant = facts.meant();
    let mut entered = meant.iter().filter_map(|address| facts.interface_of(*address));
    way_back == Some(vpn) && entered.any(|interface| interface.name != vpn)
}
