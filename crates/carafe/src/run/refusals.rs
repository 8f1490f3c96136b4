//! Why a port or an address cannot be had, when it is not that somebody else has it.

use std::io;
use std::net::{IpAddr, SocketAddr};

use carafe_net::{Lang, is_free, lowest_open_port, next_free};

use super::error::refused;
use super::place::{Machine, Place};
use super::ports::Failure;
use super::{RunError, again, privileged};
use crate::config::Port;

/// The reason in words for people, with what to do.
pub(super) fn words(
    failure: &Failure,
    places: &[Place],
    port: Port,
    machine: &Machine,
    lang: Lang,
) -> RunError {
    let Failure { address, error } = failure;
    let here = places.iter().map(|place| place.ip).filter(|ip| is_free(SocketAddr::new(*ip, 0)));
    let here: Vec<IpAddr> = here.collect();
    match error.kind() {
        io::ErrorKind::AddrInUse => all_taken(port, &here, lang),
        io::ErrorKind::PermissionDenied => {
            let limit = lowest_open_port(&machine.system);
            let higher = next_free(&here, limit.max(8000)).unwrap_or(8000);
            privileged::words(&privileged::Facts::here(*address, limit, higher), lang)
        }
        _ if address.ip().is_loopback() && !machine.has_loopback() => no_loopback(lang),
        io::ErrorKind::AddrNotAvailable => not_ours(address.ip(), machine, lang),
        // A system without IPv6 knows no such sockets, whatever the address.
        _ if address.is_ipv6() && here.is_empty() => not_ours(address.ip(), machine, lang),
        _ => {
            let reason = match lang {
                Lang::Korean => format!("{address} 주소에서 요청을 받을 수 없습니다: {error}"),
                _ => format!("cannot listen on {address}: {error}"),
            };
            refused(&reason, &[])
        }
    }
}

fn all_taken(port: Port, ips: &[IpAddr], lang: Lang) -> RunError {
    let ports = port.candidates();
    let (first, last) = (*ports.start(), *ports.end());
    let reason = match (first, lang) {
        (0, Lang::Korean) => "빈 포트가 없습니다".to_owned(),
        (0, _) => "no port is free".to_owned(),
        (_, Lang::Korean) => format!("{first}번부터 {last}번까지 모든 포트가 사용 중입니다"),
        _ => format!("every port from {first} to {last} is taken"),
    };
    let mut hints = Vec::new();
    if let Some(next) = last.checked_add(1).and_then(|from| next_free(ips, from)) {
        let words = lang.pick("use the next free port", "다음 빈 포트를 쓰려면");
        hints.push(format!("{words}: `{}`", again::with_port(next)));
    }
    let words = lang.pick("see who has them", "누가 쓰고 있는지 보려면");
    hints.push(format!("{words}: `carafe ports`"));
    refused(&reason, &hints)
}

fn no_loopback(lang: Lang) -> RunError {
    let reason = lang.pick(
        "this computer does not reach itself: it has neither 127.0.0.1 nor ::1",
        "이 컴퓨터가 자기 자신에게 접속할 수 없습니다: 127.0.0.1도 ::1도 없습니다",
    );
    let hint = match cfg!(target_os = "linux") {
        true => vec![format!(
            "{}: `sudo ip link set lo up`",
            lang.pick("switch the loopback interface on", "루프백 인터페이스를 켜려면")
        )],
        false => Vec::new(),
    };
    refused(reason, &hint)
}

fn not_ours(ip: IpAddr, machine: &Machine, lang: Lang) -> RunError {
    let addresses = machine.addresses_in_words();
    let has_v6 = addresses.contains(':');
    let (reason, hint) = match (ip.is_ipv6() && !has_v6, lang) {
        (true, Lang::Korean) => (
            format!("{ip} 주소에서 요청을 받을 수 없습니다: 이 컴퓨터에는 IPv6가 꺼져 있습니다"),
            format!("이 컴퓨터의 주소: {addresses}"),
        ),
        (true, _) => (
            format!("{ip} cannot be listened on: IPv6 is switched off on this computer"),
            format!("its addresses are {addresses}"),
        ),
        (false, Lang::Korean) => (
            format!("{ip}은(는) 이 컴퓨터의 주소가 아닙니다"),
            format!("이 컴퓨터의 주소: {addresses}"),
        ),
        _ => (
            format!("{ip} is not an address of this computer"),
            format!("its addresses are {addresses}"),
        ),
    };
    let all = lang.pick(
        "`--host localhost` is this computer only, `--host lan` the private network, `--host 0.0.0.0` every IPv4 address",
        "`--host localhost`는 이 컴퓨터만, `--host lan`은 사설 네트워크, `--host 0.0.0.0`은 모든 IPv4 주소입니다",
    );
    refused(&reason, &[hint, all.to_owned()])
}
