//! What the proxy sent, what the app made of it and what the URL says, held against each other.

use std::net::{IpAddr, SocketAddr};

use carafe_net::{AddressKind, Lang};
use serde_json::Value;

use super::get::Answer;
use super::mend::{self, Kind, Mend};
use super::url::Url;
use super::watch::About;

/// One thing that has to be right.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) what: What,
    pub(super) sent: Option<String>,
    pub(super) believed: String,
    /// `None`: it cannot be known from here.
    pub(super) expected: Option<String>,
    pub(super) verdict: Verdict,
    pub(super) mends: Vec<Mend>,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Proxy,
    /// Where there is none.
    Direct,
    Client,
    Scheme,
    Host,
    TrustedHost,
    Prefix,
    Forged,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Right,
    Wrong,
    /// Nobody knows what would be right.
    Open,
}

impl Check {
    pub(super) fn is_right(&self) -> bool {
        self.verdict != Verdict::Wrong
    }
}

/// All that is known of the two requests.
pub(super) struct Seen<'a> {
    pub(super) url: &'a Url,
    pub(super) answer: &'a Answer,
    /// `arrived` and `believed` of the first request.
    pub(super) told: &'a Value,
    /// Of the forged one; `None` when the proxy did not let it through.
    pub(super) forged: Option<&'a Value>,
    pub(super) about: &'a About,
}

/// A host that is nobody's (RFC 2606).
const FORGED_HOST: &str = "forged.invalid";
/// An address that is nobody's (RFC 5737).
const FORGED_CLIENT: &str = "192.0.2.1";
const FORGED_PREFIX: &str = "/forged";

/// What a visitor sends who would like to be believed like a proxy.
pub(super) fn forged(url: &Url) -> Vec<(&'static str, String)> {
    let scheme = forged_scheme(url);
    vec![
        ("X-Forwarded-For", FORGED_CLIENT.to_owned()),
        ("X-Forwarded-Proto", scheme.to_owned()),
        ("X-Forwarded-Host", FORGED_HOST.to_owned()),
        ("X-Forwarded-Prefix", FORGED_PREFIX.to_owned()),
        ("Forwarded", format!("for={FORGED_CLIENT};proto={scheme};host={FORGED_HOST}")),
    ]
}

fn forged_scheme(url: &Url) -> &'static str {
    if url.secure { "http" } else { "https" }
}

/// Everything, in the order in which it is mended best.
pub(super) fn all(seen: &Seen<'_>, lang: Lang) -> Vec<Check> {
    if seen.is_direct() {
        return vec![seen.direct(lang)];
    }
    let mut checks =
        vec![seen.proxy(lang), seen.client(), seen.scheme(), seen.host(), seen.prefix()];
    if !seen.about.trusted_hosts.is_empty() {
        checks.insert(4, seen.trusted_host(lang));
    }
    if seen.trusted() {
        let mut forgery = seen.forgery(lang);
        // What is to be mended already is not said twice.
        forgery.mends.retain(|mend| checks.iter().all(|check| !check.mends.contains(mend)));
        checks.push(forgery);
    }
    checks
}

