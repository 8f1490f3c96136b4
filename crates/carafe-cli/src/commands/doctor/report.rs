//! What is printed: findings and verdict, for people or (`--json`) for programs.

use std::fmt::Write as _;

use carafe_net::Lang;
use serde::Serialize;

use super::checks;
use super::finding::{Finding, Mark, Mend};
use super::question::{Client, Question};
use super::verdict::Verdict;

/// The examination in words.
pub(crate) fn text(
    question: &Question,
    findings: &[Finding],
    verdict: Verdict,
    lang: Lang,
) -> String {
    let mut out = format!("{}\n\n", heading(question, lang));
    let width = findings.iter().map(|finding| columns(label(finding.id, lang))).max().unwrap_or(0);
    let decides = match verdict {
        Verdict::NotReached(at) | Verdict::Unsure(at) => Some(at),
        Verdict::Reached => None,
    };
    for (at, finding) in findings.iter().enumerate() {
        let name = label(finding.id, lang);
        let gap = " ".repeat(width - columns(name));
        let _ = writeln!(out, "  {} {name}{gap}  {}", sign(finding.mark), finding.what);
        let indent = " ".repeat(width + 6);
        for line in finding.why.lines() {
            let _ = writeln!(out, "{indent}{line}");
        }
        if let Some(mend) = finding.mend.as_ref().filter(|_| decides != Some(at)) {
            let _ = writeln!(out, "{indent}→ {}", mend.text());
        }
    }
    out.push('\n');
    out.push_str(&ending(question, findings, verdict, lang));
    out
}

fn heading(question: &Question, lang: Lang) -> String {
    let (url, from) = (question.url(), checks::say::from(question, lang));
    match lang {
        Lang::English => format!("{url}, opened {from}"),
        _ => format!("{url} — {from} 여는 경우"),
    }
}

fn ending(question: &Question, findings: &[Finding], verdict: Verdict, lang: Lang) -> String {
    let mut from = checks::say::from(question, lang);
    if let Verdict::NotReached(at) = verdict
        && findings[at].id == "container"
        && question.client == Client::ThisMachine
    {
        from = lang.pick("from outside the container", "컨테이너 바깥에서").to_owned();
    }
    let (first, at) = match (verdict, lang) {
        (Verdict::Reached, Lang::English) => return format!("It can be reached {from}.\n"),
        (Verdict::Reached, _) => return format!("{from} 접속할 수 있습니다.\n"),
        (Verdict::NotReached(at), Lang::English) => {
            (format!("It cannot be reached {from}. Most likely"), at)
        }
        (Verdict::NotReached(at), _) => {
            (format!("{from} 접속할 수 없습니다. 가장 유력한 원인"), at)
        }
        (Verdict::Unsure(at), Lang::English) => {
            ("Nothing in the way was found, but not everything could be seen".to_owned(), at)
        }
        (Verdict::Unsure(at), _) => {
            ("막는 것은 보이지 않지만, 모두 확인하지는 못했습니다".to_owned(), at)
        }
    };
    let finding = &findings[at];
    let mut out = format!("{first}: {}.\n", finding.what);
    if let Some(mend) = &finding.mend {
        let _ = writeln!(out, "{}\n\n  {}", lead(mend, verdict, lang), mend.text());
    }
    out
}

/// The words before the command.
fn lead(mend: &Mend, verdict: Verdict, lang: Lang) -> &'static str {
    match (mend, verdict) {
        (Mend::Open(_), _) => lang.pick("Open instead:", "대신 여십시오:"),
        (Mend::Look(_), _) | (_, Verdict::Unsure(_)) => {
            lang.pick("This finds out:", "다음 명령으로 확인합니다:")
        }
        (Mend::Run(_), _) => lang.pick("This mends it:", "다음 명령으로 해결합니다:"),
        (Mend::RunOnWindows(_), _) => lang.pick(
            "This mends it, in a terminal of Windows as administrator:",
            "관리자 권한으로 연 Windows 터미널에서 다음 명령으로 해결합니다:",
        ),
    }
}

fn sign(mark: Mark) -> char {
    match mark {
        Mark::Ok => '✓',
        Mark::Problem => '✗',
        Mark::Unknown => '?',
        Mark::Note => '·',
    }
}

/// What a check is about, in a word.
fn label(id: &str, lang: Lang) -> &str {
    let (english, korean) = match id {
        "url" => ("URL", "URL"),
        "listening" => ("listening", "대기"),
        "answers" => ("answers", "응답"),
        "name" => ("name", "이름"),
        "firewall" => ("firewall", "방화벽"),
        "container" => ("container", "컨테이너"),
        "wsl" => ("WSL", "WSL"),
        "vpn" => ("VPN", "VPN"),
        "address" => ("address", "주소"),
        "host" => ("Host", "Host"),
        "proxy" => ("proxy", "프록시"),
        other => (other, other),
    };
    lang.pick(english, korean)
}

/// How wide a label stands in a terminal: Hangul takes two columns.
fn columns(text: &str) -> usize {
    text.chars().map(|letter| if ('가'..='힣').contains(&letter) { 2 } else { 1 }).sum()
}

/// The same for programs.
pub(crate) fn json(question: &Question, findings: &[Finding], verdict: Verdict) -> String {
    let (reachable, cause) = match verdict {
        Verdict::Reached => (Some(true), None),
        Verdict::NotReached(at) => (Some(false), findings.get(at)),
        Verdict::Unsure(at) => (None, findings.get(at)),
    };
    let report = Report {
        url: question.url(),
        client: client_name(question.client),
        reachable,
        cause: cause.map(Line::of),
        findings: findings.iter().map(Line::of).collect(),
    };
    // Strings and booleans always have JSON.
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

fn client_name(client: Client) -> String {
    match client {
        Client::ThisMachine => "this machine".to_owned(),
        Client::Network => "network".to_owned(),
        Client::At(address) => address.to_string(),
    }
}

#[derive(Serialize)]
struct Report<'a> {
    url: String,
    /// `this machine`, `network`, or an address.
    client: String,
    /// `null`: not everything could be seen.
    reachable: Option<bool>,
    cause: Option<Line<'a>>,
    findings: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    mark: &'static str,
    what: &'a str,
    why: &'a str,
    mend: Option<&'a str>,
}

impl Line<'_> {
    fn of(finding: &Finding) -> Line<'_> {
        let mark = match finding.mark {
            Mark::Ok => "ok",
            Mark::Problem => "problem",
            Mark::Unknown => "unknown",
            Mark::Note => "note",
        };
        let mend = finding.mend.as_ref().map(Mend::text);
        Line { id: finding.id, mark, what: &finding.what, why: &finding.why, mend }
    }
}
