//! Who can reach the app now: one calm line for each address wider than loopback, and one on who
//! is shown the details of errors.

use std::net::IpAddr;

use carafe_net::{AddressKind, Lang};

use super::facts::{Details, Facts};
use super::ways::{Way, way};
use crate::config::Profile;
use crate::run::How;

/// The lines, in the order to read them.
pub(super) fn lines(facts: &Facts, ways: &[Way]) -> Vec<String> {
    let mut lines: Vec<String> = origin(facts).into_iter().collect();
    let mut told: Vec<IpAddr> = Vec::new();
    for address in facts.addresses.iter().filter(|address| address.is_wide()) {
        // The same address at another port is as wide.
        if let Some(ip) = address.tcp().map(|address| address.ip())
            && !told.contains(&ip)
        {
            told.push(ip);
            lines.push(reach(facts, ways, ip));
        }
    }
    lines.extend(public(facts, ways, &told));
    lines.extend(details(facts));
    lines
}

fn origin(facts: &Facts) -> Option<String> {
    let lang = facts.lang;
    let words = match facts.how {
        How::Bound => return None,
        How::Activated => lang.pick(
            "systemd opened the sockets (socket activation): `host` and `port` are not used.",
            "소켓은 systemd가 열어 넘겨주었습니다(소켓 활성화). `host`와 `port` 설정은 쓰지 않습니다.",
        ),
        How::TakenOver => lang.pick(
            "The sockets were taken over from the app that ran before.",
            "소켓은 먼저 실행 중이던 앱에서 넘겨받았습니다.",
        ),
    };
    Some(words.to_owned())
}

fn reach(facts: &Facts, ways: &[Way], ip: IpAddr) -> String {
    let lang = facts.lang;
    let alone = ip.is_unspecified() && !ways.iter().any(|way| way.kind.is_some_and(is_wide));
    let meaning = meaning(facts, ip);
    match (lang, alone) {
        (Lang::Korean, false) => format!("{ip}{meaning}: {}.", way(facts, ip, 0).reach(lang)),
        (Lang::Korean, true) => format!(
            "{ip}{meaning}: 지금은 연결된 네트워크가 없어 이 컴퓨터에서만 접속할 수 있습니다."
        ),
        (_, false) => format!("{ip}{meaning} is reached by {}.", way(facts, ip, 0).reach(lang)),
        (_, true) => format!(
            "{ip}{meaning} is reached from this computer only for now: it is on no network."
        ),
    }
}

/// What a wildcard address stands for.
fn meaning(facts: &Facts, ip: IpAddr) -> &'static str {
    let lang = facts.lang;
    match (ip, facts.dual_stack) {
        (ip, _) if !ip.is_unspecified() => "",
        (IpAddr::V4(_), _) => lang.pick(" (every IPv4 address)", "(모든 IPv4 주소)"),
        (IpAddr::V6(_), true) => lang.pick(
            " (dual stack: every IPv6 and every IPv4 address)",
            "(듀얼 스택: 모든 IPv6 주소와 IPv4 주소)",
        ),
        (IpAddr::V6(_), false) => lang.pick(" (every IPv6 address)", "(모든 IPv6 주소)"),
    }
}

fn is_wide(kind: AddressKind) -> bool {
    kind != AddressKind::Loopback
}

/// A public address that a wildcard brings along is easily overlooked; and a development build is
/// not for the public.
fn public(facts: &Facts, ways: &[Way], told: &[IpAddr]) -> Option<String> {
    let lang = facts.lang;
    let way = ways.iter().find(|way| way.kind == Some(AddressKind::Public))?;
    let mut line = String::new();
    if told.iter().all(|ip| AddressKind::of(*ip) != AddressKind::Public) {
        let (url, who) = (&way.url, AddressKind::Public.reach(lang));
        line = match lang {
            Lang::Korean => format!("{url} 주소는 공인 주소입니다. {who}. "),
            _ => format!("{url} is public: {who}. "),
        };
    }
    if facts.profile == Profile::Development.name() {
        line.push_str(lang.pick(
            "Serve the public with a release build.",
            "외부에 공개할 때는 릴리스 빌드를 쓰십시오.",
        ));
    }
    Some(line.trim_end().to_owned()).filter(|line| !line.is_empty())
}

fn details(facts: &Facts) -> Option<String> {
    let lang = facts.lang;
    let words = match facts.details {
        _ if facts.needless_token => lang.pick(
            "Nothing is being debugged: `--allow-remote` changes nothing.",
            "디버그 중이 아니므로 `--allow-remote`는 아무것도 바꾸지 않습니다.",
        ),
        Details::ThisComputer if facts.is_wide() => lang.pick(
            "Error details are shown on this computer only; `--allow-remote show` says how to show them to others.",
            "오류의 자세한 내용은 이 컴퓨터에만 보입니다. 다른 기기에도 보이게 하는 방법은 `--allow-remote show`가 알려 줍니다.",
        ),
        Details::Everyone => lang.pick(
            "Error details are shown to everyone who reaches the app, as `--allow-remote` asks.",
            "`--allow-remote`에 따라, 접속하는 모든 기기에 오류의 자세한 내용이 보입니다.",
        ),
        Details::Nobody | Details::ThisComputer => return None,
    };
    Some(words.to_owned())
}
