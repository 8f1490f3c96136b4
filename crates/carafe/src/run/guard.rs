//! Who may reach an app that is being debugged: others only with the token that the refusal prints.
//!
//! An app is being debugged when `debug = true` was set by somebody, when a debugger holds its process,
//! or when the `carafe` tool debugs it (`CARAFE_TOOL_DEBUG`). That the development profile turns
//! `debug` on by itself is not enough: then the app may be reached, and only the details of errors
//! stay on this computer (see `error_page/audience.rs`).

use std::hint::black_box;

use carafe_net::{AddressKind, Lang, System, printable, process, tracer};

use super::command_line;
use crate::app::Site;
use crate::banner::Details;
use crate::config::{ConfigError, Source, secret_file};
use crate::server::ListenAddress;

/// What the guard decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guarded {
    /// Who is shown the details of errors.
    pub(crate) details: Details,
    /// Whether a token was given that nothing asks for.
    pub(crate) needless_token: bool,
}

/// Looks at the addresses that are to be listened on, and at the token if one was given.
///
/// # Errors
/// The words of the refusal, for people.
pub(crate) fn check(
    site: &Site,
    addresses: &[ListenAddress],
    token: Option<&str>,
    lang: Lang,
) -> Result<Guarded, String> {
    let debug = site.core.config.settings().debug;
    let why = why_debugged(site);
    if why.is_none() && !debug {
        return Ok(Guarded { details: Details::Nobody, needless_token: token.is_some() });
    }
    let details =
        |who| Guarded { details: if debug { who } else { Details::Nobody }, needless_token: false };
    let folder = &site.core.folder;
    if let Some(given) = token {
        let kept = secret_file::remote_token(folder);
        return match kept {
            Ok(kept) if same(kept.expose(), given) => Ok(details(Details::Everyone)),
            kept => {
                let kept = kept.map(|token| token.expose().to_owned());
                Err(not_the_token(given, why.is_some(), &kept, lang))
            }
        };
    }
    let wide = addresses.iter().find(|address| address.is_wide());
    match (why, wide) {
        (Some(why), Some(address)) => {
            let token = secret_file::remote_token(folder).map(|token| token.expose().to_owned());
            Err(refusal(&why, address, &token, lang))
        }
        _ => Ok(details(Details::ThisComputer)),
    }
}

/// What makes an app one that is being debugged.
enum Why {
    /// `debug = true`, and who set it.
    Set(String),
    /// A debugger, by its name and process.
    Debugger(String),
    /// The tool's variable.
    Tool,
}

const TOOL: &str = "CARAFE_TOOL_DEBUG";

fn why_debugged(site: &Site) -> Option<Why> {
    let config = &site.core.config;
    let source = config.source("debug").filter(|source| **source != Source::Default);
    if let (true, Some(source)) = (config.settings().debug, source) {
        return Some(Why::Set(source.to_string()));
    }
    let system = System::this();
    if let Some(pid) = tracer(&system) {
        let name = process(&system, pid).map(|process| process.name).unwrap_or_default();
        return Some(Why::Debugger(format!("{} ({pid})", printable(&name))));
    }
    let asked = std::env::var_os(TOOL).is_some_and(|value| !value.is_empty() && value != "0");
    asked.then_some(Why::Tool)
}

/// In a time that does not tell how much of the token was right.
fn same(kept: &str, given: &str) -> bool {
    let (kept, given) = (kept.as_bytes(), given.trim().as_bytes());
    if kept.len() != given.len() {
        return false;
    }
    let differences = kept.iter().zip(given).fold(0, |all, (a, b)| black_box(all | (a ^ b)));
    differences == 0
}

