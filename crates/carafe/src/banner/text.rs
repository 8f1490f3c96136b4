//! The banner as people read it, and what is said at the end.

use carafe_net::{Lang, columns};

use super::facts::Facts;
use super::ways::{Way, for_a_phone};
use super::{qr, reach};

/// The whole banner.
pub(super) fn banner(facts: &Facts, ways: &[Way]) -> String {
    let (name, version, profile) = (&facts.name, &facts.version, facts.profile);
    let mut text = match facts.lang {
        Lang::Korean => format!("\n  {name} {version} 실행 중 ({profile})\n\n"),
        _ => format!("\n  {name} {version} is running ({profile})\n\n"),
    };
    let width = ways.iter().map(|way| columns(&way.url)).max().unwrap_or_default();
    for way in ways {
        let space = " ".repeat(width - columns(&way.url));
        text.push_str(&format!("  {}{space}  {}\n", way.url, way.words(facts.lang)));
    }
    let lines = reach::lines(facts, ways);
    if !lines.is_empty() {
        text.push('\n');
    }
    for line in lines {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str(&format!(
        "\n  {}\n\n",
        last_line(facts, facts.keys && for_a_phone(ways).is_some())
    ));
    text
}

/// `code`: whether the key gets a QR code.
fn last_line(facts: &Facts, code: bool) -> String {
    let (rules, workers) = (facts.rules, facts.workers);
    match (facts.lang, code) {
        (Lang::Korean, false) => format!("규칙 {rules}개, 워커 {workers}개; Ctrl+C로 끝냅니다"),
        (Lang::Korean, true) => format!(
            "규칙 {rules}개, 워커 {workers}개; Ctrl+C로 끝냅니다. q와 Enter를 누르면 QR 코드를 보여 줍니다"
        ),
        (_, code) => format!(
            "{}, {}; Ctrl+C stops{}",
            counted(rules, "rule"),
            counted(workers, "worker"),
            if code { ", q and Enter shows a QR code" } else { "" }
        ),
    }
}

/// `1 rule`, `2 rules`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The QR code of the URL for a phone, or why there is none and what would give one.
pub(super) fn code(facts: &Facts, ways: &[Way]) -> Result<String, String> {
    let lang = facts.lang;
    let none = |words: &str| lang.pick("no QR code: ", "QR 코드 없음: ").to_owned() + words;
    let Some(way) = for_a_phone(ways) else {
        return Err(none(match facts.is_wide() {
            true => lang.pick(
                "this computer has no address on a network",
                "이 컴퓨터에 네트워크 주소가 없습니다",
            ),
            false => lang.pick(
                "only this computer can reach the app; `--host lan` opens it to your network",
                "이 컴퓨터에서만 접속할 수 있습니다. `--host lan`을 쓰면 같은 네트워크에 열립니다",
            ),
        }));
    };
    let url = &way.url;
    let code = qr::code(url)
        .ok_or_else(|| none(lang.pick("the address is too long", "주소가 너무 깁니다")))?;
    Ok(format!("{code}  {url}\n\n"))
}

/// Why a code that was asked for is not shown, where nobody would see it.
pub(super) fn code_unseen(lang: Lang) -> &'static str {
    lang.pick(
        "no QR code: this is not written to a terminal",
        "QR 코드 없음: 터미널에 출력되고 있지 않습니다",
    )
}

/// That the server ends, and why.
pub(super) fn stopping(signal: &str, lang: Lang) -> String {
    match lang {
        Lang::Korean => {
            format!("{signal}: 처리 중인 요청을 마칩니다 (한 번 더 보내면 바로 끝냅니다)")
        }
        _ => format!("{signal}: finishing open requests (once more ends them)"),
    }
}

/// That the server ended before its requests.
pub(super) fn stopped(lang: Lang) -> &'static str {
    lang.pick("stopped at once", "바로 끝냈습니다")
}
