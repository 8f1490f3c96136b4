//! A holder in words: who it is first, then its facts, a line each.

use std::net::SocketAddr;

use super::{Holder, HolderKind, container};
use crate::text::{columns, command_line, printable};
use crate::{AddressKind, Lang, Process, age, my_uid};

impl Holder {
    /// Who holds the port, in the first line, then what is known of it, a line each.
    ///
    /// ```text
    /// port 8000 is taken by `python3` (pid 4211, user ann), started 3 minutes ago
    ///   command  python3 -m http.server 8000
    ///   folder   /srv/ann/site
    ///   address  127.0.0.1:8000 (this computer only)
    /// ```
    pub fn describe(&self, lang: Lang) -> String {
        describe_all(std::slice::from_ref(self), lang)
    }
}

/// All holders of one port in words as of [`Holder::describe`], each program once with all its
/// addresses. Empty for none.
pub fn describe_all(holders: &[Holder], lang: Lang) -> String {
    let mut programs: Vec<Vec<&Holder>> = Vec::new();
    for holder in holders {
        match programs.iter_mut().find(|program| is_same(program[0], holder)) {
            Some(program) => program.push(holder),
            None => programs.push(vec![holder]),
        }
    }
    let addresses: Vec<SocketAddr> = holders.iter().map(|holder| holder.address).collect();
    let mut paragraphs = Vec::new();
    for (at, program) in programs.iter().enumerate() {
        let mut lines = vec![headline(program[0], at > 0, lang)];
        lines.extend(aligned(&facts(program, &addresses, lang)));
        paragraphs.push(lines.join("\n"));
    }
    paragraphs.join("\n")
}

/// Whether two holders are one program, or all the same that can be said.
fn is_same(one: &Holder, other: &Holder) -> bool {
    let pid = |holder: &Holder| holder.process.as_ref().map(|process| process.pid);
    // Docker starts a proxy for each family of addresses.
    let to_one_container = || one.container().is_some() && one.container() == other.container();
    one.address.port() == other.address.port()
        && one.kind == other.kind
        && one.uid == other.uid
        && (pid(one) == pid(other) || to_one_container())
}

fn headline(holder: &Holder, also: bool, lang: Lang) -> String {
    let port = holder.address.port();
    match lang {
        Lang::English => {
            let taken = if also { "is also taken by" } else { "is taken by" };
            format!("port {port} {taken} {}", english(holder))
        }
        // Every name ends with a consonant, so that one particle fits all.
        Lang::Korean => {
            let particle = if also { "도" } else { "이" };
            format!("{port}번 포트는 {}{particle} 쓰고 있습니다", korean(holder))
        }
    }
}

fn english(holder: &Holder) -> String {
    let Some(process) = &holder.process else {
        return match holder.kind {
            HolderKind::OtherUser => format!("a program of {}", user(holder, Lang::English)),
            _ => "a program that cannot be seen from here".to_owned(),
        };
    };
    let name = printable(&process.name);
    let ids = format!("(pid {}, user {})", process.pid, printable(&process.user));
    let who = match &holder.kind {
        HolderKind::ThisProgram => format!("an earlier run of this app: `{name}` {ids}"),
        HolderKind::CarafeApp(app) => format!("the Carafe app `{}` {ids}", printable(app)),
        HolderKind::DockerProxy => format!("a container, through `{name}` {ids}"),
        HolderKind::AirPlay => format!("AirPlay Receiver of macOS: `{name}` {ids}"),
        _ => format!("`{name}` {ids}"),
    };
    match process.age {
        Some(time) if time.as_secs() == 0 => format!("{who}, started just now"),
        Some(time) => format!("{who}, started {} ago", age(time, Lang::English)),
        None => who,
    }
}

fn korean(holder: &Holder) -> String {
    let Some(process) = &holder.process else {
        return match holder.kind {
            HolderKind::OtherUser => format!("{} 프로그램", user(holder, Lang::Korean)),
            _ => "여기서는 볼 수 없는 프로그램".to_owned(),
        };
    };
    let name = printable(&process.name);
    let since = match process.age {
        Some(time) if time.as_secs() == 0 => ", 방금 시작".to_owned(),
        Some(time) => format!(", {} 전 시작", age(time, Lang::Korean)),
        None => String::new(),
    };
    let ids = format!("pid {}, 사용자 {}{since}", process.pid, printable(&process.user));
    match &holder.kind {
        HolderKind::ThisProgram => format!("이전에 실행한 이 앱(`{name}`, {ids})"),
        HolderKind::CarafeApp(app) => format!("`{}`({ids})라는 Carafe 앱", printable(app)),
        HolderKind::DockerProxy => format!("컨테이너로 이어 주는 `{name}`({ids}) 프로그램"),
        HolderKind::AirPlay => format!("macOS의 AirPlay 수신 기능(`{name}`, {ids})"),
        _ => format!("`{name}`({ids}) 프로그램"),
    }
}

fn user(holder: &Holder, lang: Lang) -> String {
    let name = printable(&holder.user);
    match lang {
        Lang::English => format!("user {name}"),
        Lang::Korean => format!("사용자 {name}의"),
    }
}

/// What is known of a program, each fact with its name.
fn facts(program: &[&Holder], all: &[SocketAddr], lang: Lang) -> Vec<(&'static str, String)> {
    let holder = program[0];
    let mut facts = Vec::new();
    match (holder.container(), &holder.process) {
        (Some(container), _) => {
            facts.push((lang.pick("container", "컨테이너"), container.to_string()));
        }
        (None, Some(process)) => facts.extend(process_facts(process, lang)),
        (None, None) => {}
    }
    facts.push((lang.pick("address", "주소"), addresses(program, all, lang)));
    facts.extend(ways_on(holder, lang));
    facts
}

