//! Does each of this machine's addresses answer over itself, and in the URL's protocol?

use std::net::IpAddr;

use carafe_net::{Holder, HolderKind, Lang};

use super::super::facts::Facts;
use super::super::facts::probe::Outcome;
use super::super::finding::{Cause, Finding, Mark, Mend};
use super::super::question::Scheme;
use super::say;

const ID: &str = "answers";

pub(super) fn check(facts: &Facts, lang: Lang) -> Vec<Finding> {
    let nobody = facts.holders.as_ref().is_ok_and(Vec::is_empty);
    let refused = facts.probes.iter().all(|(_, outcome)| *outcome == Outcome::Refused);
    if facts.probes.is_empty() || (nobody && refused) {
        return Vec::new();
    }
    let meant = facts.meant();
    let all: Vec<(IpAddr, &Outcome)> =
        meant.iter().filter_map(|address| Some((*address, facts.outcome(*address)?))).collect();
    // The best answer of an address that the URL may reach; without one, of any.
    let best = all.iter().min_by_key(|(_, outcome)| rank(outcome));
    let any = facts.probes.iter().map(|(address, outcome)| (*address, outcome));
    let Some((address, outcome)) = best.copied().or_else(|| any.min_by_key(|(_, o)| rank(o)))
    else {
        return Vec::new();
    };
    let finding = judged(facts, address, outcome, lang);
    let others = others(facts, address, finding.mark == Mark::Ok, lang);
    let why = [finding.why.as_str(), others.as_str()];
    let lines: Vec<&str> = why.into_iter().filter(|line| !line.is_empty()).collect();
    let why = lines.join("\n");
    vec![finding.why(why)]
}

/// The lower, the better for somebody who waits for a page.
fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Answer(answer) if answer.status < 500 => 0,
        Outcome::Answer(_) | Outcome::Tls => 1,
        Outcome::NotHttp(_) | Outcome::Closed => 2,
        Outcome::Silent => 3,
        Outcome::Lost => 4,
        Outcome::Refused => 5,
        Outcome::Failed(_) => 6,
    }
}

