//! Ending programs.

use std::process::Command;
use std::time::{Duration, Instant};

use carafe_net::{Process, StopError, Stopped, System, WhyNot, holders, process, stop};

use crate::child::{self, Child, NOBODY, as_nobody, is_root, until};

const LONG: Duration = Duration::from_secs(20);

/// A program that holds a port and does this when it is asked to end.
fn python(on_term: &str) -> Child {
    Child::python(&format!(
        "import signal, socket, sys, time\n\
         {on_term}\n\
         s = socket.create_server(('127.0.0.1', 0))\n\
         print(s.getsockname()[1])\n\
         time.sleep(120)\n"
    ))
}

fn seen(child: &Child) -> Process {
    process(&System::this(), child.pid()).unwrap()
}

#[test]
fn one_that_ends_when_it_is_asked() {
    let child = python("");
    let found = &holders(&System::this(), child.port).unwrap()[0];
    let stopped = stop(found.process.as_ref().unwrap(), LONG).unwrap();
    assert_eq!(stopped, Stopped::OnTerm);
    assert_eq!(holders(&System::this(), child.port).unwrap(), []);
}

#[test]
fn one_that_takes_its_time() {
    let script = "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), sys.exit()))";
    let child = python(script);
    let started = Instant::now();
    assert_eq!(stop(&seen(&child), LONG).unwrap(), Stopped::OnTerm);
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert!(started.elapsed() < LONG);
}

#[test]
fn one_that_does_not_listen() {
    let child = python("signal.signal(signal.SIGTERM, signal.SIG_IGN)");
    let grace = Duration::from_millis(200);
    let started = Instant::now();
    assert_eq!(stop(&seen(&child), grace).unwrap(), Stopped::OnKill);
    assert!(started.elapsed() >= grace);
    assert_eq!(holders(&System::this(), child.port).unwrap(), []);
}

#[test]
fn one_that_is_suspended_tidies_up() {
    let child = python("signal.signal(signal.SIGTERM, lambda *_: sys.exit())");
    let id = child.pid().to_string();
    assert!(Command::new("kill").args(["-STOP", &id]).status().unwrap().success());
    until(|| seen(&child).suspended);
    assert_eq!(stop(&seen(&child), LONG).unwrap(), Stopped::OnTerm);
}

#[test]
fn one_that_ended_meanwhile() {
    let mut child = python("");
    let before = seen(&child);
    // It ended, and nobody has asked how yet.
    child.process.kill().unwrap();
    until(|| seen(&child).command.is_empty());
    assert!(matches!(stop(&before, LONG), Err(StopError::Gone)));
    child.process.wait().unwrap();
    assert!(matches!(stop(&before, LONG), Err(StopError::Gone)));
}

#[test]
fn one_that_got_the_id_of_another() {
    let mut child = python("");
    let seen = seen(&child);
    let earlier = Process { start: seen.start - 1, ..seen };
    assert!(matches!(stop(&earlier, LONG), Err(StopError::Gone)));
    assert!(child.process.try_wait().unwrap().is_none(), "it was ended");
}

#[test]
fn process_1_and_ourselves() {
    let refused = |process: Option<Process>| match stop(&process.unwrap(), LONG) {
        Err(StopError::MayNot(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(process(&System::this(), 1)), WhyNot::Init);
    assert_eq!(refused(process(&System::this(), std::process::id())), WhyNot::Ourselves);
    let made_up = Process { uid: carafe_net::my_uid(), ..Process::default() };
    assert_eq!(refused(Some(Process { pid: 0, ..made_up.clone() })), WhyNot::Init);
    // The kernel's threads have no words.
    assert_eq!(refused(Some(Process { pid: 2, ..made_up })), WhyNot::Kernel);
}

#[test]
fn one_of_another_user() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut theirs = Child::server_of(NOBODY, folder.path());
    // Root could, and must not.
    let refused = stop(&seen(&theirs), LONG);
    assert!(matches!(refused, Err(StopError::MayNot(WhyNot::OtherUser))), "{refused:?}");
    assert!(theirs.process.try_wait().unwrap().is_none());

    let mut ours = python("");
    as_nobody("stopping::part_nobody_stops_ours", u16::try_from(ours.pid() % 65536).unwrap());
    assert!(ours.process.try_wait().unwrap().is_none());
}

#[test]
fn part_nobody_stops_ours() {
    let Some(low) = child::part() else { return };
    let is_it = |pid: &u32| pid % 65536 == u32::from(low);
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    let pid = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).find(is_it);
    let seen = process(&System::this(), pid.unwrap()).unwrap();
    assert_eq!(seen.uid, 0);
    assert!(matches!(stop(&seen, LONG), Err(StopError::MayNot(WhyNot::OtherUser))));
    // Not even with a lie about whose it is: the system refuses.
    let lie = Process { uid: NOBODY, ..seen };
    let refused = stop(&lie, LONG);
    assert!(matches!(refused, Err(StopError::Refused(_))), "{refused:?}");
}