impl Seen<'_> {
    fn believed(&self, key: &str) -> &str {
        self.told["believed"][key].as_str().unwrap_or_default()
    }

    fn trusted(&self) -> bool {
        self.told["believed"]["trusted"].as_bool().unwrap_or(false)
    }

    /// A header as it arrived.
    fn sent(&self, name: &str) -> Option<String> {
        self.told["arrived"]["headers"][name].as_str().map(str::to_owned)
    }

    /// What the believed family of headers says: `Forwarded` whole, or one of `X-Forwarded-`.
    fn said(&self, name: &str) -> Option<String> {
        match self.about.believes_forwarded() {
            true => self.sent("forwarded"),
            false => self.sent(name),
        }
    }

    fn peer(&self) -> &str {
        self.told["arrived"]["peer"].as_str().unwrap_or_default()
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        self.peer().parse().ok().map(|peer: SocketAddr| peer.ip().to_canonical())
    }

    /// What the peer is called in `trusted_proxies`.
    fn peer_name(&self) -> String {
        self.peer_ip().map_or_else(|| "unix".to_owned(), |ip| ip.to_string())
    }

    /// The app's own connection is this tool's: nothing is in between.
    fn is_direct(&self) -> bool {
        let peer: Option<SocketAddr> = self.peer().parse().ok();
        let own = self.answer.local;
        peer.is_some_and(|peer| {
            (peer.ip().to_canonical(), peer.port()) == (own.ip().to_canonical(), own.port())
        })
    }

    fn kind(&self) -> Kind {
        Kind::of(self.answer.server.as_deref())
    }

    fn check(&self, what: What, sent: Option<String>, believed: &str, expected: &str) -> Check {
        let verdict =
            if believed.eq_ignore_ascii_case(expected) { Verdict::Right } else { Verdict::Wrong };
        let (believed, expected) = (believed.to_owned(), Some(expected.to_owned()));
        Check { what, sent, believed, expected, verdict, mends: Vec::new() }
    }

    fn direct(&self, lang: Lang) -> Check {
        let words = lang.pick("no proxy in between", "사이에 프록시 없음");
        let mut check = self.check(What::Direct, None, words, lang.pick("a proxy", "프록시"));
        check.mends.push(Mend::Words(lang.pick(
            "this URL leads to the app itself; check the one that visitors use",
            "이 URL은 앱으로 바로 이어집니다. 방문자가 쓰는 URL을 검사하십시오",
        )));
        check
    }

    fn proxy(&self, lang: Lang) -> Check {
        let (yes, no) = (lang.pick("trusted", "신뢰함"), lang.pick("not trusted", "신뢰하지 않음"));
        let name = self.peer_name();
        let believed = if self.trusted() { yes } else { no };
        let mut check = self.check(What::Proxy, Some(name.clone()), believed, yes);
        if !self.trusted() {
            let mut from = self.about.trusted();
            from.push(name);
            check.mends.push(mend::list("trusted_proxies", &from, &self.about.trusted_proxies));
        }
        check
    }

    fn client(&self) -> Check {
        let own = self.answer.local.ip().to_canonical();
        // Past a router this machine has another address, which nobody told it.
        let knows = AddressKind::of(self.answer.remote.ip()) != AddressKind::Public;
        let believed = match self.believed("client") {
            "" => "-",
            client => client,
        };
        let said = self.said("x-forwarded-for");
        let mut check = self.check(What::Client, said.clone(), believed, &own.to_string());
        check.expected = check.expected.filter(|_| knows);
        check.verdict = match (self.trusted() && said.is_some(), check.verdict) {
            (true, Verdict::Wrong) if believed != "-" && believed != self.peer_name() => {
                Verdict::Open
            }
            (true, verdict) => verdict,
            // That the proxy is on this machine, too, makes its address look right.
            (false, _) => Verdict::Wrong,
        };
        if check.verdict == Verdict::Wrong && said.is_none() {
            check.mends.push(self.mend(mend::Header::For));
        } else if check.verdict == Verdict::Wrong && self.trusted() {
            check.mends.push(Mend::Section("x_for = \"auto\"".to_owned()));
        }
        check
    }

    fn scheme(&self) -> Check {
        let said = self.said("x-forwarded-proto");
        let expected = self.url.scheme();
        let mut check = self.check(What::Scheme, said.clone(), self.believed("scheme"), expected);
        if check.verdict == Verdict::Wrong {
            let is_said = said.as_deref().is_some_and(|said| {
                let nearest = said.rsplit(',').next().unwrap_or_default();
                nearest.trim().eq_ignore_ascii_case(expected)
            });
            match (is_said, self.trusted()) {
                (false, _) => check.mends.push(self.mend(mend::Header::Proto)),
                (true, true) => {
                    check.mends.push(Mend::Section("x_proto = \"auto\"".to_owned()));
                }
                // Once the proxy is trusted it is right.
                (true, false) => {}
            }
        }
        check
    }

    fn host(&self) -> Check {
        let arrived = self.told["arrived"]["host"].as_str().unwrap_or_default();
        let said = self.said("x-forwarded-host").or_else(|| Some(arrived.to_owned()));
        let expected = self.url.authority();
        let mut check = self.check(What::Host, said, self.believed("host"), &expected);
        // The usual port of a scheme that is wrong is not left out.
        let usual = if self.url.secure { ":443" } else { ":80" };
        if check
            .believed
            .strip_suffix(usual)
            .is_some_and(|host| host.eq_ignore_ascii_case(&expected))
        {
            check.verdict = Verdict::Right;
        }
        // Once the proxy is trusted, what it says is right.
        let is_said =
            check.sent.as_deref().is_some_and(|said| said.eq_ignore_ascii_case(&expected));
        if check.verdict == Verdict::Wrong && (self.trusted() || !is_said) {
            let is_told = self.sent("x-forwarded-host").is_some();
            let header = if is_told { mend::Header::ForwardedHost } else { mend::Header::Host };
            check.mends.push(self.mend(header));
        }
        check
    }

    fn trusted_host(&self, lang: Lang) -> Check {
        let is_trusted = self.told["believed"]["host_is_trusted"].as_bool().unwrap_or(true);
        let (yes, no) = (lang.pick("answered", "응답함"), lang.pick("refused: 400", "거절함: 400"));
        let believed = if is_trusted { yes } else { no };
        let mut check = self.check(What::TrustedHost, None, believed, yes);
        if !is_trusted && self.believed("host").eq_ignore_ascii_case(&self.url.authority()) {
            let mut hosts = self.about.trusted_hosts.clone();
            hosts.push(self.url.host.clone());
            check.mends.push(mend::list("trusted_hosts", &hosts, &Value::Null));
        }
        check
    }

    fn prefix(&self) -> Check {
        let said = self.sent("x-forwarded-prefix").filter(|_| !self.about.believes_forwarded());
        let believed = self.believed("prefix");
        let shown =
            |prefix: &str| if prefix.is_empty() { "/".to_owned() } else { prefix.to_owned() };
        let Some(expected) = self.expected_prefix() else {
            let mut check = self.check(What::Prefix, said, &shown(believed), "");
            (check.verdict, check.expected) = (Verdict::Open, None);
            return check;
        };
        let mut check = self.check(What::Prefix, said.clone(), &shown(believed), &shown(expected));
        let is_said = said.is_some_and(|said| said.trim_end_matches('/') == expected);
        if check.verdict == Verdict::Wrong && self.about.believes_forwarded() {
            check.mends.push(Mend::Key(format!("application_root = \"{}\"", shown(expected))));
        } else if check.verdict == Verdict::Wrong && !is_said {
            check.mends.push(self.mend(mend::Header::Prefix(expected.to_owned())));
        }
        check
    }

    /// What the proxy took off the front of the path; `None` when it changed more of it than that.
    fn expected_prefix(&self) -> Option<&str> {
        let target = self.told["arrived"]["target"].as_str().unwrap_or_default();
        let path = self.url.path.as_str();
        path.strip_suffix(target).or((target == "/").then_some(path))
    }

    /// What a visitor could make the app believe.
    fn forgery(&self, lang: Lang) -> Check {
        let none = lang.pick("nothing", "없음");
        let Some(told) = self.forged else {
            return self.check(What::Forged, None, none, none);
        };
        let believed = &told["believed"];
        let is = |key: &str, value: &str| believed[key].as_str() == Some(value);
        let mut holes = Vec::new();
        // A proxy on a trusted address that added this one's is no hole: who is trusted may name others.
        let header = if self.about.believes_forwarded() { "forwarded" } else { "x-forwarded-for" };
        let arrived = told["arrived"]["headers"][header].as_str().unwrap_or_default();
        if is("client", FORGED_CLIENT) && !arrived.contains(',') {
            holes.push((FORGED_CLIENT, mend::Header::For));
        }
        if is("scheme", forged_scheme(self.url))
            && self.believed("scheme") != forged_scheme(self.url)
        {
            holes.push((forged_scheme(self.url), mend::Header::Proto));
        }
        // A host that is refused does no harm.
        if is("host", FORGED_HOST) && believed["host_is_trusted"].as_bool() == Some(true) {
            holes.push((FORGED_HOST, mend::Header::ForwardedHost));
        }
        if is("prefix", FORGED_PREFIX) {
            holes.push((
                FORGED_PREFIX,
                mend::Header::Prefix(self.expected_prefix().unwrap_or_default().to_owned()),
            ));
        }
        let values: Vec<&str> = holes.iter().map(|(value, _)| *value).collect();
        let shown = if values.is_empty() { none.to_owned() } else { values.join(", ") };
        let mut check = self.check(What::Forged, None, &shown, none);
        check.mends = holes.into_iter().map(|(_, header)| self.mend(header)).collect();
        check.mends.dedup();
        check
    }

    fn mend(&self, header: mend::Header) -> Mend {
        match self.about.believes_forwarded() {
            true => Mend::Forwarded,
            false => Mend::Proxy(self.kind(), header),
        }
    }
}
