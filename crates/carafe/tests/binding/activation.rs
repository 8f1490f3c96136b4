//! Sockets that a service manager hands over.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::app::{Running, end_of, open_folder, shop};
use crate::holder::python;
use crate::process::PATIENCE;
use crate::snapshot::{self, Names};

/// Opens sockets as its first argument says, puts them where systemd would, and becomes the app.
const PARENT: &str = r#"
import os, socket, sys

kinds, name, pid = sys.argv[1].split(","), sys.argv[2], sys.argv[3]
sockets = []
for kind in kinds:
    if kind.startswith("unix:"):
        one = socket.socket(socket.AF_UNIX)
        one.bind(kind[5:])
    elif kind == "udp":
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(("127.0.0.1", 0))
    else:
        one = socket.socket()
        one.bind(("127.0.0.1", 0))
    if kind not in ("udp", "connection"):
        one.listen()
    sockets.append(one)
# Out of the way of the places where they have to be.
copies = [os.dup(one.fileno()) for one in sockets]
copies = [os.dup2(copy, 50 + at) for at, copy in enumerate(copies)]
for at, copy in enumerate(copies):
    os.dup2(copy, 3 + at, inheritable=True)
    os.close(copy)
os.environ["LISTEN_FDS"] = str(len(sockets))
if pid != "none":
    os.environ["LISTEN_PID"] = str(os.getpid()) if pid == "own" else pid
if name:
    os.environ["LISTEN_FDNAMES"] = name
os.execvp(sys.argv[4], sys.argv[4:])
"#;

/// The app as a parent starts it that hands these sockets over.
fn activated(sockets: &str, names: &str, pid: &str, arguments: &[&str]) -> Command {
    let before = [python(), "-c", PARENT, sockets, names, pid].map(str::to_owned);
    shop(&before, arguments)
}

fn hello(stream: &mut (impl Read + Write)) -> String {
    let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn they_go_before_host_and_port() {
    let folder = open_folder();
    let path = folder.path().join("given.sock");
    let sockets = format!("tcp,unix:{}", path.display());
    // Neither the host nor the port could be had.
    let arguments = ["--host", "192.0.2.1", "--port", "1"];
    let mut app = Running::start(activated(&sockets, "", "own", &arguments));
    let urls = app.urls();
    let address: SocketAddr = urls[0].strip_prefix("http://").unwrap().parse().unwrap();
    assert!(hello(&mut TcpStream::connect(address).unwrap()).ends_with("hello"));
    assert!(hello(&mut UnixStream::connect(&path).unwrap()).ends_with("hello"));
    app.stop();
    // The file is the service manager's.
    assert!(path.exists());
}

#[test]
fn those_of_another_process_are_left_alone() {
    let mut app = Running::start(activated("tcp", "", "1", &["--port", "0"]));
    // Its own: both halves of it.
    assert!(app.urls()[0].starts_with("http://localhost:"));
}

#[test]
fn those_without_a_process_are_for_whoever_comes() {
    let mut app = Running::start(activated("tcp", "", "none", &["--host", "192.0.2.1"]));
    let address: SocketAddr = app.urls()[0].strip_prefix("http://").unwrap().parse().unwrap();
    assert!(hello(&mut TcpStream::connect(address).unwrap()).ends_with("hello"));
}

#[test]
fn what_cannot_be_served_is_told() {
    for lang in ["en", "ko"] {
        let (said, code) = end_of(activated("tcp,udp", "web:dns", "own", &["--lang", lang]));
        assert_eq!(code, Some(1), "{said}");
        snapshot::check(&format!("activation-udp-{lang}"), &said, &Names::default());
    }
    let (said, code) = end_of(activated("connection", "", "own", &[]));
    assert_eq!(code, Some(1));
    assert!(said.contains("socket 3 of the service manager cannot be served: it is a connection"));
    let mut many = shop(&["sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"].map(str::to_owned), &[]);
    many.env("LISTEN_FDS", "1000000000");
    let (said, code) = end_of(many);
    assert_eq!(code, Some(1));
    assert!(said.contains("64 is the most that is taken"), "{said}");
}

#[test]
fn programs_that_the_app_starts_do_not_see_them() {
    let mut parent = activated("tcp", "", "own", &[]);
    parent.env("TEST_APP", "parent");
    let mut app = Running::start(parent);
    let address: SocketAddr = app.urls()[0].strip_prefix("http://").unwrap().parse().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /child HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\nLISTEN_FDS= LISTEN_PID= sockets=0"), "{answer}");
}

/// systemd's own tool, where there is one: it starts the app at the first connection.
#[test]
fn systemd_socket_activate() {
    let there =
        Command::new("systemd-socket-activate").arg("--version").stdout(Stdio::null()).status();
    if there.is_err() {
        return;
    }
    // A port that was free just now; the tool cannot be given 0.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut before =
        vec!["systemd-socket-activate".to_owned(), "--listen".to_owned(), address.clone()];
    for name in ["TEST_APP", "CARAFE_ACCESS_LOG", "CARAFE_DEBUG", "LANG"] {
        before.push(format!("--setenv={name}"));
    }
    let app = Running::start(shop(&before, &["--host", "192.0.2.1"]));
    let deadline = Instant::now() + PATIENCE;
    let mut stream = loop {
        match TcpStream::connect(&address) {
            Ok(stream) => break stream,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        std::thread::yield_now();
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(hello(&mut stream).ends_with("hello"));
    drop(app);
}
