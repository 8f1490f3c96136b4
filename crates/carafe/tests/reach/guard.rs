//! An app that is being debugged: who is kept out, and who is shown what.

use std::path::Path;
use std::process::Command;

use crate::namespaces::Network;
use crate::process::{PATIENCE, command, outcome};
use crate::running::{Running, url};

/// The app with its default log, in the development profile.
fn app(root: &Path, arguments: &[&str]) -> Command {
    let mut all = vec!["run", "--port", "0", "--set", "access_log=off"];
    all.extend(arguments);
    let mut command = command("served", root, &all);
    command.env("CARAFE_PROFILE", "development").env("LC_ALL", "C");
    command
}

/// The words of a refusal, with the token as `TOKEN` and the program as `shop`; and the token.
fn refusal(root: &Path, command: Command) -> (String, String) {
    let program = crate::process::program().to_str().unwrap();
    let outcome = outcome(command);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{}", outcome.stderr);
    let token = std::fs::read_to_string(root.join(".carafe/remote_token")).unwrap_or_default();
    let token = token.trim().to_owned();
    let words = outcome.stderr.replace(program, "shop");
    (if token.is_empty() { words } else { words.replace(&token, "TOKEN") }, token)
}

#[test]
fn others_are_refused_with_the_command_that_lets_them_in() {
    let root = tempfile::tempdir().unwrap();
    let arguments = ["--host", "0.0.0.0", "--set", "debug=true"];
    let (words, token) = refusal(root.path(), app(root.path(), &arguments));
    assert_eq!(
        words,
        "error: an app that is being debugged is not opened to others on 0.0.0.0 (`debug = true`: --set debug on the command line)\n\n\
         0.0.0.0 is reached by everyone who can reach any address of this computer.\n\
         An error would show them its cause, paths, lines of your templates, and the data in them.\n\n\
         hint: this computer only: `--host localhost`\n\
         hint: without debugging: `--set debug=false`\n\
         hint: open it to others all the same: `shop run --port 0 --set access_log=off --host 0.0.0.0 --set debug=true --allow-remote TOKEN`\n"
    );
    assert_eq!(token.len(), 32);

    let mut korean = app(root.path(), &["--host", "0.0.0.0"]);
    korean.env("CARAFE_DEBUG", "true").env("LC_ALL", "ko_KR.UTF-8");
    let (words, again) = refusal(root.path(), korean);
    assert_eq!(
        words,
        "error: 디버그 중인 앱을 0.0.0.0 주소로 다른 컴퓨터에 열지 않습니다 (`debug = true`: the environment variable CARAFE_DEBUG)\n\n\
         0.0.0.0: 이 컴퓨터의 주소 중 하나에라도 닿는 기기는 모두 접속할 수 있습니다.\n\
         오류가 나면 원인, 경로, 템플릿의 내용과 거기에 담긴 데이터가 그대로 보입니다.\n\n\
         hint: 이 컴퓨터에서만 쓰려면: `--host localhost`\n\
         hint: 디버그 없이 실행하려면: `--set debug=false`\n\
         hint: 그래도 다른 컴퓨터에 열려면: `shop run --port 0 --set access_log=off --host 0.0.0.0 --allow-remote TOKEN`\n"
    );
    assert_eq!(again, token);

    let allowed = [&arguments[..], &["--allow-remote", &token]].concat();
    let mut running = Running::start(app(root.path(), &allowed));
    let banner = running.banner();
    let line = "Error details are shown to everyone who reaches the app, as `--allow-remote` asks.";
    assert!(banner.contains(line), "{banner}");
}

#[test]
fn another_token_opens_nothing() {
    let root = tempfile::tempdir().unwrap();
    for token in ["show", "0123456789abcdef0123456789abcdef", ""] {
        // Also where it would only have shown more to others.
        let option = format!("--allow-remote={token}");
        let (words, _) = refusal(root.path(), app(root.path(), &["--host", "0.0.0.0", &option]));
        let head = match token {
            "show" => "not started: `--allow-remote show` prints the token and does no more",
            _ => "`--allow-remote` needs this app's own token",
        };
        let (error, hint) = words.split_once("\n\n").unwrap();
        assert_eq!(error, format!("error: {head}"));
        assert_eq!(
            hint,
            "hint: show error details to others, too: `shop run --port 0 --set access_log=off --host 0.0.0.0 --allow-remote TOKEN`\n"
        );
    }
}

#[test]
fn where_no_token_can_be_kept_nobody_is_let_in() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join(".carafe"), "a file").unwrap();
    let (words, _) =
        refusal(root.path(), app(root.path(), &["--host", "::", "--set", "debug=true"]));
    let end = words.rsplit("\nhint: ").next().unwrap();
    let start = "it cannot be opened to others: no token can be kept: ";
    assert!(end.starts_with(start), "{words}");
}

#[test]
fn this_computer_needs_no_token() {
    let root = tempfile::tempdir().unwrap();
    let mut running = Running::start(app(root.path(), &["--set", "debug=true"]));
    let banner = running.banner();
    assert!(!banner.contains("Error details"), "{banner}");
    assert!(!root.path().join(".carafe").exists());
}

