//! What is printed: a table and the lines that mend it, or JSON.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use carafe_net::Lang;
use serde_json::{Value, json};

use super::Outcome;
use super::get::{Answer, Failure};
use super::judge::{Check, Verdict, What};
use super::mend::Kind;
use super::tls::Why;
use super::url::Url;
use super::watch::{About, shown};

/// For people.
pub(super) fn text(url: &Url, outcome: &Outcome, lang: Lang) -> String {
    match outcome {
        Outcome::Arrived { app, checks } => table(url, app, checks, lang),
        other => {
            let (what, hint) = explained(other, lang);
            let apps = watched(other).iter().map(shown);
            let apps: String =
                apps.map(|app| format!("{}: {app}\n", lang.pick("the app", "앱"))).collect();
            format!("✗ {url}: {what}\n\n{apps}{}: {hint}\n", lang.pick("hint", "힌트"))
        }
    }
}

/// For programs.
pub(super) fn json(url: &Url, outcome: &Outcome) -> String {
    let lang = Lang::English;
    let told = match outcome {
        Outcome::Arrived { app, checks } => json!({
            "url": url.to_string(),
            "ok": outcome.is_right(),
            "app": { "pid": app.pid, "name": app.name, "addresses": app.addresses },
            "checks": checks.iter().map(|check| check_json(check, lang)).collect::<Vec<_>>(),
        }),
        other => {
            let (what, hint) = explained(other, lang);
            json!({ "url": url.to_string(), "ok": false, "app": null, "error": what, "hint": hint })
        }
    };
    format!("{told:#}\n")
}

fn check_json(check: &Check, lang: Lang) -> Value {
    let mends = check.mends.iter().map(|mend| {
        let (place, line) = mend.words(lang);
        json!({ "where": place, "line": line })
    });
    json!({
        "check": check.what.key(),
        "ok": match check.verdict {
            Verdict::Right => Some(true),
            Verdict::Wrong => Some(false),
            Verdict::Open => None,
        },
        "sent": check.sent,
        "believed": check.believed,
        "expected": check.expected,
        "mend": mends.collect::<Vec<_>>(),
    })
}

impl What {
    fn key(self) -> &'static str {
        match self {
            What::Proxy | What::Direct => "proxy",
            What::Client => "client",
            What::Scheme => "scheme",
            What::Host => "host",
            What::TrustedHost => "trusted_host",
            What::Prefix => "prefix",
            What::Forged => "forged",
        }
    }

    fn name(self, lang: Lang) -> &'static str {
        match self {
            What::Proxy | What::Direct => lang.pick("proxy", "프록시"),
            What::Client => lang.pick("client", "클라이언트"),
            What::Scheme => lang.pick("scheme", "스킴"),
            What::Host => lang.pick("host", "호스트"),
            What::TrustedHost => lang.pick("trusted host", "허용 호스트"),
            What::Prefix => lang.pick("prefix", "경로 앞부분"),
            What::Forged => lang.pick("forged", "위조"),
        }
    }

    /// What it means that this one is wrong.
    fn meaning(self, lang: Lang) -> &'static str {
        match self {
            What::Proxy => lang
                .pick("the app does not believe this proxy", "앱이 이 프록시를 신뢰하지 않습니다"),
            What::Direct => lang.pick(
                "nothing stands in front of the app at this URL",
                "이 URL에서는 앱 앞에 아무것도 없습니다",
            ),
            What::Client => lang.pick(
                "the app takes every visitor for the proxy, or for nobody",
                "앱이 모든 방문자를 프록시로 알거나, 누구인지 모릅니다",
            ),
            What::Scheme => lang.pick(
                "external URLs and the cookies' `Secure` are wrong",
                "외부 URL과 쿠키의 `Secure`가 잘못됩니다",
            ),
            What::Host => lang
                .pick("external URLs lead to another host", "외부 URL이 다른 호스트로 이어집니다"),
            What::TrustedHost => lang
                .pick("the app refuses this host with 400", "앱이 이 호스트를 400으로 거절합니다"),
            What::Prefix => lang.pick(
                "links leave the path that the app is under",
                "링크가 앱이 놓인 경로 밖으로 나갑니다",
            ),
            What::Forged => lang.pick(
                "the proxy passes these on as any visitor sends them, and the app believes them",
                "방문자가 보낸 값을 프록시가 그대로 넘기고 앱이 믿습니다",
            ),
        }
    }
}

