//! Who holds a port on machines that are made up, and the words for it.
//!
//! A case is a function and a file in `snapshots/`, written by `UPDATE_SNAPSHOTS=1 cargo test`.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod links;
#[path = "../machine/mod.rs"]
mod machine;
mod words;

use std::fs;
use std::path::Path;

use carafe_net::{
    HolderKind, Lang, WhyNot, describe_all, holders, listening, listening_on, lowest_open_port,
    my_uid, process, time_wait,
};
use machine::{Machine, Program};

/// Compares what is said of port 8000 with the snapshot of that name.
fn check(name: &str, machine: &Machine) {
    let found = holders(&machine.system, 8000).unwrap();
    said(name, [Lang::English, Lang::Korean].map(|lang| describe_all(&found, lang)));
}

fn said(name: &str, words: [String; 2]) {
    let text = words.join("\n\n") + "\n";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recognise/snapshots");
    let file = folder.join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(file, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    assert_eq!(text, expected, "{name}");
}

/// Someone who is not the one who runs the tests.
fn somebody() -> u32 {
    if my_uid() == 1001 { 1000 } else { 1001 }
}

fn with_one(program: &Program<'_>) -> Machine {
    let machine = Machine::new();
    machine.listens("127.0.0.1:8000", program.uid, 77);
    machine.program(&Program { sockets: Some(&[77]), ..*program });
    machine
}

#[test]
fn a_program() {
    let machine = with_one(&Program::default());
    check("program", &machine);
    let found = process(&machine.system, 4211).unwrap();
    assert_eq!((found.name.as_str(), found.user.as_str(), found.uid), ("python3", "ann", 1000));
    assert_eq!(found.command, ["python3", "-m", "http.server", "8000"]);
    assert_eq!(found.age.unwrap().as_secs(), 185);
    assert_eq!((found.parent, found.suspended), (900, false));
}

#[test]
fn both_loopbacks_are_one_program() {
    let machine = Machine::new();
    machine.listens("127.0.0.1:8000", 1000, 77);
    machine.listens("[::1]:8000", 1000, 78);
    machine.program(&Program { sockets: Some(&[77, 78]), ..Program::default() });
    check("both-loopbacks", &machine);
}

#[test]
fn two_programs_share_localhost() {
    let machine = Machine::new();
    machine.listens("127.0.0.1:8000", 1000, 77);
    machine.listens("[::1]:8000", 1000, 78);
    machine.program(&Program { sockets: Some(&[77]), ..Program::default() });
    machine.program(&Program {
        pid: 5000,
        name: "node",
        command: "node /srv/ann/my app/server.js",
        sockets: Some(&[78]),
        age: 0,
        ..Program::default()
    });
    check("two-programs", &machine);
}

#[test]
fn wildcards() {
    let machine = Machine::new();
    machine.listens("[::]:8000", 1000, 77);
    machine.program(&Program { sockets: Some(&[77, 78]), ..Program::default() });
    check("wildcard-of-both-families", &machine);
    machine.listens("0.0.0.0:8000", 1000, 78);
    check("wildcards-apart", &machine);
}

#[test]
fn an_address_of_ipv4_on_a_socket_of_ipv6() {
    let machine = Machine::new();
    machine.listens("[::ffff:192.168.0.7]:8000", 1000, 77);
    let found = listening(&machine.system).unwrap();
    assert_eq!(found[0].address.to_string(), "192.168.0.7:8000");
}

#[test]
fn sockets_are_ordered_by_port_and_known_by_inode() {
    let machine = Machine::new();
    machine.listens("[::1]:9000", 1000, 77);
    machine.listens("0.0.0.0:9000", 1000, 78);
    machine.listens("127.0.0.1:22", 0, 79);
    machine.socket("127.0.0.1:9000", "01", 1000, 80);
    machine.program(&Program { pid: 31, sockets: Some(&[77, 77, 80]), ..Program::default() });
    machine.program(&Program { pid: 30, sockets: Some(&[77, 78]), ..Program::default() });
    let found = listening(&machine.system).unwrap();
    let rows = found.iter().map(|s| (s.address.to_string(), s.inode, s.uid, s.pids.as_slice()));
    let expected: [(&str, u64, u32, &[u32]); 3] = [
        ("127.0.0.1:22", 79, 0, &[]),
        ("0.0.0.0:9000", 78, 1000, &[30]),
        ("[::1]:9000", 77, 1000, &[30, 31]),
    ];
    assert!(rows.eq(expected.map(|(a, i, u, p)| (a.to_owned(), i, u, p))), "{found:?}");
    assert_eq!(listening_on(&machine.system, 9000).unwrap(), found[1..]);
    assert_eq!(listening_on(&machine.system, 8000).unwrap(), []);
}

#[test]
fn who_started_the_others_is_named() {
    let machine = Machine::new();
    machine.listens("127.0.0.1:8000", 1000, 77);
    // Ids may have started again from the bottom, so that the first process has the highest.
    let worker = Program { name: "gunicorn: work", parent: 4300, ..Program::default() };
    machine.program(&Program { pid: 17, sockets: Some(&[77]), ..worker });
    machine.program(&Program { pid: 18, sockets: Some(&[77]), ..worker });
    let master = Program { pid: 4300, name: "gunicorn", parent: 1, ..Program::default() };
    machine.program(&Program { sockets: Some(&[77]), ..master });
    let found = holders(&machine.system, 8000).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].process.as_ref().unwrap().pid, 4300);
    assert_eq!(listening(&machine.system).unwrap()[0].pids, [17, 18, 4300]);
}