fn process_facts(process: &Process, lang: Lang) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if !process.command.is_empty() {
        facts.push((lang.pick("command", "명령"), command_line(&process.command)));
    }
    if let Some(folder) = &process.folder {
        facts.push((lang.pick("folder", "폴더"), printable(&folder.display().to_string())));
    }
    let gone = |exe: &std::path::PathBuf| exe.display().to_string().ends_with(" (deleted)");
    if process.exe.as_ref().is_some_and(gone) {
        let words = lang.pick(
            "its file was built anew or removed since it started",
            "시작한 뒤에 실행 파일이 다시 빌드되었거나 지워졌습니다",
        );
        facts.push((lang.pick("program", "프로그램"), words.to_owned()));
    }
    if process.suspended {
        let words = lang.pick(
            "suspended, as by Ctrl-Z, and answers nobody; `fg` in its terminal wakes it",
            "Ctrl-Z 등으로 멈춰 있어서 응답하지 않습니다. 그 터미널에서 `fg`로 깨울 수 있습니다",
        );
        facts.push((lang.pick("state", "상태"), words.to_owned()));
    }
    facts
}

/// What the reader can type or click where this program can do no more.
fn ways_on(holder: &Holder, lang: Lang) -> Vec<(&'static str, String)> {
    let port = holder.address.port();
    match (&holder.kind, &holder.process) {
        (HolderKind::OtherUser | HolderKind::Unknown, None) => unseen(holder, lang),
        (HolderKind::DockerProxy, process) => {
            let name = process.as_ref().map_or("", |process| &process.name);
            match container::engine(name) {
                Some("podman") => vec![(lang.pick("see", "확인"), "podman ps".to_owned())],
                _ => vec![
                    (lang.pick("see", "확인"), format!("docker ps --filter publish={port}")),
                    (
                        lang.pick("stop", "중지"),
                        format!("docker stop $(docker ps --quiet --filter publish={port})"),
                    ),
                ],
            }
        }
        (HolderKind::AirPlay, _) => {
            let way = lang.pick(
                "System Settings > General > AirDrop & Handoff > AirPlay Receiver",
                "시스템 설정 > 일반 > AirDrop 및 Handoff > AirPlay 수신 모드",
            );
            vec![(lang.pick("switch off", "끄는 곳"), way.to_owned())]
        }
        _ => Vec::new(),
    }
}

fn unseen(holder: &Holder, lang: Lang) -> Vec<(&'static str, String)> {
    let port = holder.address.port();
    let why = match holder.kind {
        HolderKind::OtherUser if holder.uid == 0 => lang.pick(
            "its name, pid and command: only root may see them",
            "이름, pid, 명령은 root만 볼 수 있습니다",
        ),
        HolderKind::OtherUser => lang.pick(
            "its name, pid and command: only that user and root may see them",
            "이름, pid, 명령은 그 사용자와 root만 볼 수 있습니다",
        ),
        _ => lang.pick(
            "its name, pid and command: it may be in a container, hidden, or part of the kernel",
            "이름, pid, 명령을 볼 수 없습니다. 컨테이너 안에 있거나, 숨겨져 있거나, 커널의 일부일 수 있습니다",
        ),
    };
    let mut facts = vec![(lang.pick("unseen", "안 보임"), why.to_owned())];
    // Root sees all that there is to see.
    if cfg!(unix) && (my_uid() != 0 || holder.kind == HolderKind::OtherUser) {
        let other = if cfg!(target_os = "macos") {
            format!("sudo lsof -nP -iTCP:{port} -sTCP:LISTEN")
        } else {
            format!("sudo ss -ltnp 'sport = :{port}'")
        };
        facts.push((lang.pick("see", "확인"), format!("sudo carafe ports {port}")));
        facts.push((lang.pick("or", "또는"), other));
    }
    facts
}

/// A program's addresses on the port, each with whom it reaches, or several that reach the same.
fn addresses(program: &[&Holder], all: &[SocketAddr], lang: Lang) -> String {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for holder in program {
        let meaning = meaning(holder.address, all, lang);
        match groups.iter_mut().find(|(other, _)| *other == meaning) {
            Some((_, group)) => group.push(holder.address.to_string()),
            None => groups.push((meaning, vec![holder.address.to_string()])),
        }
    }
    let group =
        |(meaning, group): &(&str, Vec<String>)| format!("{} ({meaning})", group.join(", "));
    groups.iter().map(group).collect::<Vec<_>>().join(", ")
}

/// Whom an address reaches. Beside `0.0.0.0` nothing else can have IPv4, so that `[::]` is IPv6's
/// alone; otherwise it has both, unless its program asked for less.
fn meaning(address: SocketAddr, all: &[SocketAddr], lang: Lang) -> &'static str {
    let ip = address.ip();
    let v4_apart = all.iter().any(|other| other.is_ipv4() && other.ip().is_unspecified());
    match (ip.is_unspecified(), ip.is_ipv4()) {
        (true, true) => {
            lang.pick("every IPv4 address of this computer", "이 컴퓨터의 모든 IPv4 주소")
        }
        (true, false) if v4_apart => {
            lang.pick("every IPv6 address of this computer", "이 컴퓨터의 모든 IPv6 주소")
        }
        (true, false) => lang.pick("every address of this computer", "이 컴퓨터의 모든 주소"),
        _ => AddressKind::of(ip).name(lang),
    }
}

/// The facts' names in a column of their own.
fn aligned(facts: &[(&str, String)]) -> Vec<String> {
    let width = facts.iter().map(|(name, _)| columns(name)).max().unwrap_or(0);
    let line = |(name, fact): &(&str, String)| {
        format!("  {name}{}  {fact}", " ".repeat(width - columns(name)))
    };
    facts.iter().map(line).collect()
}