fn table(url: &Url, app: &About, checks: &[Check], lang: Lang) -> String {
    let nothing = lang.pick("nothing", "없음");
    let heads = [
        "",
        lang.pick("the proxy sent", "프록시가 보낸 값"),
        lang.pick("the app believes", "앱이 믿는 값"),
        lang.pick("expected", "기대하는 값"),
    ];
    let rows = checks.iter().map(|check| {
        let sent = check.sent.as_deref().unwrap_or(if check.what.is_told() { nothing } else { "" });
        let expected = check.expected.as_deref().unwrap_or("?");
        [check.what.name(lang), sent, &check.believed, expected].map(str::to_owned)
    });
    let rows: Vec<[String; 4]> = rows.collect();
    let widths: [usize; 4] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| width(&row[column]));
        cells.chain([width(heads[column])]).max().unwrap_or(0)
    });
    let mut text = format!("{url} → {}\n\n", shown(app));
    push_row(&mut text, " ", &heads, &widths);
    for (check, row) in checks.iter().zip(&rows) {
        push_row(&mut text, check.verdict.mark(), &row.each_ref().map(String::as_str), &widths);
    }
    let wrong: Vec<&Check> = checks.iter().filter(|check| !check.is_right()).collect();
    for check in &wrong {
        let name = check.what.name(lang);
        text.push_str(&format!("\n✗ {name}: {}\n", check.what.meaning(lang)));
        let mut last = String::new();
        for mend in &check.mends {
            let (place, line) = mend.words(lang);
            if place != last {
                text.push_str(&format!("  {place}\n"));
            }
            line.iter().for_each(|line| text.push_str(&format!("      {line}\n")));
            last = place;
        }
        if check.mends.is_empty() {
            let words = lang.pick("mend what is above it first", "위의 것부터 고치십시오");
            text.push_str(&format!("  {words}\n"));
        }
    }
    if wrong.is_empty() {
        let words = lang.pick("all is right", "모두 맞습니다");
        text.push_str(&format!("\n{words}\n"));
    }
    text
}

impl What {
    /// Whether the proxy has something to say of it.
    fn is_told(self) -> bool {
        !matches!(self, What::Direct | What::TrustedHost | What::Forged)
    }
}

impl Verdict {
    fn mark(self) -> &'static str {
        match self {
            Verdict::Right => "✓",
            Verdict::Wrong => "✗",
            Verdict::Open => "?",
        }
    }
}

fn push_row(text: &mut String, mark: &str, cells: &[&str; 4], widths: &[usize; 4]) {
    let mut line = format!("  {mark}");
    for (cell, width_of_column) in cells.iter().zip(widths) {
        let pad = width_of_column.saturating_sub(width(cell));
        line.push_str(&format!(" {}{} ", printable(cell), " ".repeat(pad)));
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

/// What came over the network must not reach the terminal as a command.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Columns of a terminal: Hangul takes two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| if matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3000}'..='\u{d7a3}') { 2 } else { 1 })
        .sum()
}

/// What happened to a request that the app did not see, and what to do.
fn explained(outcome: &Outcome, lang: Lang) -> (String, String) {
    match outcome {
        Outcome::Arrived { .. } => (String::new(), String::new()),
        Outcome::Failed(failure) => {
            let (what, hint) = failed(failure, lang);
            (what, hint.to_owned())
        }
        Outcome::Elsewhere { answer, .. } => elsewhere(answer, lang),
        Outcome::Other { other, .. } => (
            lang.pick("another app got the request", "다른 앱이 요청을 받았습니다").to_owned(),
            lang.pick(
                format!("this one did: {}", shown(other)),
                format!("요청을 받은 앱입니다: {}", shown(other)),
            ),
        ),
    }
}

/// The apps that looked out for it.
fn watched(outcome: &Outcome) -> &[About] {
    match outcome {
        Outcome::Elsewhere { apps, .. } | Outcome::Other { meant: apps, .. } => apps,
        _ => &[],
    }
}

fn failed(failure: &Failure, lang: Lang) -> (String, &'static str) {
    match failure {
        Failure::Name(error) => (
            lang.pick(
                format!("the name leads to no address: {error}"),
                format!("이름에 해당하는 주소가 없습니다: {error}"),
            ),
            lang.pick(
                "look at the name's DNS entry, or at /etc/hosts",
                "이름의 DNS 항목이나 /etc/hosts를 확인하십시오",
            ),
        ),
        Failure::Connect(address, error) => (
            lang.pick(
                format!("nothing takes the connection at {address}: {error}"),
                format!("{address}에서 연결을 받지 않습니다: {error}"),
            ),
            lang.pick(
                "start the proxy, and see with `carafe ports` whether it listens there",
                "프록시를 실행하고, 그 주소에서 듣고 있는지 `carafe ports`로 확인하십시오",
            ),
        ),
        Failure::Tls(address, error) => not_secure(*address, error, lang),
        Failure::Answer(address, error) => (
            lang.pick(
                format!("no answer from {address}: {error}"),
                format!("{address}에서 응답이 없습니다: {error}"),
            ),
            match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => lang.pick(
                    "the proxy waits for the app: look whether it answers by itself",
                    "프록시가 앱을 기다립니다. 앱이 직접 응답하는지 확인하십시오",
                ),
                _ => lang
                    .pick("look into the proxy's error log", "프록시의 오류 로그를 확인하십시오"),
            },
        ),
    }
}