#[test]
fn what_nothing_asks_for_is_said() {
    let root = tempfile::tempdir().unwrap();
    let arguments = ["--set", "debug=false", "--allow-remote", "x"];
    let mut running = Running::start(app(root.path(), &arguments));
    let banner = running.banner();
    assert!(
        banner.contains("Nothing is being debugged: `--allow-remote` changes nothing."),
        "{banner}"
    );
}

#[test]
fn the_tool_that_debugs_keeps_others_out() {
    let root = tempfile::tempdir().unwrap();
    let mut command = app(root.path(), &["--host", "0.0.0.0", "--set", "debug=false"]);
    command.env("CARAFE_TOOL_DEBUG", "1");
    let (words, _) = refusal(root.path(), command);
    assert!(words.contains("on 0.0.0.0 (`CARAFE_TOOL_DEBUG`)\n"), "{words}");
    assert!(words.contains("hint: without debugging: unset `CARAFE_TOOL_DEBUG`\n"), "{words}");
    let mut command = app(root.path(), &["--host", "0.0.0.0"]);
    command.env("CARAFE_TOOL_DEBUG", "0");
    Running::start(command).banner();
}

/// A debugger of a few lines: it starts a program traced, and lets it run.
#[cfg(target_os = "linux")]
const DEBUGGER: &str = "
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
TRACEME, CONT = 0, 7
child = os.fork()
if child == 0:
    libc.ptrace(TRACEME, 0, None, None)
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status): sys.exit(os.WEXITSTATUS(status))
    if os.WIFSIGNALED(status): sys.exit(99)
    signal = os.WSTOPSIG(status)
    libc.ptrace(CONT, child, None, 0 if signal == 5 else signal)
";

#[cfg(target_os = "linux")]
#[test]
fn a_debugger_keeps_others_out() {
    let root = tempfile::tempdir().unwrap();
    let traced = app(root.path(), &["--host", "0.0.0.0", "--set", "debug=false"]);
    let mut command = Command::new("python3");
    command.args(["-c", DEBUGGER]).arg(traced.get_program()).args(traced.get_args());
    for (name, value) in traced.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let (words, _) = refusal(root.path(), command);
    let first = words.lines().next().unwrap();
    let start = "error: an app that is being debugged is not opened to others on 0.0.0.0 (held by the debugger python";
    assert!(first.starts_with(start), "{words}");
    assert!(
        words.contains("hint: without debugging: start it outside of the debugger\n"),
        "{words}"
    );
}

/// Details for this computer, and the plain page for a phone beside it; with the token for both.
#[test]
fn a_phone_sees_no_details() {
    let Some(network) = Network::new() else { return };
    let (laptop, phone) = (&network.laptop, &network.phone);
    let root = tempfile::tempdir().unwrap();
    let start = |arguments: &[&str]| {
        let arguments = [&["--host", "0.0.0.0"], arguments].concat();
        let mut running = Running::start(network.on(laptop, &app(root.path(), &arguments)));
        let banner = running.banner();
        (running, banner)
    };
    let (running, banner) = start(&[]);
    let line = "Error details are shown on this computer only; `--allow-remote show` says how to show them to others.";
    assert!(banner.contains(line), "{banner}");
    let here = format!("{}/failed/teapot", url(&banner, "127.0.0.1"));
    let there = format!("{}/failed/teapot", url(&banner, "10.77.0.1"));
    let check = |who: &str, url: &str, header: Option<(&str, &str)>, detailed: bool| {
        let page = network.get(who, url, header);
        assert!(
            page.starts_with(if detailed { "500 500 " } else { "500 <!doctype html>" }),
            "{page}"
        );
        assert_eq!(page.contains("no teapot"), detailed, "{who} {url} {header:?}: {page}");
    };
    check(laptop, &here, None, true);
    check(laptop, &here, Some(("X-Forwarded-For", "10.77.0.2")), false);
    check(laptop, &here, Some(("Forwarded", "for=10.77.0.2")), false);
    check(phone, &there, None, false);
    check(phone, &there, Some(("X-Forwarded-For", "127.0.0.1")), false);
    let missing = network.get(phone, &there.replace("/failed/teapot", "/filed/x"), None);
    assert!(missing.starts_with("404 ") && !missing.contains("<pre>"), "{missing}");
    let missing = network.get(laptop, &here.replace("/failed/teapot", "/filed/x"), None);
    assert!(missing.starts_with("404 ") && missing.contains("failed"), "{missing}");
    drop(running);

    let (words, token) = refusal(root.path(), app(root.path(), &["--allow-remote", "show"]));
    assert!(!token.is_empty(), "{words}");
    let (_running, banner) = start(&["--allow-remote", &token]);
    check(phone, &format!("{}/failed/teapot", url(&banner, "10.77.0.1")), None, true);
}

/// The refusal comes before anybody can connect.
#[test]
fn a_phone_does_not_reach_what_is_refused() {
    let Some(network) = Network::new() else { return };
    let root = tempfile::tempdir().unwrap();
    let begun = std::time::Instant::now();
    let arguments = ["--host", "10.77.0.1", "--set", "debug=true"];
    let command = network.on(&network.laptop, &app(root.path(), &arguments));
    let (words, _) = refusal(root.path(), command);
    let reach =
        "10.77.0.1 is reached by devices on the same network, such as your home, office or VPN.";
    assert!(words.contains(reach), "{words}");
    assert!(begun.elapsed() < PATIENCE);
}
