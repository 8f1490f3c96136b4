//! What the banner says of machines that are made up, as prose to read: `snapshots/`, written by
//! `UPDATE_SNAPSHOTS=1 cargo test`.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use carafe_net::{Interface, Lang, LinkKind};

use super::facts::{Details, Facts};
use super::{text, ways};
use crate::run::How;
use crate::server::ListenAddress;

fn interface(name: &str, kind: LinkKind, up: bool, addresses: &[&str]) -> Interface {
    let addresses = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
    Interface { name: name.to_owned(), kind, up, addresses }
}

/// A notebook: Wi-Fi at home, a VPN, Docker, and a cable that is not plugged in.
fn notebook() -> Vec<Interface> {
    vec![
        interface("lo", LinkKind::Loopback, true, &["127.0.0.1", "::1"]),
        interface("docker0", LinkKind::ContainerBridge, true, &["172.17.0.1"]),
        interface("eth0", LinkKind::Cable, false, &["10.9.9.9"]),
        interface("wlan0", LinkKind::Wifi, true, &["192.168.0.12", "fd00::12", "fe80::12"]),
        interface("tailscale0", LinkKind::Vpn, true, &["100.101.102.103"]),
    ]
}

/// A machine in a data centre.
fn server() -> Vec<Interface> {
    vec![
        interface("lo", LinkKind::Loopback, true, &["127.0.0.1", "::1"]),
        interface("eth0", LinkKind::Cable, true, &["93.184.216.34", "2606:2800:220:1::1"]),
        interface("eth1", LinkKind::Cable, true, &["10.0.0.5"]),
    ]
}

fn facts(addresses: &[&str]) -> Facts {
    let address = |text: &&str| match text.strip_prefix("unix:") {
        Some(path) => ListenAddress::Unix(path.into()),
        None => ListenAddress::Tcp(text.parse().unwrap()),
    };
    Facts {
        name: "shop".to_owned(),
        version: "1.2.3".to_owned(),
        profile: "development",
        addresses: addresses.iter().map(address).collect(),
        dual_stack: true,
        interfaces: notebook(),
        how: How::Bound,
        details: Details::ThisComputer,
        needless_token: false,
        workers: 8,
        rules: 16,
        keys: false,
        lang: Lang::English,
    }
}

const LOOPBACKS: [&str; 2] = ["127.0.0.1:8000", "[::1]:8000"];

/// The banner in both languages beside its snapshot.
#[track_caller]
fn check(name: &str, facts: &Facts) {
    let [english, korean] = [Lang::English, Lang::Korean].map(|lang| {
        let facts = Facts { lang, ..facts.clone() };
        text::banner(&facts, &ways::ways(&facts))
    });
    for wildcard in ["//0.0.0.0", "//[::]"] {
        assert!(!english.contains(wildcard) && !korean.contains(wildcard), "{name}: {english}");
    }
    compare(name, &format!("{english}{korean}"));
}

