//! What kind of address is it, and what does that mean for somebody outside?

use std::net::IpAddr;

use carafe_net::{AddressKind, Interface, Lang, LinkKind};

use super::super::facts::Facts;
use super::super::facts::place::Cloud;
use super::super::finding::{Cause, Finding};
use super::super::question::Client;
use super::say;

const ID: &str = "address";

pub(super) fn check(facts: &Facts, lang: Lang) -> Vec<Finding> {
    let meant = facts.meant();
    if let Some(front) = meant.iter().find(|one| is_in_front(facts, **one)) {
        return vec![in_front(facts, *front, lang)];
    }
    let own: Vec<IpAddr> = meant.into_iter().filter(|one| facts.is_own(*one)).collect();
    let outer = own.iter().find(|one| !one.is_loopback());
    match (outer, own.first()) {
        (Some(address), _) => vec![outward(facts, *address, lang)],
        (None, Some(_)) if facts.question.client == Client::ThisMachine => local(facts, lang),
        _ => Vec::new(),
    }
}

/// A public address that is not this machine's, where this machine has none itself: that of the
/// router or of the cloud.
fn is_in_front(facts: &Facts, address: IpAddr) -> bool {
    let mut own = facts.interfaces.iter().flat_map(|interface| &interface.addresses);
    let has_public = own.any(|one| one.is_ipv4() && AddressKind::of(*one) == AddressKind::Public);
    !facts.is_own(address) && AddressKind::of(address) == AddressKind::Public && !has_public
}

fn in_front(facts: &Facts, address: IpAddr, lang: Lang) -> Finding {
    let port = facts.question.port;
    let inside = facts.outward.map_or_else(String::new, |inside| inside.to_string());
    if let Some(cloud) = facts.place.cloud {
        let what = match lang {
            Lang::English => format!(
                "{address} is the cloud's address for this machine, if anything: its firewall has to let port {port} in"
            ),
            _ => format!(
                "{address} 주소는 클라우드가 이 컴퓨터에 붙인 주소일 것입니다. 클라우드의 방화벽이 {port}번 포트를 허용해야 합니다"
            ),
        };
        let why = lang.pick(
            "a security group or firewall of the provider stands in front of this machine and cannot be seen from here",
            "제공 업체의 보안 그룹이나 방화벽이 이 컴퓨터 앞에 있으며, 여기서는 볼 수 없습니다",
        );
        let finding = Finding::problem(ID, Cause::InFront, what).why(why);
        return open(finding, open_cloud(cloud, port));
    }
    let shared = facts.outward.is_some_and(|own| AddressKind::of(own) == AddressKind::CarrierGrade);
    let what = match lang {
        Lang::English => format!(
            "{address} is the router's, if anything: it has to pass port {port} on to {inside}"
        ),
        _ => format!(
            "{address} 주소는 라우터의 주소일 것입니다. 라우터가 {port}번 포트를 {inside} 주소로 넘겨야 합니다"
        ),
    };
    let finding = Finding::problem(ID, Cause::InFront, what);
    if shared {
        return finding.why(tunnel(lang)).run(tunnel_command(port));
    }
    finding.why(match lang {
        Lang::English => format!("in the router's settings, under \"port forwarding\": TCP port {port} to {inside} port {port}"),
        _ => format!("라우터 설정의 \"포트 포워딩\"에서 TCP {port}번 포트를 {inside} 주소의 {port}번 포트로 지정하십시오"),
    })
}

fn outward(facts: &Facts, address: IpAddr, lang: Lang) -> Finding {
    let kind = AddressKind::of(address);
    let interface = facts.interface_of(address);
    let link =
        interface.map_or_else(String::new, |one| format!(", {} {}", one.kind.name(lang), one.name));
    let what = match lang {
        Lang::English => format!("{address} ({}{link}): {}", kind.name(lang), kind.reach(lang)),
        _ => format!("{address}({}{link}): {}", kind.name(lang), kind.reach(lang)),
    };
    let why = outside(facts, kind, interface, lang);
    let from_internet = matches!(facts.question.client, Client::At(client) if AddressKind::of(client) == AddressKind::Public);
    let hidden = matches!(kind, AddressKind::Private | AddressKind::CarrierGrade);
    if from_internet && hidden {
        let finding = Finding::unseen(ID, Cause::InFront, what).why(why);
        return match (facts.place.cloud, kind) {
            (Some(cloud), _) => open(finding, open_cloud(cloud, facts.question.port)),
            (None, AddressKind::CarrierGrade) => finding.run(tunnel_command(facts.question.port)),
            (None, _) => finding,
        };
    }
    Finding::note(ID, what).why(why)
}