#[test]
fn another_user_whose_processes_cannot_be_seen() {
    let machine = Machine::new();
    machine.listens("0.0.0.0:8000", somebody(), 77);
    machine.program(&Program { uid: somebody(), sockets: None, ..Program::default() });
    let found = holders(&machine.system, 8000).unwrap();
    assert_eq!(found[0].kind, HolderKind::OtherUser);
    assert_eq!(found[0].process, None);
    assert_eq!(found[0].may_stop(), Err(WhyNot::OtherUser));
    machine.file("etc/passwd", &format!("bob:x:{}:5::/:/bin/sh\n", somebody()));
    check("other-user", &machine);
    machine.file("etc/passwd", "");
    let found = holders(&machine.system, 8000).unwrap();
    assert_eq!(found[0].user, somebody().to_string());
}

#[test]
fn nothing_can_be_seen() {
    let machine = Machine::new();
    machine.listens("127.0.0.1:8000", my_uid(), 77);
    let found = holders(&machine.system, 8000).unwrap();
    assert_eq!((&found[0].kind, found[0].may_stop()), (&HolderKind::Unknown, Err(WhyNot::Unseen)));
    check(if my_uid() == 0 { "unknown-to-root" } else { "unknown" }, &machine);
    // The kernel's own sockets have no number.
    let machine = Machine::new();
    machine.listens("0.0.0.0:2049", my_uid(), 0);
    machine.program(&Program { sockets: Some(&[0]), ..Program::default() });
    assert_eq!(listening(&machine.system).unwrap()[0].pids, []);
}

#[test]
fn processes_that_end_while_they_are_read() {
    let machine = with_one(&Program::default());
    // Its descriptors were seen and nothing else any more.
    fs::remove_file(machine.system.path("proc/4211/stat")).unwrap();
    assert_eq!(process(&machine.system, 4211), None);
    let found = holders(&machine.system, 8000).unwrap();
    assert_eq!((found.len(), &found[0].process), (1, &None));
    // Only a part was written.
    for (file, text) in [("stat", "4211 (pyth"), ("stat", ""), ("status", "Name:\tpython3\n")] {
        let machine = with_one(&Program::default());
        machine.file(&format!("proc/4211/{file}"), text);
        assert_eq!(process(&machine.system, 4211), None, "{file}");
        assert_eq!(holders(&machine.system, 8000).unwrap().len(), 1, "{file}");
    }
    // Nothing but the folder is left, and descriptors that cannot be read.
    let machine = with_one(&Program::default());
    fs::create_dir(machine.system.path("proc/99")).unwrap();
    machine.file("proc/98/fd/3", "no link");
    assert_eq!(holders(&machine.system, 8000).unwrap()[0].process.as_ref().unwrap().pid, 4211);
}