/// What each other address says, those that say the same together; where `told` answers, those that
/// answer as it does were told with it.
fn others(facts: &Facts, told: IpAddr, reached: bool, lang: Lang) -> String {
    let mut groups: Vec<(String, Vec<IpAddr>)> = Vec::new();
    for (address, _) in facts.probes.iter().filter(|(address, _)| *address != told) {
        let Some(outcome) = facts.outcome(*address) else { continue };
        let words = say::outcome(outcome, lang);
        match groups.iter_mut().find(|(known, _)| *known == words) {
            Some((_, addresses)) => addresses.push(*address),
            None => groups.push((words, vec![*address])),
        }
    }
    if reached {
        let same = facts.outcome(told).map(|outcome| say::outcome(outcome, lang));
        groups.retain(|(words, _)| Some(words) != same.as_ref());
    }
    let line = |(words, addresses): &(String, Vec<IpAddr>)| {
        format!("{}: {words}", say::list(addresses, lang))
    };
    groups.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn judged(facts: &Facts, address: IpAddr, outcome: &Outcome, lang: Lang) -> Finding {
    let said = say::outcome(outcome, lang);
    match (outcome, facts.question.scheme) {
        (Outcome::Answer(_), Scheme::Https) => {
            let what = match lang {
                Lang::English => format!("{address} speaks plain HTTP, not TLS"),
                _ => format!("{address}에서는 TLS가 아니라 암호화하지 않은 HTTP로 응답합니다"),
            };
            other_scheme(facts, Scheme::Http, what, lang)
        }
        (Outcome::Tls, Scheme::Http) => {
            let what = match lang {
                Lang::English => format!("{address} speaks TLS, not plain HTTP"),
                _ => format!("{address}에서는 암호화하지 않은 HTTP가 아니라 TLS로 응답합니다"),
            };
            other_scheme(facts, Scheme::Https, what, lang)
        }
        (Outcome::Tls, Scheme::Https) => {
            let why = lang.pick(
                "the certificate was not judged: a browser may still warn of it",
                "인증서는 확인하지 않았습니다. 브라우저가 인증서를 경고할 수 있습니다",
            );
            fine(facts, address, &said, lang).why(why)
        }
        (Outcome::Answer(answer), Scheme::Http) => {
            let finding = fine(facts, address, &said, lang);
            let own = lang.pick(
                "it is reached: the error is the app's own, and its log says more",
                "앱까지는 닿습니다. 오류는 앱에서 난 것이며, 앱의 로그에 이유가 있습니다",
            );
            if answer.status == 500 { finding.why(own) } else { finding }
        }
        (Outcome::Refused, _) if facts.is_listened_on(address) => refused(facts, address, lang),
        (Outcome::Refused | Outcome::Failed(_), _) => not_here(facts, address, lang),
        (Outcome::Lost, _) => lost(facts, address, lang),
        (Outcome::Silent, _) => silent(facts, address, lang),
        (Outcome::Closed | Outcome::NotHttp(_), _) => not_http(facts, address, &said, lang),
    }
}

/// Addresses that answer the same are told together.
fn fine(facts: &Facts, address: IpAddr, said: &str, lang: Lang) -> Finding {
    let same = |other: &IpAddr| {
        *other == address
            || facts.outcome(*other).is_some_and(|outcome| say::outcome(outcome, lang) == said)
    };
    let mut all: Vec<IpAddr> = facts.probes.iter().map(|(address, _)| *address).collect();
    if !all.contains(&address) {
        all.insert(0, address);
    }
    all.retain(same);
    let list = say::list(&all, lang);
    Finding::ok(
        ID,
        match (lang, all.len()) {
            (Lang::English, 1) => format!("{list} answers: {said}"),
            (Lang::English, _) => format!("{list} answer: {said}"),
            _ => format!("{list}에서 응답합니다: {said}"),
        },
    )
}

fn other_scheme(facts: &Facts, scheme: Scheme, what: String, lang: Lang) -> Finding {
    let mut question = facts.question.clone();
    question.scheme = scheme;
    let why = match (scheme, lang) {
        (Scheme::Http, _) => lang.pick(
            "nothing on this port ends https: open it with http, or put a proxy with a certificate in front",
            "이 포트에는 https를 처리하는 것이 없습니다. http로 열거나, 인증서를 가진 프록시를 앞에 두십시오",
        ),
        (Scheme::Https, _) => lang.pick("it wants https", "https로 열어야 합니다"),
    };
    Finding::problem(ID, Cause::Tls, what).why(why).mend(Mend::Open(question.url()))
}

/// Something listens, and the connection is refused all the same.
fn refused(facts: &Facts, address: IpAddr, lang: Lang) -> Finding {
    let what = match lang {
        Lang::English => format!("{address} refuses connections, though a program listens there"),
        _ => format!("{address}에서 기다리는 프로그램이 있는데도 연결이 거절됩니다"),
    };
    let why = lang.pick(
        "a rule of a firewall refuses them, or the program has just ended",
        "방화벽 규칙이 거절했거나, 프로그램이 방금 끝났습니다",
    );
    let command = format!("carafe ports {}", facts.question.port);
    Finding::problem(ID, Cause::Silent, what).why(why).run(command)
}

fn not_here(facts: &Facts, address: IpAddr, lang: Lang) -> Finding {
    let listened = say::ips(&facts.listens_on());
    let only = say::list(&listened, lang);
    let what = match lang {
        Lang::English => format!("nothing listens on {address}, only on {only}"),
        _ => format!("{address}에서는 기다리는 프로그램이 없고, {only}에서만 기다립니다"),
    };
    let loopback = listened.iter().all(IpAddr::is_loopback);
    let (why, option) = if loopback && !address.is_loopback() {
        let why = lang.pick(
            "the app listens for this computer alone, so that no other device can reach it",
            "앱이 이 컴퓨터만을 위해 기다리므로 다른 기기에서는 접속할 수 없습니다",
        );
        (why, if facts.place.container.is_some() { "--host 0.0.0.0" } else { "--host lan" })
    } else if loopback {
        let why = lang.pick(
            "`localhost` is both 127.0.0.1 and ::1, and the app has one of them only",
            "`localhost`는 127.0.0.1과 ::1 둘 다인데, 앱은 그중 하나에서만 기다립니다",
        );
        (why, "--host localhost")
    } else {
        let why = lang.pick(
            "the app listens on some addresses of this machine, and not on this one",
            "앱이 이 컴퓨터의 일부 주소에서만 기다리며, 이 주소는 빠져 있습니다",
        );
        (why, if listened.iter().all(IpAddr::is_ipv6) { "--host ::" } else { "--host 0.0.0.0" })
    };
    // `::` of a program that takes IPv6 alone does not answer for IPv4: both have to be named.
    let option = if option == "--host ::" && address.is_ipv4() { "--host 0.0.0.0" } else { option };
    Finding::problem(ID, Cause::NotOnThisAddress, what).why(why).mend(say::again(facts, option))
}

/// Not even the connection came about: mostly a firewall, and seldom an app that takes none.
fn lost(facts: &Facts, address: IpAddr, lang: Lang) -> Finding {
    let what = match lang {
        Lang::English => format!("no connection to {address} comes about within a second"),
        _ => format!("{address}에 1초 안에 연결되지 않습니다"),
    };
    let firewall = super::firewall::check(facts, lang);
    let says = |cause| firewall.iter().any(|finding| finding.cause == Some(cause));
    if says(Cause::Firewall) {
        // Why, is told with the firewall.
        return Finding::new(ID, Mark::Problem, what);
    }
    if says(Cause::FirewallUnseen) {
        let why = lang.pick(
            "a firewall on this computer drops it, most likely; its rules could not be read",
            "이 컴퓨터의 방화벽이 연결을 버렸을 가능성이 큽니다. 그 규칙은 읽을 수 없었습니다",
        );
        let look = match facts.is_root {
            true => "sudo nft list ruleset".to_owned(),
            false => format!("sudo carafe doctor {}", say::quoted(&facts.question.url())),
        };
        return Finding::problem(ID, Cause::Lost, what).why(why).mend(Mend::Look(look));
    }
    let why = lang.pick(
        "the app is too busy to take connections, or stands at a breakpoint; end it and start it again",
        "앱이 너무 바빠서 연결을 받지 못하거나 중단점에 멈춰 있습니다. 끝낸 뒤 다시 실행하십시오",
    );
    let stop = format!("carafe ports stop {}", facts.question.port);
    Finding::problem(ID, Cause::Silent, what).why(why).run(stop)
}

fn silent(facts: &Facts, address: IpAddr, lang: Lang) -> Finding {
    let what = match lang {
        Lang::English => {
            format!("{address} takes connections, and answers nothing within a second")
        }
        _ => format!("{address}에서 연결은 받지만 1초 안에 응답하지 않습니다"),
    };
    let holders = facts.holders.as_deref().unwrap_or_default();
    let suspended = |holder: &Holder| holder.process.as_ref().is_some_and(|one| one.suspended);
    if holders.iter().any(suspended) {
        // Why, was told with those who listen.
        return Finding::new(ID, Mark::Problem, what);
    }
    let why = lang.pick(
        "the app is busy, waits for something (a database, a lock), or stands at a breakpoint; end it and start it again",
        "앱이 바쁘거나, 데이터베이스나 잠금 같은 것을 기다리거나, 중단점에 멈춰 있습니다. 끝낸 뒤 다시 실행하십시오",
    );
    let stop = format!("carafe ports stop {}", facts.question.port);
    Finding::problem(ID, Cause::Silent, what).why(why).run(stop)
}

fn not_http(facts: &Facts, address: IpAddr, said: &str, lang: Lang) -> Finding {
    let what = match lang {
        Lang::English => format!("{address} does not answer as a web server does: {said}"),
        _ => format!("{address}의 응답이 웹 서버의 응답이 아닙니다: {said}"),
    };
    let holders = facts.holders.as_deref().unwrap_or_default();
    if holders.iter().any(|holder| holder.kind == HolderKind::DockerProxy) {
        // What it stands for is told with the container.
        return Finding::new(ID, Mark::Problem, what);
    }
    let why = lang.pick(
        "another kind of program holds the port; see which, and ask for the app's own port",
        "다른 종류의 프로그램이 포트를 쓰고 있습니다. 어떤 프로그램인지 확인하고 앱의 포트로 다시 여십시오",
    );
    Finding::problem(ID, Cause::NotHttp, what)
        .why(why)
        .run(format!("carafe ports {}", facts.question.port))
}
