//! Does the name resolve, to which address first, and is that this machine?

use std::net::IpAddr;

use carafe_net::{AddressKind, Lang};

use super::super::facts::Facts;
use super::super::facts::probe::{Outcome, printable};
use super::super::finding::{Cause, Finding, Mend};
use super::super::senses::Resolved;
use super::say;

const ID: &str = "name";

pub(super) fn check(facts: &Facts, lang: Lang) -> Vec<Finding> {
    match &facts.name {
        None => foreign_address(facts, lang).into_iter().collect(),
        Some(Resolved::Unknown(why)) => vec![unknown(facts, why, lang)],
        Some(Resolved::Silent) => vec![silent(facts, lang)],
        Some(Resolved::Addresses(found)) => vec![known(facts, found, lang)],
    }
}

fn unknown(facts: &Facts, why: &str, lang: Lang) -> Finding {
    let host = &facts.question.host;
    let what = match lang {
        Lang::English => format!("`{host}` is no name that this computer knows"),
        _ => format!("`{host}`: 이 컴퓨터가 모르는 이름입니다"),
    };
    let why = match lang {
        Lang::English => format!("the system's resolver: {}", printable(why)),
        _ => format!("시스템의 이름 풀이 결과: {}", printable(why)),
    };
    let line = format!("echo '127.0.0.1 {host}' | sudo tee -a /etc/hosts");
    Finding::problem(ID, Cause::NameUnknown, what).why(why).run(line)
}

fn silent(facts: &Facts, lang: Lang) -> Finding {
    let host = &facts.question.host;
    let what = match lang {
        Lang::English => format!("no name server says within a second what `{host}` stands for"),
        _ => format!("이름 서버가 1초 안에 `{host}`의 주소를 알려 주지 않았습니다"),
    };
    let why = lang.pick(
        "the network may be down; an address in place of the name would do",
        "네트워크가 끊겼을 수 있습니다. 이름 대신 주소로 열 수 있습니다",
    );
    let finding = Finding::unseen(ID, Cause::Unseen, what).why(why);
    match facts.outward {
        Some(address) => finding.mend(Mend::Open(say::url(facts, &address.to_string()))),
        None => finding,
    }
}

fn known(facts: &Facts, found: &[IpAddr], lang: Lang) -> Finding {
    let own: Vec<IpAddr> = found.iter().copied().filter(|one| facts.is_own(*one)).collect();
    let what = stands_for(facts, found, lang);
    if own.is_empty() {
        return elsewhere(facts, found, what, lang);
    }
    // Programs try one address after the other; not all of them get past the first.
    let silent_first =
        own.first().filter(|first| facts.outcome(**first) == Some(&Outcome::Refused));
    let answers = |address: &&IpAddr| {
        matches!(facts.outcome(**address), Some(Outcome::Answer(_) | Outcome::Tls))
    };
    let Some((first, other)) = silent_first.zip(own.iter().find(answers)) else {
        return Finding::ok(ID, what);
    };
    let why = match lang {
        Lang::English => format!(
            "nothing listens on {first}, which is tried first: browsers go on to {other}, some other programs give up"
        ),
        _ => format!(
            "먼저 시도하는 {first}에서는 기다리는 프로그램이 없습니다. 브라우저는 {other} 주소를 이어서 시도하지만, 그러지 않는 프로그램도 있습니다"
        ),
    };
    Finding::note(ID, what).why(why).mend(say::again(facts, "--host localhost"))
}

fn stands_for(facts: &Facts, found: &[IpAddr], lang: Lang) -> String {
    let host = &facts.question.host;
    let from_hosts = !facts.hosts.is_empty() && found.iter().all(|one| facts.hosts.contains(one));
    let source = if from_hosts {
        "/etc/hosts"
    } else {
        lang.pick("says the system's resolver", "시스템의 이름 풀이")
    };
    let all: Vec<String> = found.iter().take(4).map(IpAddr::to_string).collect();
    match (all.as_slice(), lang) {
        ([first, rest @ ..], Lang::English) if !rest.is_empty() => {
            format!("`{host}` stands for {first} first, then {} ({source})", say::list(rest, lang))
        }
        ([first, rest @ ..], _) if !rest.is_empty() => {
            format!(
                "`{host}`의 주소는 먼저 {first}, 다음은 {}입니다({source})",
                say::list(rest, lang)
            )
        }
        (_, Lang::English) => format!("`{host}` stands for {} ({source})", all.join("")),
        _ => format!("`{host}`의 주소는 {}입니다({source})", all.join("")),
    }
}

/// The name or the address is another machine's, so it was not tried.
fn elsewhere(facts: &Facts, found: &[IpAddr], what: String, lang: Lang) -> Finding {
    let why = match facts.name {
        Some(_) => lang.pick(
            "that is no address of this computer, so it was not tried: doctor connects to this computer only",
            "이 컴퓨터의 주소가 아니므로 접속해 보지 않았습니다. doctor는 이 컴퓨터에만 접속합니다",
        ),
        None => lang.pick(
            "it was not tried: doctor connects to this computer only",
            "접속해 보지 않았습니다. doctor는 이 컴퓨터에만 접속합니다",
        ),
    };
    // A public address may well be that of the router or the cloud in front of this machine.
    let in_front = found.iter().all(|one| AddressKind::of(*one) == AddressKind::Public);
    if in_front && !has_public(facts) {
        return Finding::note(ID, what).why(why);
    }
    let finding = Finding::problem(ID, Cause::Elsewhere, what).why(why);
    match facts.outward {
        Some(address) => finding.mend(Mend::Open(say::url(facts, &address.to_string()))),
        None => finding.mend(Mend::Open(say::url(facts, "localhost"))),
    }
}

fn foreign_address(facts: &Facts, lang: Lang) -> Option<Finding> {
    let address = facts.question.address()?;
    let unspecified = AddressKind::of(address) == AddressKind::Unspecified;
    if unspecified || facts.is_own(address) {
        return None;
    }
    let what = match lang {
        Lang::English => format!("{address} is no address of this computer"),
        _ => format!("{address}: 이 컴퓨터의 주소가 아닙니다"),
    };
    Some(elsewhere(facts, &[address], what, lang))
}

fn has_public(facts: &Facts) -> bool {
    let mut all = facts.interfaces.iter().flat_map(|interface| &interface.addresses);
    all.any(|address| address.is_ipv4() && AddressKind::of(*address) == AddressKind::Public)
}
