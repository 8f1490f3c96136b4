//! Is there a firewall on this machine that stops the client?

use std::net::IpAddr;

use carafe_net::{AddressKind, Lang};

use super::super::facts::Facts;
use super::super::facts::firewall::Judgement;
use super::super::facts::other_systems::State;
use super::super::facts::probe::Outcome;
use super::super::finding::{Cause, Finding};
use super::super::firewall::front::Front;
use super::super::firewall::judge::{Packet, Rule, Source};
use super::super::question::Client;
use super::say;

const ID: &str = "firewall";

pub(super) fn check(facts: &Facts, lang: Lang) -> Vec<Finding> {
    let packets = packets(facts);
    let mut findings: Vec<Finding> = Vec::new();
    for packet in &packets {
        let finding = found(facts, packet, facts.firewall.judge(packet), lang);
        // One that stops is enough; otherwise the first address speaks for the others.
        if findings.first().is_none_or(|first| first.cause.is_none() && finding.cause.is_some()) {
            findings = vec![finding];
        }
    }
    findings
}

/// The port of this machine that a rule sends the URL's port to.
pub(super) fn redirected(facts: &Facts) -> Option<u16> {
    let mut packets = packets(facts).into_iter();
    packets.find_map(|packet| match facts.firewall.judge(&packet) {
        Judgement::Passes { port, .. } if port != packet.port => Some(port),
        _ => None,
    })
}

/// What a client would send, to each address that the URL may mean.
fn packets(facts: &Facts) -> Vec<Packet> {
    let client = facts.question.client;
    let own = facts.meant().into_iter().filter(|address| facts.is_own(*address));
    let mut targets: Vec<IpAddr> = own.collect();
    if client == Client::ThisMachine {
        // The answer itself has shown that nothing stops it, unless there was none.
        targets.retain(|address| match facts.outcome(*address) {
            Some(Outcome::Lost) => true,
            Some(Outcome::Refused) => facts.is_listened_on(*address),
            _ => false,
        });
        return targets.into_iter().map(|address| packet(facts, address, Some("lo"))).collect();
    }
    targets.retain(|address| !address.is_loopback());
    if targets.is_empty() {
        targets.extend(facts.outward);
    }
    targets.into_iter().map(|address| packet(facts, address, None)).collect()
}

fn packet(facts: &Facts, destination: IpAddr, interface: Option<&str>) -> Packet {
    let own = facts.interface_of(destination).map(|interface| interface.name.as_str());
    let (interface, source) = match (interface, facts.question.client) {
        (Some(interface), _) => (Some(interface), Source::At(destination)),
        (None, Client::At(client)) => {
            let way = facts.routes.to(client).map(|(interface, _)| interface);
            (way.or(own), Source::At(client))
        }
        (None, _) => {
            let public = AddressKind::of(destination) == AddressKind::Public;
            let around = own.filter(|_| !public);
            let around = around.map(|name| facts.routes.around(name, destination.is_ipv6()));
            (own, Source::Within(around.unwrap_or_default()))
        }
    };
    Packet {
        interface: interface.unwrap_or_default().to_owned(),
        source,
        destination,
        port: facts.question.port,
    }
}

fn found(facts: &Facts, packet: &Packet, judgement: Judgement, lang: Lang) -> Finding {
    match judgement {
        Judgement::NoFirewall => Finding::ok(
            ID,
            lang.pick(
                "no firewall on this computer has a rule",
                "이 컴퓨터에는 방화벽 규칙이 없습니다",
            ),
        ),
        Judgement::Passes { tools, .. } => passes(packet, &tools, lang),
        Judgement::Stopped { tool, rejects, rule, mend, front } => {
            stopped(packet, front.map_or(tool, Front::name), rejects, lang)
                .why(format!("{}{}", whereabouts(&rule, lang), kept(front, lang)))
                .run(mend)
        }
        Judgement::FrontSaysNo { front, mend } => {
            stopped(packet, front.name(), false, lang).why(kept(Some(front), lang).trim()).run(mend)
        }
        Judgement::SentOn { to, rule } => sent_on(packet, &to, &rule, lang),
        Judgement::Doubtful { tool, rules, .. } => doubtful(facts, tool, &rules, lang),
        Judgement::NeedsRoot { front } => needs_root(facts, front, lang),
        Judgement::Unreadable { why } => Finding::unseen(
            ID,
            Cause::FirewallUnseen,
            lang.pick("the firewall's rules cannot be read", "방화벽 규칙을 읽을 수 없습니다"),
        )
        .why(why)
        .run("sudo nft list ruleset"),
        Judgement::Other(state) => other(state, lang),
    }
}

fn passes(packet: &Packet, tools: &[&str], lang: Lang) -> Finding {
    let (port, interface, tools) = (packet.port, &packet.interface, say::list(tools, lang));
    Finding::ok(
        ID,
        match lang {
            Lang::English => format!("{tools} lets port {port} in on {interface}"),
            _ => format!("{tools} 방화벽이 {interface} 인터페이스의 {port}번 포트를 통과시킵니다"),
        },
    )
}

fn stopped(packet: &Packet, tool: &str, rejects: bool, lang: Lang) -> Finding {
    let (port, interface) = (packet.port, &packet.interface);
    let client = match (&packet.source, lang) {
        (Source::At(client), Lang::English) if interface != "lo" => format!(" from {client}"),
        (Source::At(client), _) if interface != "lo" => format!("{client}에서 "),
        _ => String::new(),
    };
    let what = match (lang, rejects) {
        (Lang::English, true) => {
            format!("{tool} rejects connections{client} to port {port} on {interface}")
        }
        (Lang::English, false) => {
            format!("{tool} drops connections{client} to port {port} on {interface}")
        }
        (_, true) => format!(
            "{tool} 방화벽이 {client}{interface} 인터페이스의 {port}번 포트로 오는 연결을 거절합니다"
        ),
        (_, false) => format!(
            "{tool} 방화벽이 {client}{interface} 인터페이스의 {port}번 포트로 오는 연결을 버립니다"
        ),
    };
    Finding::problem(ID, Cause::Firewall, what)
}