#[test]
fn the_proxy_of_docker() {
    let machine = Machine::new();
    machine.listens("0.0.0.0:8000", 0, 77);
    machine.listens("[::]:8000", 0, 78);
    let words = |ip: &str, to: &str| {
        format!(
            "/usr/bin/docker-proxy -proto tcp -host-ip {ip} -host-port 8000 -container-ip {to} \
             -container-port 80"
        )
    };
    let command = words("0.0.0.0", "172.17.0.2");
    // It is root's: its arguments are everyone's to read, what it holds is not.
    let name = "docker-proxy";
    let proxy = Program { name, uid: 0, age: 50_000, sockets: None, ..Program::default() };
    machine.program(&Program { pid: 60, command: &command, ..proxy });
    let command = words("::", "172.17.0.2");
    machine.program(&Program { pid: 61, command: &command, ..proxy });
    let found = holders(&machine.system, 8000).unwrap();
    let rows = found.iter().map(|holder| (holder.kind.clone(), holder.may_stop()));
    assert!(rows.eq([(); 2].map(|()| (HolderKind::DockerProxy, Err(WhyNot::Container)))));
    assert_eq!(found[0].container().unwrap().to_string(), "172.17.0.2:80");
    check("docker", &machine);

    let machine = Machine::new();
    machine.listens("0.0.0.0:8000", 1000, 77);
    machine.program(&Program {
        name: "rootlessport",
        command: "rootlessport",
        sockets: Some(&[77]),
        ..Program::default()
    });
    check("podman", &machine);
}

#[test]
fn an_earlier_run_of_this_program() {
    let app = Program {
        name: "guestbook",
        command: "target/debug/guestbook run",
        exe: "/srv/ann/guestbook/target/debug/guestbook",
        folder: "/srv/ann/guestbook",
        age: 7300,
        ..Program::default()
    };
    let machine = with_one(&app);
    machine.link("proc/self/exe", app.exe);
    check("earlier-run", &machine);
    let deleted = format!("{} (deleted)", app.exe);
    let machine = with_one(&Program { exe: &deleted, state: "T", ..app });
    machine.link("proc/self/exe", app.exe);
    let found = holders(&machine.system, 8000).unwrap();
    assert_eq!(found[0].kind, HolderKind::ThisProgram);
    check("earlier-build-suspended", &machine);
}

#[test]
fn airplay() {
    let machine = Machine::new();
    machine.listens("0.0.0.0:5000", 1000, 77);
    machine.program(&Program {
        name: "ControlCenter",
        command: "/System/Library/CoreServices/ControlCenter.app/Contents/MacOS/ControlCenter",
        folder: "/",
        age: 3 * 86_400 / 10,
        sockets: Some(&[77]),
        ..Program::default()
    });
    let found = holders(&machine.system, 5000).unwrap();
    assert_eq!(found[0].may_stop(), Err(WhyNot::AirPlay));
    said("airplay", [Lang::English, Lang::Korean].map(|lang| describe_all(&found, lang)));
}

#[test]
fn what_other_programs_wrote_cannot_steer_the_terminal() {
    let long = "x".repeat(400);
    let command = format!("evil \u{1b}[2J \u{202e}txt 한국어 it's {long}");
    let machine = with_one(&Program {
        name: "evil\u{1b}]0;\u{7}",
        command: &command,
        folder: "/tmp/\nport 8000 is free",
        ..Program::default()
    });
    check("evil", &machine);
}

#[test]
fn sockets_in_time_wait() {
    let machine = Machine::new();
    for address in ["127.0.0.1:8000", "127.0.0.1:8000", "[::1]:8000", "127.0.0.1:8001"] {
        machine.socket(address, "06", 0, 0);
    }
    machine.socket("127.0.0.1:8000", "01", 1000, 9);
    let count = |port| time_wait(&machine.system, port).unwrap();
    assert_eq!([count(8000), count(8001), count(80)], [3, 1, 0]);
    assert_eq!(listening(&machine.system).unwrap(), []);
}

#[test]
fn machines_without_ipv6_and_without_proc() {
    let machine = with_one(&Program::default());
    fs::remove_file(machine.system.path("proc/net/tcp6")).unwrap();
    assert_eq!(holders(&machine.system, 8000).unwrap().len(), 1);
    fs::remove_file(machine.system.path("proc/net/tcp")).unwrap();
    assert!(holders(&machine.system, 8000).is_err());
    assert!(time_wait(&machine.system, 8000).is_err());
}

#[test]
fn the_lowest_open_port() {
    let machine = Machine::new();
    assert_eq!(lowest_open_port(&machine.system), 1024);
    for (text, port) in [("0\n", 0), ("80\n", 80), ("1024\n", 1024), ("x", 1024), ("", 1024)] {
        machine.file("proc/sys/net/ipv4/ip_unprivileged_port_start", text);
        assert_eq!(lowest_open_port(&machine.system), port, "{text}");
    }
}
