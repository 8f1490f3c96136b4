//! `carafe __child`: what the tool starts ends with it, also when the tool is killed.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const TOOL: &str = env!("CARGO_BIN_EXE_carafe");

/// A shell as the tool: it starts the trampoline as its child, which says who it is.
fn parent(script: &str) -> Child {
    Command::new("/bin/sh")
        .args(["-c", script, TOOL])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn first_lines(child: &mut Child, count: usize) -> Vec<String> {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    lines.take(count).collect::<Result<_, _>>().unwrap()
}

/// Whether a process runs: one that has ended and was not noticed by its parent does not.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().starts_with(" Z"))
}

#[track_caller]
fn wait_for_end(pid: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while runs(pid) {
        assert!(Instant::now() < deadline, "process {pid} is still there");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts the trampoline below a shell, kills the shell, and waits for all processes that were named.
fn check(script: &str, pids: usize) {
    let mut shell = parent(script);
    let pids = first_lines(&mut shell, pids);
    assert!(pids.iter().all(|pid| runs(pid)), "{pids:?}");
    shell.kill().unwrap();
    shell.wait().unwrap();
    pids.iter().for_each(|pid| wait_for_end(pid));
}

#[test]
fn a_child_ends_when_the_tool_is_killed() {
    check("\"$0\" __child $$ /bin/sh -c 'echo $$; exec sleep 60' & wait", 1);
}

#[test]
fn all_of_a_group_end_when_the_tool_is_killed() {
    // `setsid` makes it the leader of a group, as the tool does.
    check(
        "setsid \"$0\" __child --group $$ /bin/sh -c 'sleep 60 & echo $!; echo $$; wait' & wait",
        2,
    );
}

#[test]
fn no_child_is_started_for_a_tool_that_is_gone() {
    let output =
        Command::new(TOOL).args(["__child", "1", "/bin/echo", "started"]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}

#[test]
fn the_exit_status_is_the_programs() {
    let check = |line: &[&str], expected: Option<i32>, words: &str| {
        let own = std::process::id().to_string();
        let line: Vec<&str> =
            line.iter().map(|word| if *word == "PARENT" { &own } else { *word }).collect();
        let output = Command::new(TOOL).args(line).output().unwrap();
        assert_eq!(output.status.code(), expected);
        assert_eq!(String::from_utf8(output.stderr).unwrap(), words);
    };
    check(&["__child", "PARENT", "sh", "-c", "exit 3"], Some(3), "");
    check(&["__child", "--group", "PARENT", "sh", "-c", "exit 3"], Some(3), "");
    check(&["__child", "--group", "PARENT", "sh", "-c", "kill -TERM $$"], Some(143), "");
    let missing =
        "error: `/no/program` cannot be started: No such file or directory (os error 2)\n";
    check(&["__child", "PARENT", "/no/program"], Some(127), missing);
    check(&["__child", "--group", "PARENT", "/no/program"], Some(127), missing);
    check(&["__child"], Some(1), "error: `__child` is for the tool itself\n");
}

#[test]
fn the_program_has_the_standard_streams() {
    let own = std::process::id().to_string();
    let mut child = Command::new(TOOL)
        .args(["__child", &own, "cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"through").unwrap();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.wait().unwrap();
    assert_eq!(out, "through");
}
