//! Is anything listening, who, and is it one program only?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use carafe_net::{Holder, HolderKind, Lang};

use super::super::facts::Facts;
use super::super::facts::apps::App;
use super::super::facts::probe::Outcome;
use super::super::finding::{Cause, Finding, Mark, Mend};
use super::super::question::origin;
use super::say;

const ID: &str = "listening";

pub(super) fn check(facts: &Facts, lang: Lang) -> Vec<Finding> {
    let port = facts.question.port;
    match facts.holders.as_deref() {
        Err(error) => {
            let what = match lang {
                Lang::English => "which programs listen cannot be read",
                _ => "어떤 프로그램이 연결을 기다리는지 읽을 수 없습니다",
            };
            vec![Finding::new(ID, Mark::Unknown, what).why(error)]
        }
        Ok([]) if facts.probes.iter().any(|(_, outcome)| is_answer(outcome)) => {
            let what = match lang {
                Lang::English => {
                    format!("no program of this machine holds port {port}, and yet it answers")
                }
                _ => format!("{port}번 포트를 쓰는 프로그램이 보이지 않지만 응답은 옵니다"),
            };
            let why = lang.pick(
                "a container does, mostly: a rule of the firewall sends connections on to it",
                "대개 컨테이너가 응답합니다. 방화벽 규칙이 연결을 컨테이너로 넘깁니다",
            );
            vec![Finding::note(ID, what).why(why)]
        }
        Ok([]) => vec![redirected(facts, lang).unwrap_or_else(|| nobody(facts, lang))],
        Ok(holders) => vec![somebody(facts, holders, lang)],
    }
}

fn is_answer(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Answer(_) | Outcome::Tls | Outcome::NotHttp(_))
}

/// A rule sends the port to another one of this machine, for clients from outside.
fn redirected(facts: &Facts, lang: Lang) -> Option<Finding> {
    let to = super::firewall::redirected(facts)?;
    let port = facts.question.port;
    let what = match lang {
        Lang::English => {
            format!("a rule of the firewall sends port {port} to port {to} of this computer")
        }
        _ => format!("방화벽 규칙이 {port}번 포트를 이 컴퓨터의 {to}번 포트로 넘깁니다"),
    };
    let url = origin(facts.question.scheme, &facts.question.host, to);
    Some(
        Finding::unseen(ID, Cause::Unseen, what)
            .run(format!("carafe doctor {}", say::quoted(&url))),
    )
}

fn nobody(facts: &Facts, lang: Lang) -> Finding {
    let port = facts.question.port;
    let what = match lang {
        Lang::English => format!("nothing listens on port {port}"),
        _ => format!("{port}번 포트에서 연결을 기다리는 프로그램이 없습니다"),
    };
    let finding = Finding::problem(ID, Cause::NothingListens, what);
    let port_of = |app: &App| app.addresses.first().map(|address| address.port());
    // One that says it has this very port listens in another network namespace.
    for app in facts.apps.iter().filter(|app| port_of(app) != Some(port)) {
        let who = say::app(app, lang);
        if let Some(address) = app.addresses.first() {
            let at = say::list(&app.addresses, lang);
            let why = match lang {
                Lang::English => format!("{who} listens on {at}"),
                _ => format!("{who}은 {at}에서 기다립니다"),
            };
            let host = match address.ip() {
                ip if ip.is_unspecified() && reaches(facts, ip) => facts.question.host.clone(),
                ip if ip.is_loopback() || ip.is_unspecified() => "localhost".to_owned(),
                ip => ip.to_string(),
            };
            let url = origin(facts.question.scheme, &host, address.port());
            return finding.why(why).mend(Mend::Open(url));
        }
        if let Some(path) = app.unix.first() {
            let why = match lang {
                Lang::English => format!(
                    "{who} listens on the unix socket `{path}` only: a proxy can open it, a browser cannot"
                ),
                _ => format!(
                    "{who}은 유닉스 소켓 `{path}`에서만 기다립니다. 프록시는 열 수 있지만 브라우저는 열 수 없습니다"
                ),
            };
            return finding.why(why).run("carafe proxy nginx");
        }
    }
    let start = format!("cargo run -- --port {port}");
    let mut why = vec![lang.pick(
        "the app is not running, or it listens on another port: its first lines say which",
        "앱이 실행 중이 아니거나 다른 포트에서 기다립니다. 앱이 처음에 출력하는 주소를 확인하십시오",
    ).to_owned()];
    why.extend(elsewhere(facts, lang));
    why.extend(privileged(facts, lang));
    finding.why(why.join("\n")).run(start)
}

