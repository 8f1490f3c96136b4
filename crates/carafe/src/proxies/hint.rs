//! [`Hint`]: says once, in development, that a proxy is not believed and how it would be.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use ::http::HeaderMap;
use carafe_net::Lang;

use crate::config::TrustedProxies;

/// What is left to be said.
pub(super) struct Hint {
    told: AtomicBool,
    lang: Lang,
}

impl Hint {
    pub(super) fn new(lang: Lang) -> Hint {
        Hint { told: AtomicBool::new(false), lang }
    }

    /// Logs why these headers are not believed, the first time.
    pub(super) fn tell(
        &self,
        rules: &TrustedProxies,
        headers: &HeaderMap,
        remote: Option<SocketAddr>,
        trusted: bool,
    ) {
        // A load is cheaper than a swap, and almost every time it is enough.
        if self.told.load(Ordering::Relaxed) || self.told.swap(true, Ordering::Relaxed) {
            return;
        }
        let words = match trusted {
            true => of_family(rules, self.lang),
            false => of_stranger(rules, headers, remote, self.lang),
        };
        tracing::info!(target: "carafe", "{words}");
    }
}

/// Someone who is not trusted sends headers that only a proxy should.
fn of_stranger(
    rules: &TrustedProxies,
    headers: &HeaderMap,
    remote: Option<SocketAddr>,
    lang: Lang,
) -> String {
    let names = headers.keys().map(http::HeaderName::as_str);
    let names: Vec<String> = names
        .filter(|name| name.starts_with("x-forwarded-") || *name == "forwarded")
        .map(|name| format!("`{name}`"))
        .collect();
    let names = names.join(", ");
    let (who, key) = match remote {
        Some(remote) => {
            let ip = remote.ip().to_canonical().to_string();
            (ip.clone(), ip)
        }
        None => {
            let socket = lang.pick("a program at the Unix socket", "유닉스 소켓에 붙은 프로그램");
            (socket.to_owned(), "unix".to_owned())
        }
    };
    let add = match (rules.from.is_empty(), lang) {
        (true, _) => format!("`trusted_proxies = [\"{key}\"]`"),
        (false, Lang::Korean) => format!("`trusted_proxies`에 `\"{key}\"`"),
        (false, _) => format!("`\"{key}\"` in `trusted_proxies`"),
    };
    lang.pick(
        format!(
            "{who} sends {names}, which is not believed: anyone could send it\n\
             hint: if that is a proxy of yours, write {add} in carafe.toml"
        ),
        format!(
            "{who}에서 {names} 헤더를 보냈지만 믿지 않습니다. 누구나 보낼 수 있는 헤더입니다\n\
             힌트: 직접 둔 프록시라면 carafe.toml에 이렇게 적으십시오: {add}"
        ),
    )
}

/// A trusted proxy sends the other family of headers only.
fn of_family(rules: &TrustedProxies, lang: Lang) -> String {
    let (sent, believed, value) = match rules.forwarded {
        false => ("`Forwarded`", "`X-Forwarded-`", "true"),
        true => ("`X-Forwarded-`", "`Forwarded`", "false"),
    };
    lang.pick(
        format!(
            "a trusted proxy sends {sent} headers, and the app believes {believed} ones only\n\
             hint: set `forwarded = {value}` in the section [trusted_proxies] of carafe.toml"
        ),
        format!(
            "신뢰하는 프록시가 {sent} 헤더를 보내지만 이 앱은 {believed} 헤더만 믿습니다\n\
             힌트: carafe.toml의 [trusted_proxies] 구역에 `forwarded = {value}`를 적으십시오"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(names: &[&'static str]) -> HeaderMap {
        let value = ::http::HeaderValue::from_static("x");
        names.iter().map(|name| (http::HeaderName::from_static(name), value.clone())).collect()
    }

    #[test]
    fn words() {
        let check = |from: &[&str], remote: Option<&str>, lang, expected: &str| {
            let from = from.iter().map(|peer| peer.parse().unwrap()).collect();
            let rules = TrustedProxies { from, ..TrustedProxies::default() };
            let remote = remote.map(|remote| remote.parse().unwrap());
            let headers = headers(&["x-forwarded-for", "accept", "x-forwarded-proto"]);
            assert_eq!(of_stranger(&rules, &headers, remote, lang), expected);
        };
        check(
            &[],
            Some("[::ffff:172.17.0.1]:5"),
            Lang::English,
            "172.17.0.1 sends `x-forwarded-for`, `x-forwarded-proto`, which is not believed: anyone could send it\n\
             hint: if that is a proxy of yours, write `trusted_proxies = [\"172.17.0.1\"]` in carafe.toml",
        );
        check(
            &["::1"],
            None,
            Lang::English,
            "a program at the Unix socket sends `x-forwarded-for`, `x-forwarded-proto`, which is not believed: \
             anyone could send it\n\
             hint: if that is a proxy of yours, write `\"unix\"` in `trusted_proxies` in carafe.toml",
        );
        check(
            &[],
            Some("10.0.0.5:1"),
            Lang::Korean,
            "10.0.0.5에서 `x-forwarded-for`, `x-forwarded-proto` 헤더를 보냈지만 믿지 않습니다. \
             누구나 보낼 수 있는 헤더입니다\n\
             힌트: 직접 둔 프록시라면 carafe.toml에 이렇게 적으십시오: `trusted_proxies = [\"10.0.0.5\"]`",
        );
        let rules = TrustedProxies::default();
        assert_eq!(
            of_family(&rules, Lang::English),
            "a trusted proxy sends `Forwarded` headers, and the app believes `X-Forwarded-` ones only\n\
             hint: set `forwarded = true` in the section [trusted_proxies] of carafe.toml"
        );
    }
}