fn not_secure(address: SocketAddr, error: &io::Error, lang: Lang) -> (String, &'static str) {
    let why = Why::of(error);
    let own = error.to_string();
    let words = match why {
        Why::Signer => lang.pick(
            "its certificate is signed by nobody that this system trusts",
            "이 시스템이 신뢰하는 기관이 서명한 인증서가 아닙니다",
        ),
        Why::Name => lang.pick("its certificate is for another name", "다른 이름의 인증서입니다"),
        Why::Time => lang.pick(
            "its certificate has expired, or is not valid yet",
            "인증서가 만료되었거나 아직 유효하지 않습니다",
        ),
        Why::Certificate => lang.pick("its certificate is not valid", "인증서가 유효하지 않습니다"),
        Why::NoTls => lang.pick("it does not speak https", "https로 통신하지 않는 포트입니다"),
        Why::Other => &own,
    };
    let what = lang.pick(
        format!("no secure connection with {address}: {words}"),
        format!("안전하게 연결할 수 없습니다({address}): {words}"),
    );
    let hint = match why {
        Why::NoTls => lang.pick(
            "write http:// for this port, or look at the proxy's `listen .. ssl`",
            "이 포트에는 http://를 쓰거나, 프록시의 `listen .. ssl` 설정을 확인하십시오",
        ),
        Why::Other => {
            lang.pick("look into the proxy's error log", "프록시의 오류 로그를 확인하십시오")
        }
        _ => lang.pick(
            "browsers refuse it, too; `--insecure` checks the rest all the same",
            "브라우저도 거절합니다. 나머지는 `--insecure`로 검사할 수 있습니다",
        ),
    };
    (what, hint)
}

fn elsewhere(answer: &Answer, lang: Lang) -> (String, String) {
    let (status, who) = (answer.status, answer.server.as_deref().map(printable));
    let who = who.unwrap_or_else(|| lang.pick("someone", "누군가").to_owned());
    let what = lang.pick(
        format!("{who} answered {status}, and the request never reached the app"),
        format!("요청이 앱에 닿지 않았습니다. 응답한 쪽: {who}, 상태: {status}"),
    );
    let hint = match (status, &answer.location) {
        (300..=399, Some(location)) => {
            let location = printable(location);
            return (
                what,
                lang.pick(
                    format!("it sends visitors on: check {location}"),
                    format!("방문자를 다른 곳으로 보냅니다. 이 주소를 검사하십시오: {location}"),
                ),
            );
        }
        (502..=504, _) => lang.pick(
            "the proxy looks for the app where it is not: compare with its address above",
            "프록시가 앱이 없는 곳을 찾고 있습니다. 위의 앱 주소와 비교하십시오",
        ),
        (404, _) if Kind::of(answer.server.as_deref()) != Kind::Other => lang.pick(
            "the proxy does not hand this path on: look at its `location` or `ProxyPass`",
            "프록시가 이 경로를 넘기지 않습니다. `location`이나 `ProxyPass`를 확인하십시오",
        ),
        _ => lang.pick(
            "the proxy answered by itself, or something else is behind it",
            "프록시가 직접 응답했거나, 뒤에 다른 것이 있습니다",
        ),
    };
    (what, hint.to_owned())
}