/// Whether a program that listens on all of this family's addresses is reached at the URL's host.
fn reaches(facts: &Facts, wildcard: IpAddr) -> bool {
    let same = |address: &IpAddr| wildcard.is_ipv6() || address.is_ipv4();
    facts.meant().iter().any(|address| facts.is_own(*address) && same(address))
}

/// The ports that other programs listen on, as far as a developer may have meant one.
fn elsewhere(facts: &Facts, lang: Lang) -> Option<String> {
    let mut named: Vec<String> = Vec::new();
    for holder in &facts.others {
        let Some(process) = holder.process.as_ref().filter(|_| holder.address.port() >= 1024)
        else {
            continue;
        };
        let name = super::super::facts::probe::printable(&process.name);
        let words = format!("{} ({name})", holder.address.port());
        if !named.contains(&words) && named.len() < 4 {
            named.push(words);
        }
    }
    let list = say::list(&named, lang);
    (!named.is_empty()).then(|| match lang {
        Lang::English => format!("ports in use: {list}"),
        _ => format!("쓰이고 있는 포트: {list}"),
    })
}

fn privileged(facts: &Facts, lang: Lang) -> Option<String> {
    let (port, lowest) = (facts.question.port, facts.lowest_port);
    (port < lowest && !facts.is_root).then(|| match lang {
        Lang::English => format!(
            "ports below {lowest} are kept for programs with more rights: the app may have been refused"
        ),
        _ => format!("{lowest}번 미만의 포트는 권한이 있는 프로그램만 쓸 수 있어서, 앱이 거절되었을 수 있습니다"),
    })
}

fn somebody(facts: &Facts, holders: &[Holder], lang: Lang) -> Finding {
    if let Some(finding) = suspended(holders, lang) {
        return finding;
    }
    if let Some(finding) = airplay(facts, holders, lang) {
        return finding;
    }
    let what = programs(holders, lang);
    let Some((first, second)) = split(facts, holders) else { return Finding::ok(ID, what) };
    let both = [say::who(first, lang), say::who(second, lang)];
    let (first_at, second_at) = (first.address.ip(), second.address.ip());
    let what = match lang {
        Lang::English => format!(
            "two programs share `localhost`: {} on {first_at}, {} on {second_at}",
            both[0], both[1]
        ),
        _ => format!(
            "두 프로그램이 `localhost`를 나누어 씁니다: {first_at}에는 {}, {second_at}에는 {}",
            both[0], both[1]
        ),
    };
    let why = lang.pick(
        "which of them answers depends on the address that the browser tries first",
        "브라우저가 어느 주소를 먼저 시도하느냐에 따라 응답하는 프로그램이 달라집니다",
    );
    let finding = Finding::problem(ID, Cause::OtherProgram, what).why(why);
    let ours = facts.app().map(|app| app.pid);
    let pid = |holder: &Holder| holder.process.as_ref().map(|process| process.pid);
    let other = [first, second].into_iter().find(|holder| ours.is_some() && pid(holder) != ours);
    match other.and_then(pid) {
        Some(pid) => finding.run(format!("kill {pid}")),
        None => finding.run(format!("carafe ports {}", facts.question.port)),
    }
}