#[track_caller]
fn compare(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/banner/snapshots");
    let file = folder.join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(folder).unwrap();
        fs::write(file, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    assert!(text == expected, "{name} gave\n{text}\nand not\n{expected}");
}

#[test]
fn this_computer_only() {
    check("default", &facts(&LOOPBACKS));
    check("one-loopback", &facts(&["127.0.0.1:8000"]));
    check("unix-socket", &facts(&["unix:/run/shop.sock"]));
    check("two-ports", &facts(&["127.0.0.1:8000", "[::1]:8000", "127.0.0.1:9000", "[::1]:9000"]));
}

#[test]
fn wildcards() {
    check("every-v4", &facts(&["0.0.0.0:8000"]));
    check("every-address", &facts(&["[::]:8000"]));
    check("every-v6", &Facts { dual_stack: false, ..facts(&["[::]:8000"]) });
    check("no-network", &Facts { interfaces: Vec::new(), ..facts(&["0.0.0.0:8000"]) });
}

#[test]
fn single_addresses() {
    check("lan", &facts(&["127.0.0.1:8000", "[::1]:8000", "192.168.0.12:8000"]));
    check("vpn", &facts(&["100.101.102.103:8000"]));
    check("bridge", &facts(&["172.17.0.1:8000"]));
    check("link-local-v6", &facts(&["[fe80::12]:8000"]));
}

#[test]
fn servers() {
    let all = Facts { interfaces: server(), ..facts(&["0.0.0.0:80", "unix:/run/shop.sock"]) };
    check("public-in-development", &all);
    let release = Facts { profile: "release", details: Details::Nobody, ..all };
    check("public", &Facts { addresses: facts(&["[::]:80"]).addresses, ..release.clone() });
    check("one-public", &Facts { interfaces: server(), ..facts(&["93.184.216.34:80"]) });
    check("activated", &Facts { how: How::Activated, ..release.clone() });
    check("taken-over", &Facts { how: How::TakenOver, ..release.clone() });
    check("needless-token", &Facts { needless_token: true, ..release });
}

#[test]
fn debugging() {
    let wide = facts(&["192.168.0.12:8000"]);
    check("details-for-everyone", &Facts { details: Details::Everyone, keys: true, ..wide });
}

#[test]
fn the_end() {
    let lines = [Lang::English, Lang::Korean]
        .map(|lang| format!("{}\n{}\n", text::stopping("Ctrl+C", lang), text::stopped(lang)));
    compare("end", &lines.concat());
}

/// Which URL the code is of; or the reason for none.
fn phone(facts: &Facts) -> String {
    let ways = ways::ways(facts);
    match text::code(facts, &ways) {
        Ok(code) => code.trim_end().rsplit(' ').next().unwrap().to_owned(),
        Err(words) => words,
    }
}

#[test]
fn the_code_is_of_the_url_that_a_phone_reaches() {
    let check = |facts: &Facts, expected: &str| assert_eq!(phone(facts), expected);
    check(&facts(&["0.0.0.0:8000"]), "http://192.168.0.12:8000");
    check(&facts(&["[::]:8000"]), "http://192.168.0.12:8000");
    check(&Facts { dual_stack: false, ..facts(&["[::]:8000"]) }, "http://[fd00::12]:8000");
    check(&facts(&["100.101.102.103:8000"]), "http://100.101.102.103:8000");
    check(&Facts { interfaces: server(), ..facts(&["0.0.0.0:80"]) }, "http://10.0.0.5:80");
    let only =
        "no QR code: only this computer can reach the app; `--host lan` opens it to your network";
    check(&facts(&LOOPBACKS), only);
    check(&facts(&["unix:/run/shop.sock"]), only);
    let none = "no QR code: this computer has no address on a network";
    check(&Facts { interfaces: Vec::new(), ..facts(&["0.0.0.0:8000"]) }, none);
    check(&facts(&["172.17.0.1:8000"]), none);
    check(
        &Facts { lang: Lang::Korean, ..facts(&LOOPBACKS) },
        "QR 코드 없음: 이 컴퓨터에서만 접속할 수 있습니다. `--host lan`을 쓰면 같은 네트워크에 열립니다",
    );
}

/// Every address that answers is there, and no other: an interface that is down answers nothing.
#[test]
fn a_wildcard_is_every_address_of_what_is_up() {
    let facts = facts(&["[::]:8000"]);
    let urls: Vec<String> = ways::ways(&facts).into_iter().map(|way| way.url).collect();
    for interface in &facts.interfaces[1..] {
        for ip in &interface.addresses {
            let link_local = ip.to_string().starts_with("fe80");
            let url = match ip {
                IpAddr::V4(ip) => format!("http://{ip}:8000"),
                IpAddr::V6(ip) => format!("http://[{ip}]:8000"),
            };
            assert_eq!(urls.contains(&url), interface.up && !link_local, "{url}");
        }
    }
    assert_eq!(urls[0], "http://localhost:8000");
    assert_eq!(urls.len(), 5);
}

#[test]
fn the_quickstart_shows_what_is_printed() {
    let app = Facts {
        name: "guestbook".to_owned(),
        version: "0.1.0".to_owned(),
        rules: 2,
        ..facts(&LOOPBACKS)
    };
    let banner = text::banner(&app, &ways::ways(&app));
    let shown = include_str!("../docs/quickstart.md");
    assert!(shown.contains(&format!("$ cargo run\n{}\n```", banner.trim_end())), "{banner}");
}

/// What the banner adds to a start: reading the interfaces, finding the ways in, writing the code.
#[test]
fn it_takes_less_than_ten_milliseconds() {
    let quickest = (0..20).map(|_| {
        let begun = Instant::now();
        let interfaces = carafe_net::interfaces(&carafe_net::System::this()).unwrap();
        let facts = Facts { interfaces, keys: true, ..facts(&["[::]:8000"]) };
        let ways = ways::ways(&facts);
        assert!(!text::banner(&facts, &ways).is_empty());
        let _ = text::code(&facts, &ways);
        begun.elapsed()
    });
    let quickest = quickest.min().unwrap();
    assert!(quickest < Duration::from_millis(10), "{quickest:?}");
    println!("the banner takes {quickest:?}");
}
