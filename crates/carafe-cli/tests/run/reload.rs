//! Saves: each shows, and no request is refused or cut.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::package::Package;
use crate::session::{LONG, Session, get};

#[test]
fn a_template_shows_at_once_and_nothing_is_rebuilt() {
    let package = Package::new("run-template");
    let session = Session::start(&package, &[]);
    let address = session.address();
    assert_eq!(get(address, "/page").unwrap(), (200, "<p>first</p>".to_owned()));
    package.write("templates/page.html", "<p>second</p>");
    // There is nothing to wait for: the next request reads it.
    assert_eq!(get(address, "/page").unwrap(), (200, "<p>second</p>".to_owned()));
    assert!(!session.said().contains("rebuilt"), "{}", session.said());
}

/// Asks again and again on one connection, as long as it is kept; a connection that was closed while it
/// was idle is followed by another one, as HTTP has it (RFC 9112, section 9.3.1).
pub(crate) fn hammer(
    address: SocketAddr,
    keeps: bool,
    over: &AtomicBool,
    answered: &AtomicU32,
) -> Result<(), String> {
    let mut connection: Option<BufReader<TcpStream>> = None;
    while !over.load(Ordering::Relaxed) {
        let is_fresh = connection.is_none();
        let mut stream = match connection.take() {
            Some(stream) => stream,
            None => {
                let stream =
                    TcpStream::connect(address).map_err(|error| format!("refused: {error}"))?;
                stream.set_read_timeout(Some(LONG)).map_err(|error| error.to_string())?;
                BufReader::new(stream)
            }
        };
        match one(&mut stream, keeps) {
            Ok(stays) => {
                answered.fetch_add(1, Ordering::Relaxed);
                connection = stays.then_some(stream);
            }
            Err((error, 0)) if !is_fresh => drop(error),
            Err((error, bytes)) => return Err(format!("cut after {bytes} bytes: {error}")),
        }
    }
    Ok(())
}

/// One request; whether the connection stays. An error comes with how much of an answer there was.
fn one(stream: &mut BufReader<TcpStream>, keeps: bool) -> Result<bool, (String, usize)> {
    let wish = if keeps { "" } else { "Connection: close\r\n" };
    let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{wish}\r\n");
    stream.get_mut().write_all(request.as_bytes()).map_err(|error| (error.to_string(), 0))?;
    let (mut head, mut read) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        let length = stream.read_line(&mut line).map_err(|error| (error.to_string(), read))?;
        read += length;
        match line.trim_end() {
            _ if length == 0 => return Err(("its end".to_owned(), read)),
            "" => break,
            line => head.push(line.to_ascii_lowercase()),
        }
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).map_err(|error| (error.to_string(), read))?;
    if !head[0].starts_with("http/1.1 200") || !matches!(&body[..], b"one" | b"two" | b"three") {
        return Err((format!("{head:?} {body:?}"), read));
    }
    Ok(keeps && !head.iter().any(|line| line == "connection: close"))
}

#[test]
fn no_request_is_lost_when_a_new_build_takes_over() {
    let package = Package::new("run-switch");
    let session = Session::start(&package, &["--set", "access_log=off"]);
    let address = session.address();
    let (over, answered) = (AtomicBool::new(false), AtomicU32::new(0));
    thread::scope(|scope| {
        let clients: Vec<_> = (0..20)
            .map(|number| {
                scope.spawn({
                    let (over, answered) = (&over, &answered);
                    move || hammer(address, number % 2 == 0, over, answered)
                })
            })
            .collect();
        for answer in ["two", "three"] {
            package.main(answer, "");
            session.wait_for_answer(address, answer);
            // All of the old build's connections come to their end meanwhile.
            let before = answered.load(Ordering::Relaxed);
            session.wait("more answers", || answered.load(Ordering::Relaxed) > before + 500);
        }
        over.store(true, Ordering::Relaxed);
        for client in clients {
            assert_eq!(client.join().unwrap(), Ok(()));
        }
    });
    session.wait_for("rebuilt in", 2);
    assert!(session.said().contains("(src/main.rs)"), "{}", session.said());
    assert_eq!(session.said().matches("is running").count(), 1, "{}", session.said());
}

#[test]
fn a_newer_save_outdates_a_build() {
    let package = Package::new("run-outdated");
    let session = Session::start(&package, &[]);
    let address = session.address();
    // Long enough to compile that the second save comes before its end.
    let slow = "let _ = [0u8; 4]; const X: u64 = { let mut i = 0u64; let mut x = 0u64; while i < 2_000_000 { x ^= i; i += 1; } x }; let _ = X;";
    package.main("two", slow);
    session.wait("the build", || {
        crate::session::processes(&session.mark).iter().any(|line| line.contains("rustc"))
    });
    package.main("three", "");
    session.wait_for_answer(address, "three");
    session.wait_for("rebuilt in", 1);
    assert_eq!(session.said().matches("rebuilt in").count(), 1, "{}", session.said());
}

#[test]
fn a_dependency_by_path_and_the_configuration() {
    let package = Package::new("run-parts");
    package
        .write("parts/Cargo.toml", "[package]\nname = \"run-parts-words\"\nedition = \"2024\"\n");
    package.write("parts/src/lib.rs", "pub const WORD: &str = \"one\";\n");
    let manifest = std::fs::read_to_string(package.path("Cargo.toml")).unwrap();
    let manifest = manifest
        .replace("[dependencies]\n", "[dependencies]\nrun-parts-words = { path = \"parts\" }\n");
    package.write("Cargo.toml", &manifest);
    package.main("{}", "");
    let main = std::fs::read_to_string(package.path("src/main.rs")).unwrap();
    package.write("src/main.rs", &main.replace("\"{}\"", "run_parts_words::WORD"));
    let session = Session::start(&package, &[]);
    let address = session.address();
    session.wait_for_answer(address, "one");
    // Which packages are watched is found out behind the first start: until then a save is not seen.
    let has_come = || get(address, "/").is_ok_and(|(_, body)| body == "two");
    session.wait("the save to be seen", || {
        package.write("parts/src/lib.rs", "pub const WORD: &str = \"before\";\n");
        std::thread::sleep(Duration::from_millis(300));
        package.write("parts/src/lib.rs", "pub const WORD: &str = \"two\";\n");
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline && !has_come() {
            std::thread::sleep(Duration::from_millis(5));
        }
        has_come()
    });
    // One that comes before the new build is said to be ready is said with that build.
    let count = std::cell::Cell::new(0);
    session.wait("a restart", || {
        count.set(count.get() + 1);
        let place = format!("application_root = \"/below{}\"\n", count.get());
        package.write("carafe.toml", &place);
        let deadline = Instant::now() + Duration::from_secs(10);
        let has_come = || session.said().contains("restarted in");
        while Instant::now() < deadline && !has_come() {
            std::thread::sleep(Duration::from_millis(5));
        }
        has_come()
    });
}
