//! `carafe doctor`: why can't I reach it?
//!
//! Facts are gathered ([`facts`]), each check turns them into findings ([`checks`]), and the
//! [`Verdict`] names the likeliest cause. It changes nothing, and connects to this machine alone.

mod checks;
mod facts;
mod finding;
mod firewall;
mod question;
mod report;
mod runner;
mod senses;
mod this_machine;
mod verdict;

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::process::ExitCode;

use carafe_net::{Lang, System};

use self::question::{Refusal, Wanted};
use self::senses::Senses;
use self::this_machine::ThisMachine;
use self::verdict::{Verdict, verdict};
use crate::output::{complain, print};

/// What `carafe doctor` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What cannot be reached: a URL, an address, a port [default: the app that runs, else
    /// http://localhost:8000]
    url: Option<String>,
    /// The port, in place of the URL's
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Who tries to reach it: the address of a phone, for one
    #[arg(long, value_name = "ADDRESS")]
    from: Option<IpAddr>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command. The exit status is 0 when the app can be reached.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    let wanted = match Wanted::parse(args.url.as_deref(), args.port, args.from) {
        Ok(wanted) => wanted,
        Err(refusal) => return complain(&refused(args, refusal, lang)),
    };
    match examine(&System::this(), &ThisMachine, &wanted, args.json, lang) {
        Ok((text, verdict)) => {
            let printed = print(&text);
            if verdict == Verdict::Reached { printed } else { ExitCode::FAILURE }
        }
        Err(error) => complain(&match lang {
            Lang::English => format!("the addresses of this computer cannot be read: {error}"),
            _ => format!("이 컴퓨터의 주소를 읽을 수 없습니다: {error}"),
        }),
    }
}

/// The whole examination: what to print, and how it ended.
fn examine(
    system: &System,
    senses: &dyn Senses,
    wanted: &Wanted,
    json: bool,
    lang: Lang,
) -> std::io::Result<(String, Verdict)> {
    let facts = facts::gather(system, senses, wanted)?;
    let findings = checks::all(&facts, lang);
    let verdict = verdict(&findings);
    let text = match json {
        true => report::json(&facts.question, &findings, verdict),
        false => report::text(&facts.question, &findings, verdict, lang),
    };
    Ok((text, verdict))
}

fn refused(args: &Args, refusal: Refusal, lang: Lang) -> String {
    let url = args.url.as_deref().unwrap_or_default();
    let reason = match refusal {
        Refusal::Scheme => lang.pick(
            "it has to begin with http:// or https://",
            "http:// 또는 https://로 시작해야 합니다",
        ),
        Refusal::Host => {
            lang.pick("its host is no name and no address", "호스트가 이름도 주소도 아닙니다")
        }
        Refusal::Port => lang.pick(
            "its port is not a number from 1 to 65535",
            "포트가 1부터 65535까지의 수가 아닙니다",
        ),
        Refusal::Path => lang.pick(
            "its path has characters that no URL has",
            "경로에 URL에 쓸 수 없는 문자가 있습니다",
        ),
    };
    let hint = "carafe doctor http://localhost:8000";
    match lang {
        Lang::English => format!("`{url}` is no URL: {reason}\n\nhint: such as `{hint}`"),
        _ => format!("`{url}`: URL이 아닙니다. {reason}\n\n힌트: 예를 들면 `{hint}`"),
    }
}
