//! Can this URL be opened from there at all?

use carafe_net::{AddressKind, Lang};

use super::super::facts::Facts;
use super::super::finding::{Cause, Finding, Mend};
use super::super::question::Client;
use super::say;

pub(super) fn check(facts: &Facts, lang: Lang) -> Vec<Finding> {
    let question = &facts.question;
    let host = &question.host;
    let kind = question.address().map(AddressKind::of);
    if kind == Some(AddressKind::Unspecified) {
        let what = match lang {
            Lang::English => format!("`{host}` is an address to listen on, not one to open"),
            _ => format!(
                "`{host}` 주소는 연결을 기다릴 때 쓰는 주소이며, 브라우저로 여는 주소가 아닙니다"
            ),
        };
        let why = lang.pick(
            "it stands for every address of a machine; a browser needs one of them",
            "컴퓨터의 모든 주소를 뜻하므로, 브라우저에는 그중 하나를 알려 주어야 합니다",
        );
        return vec![open(facts, "localhost", what, why)];
    }
    let Client::At(client) = question.client else { return Vec::new() };
    let meant = facts.meant();
    let to_itself = !meant.is_empty() && meant.iter().all(std::net::IpAddr::is_loopback);
    let Some(outward) = facts.outward.filter(|_| to_itself) else { return Vec::new() };
    let what = match lang {
        Lang::English => format!("on {client}, `{host}` is that device itself"),
        _ => format!("{client} 기기에서 `{host}` 주소는 그 기기 자신을 뜻합니다"),
    };
    let mut why = match lang {
        Lang::English => format!("this computer is {outward} to it"),
        _ => format!("그 기기에서 이 컴퓨터의 주소는 {outward}입니다"),
    };
    if !facts.listens_on().is_empty() && !facts.is_listened_on(outward) {
        why.push_str(lang.pick(
            "\nnothing listens on that address yet: start the app with `--host lan`",
            "\n그 주소에서는 아직 아무 프로그램도 기다리지 않습니다. 앱을 `--host lan`으로 실행하십시오",
        ));
    }
    vec![open(facts, &outward.to_string(), what, &why)]
}

fn open(facts: &Facts, host: &str, what: String, why: &str) -> Finding {
    Finding::problem("url", Cause::Url, what).why(why).mend(Mend::Open(say::url(facts, host)))
}