/// What somebody outside would need.
fn outside(facts: &Facts, kind: AddressKind, interface: Option<&Interface>, lang: Lang) -> String {
    let port = facts.question.port;
    let is_vpn = interface.is_some_and(|one| one.kind == LinkKind::Vpn);
    match (kind, facts.place.cloud) {
        (AddressKind::Private | AddressKind::Public, Some(cloud)) => {
            let command =
                open_cloud(cloud, port).map_or_else(String::new, |line| format!(": `{line}`"));
            match lang {
                Lang::English => format!(
                    "from the internet, the cloud's own firewall has to let it in, which cannot be seen from here{command}"
                ),
                _ => format!(
                    "인터넷에서 접속하려면 클라우드의 방화벽도 허용해야 하며, 여기서는 볼 수 없습니다{command}"
                ),
            }
        }
        (AddressKind::Private, None) if !is_vpn => match lang {
            Lang::English => format!(
                "someone on the internet would need the router to forward TCP port {port} to it"
            ),
            _ => format!(
                "인터넷에서 접속하려면 라우터가 TCP {port}번 포트를 이 주소로 넘겨야 합니다"
            ),
        },
        (AddressKind::CarrierGrade, _) if !is_vpn => tunnel(lang).to_owned(),
        _ => String::new(),
    }
}

fn open(finding: Finding, command: Option<String>) -> Finding {
    match command {
        Some(command) => finding.run(command),
        None => finding,
    }
}

fn tunnel(lang: Lang) -> &'static str {
    lang.pick(
        "the provider shares one public address among many customers: forwarding a port in your router does not help, a tunnel to a server outside does",
        "통신사가 공인 주소 하나를 여러 가입자에게 나누어 씁니다. 라우터의 포트 포워딩으로는 되지 않고, 바깥 서버로 잇는 터널이 필요합니다",
    )
}

fn tunnel_command(port: u16) -> String {
    format!("ssh -R 0.0.0.0:{port}:localhost:{port} YOU@SERVER")
}

/// The command that opens the cloud's firewall, of those who have a short one.
fn open_cloud(cloud: Cloud, port: u16) -> Option<String> {
    Some(match cloud {
        Cloud::Amazon => format!(
            "aws ec2 authorize-security-group-ingress --group-id GROUP --protocol tcp --port {port} --cidr 0.0.0.0/0"
        ),
        Cloud::Google => {
            format!("gcloud compute firewall-rules create carafe-{port} --allow=tcp:{port}")
        }
        Cloud::Azure => {
            format!("az vm open-port --resource-group GROUP --name MACHINE --port {port}")
        }
        Cloud::DigitalOcean => format!(
            "doctl compute firewall add-rules FIREWALL --inbound-rules protocol:tcp,ports:{port},address:0.0.0.0/0"
        ),
        Cloud::Hetzner => format!(
            "hcloud firewall add-rule FIREWALL --direction in --protocol tcp --port {port} --source-ips 0.0.0.0/0"
        ),
        Cloud::Other => return None,
    })
}

/// Only this computer can open it, which is how most apps are developed.
fn local(facts: &Facts, lang: Lang) -> Vec<Finding> {
    let listened = say::ips(&facts.listens_on());
    if listened.is_empty() || facts.place.container.is_some() {
        return Vec::new();
    }
    if !listened.iter().all(IpAddr::is_loopback) {
        return wider(facts, lang).into_iter().collect();
    }
    let what = lang.pick(
        "only this computer can reach it: no phone, no other computer",
        "이 컴퓨터에서만 접속할 수 있습니다. 휴대전화나 다른 컴퓨터에서는 접속할 수 없습니다",
    );
    vec![Finding::note(ID, what).mend(say::again(facts, "--host lan"))]
}

/// It listens for others as well: here is what they open.
fn wider(facts: &Facts, lang: Lang) -> Option<Finding> {
    let url = say::url(facts, &facts.outward?.to_string());
    let what = match lang {
        Lang::English => format!("other devices would open {url}"),
        _ => format!("다른 기기에서는 {url} 주소로 엽니다"),
    };
    Some(Finding::note(ID, what).run(format!("carafe doctor {url}")))
}
