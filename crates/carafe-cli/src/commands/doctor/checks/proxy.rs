//! Is a proxy in front, does it reach the app, and what does it send?

use carafe_net::{Holder, HolderKind, Lang};
use serde_json::Value;

use super::super::facts::Facts;
use super::super::facts::probe::{Answer, Outcome, printable};
use super::super::finding::{Cause, Finding};
use super::say;

const ID: &str = "proxy";

/// Programs that pass requests on.
pub(super) const PROXIES: [&str; 11] = [
    "nginx", "apache2", "httpd", "caddy", "haproxy", "traefik", "envoy", "lighttpd", "varnishd",
    "squid", "h2o",
];

pub(super) fn check(facts: &Facts, lang: Lang) -> Vec<Finding> {
    let meant = facts.meant();
    let outcomes: Vec<&Outcome> = meant.iter().filter_map(|one| facts.outcome(*one)).collect();
    if let Some(finding) = container(facts, &outcomes, lang) {
        return vec![finding];
    }
    let mut answers = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Answer(answer) => Some(answer),
        _ => None,
    });
    let Some(answer) = answers.next() else { return Vec::new() };
    let Some(proxy) = proxy(facts, answer) else {
        let what = lang.pick(
            "no proxy is in front of the app on this computer",
            "이 컴퓨터에서 앱 앞에 있는 프록시는 없습니다",
        );
        return vec![Finding::ok(ID, what)];
    };
    if matches!(answer.status, 502..=504) {
        return vec![without_app(facts, &proxy, answer, lang)];
    }
    let what = match lang {
        Lang::English => format!("the proxy {proxy} is in front"),
        _ => format!("앞에 {proxy} 프록시가 있습니다"),
    };
    let sent = facts.arrived.as_ref().map(|arrived| sends(arrived, lang));
    let finding = Finding::note(ID, what).why(sent.unwrap_or_else(|| {
        let words = match facts.apps.len() {
            0 | 1 => lang.pick(
                "what it sends can be told when a Carafe app runs behind it",
                "그 뒤에 Carafe 앱이 실행 중이면 무엇을 보내는지 알 수 있습니다",
            ),
            _ => lang.pick(
                "several Carafe apps run here: the command tells which one it reaches, and what it sends",
                "여기서 실행 중인 Carafe 앱이 여럿입니다. 다음 명령으로 어느 앱에 닿고 무엇을 보내는지 알 수 있습니다",
            ),
        };
        words.to_owned()
    }));
    vec![finding.run(format!("carafe proxy check {}", say::quoted(&facts.question.url())))]
}

/// The proxy's name: what holds the port, or what the answer says of itself.
fn proxy(facts: &Facts, answer: &Answer) -> Option<String> {
    let holders = facts.holders.as_deref().unwrap_or_default();
    let name = |holder: &Holder| {
        let process = holder.process.as_ref()?;
        PROXIES
            .contains(&process.name.as_str())
            .then(|| format!("`{}` (pid {})", process.name, process.pid))
    };
    let via = || Some(format!("`{}` (Via)", answer.header("via")?));
    let server = || {
        let server = answer.header("server")?;
        let first = server.split(['/', ' ']).next()?.to_ascii_lowercase();
        let known =
            PROXIES.contains(&first.as_str()) || matches!(first.as_str(), "apache" | "cloudflare");
        known.then(|| format!("`{server}`"))
    };
    holders.iter().find_map(name).or_else(via).or_else(server)
}

fn without_app(facts: &Facts, proxy: &str, answer: &Answer, lang: Lang) -> Finding {
    let status = answer.status;
    let what = match lang {
        Lang::English => {
            format!("the proxy {proxy} answers {status}: it does not reach the app behind it")
        }
        _ => format!("프록시 {proxy}의 응답이 {status}입니다. 뒤에 있는 앱에 닿지 못합니다"),
    };
    let places: Vec<String> = facts
        .apps
        .iter()
        .flat_map(|app| {
            let unix = app.unix.iter().map(|path| format!("unix:{path}"));
            app.addresses.iter().map(ToString::to_string).chain(unix)
        })
        .collect();
    let running = say::list(&places, lang);
    let why = match (places.is_empty(), lang) {
        (true, _) => lang.pick(
            "no Carafe app runs here: start it, on the address that the proxy passes requests to",
            "실행 중인 Carafe 앱이 없습니다. 프록시가 요청을 넘기는 주소로 앱을 실행하십시오",
        ).to_owned(),
        (false, Lang::English) => format!("apps listen on {running}: the proxy has to pass requests there"),
        (false, _) => format!("실행 중인 앱의 주소는 {running}입니다. 프록시가 그곳으로 요청을 넘겨야 합니다"),
    };
    let finding = Finding::problem(ID, Cause::ProxyWithoutApp, what).why(why);
    if places.is_empty() { finding.run("cargo run") } else { finding.run("carafe proxy nginx") }
}

/// A container's port is held by Docker's proxy, which takes every connection and hangs up where
/// nothing answers inside.
fn container(facts: &Facts, outcomes: &[&Outcome], lang: Lang) -> Option<Finding> {
    let holders = facts.holders.as_deref().ok()?;
    let holder = holders.iter().find(|holder| holder.kind == HolderKind::DockerProxy)?;
    let inside = holder.container().map_or_else(String::new, |address| address.to_string());
    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Closed)) {
        let what = match lang {
            Lang::English => {
                format!("the port leads to a container, where nothing answers at {inside}")
            }
            _ => format!(
                "이 포트는 컨테이너로 이어지는데, 그 안의 {inside} 주소에서 응답이 없습니다"
            ),
        };
        let why = lang.pick(
            "inside, the app listens on 127.0.0.1 alone, or not yet, or on another port",
            "컨테이너 안의 앱이 127.0.0.1에서만 기다리거나, 아직 실행되지 않았거나, 다른 포트에서 기다립니다",
        );
        let finding = Finding::problem(ID, Cause::Container, what).why(why);
        return Some(finding.run("docker run -e CARAFE_HOST=0.0.0.0 .."));
    }
    let what = match lang {
        Lang::English => format!("the port leads to a container at {inside}"),
        _ => format!("이 포트는 {inside} 주소의 컨테이너로 이어집니다"),
    };
    Some(Finding::note(ID, what))
}

/// What the app saw of a request through the proxy, and whether it believes that.
fn sends(told: &Value, lang: Lang) -> String {
    let headers = told["arrived"]["headers"].as_object().into_iter().flatten();
    let mut sent: Vec<String> = headers
        .map(|(name, value)| printable(&format!("{name}: {}", value.as_str().unwrap_or_default())))
        .collect();
    sent.insert(
        0,
        printable(&format!("host: {}", told["arrived"]["host"].as_str().unwrap_or_default())),
    );
    let sent = sent.join("; ");
    let trusted = told["believed"]["trusted"].as_bool();
    let trust = match trusted {
        Some(true) => lang.pick(
            "the app trusts it (`trusted_proxies`)",
            "앱이 이 프록시를 신뢰합니다(`trusted_proxies`)",
        ),
        _ => lang.pick(
            "the app does not trust it: without `trusted_proxies` it ignores these headers",
            "앱이 이 프록시를 신뢰하지 않습니다. `trusted_proxies`가 없으면 이 헤더들을 무시합니다",
        ),
    };
    match lang {
        Lang::English => format!("it sends the app {sent}\n{trust}"),
        _ => format!("앱으로 보내는 내용: {sent}\n{trust}"),
    }
}
