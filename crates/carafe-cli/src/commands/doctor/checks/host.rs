//! Is the `Host` header allowed that the URL brings with it?

use carafe_net::Lang;

use super::super::facts::Facts;
use super::super::facts::apps::App;
use super::super::facts::probe::{Answer, Outcome};
use super::super::finding::{Cause, Finding, Mend};
use super::say;

const ID: &str = "host";

pub(super) fn check(facts: &Facts, lang: Lang) -> Vec<Finding> {
    let Some(answer) = answer(facts) else { return Vec::new() };
    let host = &facts.question.host;
    let app = facts.app();
    let refuses = matches!(answer.status, 400 | 403 | 421);
    if refuses
        && (app.is_some_and(|app| !trusts(app, host)) || accepts_another(facts, answer.status))
    {
        return vec![refused(facts, answer, app, lang)];
    }
    let Some(app) = app.filter(|_| !refuses) else { return Vec::new() };
    let what = match (app.trusted_hosts.is_empty(), lang) {
        (true, Lang::English) => "the app answers for every host".to_owned(),
        (true, _) => "앱이 모든 호스트 이름에 응답합니다".to_owned(),
        (false, Lang::English) => format!("`{host}` is among the app's trusted hosts"),
        (false, _) => format!("`{host}`: 앱의 `trusted_hosts`에 들어 있습니다"),
    };
    vec![Finding::ok(ID, what)]
}

/// The answer to the URL's own host.
fn answer(facts: &Facts) -> Option<&Answer> {
    let all = facts.meant();
    let mut outcomes = all.iter().filter_map(|address| facts.outcome(*address));
    outcomes.find_map(|outcome| match outcome {
        Outcome::Answer(answer) => Some(answer),
        _ => None,
    })
}

/// Whether the same page is given under the name of another address: then it was the host that
/// was refused. Servers of other frameworks have such lists, too.
fn accepts_another(facts: &Facts, status: u16) -> bool {
    facts.probes.iter().any(|(_, outcome)| match outcome {
        Outcome::Answer(answer) => answer.status != status && answer.status < 500,
        _ => false,
    })
}

/// As the framework judges it: a name, or `.example.com` for it and all below it.
fn trusts(app: &App, host: &str) -> bool {
    let under = |pattern: &String| {
        let pattern = pattern.to_ascii_lowercase();
        match pattern.strip_prefix('.') {
            Some(base) => host == base || host.ends_with(&pattern),
            None => host == pattern.trim_matches(['[', ']']),
        }
    };
    app.trusted_hosts.is_empty() || app.trusted_hosts.iter().any(under)
}

fn refused(facts: &Facts, answer: &Answer, app: Option<&App>, lang: Lang) -> Finding {
    let (host, status) = (&facts.question.host, answer.status);
    let what = match lang {
        Lang::English => format!("the app refuses requests for the host `{host}`: {status}"),
        _ => format!("앱이 `{host}` 호스트로 온 요청을 거절합니다: {status}"),
    };
    let finding = Finding::problem(ID, Cause::HostRefused, what);
    let Some(app) = app else {
        let why = lang.pick(
            "under another name it answers: it has a list of allowed hosts, and this one is missing",
            "다른 이름으로는 응답합니다. 허용하는 호스트 목록에 이 이름이 없습니다",
        );
        let other = facts.probes.iter().find(|(_, outcome)| match outcome {
            Outcome::Answer(other) => other.status != status,
            _ => false,
        });
        return match other {
            Some((address, _)) => {
                finding.why(why).mend(Mend::Open(say::url(facts, &address.to_string())))
            }
            None => finding.why(why),
        };
    };
    let listed = say::list(&app.trusted_hosts, lang);
    let why = match lang {
        Lang::English => format!("its `trusted_hosts` are {listed}"),
        _ => format!("앱의 `trusted_hosts`: {listed}"),
    };
    let mut hosts = app.trusted_hosts.clone();
    hosts.push(host.clone());
    let command = say::process(facts).map(|process| say::command_line(&process.command));
    let command = command.filter(|line| !line.is_empty()).unwrap_or_else(|| "cargo run".to_owned());
    finding
        .why(why)
        .run(format!("CARAFE_TRUSTED_HOSTS={} {command}", say::quoted(&hosts.join(","))))
}
