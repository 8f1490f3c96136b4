//! The words for kinds of addresses and interfaces, and for what is refused.

use std::fmt::Write as _;
use std::io;

use carafe_net::{AddressKind, Lang, LinkKind, StopError, WhyNot};

const LANGS: [Lang; 2] = [Lang::English, Lang::Korean];

#[test]
fn every_word_in_both_languages() {
    super::said("words", LANGS.map(words));
}

fn words(lang: Lang) -> String {
    let mut text = String::new();
    let addresses = [
        "0.0.0.0",
        "127.0.0.1",
        "192.168.0.7",
        "169.254.0.1",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "1.1.1.1",
    ];
    for address in addresses {
        let kind = AddressKind::of(address.parse().unwrap());
        writeln!(text, "{address}: {}: {}", kind.name(lang), kind.reach(lang)).unwrap();
    }
    let links = [
        LinkKind::Loopback,
        LinkKind::Wifi,
        LinkKind::Cable,
        LinkKind::Vpn,
        LinkKind::ContainerBridge,
        LinkKind::Virtual,
        LinkKind::Other,
    ];
    for link in links {
        writeln!(text, "{link:?}: {}", link.name(lang)).unwrap();
    }
    let reasons = [
        WhyNot::OtherUser,
        WhyNot::Init,
        WhyNot::Kernel,
        WhyNot::Ourselves,
        WhyNot::Unseen,
        WhyNot::Container,
        WhyNot::AirPlay,
    ];
    let failures = [
        StopError::Gone,
        StopError::Refused(io::ErrorKind::PermissionDenied.into()),
        StopError::StillThere,
    ];
    let reasons = reasons.map(StopError::MayNot).into_iter().chain(failures);
    for reason in reasons {
        writeln!(text, "{reason:?}: {}", reason.describe(lang)).unwrap();
    }
    text.trim_end().to_owned()
}
