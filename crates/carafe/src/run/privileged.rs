//! Ports that the system keeps from this user: why, and the ways out, for Linux, macOS and Windows.
//!
//! The words depend on facts alone, so that every system's are checked on each.

use std::net::SocketAddr;

use carafe_net::{Lang, System, my_uid, process};

use super::error::refused;
use super::{RunError, again};

/// What the words depend on.
#[derive(Debug)]
pub(super) struct Facts {
    /// What was refused.
    address: SocketAddr,
    os: Os,
    /// The lowest port that is open to everyone.
    limit: u16,
    /// Who asks, and whether that is root.
    user: String,
    root: bool,
    /// This app's program, as it can be typed.
    program: String,
    /// This app's command with a port that is open and free.
    higher: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Os {
    Linux,
    Mac,
    Windows,
    Other,
}

impl Facts {
    pub(super) fn here(address: SocketAddr, limit: u16, higher: u16) -> Facts {
        let os = match std::env::consts::OS {
            "linux" | "android" => Os::Linux,
            "macos" => Os::Mac,
            "windows" => Os::Windows,
            _ => Os::Other,
        };
        let own = process(&System::this(), std::process::id());
        Facts {
            address,
            os,
            limit,
            user: own.map_or_else(|| my_uid().to_string(), |own| own.user),
            root: cfg!(unix) && my_uid() == 0,
            program: again::program(),
            higher: again::with_port(higher),
        }
    }
}

/// The refusal for people.
pub(super) fn words(facts: &Facts, lang: Lang) -> RunError {
    refused(&reason(facts, lang), &hints(facts, lang))
}

fn reason(facts: &Facts, lang: Lang) -> String {
    let Facts { address, os, limit, user, root, .. } = facts;
    let port = address.port();
    let ip = address.ip();
    let privileged = port < *limit;
    match (os, lang) {
        (Os::Windows, Lang::Korean) => {
            format!("Windows가 {port}번 포트를 예약해 두었거나 다른 프로그램이 독점하고 있습니다")
        }
        (Os::Windows, _) => {
            format!(
                "Windows keeps port {port}: it is reserved, or a program has it for itself alone"
            )
        }
        (_, Lang::Korean) if !privileged => format!(
            "시스템이 {ip} 주소의 {port}번 포트를 허락하지 않습니다. {limit}번부터는 누구나 쓸 수 있는 포트이므로 \
             SELinux나 샌드박스 같은 다른 규칙 때문입니다"
        ),
        _ if !privileged => format!(
            "the system refuses port {port} on {ip}, although ports from {limit} up are open to everyone: \
             another rule does it, such as SELinux or a sandbox"
        ),
        (Os::Mac, Lang::Korean) => format!(
            "사용자 {user}에게 {ip} 주소의 {port}번 포트가 허락되지 않습니다: macOS는 {limit}번보다 작은 포트를 \
             모든 주소(0.0.0.0)에서만 누구에게나 열어 줍니다"
        ),
        (Os::Mac, _) => format!(
            "port {port} on {ip} is not open to user {user}: macOS opens ports below {limit} to everyone \
             only on all addresses at once (0.0.0.0)"
        ),
        (_, Lang::Korean) if *root => format!(
            "{port}번 포트는 {limit}번보다 작아서 권한이 필요한데, 이 root에는 그 권한(CAP_NET_BIND_SERVICE)이 없습니다"
        ),
        _ if *root => format!(
            "port {port} is below {limit} and needs a right that this root lacks (CAP_NET_BIND_SERVICE)"
        ),
        (_, Lang::Korean) => format!(
            "사용자 {user}에게 {port}번 포트가 허락되지 않습니다: 이 시스템에서 {limit}번보다 작은 포트는 \
             root와 따로 허락받은 프로그램만 쓸 수 있습니다"
        ),
        _ => format!(
            "port {port} is not open to user {user}: on this system, ports below {limit} are for root \
             and for programs that were allowed to"
        ),
    }
}

fn hints(facts: &Facts, lang: Lang) -> Vec<String> {
    let Facts { address, os, limit, root, program, higher, .. } = facts;
    let port = address.port();
    let hint = |english: &str, korean: &str, command: &str| {
        format!("{}: `{command}`", lang.pick(english, korean))
    };
    let mut hints = vec![hint("a higher port", "더 큰 포트", higher)];
    if *os == Os::Windows {
        let command = "netsh int ipv4 show excludedportrange protocol=tcp";
        hints.push(hint("see what is reserved", "예약된 포트를 보려면", command));
        return hints;
    }
    if port >= *limit {
        return hints;
    }
    if *os == Os::Mac {
        hints.push(hint("all addresses at once", "모든 주소에서 받기", "--host 0.0.0.0"));
    }
    hints.push(hint(
        &format!("a reverse proxy that has port {port} and passes requests on to this app"),
        &format!("{port}번 포트로 받아 이 앱에 넘겨주는 리버스 프록시"),
        "carafe proxy nginx",
    ));
    if *os == Os::Linux {
        let hints = &mut hints;
        if *root {
            let command = "docker run --cap-add NET_BIND_SERVICE ...";
            hints.push(hint("the right, for a container", "컨테이너에 권한 주기", command));
        } else {
            hints.push(hint(
                "the right for this program, again after each build",
                "이 프로그램에 권한 주기(빌드할 때마다 다시)",
                &format!("sudo setcap 'cap_net_bind_service=+ep' {program}"),
            ));
        }
        hints.push(hint(
            &format!("ports from {port} up for every program, until the system restarts"),
            &format!("모든 프로그램에 {port}번부터 열기(시스템을 다시 시작할 때까지)"),
            &format!("sudo sysctl net.ipv4.ip_unprivileged_port_start={port}"),
        ));
        hints.push(hint(
            "socket activation: systemd opens the port and hands it over",
            "소켓 활성화: systemd가 포트를 열어 넘겨주기",
            "carafe proxy systemd",
        ));
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(os: Os, port: u16, root: bool) -> Facts {
        Facts {
            address: ([127, 0, 0, 1], port).into(),
            os,
            limit: if os == Os::Windows { 0 } else { 1024 },
            user: if root { "root" } else { "ann" }.to_owned(),
            root,
            program: "/srv/shop".to_owned(),
            higher: "shop --port 8000".to_owned(),
        }
    }

    fn check(facts: &Facts, lang: Lang, wanted: &str) {
        assert_eq!(words(facts, lang).to_string(), wanted);
    }

    #[test]
    fn linux() {
        check(
            &facts(Os::Linux, 80, false),
            Lang::English,
            "port 80 is not open to user ann: on this system, ports below 1024 are for root and for \
             programs that were allowed to\n\n\
             hint: a higher port: `shop --port 8000`\n\
             hint: a reverse proxy that has port 80 and passes requests on to this app: `carafe proxy nginx`\n\
             hint: the right for this program, again after each build: \
             `sudo setcap 'cap_net_bind_service=+ep' /srv/shop`\n\
             hint: ports from 80 up for every program, until the system restarts: \
             `sudo sysctl net.ipv4.ip_unprivileged_port_start=80`\n\
             hint: socket activation: systemd opens the port and hands it over: `carafe proxy systemd`",
        );
        check(
            &facts(Os::Linux, 443, false),
            Lang::Korean,
            "사용자 ann에게 443번 포트가 허락되지 않습니다: 이 시스템에서 1024번보다 작은 포트는 root와 \
             따로 허락받은 프로그램만 쓸 수 있습니다\n\n\
             hint: 더 큰 포트: `shop --port 8000`\n\
             hint: 443번 포트로 받아 이 앱에 넘겨주는 리버스 프록시: `carafe proxy nginx`\n\
             hint: 이 프로그램에 권한 주기(빌드할 때마다 다시): \
             `sudo setcap 'cap_net_bind_service=+ep' /srv/shop`\n\
             hint: 모든 프로그램에 443번부터 열기(시스템을 다시 시작할 때까지): \
             `sudo sysctl net.ipv4.ip_unprivileged_port_start=443`\n\
             hint: 소켓 활성화: systemd가 포트를 열어 넘겨주기: `carafe proxy systemd`",
        );
        let root = words(&facts(Os::Linux, 80, true), Lang::English).to_string();
        assert!(root.starts_with("port 80 is below 1024 and needs a right that this root lacks"));
        assert!(root.contains("--cap-add NET_BIND_SERVICE") && !root.contains("setcap"));
        check(
            &facts(Os::Linux, 8000, false),
            Lang::English,
            "the system refuses port 8000 on 127.0.0.1, although ports from 1024 up are open to everyone: \
             another rule does it, such as SELinux or a sandbox\n\n\
             hint: a higher port: `shop --port 8000`",
        );
    }

    #[test]
    fn other_systems() {
        check(
            &facts(Os::Mac, 80, false),
            Lang::English,
            "port 80 on 127.0.0.1 is not open to user ann: macOS opens ports below 1024 to everyone only \
             on all addresses at once (0.0.0.0)\n\n\
             hint: a higher port: `shop --port 8000`\n\
             hint: all addresses at once: `--host 0.0.0.0`\n\
             hint: a reverse proxy that has port 80 and passes requests on to this app: `carafe proxy nginx`",
        );
        check(
            &facts(Os::Windows, 50_000, false),
            Lang::English,
            "Windows keeps port 50000: it is reserved, or a program has it for itself alone\n\n\
             hint: a higher port: `shop --port 8000`\n\
             hint: see what is reserved: `netsh int ipv4 show excludedportrange protocol=tcp`",
        );
    }
}
