//! What is printed: a table and the lines that mend it, or JSON.

use carafe_net::Lang;
use serde_json::{Value, json};

use super::Outcome;
use super::judge::{Check, Verdict, What};
use super::missed;
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
pub(super) fn printable(text: &str) -> String {
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
            let (what, hint) = missed::failed(failure, lang);
            (what, hint.to_owned())
        }
        Outcome::Elsewhere { answer, .. } => missed::elsewhere(answer, lang),
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
