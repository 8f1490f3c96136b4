//! Is a container or WSL in the way?

use std::net::IpAddr;

use carafe_net::Lang;

use super::super::facts::Facts;
use super::super::facts::other_systems::windows_mend;
use super::super::facts::place::{Container, Wsl};
use super::super::finding::{Cause, Finding, Mend};
use super::super::question::Client;
use super::say;

pub(super) fn check(facts: &Facts, lang: Lang) -> Vec<Finding> {
    let container = facts.place.container.map(|kind| container(facts, kind, lang));
    let wsl = facts.place.wsl.map(|kind| wsl(facts, kind, lang));
    container.into_iter().chain(wsl).collect()
}

fn container(facts: &Facts, kind: Container, lang: Lang) -> Finding {
    const ID: &str = "container";
    let (name, port) = (kind.name(), facts.question.port);
    let what = match lang {
        Lang::English => format!("this runs inside a container ({name})"),
        _ => format!("컨테이너({name}) 안에서 실행되고 있습니다"),
    };
    let listened = say::ips(&facts.listens_on());
    let loopback_only = !listened.is_empty() && listened.iter().all(IpAddr::is_loopback);
    if loopback_only && !facts.question.from_given && !facts.place.forwards {
        let what = match lang {
            Lang::English => format!("{what}, and the app listens for the container alone"),
            _ => format!("{what}. 앱은 컨테이너 안의 접속만 기다립니다"),
        };
        let why = lang.pick(
            "127.0.0.1 is the container itself: a published port does not lead there, and a browser outside reaches nothing\n\
             if you ask from inside, `--from 127.0.0.1` says so",
            "여기서 127.0.0.1은 컨테이너 자신입니다. 공개한 포트는 그 주소로 이어지지 않으므로 바깥의 브라우저는 접속할 수 없습니다\n\
             컨테이너 안에서 여는 것이라면 `--from 127.0.0.1`을 붙이십시오",
        );
        let again = say::again(facts, "--host 0.0.0.0");
        return Finding::problem(ID, Cause::Container, what).why(why).mend(again);
    }
    let publish = match kind {
        Container::Kubernetes => format!("kubectl port-forward POD {port}:{port}"),
        Container::Podman => format!("podman run -p {port}:{port} .."),
        Container::Docker => format!("docker run -p {port}:{port} .."),
        Container::Lxc => format!(
            "lxc config device add NAME web proxy listen=tcp:0.0.0.0:{port} connect=tcp:127.0.0.1:{port}"
        ),
    };
    let why = match lang {
        Lang::English => {
            format!("from outside the container the port has to be published: `{publish}`")
        }
        _ => format!("컨테이너 바깥에서 접속하려면 포트를 공개해야 합니다: `{publish}`"),
    };
    Finding::note(ID, what).why(why)
}

fn wsl(facts: &Facts, kind: Wsl, lang: Lang) -> Finding {
    const ID: &str = "wsl";
    let port = facts.question.port;
    let here = facts.question.client == Client::ThisMachine;
    match kind {
        Wsl::Nat if here => Finding::note(
            ID,
            lang.pick("this is WSL 2, behind Windows", "Windows 뒤에 있는 WSL 2입니다"),
        )
        .why(match lang {
            Lang::English => format!("a browser on Windows reaches http://localhost:{port}; other devices do not"),
            _ => format!("Windows의 브라우저는 http://localhost:{port} 주소로 접속하지만, 다른 기기는 접속할 수 없습니다"),
        }),
        Wsl::Nat => {
            let inside = facts.outward.map_or_else(|| "$(wsl hostname -I)".to_owned(), |ip| ip.to_string());
            let what = lang.pick(
                "this is WSL 2: other devices see Windows, and Windows passes nothing on",
                "WSL 2입니다. 다른 기기에는 Windows만 보이고, Windows는 연결을 넘겨 주지 않습니다",
            );
            let open = windows_mend(port);
            let why = match lang {
                Lang::English => format!(
                    "its firewall has to let the port in as well: `{open}`\n\
                     other devices then open Windows' address; mirrored networking (`networkingMode=mirrored` in .wslconfig) does without"
                ),
                _ => format!(
                    "Windows 방화벽도 포트를 허용해야 합니다: `{open}`\n\
                     다른 기기에서는 Windows의 주소로 엽니다. 미러 네트워크(.wslconfig의 `networkingMode=mirrored`)에서는 필요하지 않습니다"
                ),
            };
            let pass = format!(
                "netsh interface portproxy add v4tov4 listenaddress=0.0.0.0 listenport={port} connectaddress={inside} connectport={port}"
            );
            Finding::problem(ID, Cause::Wsl, what).why(why).mend(Mend::RunOnWindows(pass))
        }
        Wsl::Mirrored => {
            let rule = format!(
                "New-NetFirewallHyperVRule -Name Carafe{port} -DisplayName \"Carafe {port}\" -Direction Inbound \
                 -VMCreatorId '{{40E0AC32-46A5-438A-A0B2-2B479E8F2E90}}' -Protocol TCP -LocalPorts {port}"
            );
            Finding::note(
                ID,
                lang.pick(
                    "this is WSL 2 with mirrored networking: it has Windows' own addresses",
                    "미러 네트워크를 쓰는 WSL 2입니다. Windows와 같은 주소를 씁니다",
                ),
            )
            .why(windows_rule(&rule, lang))
        }
        Wsl::One => Finding::note(
            ID,
            lang.pick(
                "this is WSL 1: it has Windows' own addresses",
                "WSL 1입니다. Windows와 같은 주소를 씁니다",
            ),
        )
        .why(windows_rule(&windows_mend(port), lang)),
    }
}

fn windows_rule(rule: &str, lang: Lang) -> String {
    match lang {
        Lang::English => format!(
            "other devices need a rule in Windows' firewall, in PowerShell as administrator: `{rule}`"
        ),
        _ => format!(
            "다른 기기에서 접속하려면 Windows 방화벽 규칙이 필요합니다. 관리자 권한 PowerShell에서: `{rule}`"
        ),
    }
}
