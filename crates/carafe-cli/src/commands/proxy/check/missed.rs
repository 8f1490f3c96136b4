//! The words for requests that never reached the app: what happened, and what to do.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use carafe_net::Lang;

use super::get::{Answer, Failure};
use super::mend::Kind;
use super::report::printable;
use super::tls::Why;

/// What happened to a request without an answer, and what to do.
pub(super) fn failed(failure: &Failure, lang: Lang) -> (String, &'static str) {
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

/// What happened to a request that somebody else answered, and what to do.
pub(super) fn elsewhere(answer: &Answer, lang: Lang) -> (String, String) {
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
