//! A machine with a thousand sockets.

use std::time::{Duration, Instant};

use carafe_net::{System, all_holders, holders, listening};

use crate::child::{Child, free_port};

/// What is promised of a release build; unoptimised code is given more.
const LIMIT: Duration = Duration::from_millis(if cfg!(debug_assertions) { 250 } else { 50 });

/// The quickest of a few tries: others use the machine too.
fn quickest<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut tries = (0..10).map(|_| {
        let started = Instant::now();
        let result = work();
        (started.elapsed(), result)
    });
    let first = tries.next().unwrap();
    tries.fold(first, |best, next| if next.0 < best.0 { next } else { best })
}

#[test]
fn a_thousand_sockets_are_read_quickly() {
    let script = "import socket, time\n\
                  s = [socket.create_server(('127.0.0.1', 0)) for _ in range(250)]\n\
                  print(s[0].getsockname()[1])\n\
                  time.sleep(120)";
    let children: Vec<Child> = (0..4).map(|_| Child::python(script)).collect();
    let system = System::this();
    let (time, sockets) = quickest(|| listening(&system).unwrap());
    let held = sockets.iter().filter(|s| children.iter().any(|c| s.pids == [c.pid()])).count();
    assert_eq!(held, 1000);
    let (described, all) = quickest(|| all_holders(&system).unwrap());
    assert!(all.len() >= 1000);
    let (one, found) = quickest(|| holders(&system, children[3].port).unwrap());
    assert_eq!(found[0].process.as_ref().unwrap().pid, children[3].pid());
    let free = free_port();
    let (none, found) = quickest(|| holders(&system, free).unwrap());
    assert_eq!(found, []);
    eprintln!("all {time:?}, with processes {described:?}, one port {one:?}, a free one {none:?}");
    for time in [time, described, one, none] {
        assert!(time < LIMIT, "{time:?}");
    }
}
