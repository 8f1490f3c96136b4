//! Who holds a port on this machine: real programs, started and ended here.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod child;
mod speed;
mod stopping;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use carafe_net::{
    HolderKind, Lang, Process, System, WhyNot, holders, is_free, listening, listening_on, my_uid,
    process, time_wait,
};
use child::{Child, NOBODY, as_nobody, is_root, until};

/// The process that holds a port.
fn holder(port: u16) -> Process {
    let found = holders(&System::this(), port).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].process.clone().unwrap()
}

#[test]
fn a_server_is_described() {
    let folder = tempfile::tempdir().unwrap();
    let server = Child::server(folder.path());
    let process = holder(server.port);
    let script = folder.path().canonicalize().unwrap();
    assert_eq!(process.pid, server.pid());
    assert!(process.name.starts_with("python3"), "{process:?}");
    assert_eq!(process.command[1..], ["-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]);
    assert_eq!(process.folder.as_deref(), Some(script.as_path()));
    assert_eq!((process.uid, process.parent), (my_uid(), std::process::id()));
    assert!(process.age.unwrap() < Duration::from_secs(60), "{process:?}");
    let exe = process.exe.as_ref().unwrap();
    assert!(exe.file_name().unwrap().to_str().unwrap().starts_with("python3"), "{exe:?}");

    let found = &holders(&System::this(), server.port).unwrap()[0];
    assert_eq!((&found.kind, found.may_stop()), (&HolderKind::Program, Ok(())));
    let words = found.describe(Lang::English);
    let lines: Vec<&str> = words.lines().collect();
    let first = format!(
        "port {} is taken by `{}` (pid {}, user {}), started ",
        server.port,
        process.name,
        server.pid(),
        process.user
    );
    assert!(lines[0].starts_with(&first), "{words}");
    assert!(lines[1].contains(" -u -m http.server --bind 127.0.0.1 0"), "{words}");
    assert_eq!(lines[2], format!("  folder   {}", script.display()));
    assert_eq!(lines[3], format!("  address  127.0.0.1:{} (this computer only)", server.port));
    assert_eq!(lines.len(), 4, "{words}");
}

#[test]
fn we_are_recognised_as_ourselves() {
    let listener = TcpListener::bind("[::1]:0").unwrap();
    let address = listener.local_addr().unwrap();
    let found = holders(&System::this(), address.port()).unwrap();
    assert_eq!(found[0].address, address);
    assert_eq!(found[0].kind, HolderKind::ThisProgram);
    assert_eq!(found[0].may_stop(), Err(WhyNot::Ourselves));
    drop(listener);
    assert_eq!(holders(&System::this(), address.port()).unwrap(), []);
}

#[test]
fn a_process_of_another_user_is_seen_by_root_alone() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Child::server_of(NOBODY, folder.path());
    let found = &holders(&System::this(), server.port).unwrap()[0];
    let process = found.process.as_ref().unwrap();
    assert_eq!((process.pid, process.uid), (server.pid(), NOBODY));
    assert_eq!((found.uid, found.user.as_str()), (NOBODY, "nobody"));
    assert_eq!((&found.kind, found.may_stop()), (&HolderKind::Program, Err(WhyNot::OtherUser)));

    // The other way round: root's is hidden from them.
    let folder = tempfile::tempdir().unwrap();
    let server = Child::server(folder.path());
    as_nobody("part_what_nobody_sees", server.port);
}

#[test]
fn part_what_nobody_sees() {
    let Some(port) = child::part() else { return };
    assert_eq!(my_uid(), NOBODY);
    let listening = listening_on(&System::this(), port).unwrap();
    assert_eq!((listening[0].uid, listening[0].pids.as_slice()), (0, [].as_slice()));
    let found = &holders(&System::this(), port).unwrap()[0];
    assert_eq!((&found.kind, &found.process), (&HolderKind::OtherUser, &None));
    assert_eq!(found.may_stop(), Err(WhyNot::OtherUser));
    let words = found.describe(Lang::English);
    assert!(words.starts_with(&format!("port {port} is taken by a program of user root\n")));
    assert!(words.contains(&format!("  see      sudo carafe ports {port}\n")), "{words}");
    assert!(words.ends_with(&format!("sudo ss -ltnp 'sport = :{port}'")), "{words}");
    // What everyone may know of it.
    assert_eq!(process(&System::this(), 1).unwrap().user, "root");
}

#[test]
fn listening_knows_both_families() {
    let v4 = TcpListener::bind("127.0.0.1:0").unwrap();
    let v6 = TcpListener::bind("[::]:0").unwrap();
    let all = listening(&System::this()).unwrap();
    for address in [v4.local_addr().unwrap(), v6.local_addr().unwrap()] {
        let socket = all.iter().find(|socket| socket.address == address).unwrap();
        assert_eq!(
            (socket.uid, socket.pids.as_slice()),
            (my_uid(), [std::process::id()].as_slice())
        );
        assert!(socket.inode > 0);
    }
}

#[test]
fn connections_that_we_closed_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let client = TcpStream::connect(address).unwrap();
    let (server, _) = listener.accept().unwrap();
    assert_eq!(time_wait(&System::this(), address.port()).unwrap(), 0);
    // Who closes first waits.
    drop(server);
    drop(client);
    drop(listener);
    until(|| time_wait(&System::this(), address.port()).unwrap() == 1);
    assert_eq!(holders(&System::this(), address.port()).unwrap(), []);
    assert!(is_free(address), "a server may listen there again");
}