fn refusal(
    why: &Why,
    address: &ListenAddress,
    token: &Result<String, ConfigError>,
    lang: Lang,
) -> String {
    let host =
        address.tcp().map_or_else(|| address.to_string(), |address| address.ip().to_string());
    let who = address.tcp().map_or("", |address| AddressKind::of(address.ip()).reach(lang));
    let (reason, risk, without) = words(why, lang);
    let head = match lang {
        Lang::Korean => {
            format!("디버그 중인 앱을 {host} 주소로 다른 컴퓨터에 열지 않습니다 ({reason})")
        }
        _ => format!("an app that is being debugged is not opened to others on {host} ({reason})"),
    };
    let who = match lang {
        Lang::Korean => format!("{host}: {who}."),
        _ => format!("{host} is reached by {who}."),
    };
    let local = lang.pick("this computer only", "이 컴퓨터에서만 쓰려면");
    format!(
        "{head}\n\n{who}\n{risk}\n\nhint: {local}: `--host localhost`\nhint: {without}\n{}",
        way_in(true, token, lang)
    )
}

/// Why it counts as being debugged, what others could do, and how to end it.
fn words(why: &Why, lang: Lang) -> (String, &'static str, String) {
    let errors = lang.pick(
        "An error would show them its cause, paths, lines of your templates, and the data in them.",
        "오류가 나면 원인, 경로, 템플릿의 내용과 거기에 담긴 데이터가 그대로 보입니다.",
    );
    let debugger = lang.pick(
        "Their requests would run in the process that is held open: they can stop it at your breakpoints, and you see their data.",
        "다른 사람의 요청이 디버거가 붙은 프로세스에서 실행됩니다. 그 요청이 중단점에서 앱을 멈출 수 있고, 그 데이터도 디버거에 보입니다.",
    );
    let without = lang.pick("without debugging", "디버그 없이 실행하려면");
    match why {
        Why::Set(place) => {
            let reason = format!("`debug = true`: {place}");
            (reason, errors, format!("{without}: `--set debug=false`"))
        }
        Why::Debugger(name) => {
            let reason = match lang {
                Lang::Korean => format!("디버거 {name}이(가) 붙어 있습니다"),
                _ => format!("held by the debugger {name}"),
            };
            let end = lang.pick("start it outside of the debugger", "디버거 밖에서 시작하십시오");
            (reason, debugger, format!("{without}: {end}"))
        }
        Why::Tool => {
            let end = lang.pick("unset", "환경 변수를 지우십시오:");
            (format!("`{TOOL}`"), debugger, format!("{without}: {end} `{TOOL}`"))
        }
    }
}

/// What was given is another token, or the word `show`, which asks for it.
fn not_the_token(
    given: &str,
    debugged: bool,
    token: &Result<String, ConfigError>,
    lang: Lang,
) -> String {
    let head = match given {
        "show" => lang.pick(
            "not started: `--allow-remote show` prints the token and does no more",
            "시작하지 않았습니다: `--allow-remote show`는 토큰만 알려 줍니다",
        ),
        _ => lang.pick(
            "`--allow-remote` needs this app's own token",
            "`--allow-remote`에는 이 앱의 토큰이 필요합니다",
        ),
    };
    format!("{head}\n\n{}", way_in(debugged, token, lang))
}

/// The command that opens the app that is being debugged to others, or in development what its
/// errors tell; or why there is none.
fn way_in(debugged: bool, token: &Result<String, ConfigError>, lang: Lang) -> String {
    match token {
        Ok(token) => {
            let open = match debugged {
                true => lang.pick("open it to others all the same", "그래도 다른 컴퓨터에 열려면"),
                false => lang.pick(
                    "show error details to others, too",
                    "오류의 자세한 내용을 다른 기기에도 보이려면",
                ),
            };
            let command = command_line::with_option(std::env::args_os(), "--allow-remote", token);
            format!("hint: {open}: `{command}`")
        }
        Err(error) => {
            let none = lang.pick(
                "it cannot be opened to others: no token can be kept",
                "토큰을 저장할 수 없어 다른 컴퓨터에 열 수 없습니다",
            );
            format!("hint: {none}: {}", error.message())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_opens() {
        let check =
            |given: &str, opens: bool| assert_eq!(same("0123abcd", given), opens, "{given}");
        check("0123abcd", true);
        check(" 0123abcd\n", true);
        check("0123abce", false);
        check("0123abc", false);
        check("0123abcd0", false);
        check("", false);
    }
}