/// ``` `guestbook` (pid 4711, user ann) listens on 127.0.0.1:8000 and [::1]:8000```
fn programs(holders: &[Holder], lang: Lang) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut rest: Vec<&Holder> = holders.iter().collect();
    while let Some(first) = rest.first().copied() {
        let (same, others): (Vec<&Holder>, Vec<&Holder>) =
            rest.into_iter().partition(|holder| is_same(first, holder));
        let mut at: Vec<_> = same.iter().map(|holder| holder.address).collect();
        at.dedup();
        let (who, at) = (say::who(first, lang), say::list(&at, lang));
        said.push(match lang {
            Lang::English => format!("{who} listens on {at}"),
            _ => format!("{who}이 {at}에서 연결을 기다립니다"),
        });
        rest = others;
    }
    said.join("; ")
}

/// One program with several sockets, or the workers of one: those share the parent or are
/// parent and child.
fn is_same(one: &Holder, other: &Holder) -> bool {
    match (&one.process, &other.process) {
        (Some(one), Some(other)) => {
            one.pid == other.pid
                || one.pid == other.parent
                || one.parent == other.pid
                || (one.parent == other.parent
                    && one.exe == other.exe
                    && one.command == other.command)
        }
        (None, None) => one.uid == other.uid,
        _ => false,
    }
}

fn suspended(holders: &[Holder], lang: Lang) -> Option<Finding> {
    let holder = holders
        .iter()
        .find(|holder| holder.process.as_ref().is_some_and(|process| process.suspended))?;
    let process = holder.process.as_ref()?;
    let (who, at) = (say::who(holder, lang), holder.address);
    let what = match lang {
        Lang::English => format!("{who} holds {at}, but is suspended"),
        _ => format!("{who}이 {at} 주소를 차지하고 있지만 멈춰 있습니다"),
    };
    let why = lang.pick(
        "as by Ctrl+Z: it keeps the port and answers nobody; `fg` in its terminal brings it back, too",
        "Ctrl+Z를 누르면 이렇게 됩니다. 포트는 차지하고 있지만 응답하지 않습니다. 그 터미널에서 `fg`를 입력해도 다시 움직입니다",
    );
    let finding = Finding::problem(ID, Cause::Suspended, what).why(why);
    Some(finding.run(format!("kill -CONT {}", process.pid)))
}

fn airplay(facts: &Facts, holders: &[Holder], lang: Lang) -> Option<Finding> {
    holders.iter().find(|holder| holder.kind == HolderKind::AirPlay)?;
    let port = facts.question.port;
    let what = match lang {
        Lang::English => {
            format!("AirPlay Receiver of macOS holds port {port}, and answers in place of the app")
        }
        _ => format!("macOS의 AirPlay 수신 기능이 {port}번 포트를 쓰며 앱 대신 응답합니다"),
    };
    let why = lang.pick(
        "System Settings > General > AirDrop & Handoff switches it off; another port is simpler",
        "시스템 설정 > 일반 > AirDrop 및 Handoff에서 끌 수 있지만, 다른 포트를 쓰는 편이 간단합니다",
    );
    Some(Finding::problem(ID, Cause::OtherProgram, what).why(why).run("cargo run -- --port 8000"))
}

/// The programs that hold 127.0.0.1 and ::1, where they are two and the URL may reach either.
fn split<'a>(facts: &Facts, holders: &'a [Holder]) -> Option<(&'a Holder, &'a Holder)> {
    let meant = facts.meant();
    let halves = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    if !halves.iter().all(|half| meant.contains(half)) {
        return None;
    }
    let holder_of = |half: IpAddr| {
        let any: IpAddr = match half {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let at = |wanted: IpAddr| holders.iter().find(move |one| one.address.ip() == wanted);
        at(half).or_else(|| at(any))
    };
    let (first, second) = (holder_of(halves[0])?, holder_of(halves[1])?);
    (!is_same(first, second)).then_some((first, second))
}