/// ``table inet filter, chain input, handle 7: `tcp dport 8000 drop` ``
fn whereabouts(rule: &Rule, lang: Lang) -> String {
    let handle = rule.handle.map_or_else(String::new, |handle| format!(", handle {handle}"));
    let no_rule =
        rule.handle.is_none() && (rule.text.starts_with("policy") || rule.text.starts_with("-P"));
    let policy = match no_rule {
        true => lang.pick(", where no rule accepts it", ", 허용하는 규칙이 없음"),
        false => "",
    };
    format!("{}{handle}: `{}`{policy}", rule.place, rule.text)
}

/// How long the mending command holds.
fn kept(front: Option<Front>, lang: Lang) -> &'static str {
    match front {
        Some(Front::Ufw) => "",
        Some(Front::Firewalld) => lang.pick(
            "\nit holds until firewalld starts again; with `--permanent` as well, for ever",
            "\n이 명령은 firewalld를 다시 시작할 때까지 유효합니다. `--permanent`를 붙여 한 번 더 실행하면 계속 유지됩니다",
        ),
        None => lang.pick(
            "\nthe command holds until the rules are loaded again: add the rule to the file they come from, too",
            "\n명령으로 넣은 규칙은 규칙을 다시 불러올 때까지 유효합니다. 규칙을 적어 둔 파일에도 넣으십시오",
        ),
    }
}

fn sent_on(packet: &Packet, to: &str, rule: &Rule, lang: Lang) -> Finding {
    let port = packet.port;
    let what = match lang {
        Lang::English => {
            format!("a rule sends port {port} on to {to}; what becomes of it there was not judged")
        }
        _ => {
            format!("규칙 하나가 {port}번 포트를 {to} 주소로 넘깁니다. 그 뒤는 판단하지 않았습니다")
        }
    };
    Finding::note(ID, what).why(whereabouts(rule, lang))
}

fn doubtful(facts: &Facts, tool: &str, rules: &[Rule], lang: Lang) -> Finding {
    let what = match lang {
        Lang::English => {
            format!("{tool} has a rule that decides, and that cannot be judged from here")
        }
        _ => format!("{tool} 방화벽에 결과를 좌우하지만 여기서 판단할 수 없는 규칙이 있습니다"),
    };
    let lines: Vec<String> = rules.iter().take(3).map(|rule| whereabouts(rule, lang)).collect();
    let finding = Finding::unseen(ID, Cause::FirewallUnseen, what);
    if let Client::At(_) = facts.question.client {
        return finding.why(lines.join("\n")).run("sudo nft -a list ruleset");
    }
    let hint = lang.pick(
        "it may depend on who asks: name the client's address",
        "누가 접속하느냐에 따라 다를 수 있습니다. 접속하는 기기의 주소를 알려 주십시오",
    );
    let why = format!("{}\n{hint}", lines.join("\n"));
    finding
        .why(why)
        .run(format!("sudo carafe doctor {} --from ADDRESS", say::quoted(&facts.question.url())))
}

fn needs_root(facts: &Facts, front: Option<&str>, lang: Lang) -> Finding {
    let what = match (front, lang) {
        (Some(front), Lang::English) => {
            format!("{front} is on, and its rules cannot be seen without root")
        }
        (None, Lang::English) => "the firewall's rules cannot be seen without root".to_owned(),
        (Some(front), _) => format!("{front} 방화벽이 켜져 있지만, 규칙은 root만 볼 수 있습니다"),
        (None, _) => "방화벽 규칙은 root만 볼 수 있습니다".to_owned(),
    };
    let from = match facts.question.client {
        Client::At(client) => format!(" --from {client}"),
        _ => String::new(),
    };
    let command = format!("sudo carafe doctor {}{from}", say::quoted(&facts.question.url()));
    Finding::unseen(ID, Cause::FirewallUnseen, what).run(command)
}

fn other(state: State, lang: Lang) -> Finding {
    const SOCKETFILTERFW: &str = "sudo /usr/libexec/ApplicationFirewall/socketfilterfw";
    match state {
        State::MacosOn { blocks_all: true } => Finding::problem(
            ID,
            Cause::Firewall,
            lang.pick(
                "the firewall of macOS blocks all incoming connections",
                "macOS 방화벽이 들어오는 모든 연결을 막고 있습니다",
            ),
        )
        .run(format!("{SOCKETFILTERFW} --setblockall off")),
        State::MacosOn { .. } => Finding::unseen(
            ID,
            Cause::FirewallUnseen,
            lang.pick(
                "the firewall of macOS is on; whether it lets this program in cannot be told from here",
                "macOS 방화벽이 켜져 있습니다. 이 프로그램을 허용하는지는 여기서 알 수 없습니다",
            ),
        )
        .run(format!("{SOCKETFILTERFW} --listapps")),
        State::WindowsOn { mend } => Finding::unseen(
            ID,
            Cause::FirewallUnseen,
            lang.pick(
                "the firewall of Windows is on; whether it lets this port in cannot be told from here",
                "Windows 방화벽이 켜져 있습니다. 이 포트를 허용하는지는 여기서 알 수 없습니다",
            ),
        )
        .mend(super::super::finding::Mend::RunOnWindows(mend)),
    }
}
