//! The banner of a real machine: its interfaces, its terminal, its language.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::namespaces::{Network, ip};
use crate::process::command;
use crate::running::{Running, url};
use crate::terminal::{Terminal, line};

fn app(root: &Path, arguments: &[&str]) -> Command {
    let all = [&["run", "--port", "0", "--workers", "1"], arguments].concat();
    let mut command = command("served", root, &all);
    command.env("CARAFE_PROFILE", "development").env("LC_ALL", "C").env("TERM", "xterm");
    command
}

#[test]
fn the_interfaces_of_a_machine_are_told_apart() {
    let Some(network) = Network::new() else { return };
    let laptop = &network.laptop;
    ip(&format!("-n {laptop} link add docker0 type bridge"));
    ip(&format!("-n {laptop} address add 172.17.0.1/16 dev docker0"));
    // Something has to be plugged in for a bridge to be up.
    ip(&format!("-n {laptop} link add veth0 type veth peer name veth1"));
    ip(&format!("-n {laptop} address add 93.184.216.34/32 dev veth1"));
    ip(&format!("-n {laptop} address add fd00:77::1/64 dev veth1 nodad"));
    for up in ["veth0 master docker0 up", "veth1 up", "docker0 up"] {
        ip(&format!("-n {laptop} link set {up}"));
    }
    network.wait_until_up(laptop, "docker0");
    let root = tempfile::tempdir().unwrap();
    let command = network.on(laptop, &app(root.path(), &["--host", "::"]));
    let mut running = Running::start(command);
    let banner = running.banner();
    let port = url(&banner, "localhost").rsplit(':').next().unwrap().to_owned();
    let mut ways: Vec<String> = banner
        .lines()
        .filter(|line| line.starts_with("  http://") && !line.contains(" is public"))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ").replace(&port, "8000"))
        .collect();
    assert_eq!(ways.remove(0), "http://localhost:8000 this computer only");
    ways.sort();
    // A cable by its name, an end of a pair by what it is.
    ways[0] = ways[0].replace("virtual network", "cable");
    assert_eq!(
        ways,
        [
            "http://10.77.0.1:8000 private network, cable (eth0)",
            "http://172.17.0.1:8000 container bridge (docker0)",
            "http://93.184.216.34:8000 public internet, virtual network (veth1)",
            "http://[fd00:77::1]:8000 private network, virtual network (veth1)",
        ]
    );
    for words in [
        ":: (dual stack: every IPv6 and every IPv4 address) is reached by everyone who can reach any address of this computer.",
        " is public: anyone on the internet, unless a firewall is in between. Serve the public with a release build.",
    ] {
        assert!(banner.contains(words), "{banner}");
    }
    // Each of them is a way in.
    for way in banner.lines().filter_map(|line| line.trim().strip_prefix("http://")) {
        let url = format!("http://{}", way.split(' ').next().unwrap());
        assert_eq!(network.get(laptop, &url, None), "200 hello\n", "{url}");
    }
    let there = url(&banner, "10.77.0.1");
    assert_eq!(network.get(&network.phone, &there, None), "200 hello\n");
}

#[test]
fn the_language_is_the_users() {
    let root = tempfile::tempdir().unwrap();
    let check = |set: &[(&str, &str)], arguments: &[&str], korean: bool| {
        let mut command = app(root.path(), arguments);
        command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env_remove("LANG");
        command.envs(set.iter().copied());
        let mut running = Running::start(command);
        let words =
            if korean { "shop 1.2.3 실행 중 (development)" } else { "shop 1.2.3 is running" };
        let banner = running.banner();
        assert!(banner.contains(words), "{set:?} {arguments:?}: {banner}");
        let pid = running.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
        running.wait_for(if korean {
            "처리 중인 요청을 마칩니다"
        } else {
            "finishing open requests"
        });
    };
    check(&[], &[], false);
    check(&[("LANG", "ko_KR.UTF-8")], &[], true);
    check(&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C.UTF-8")], &[], false);
    check(&[("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "ko_KR.UTF-8")], &[], true);
    check(&[("LANG", "ko_KR.UTF-8"), ("CARAFE_LANG", "en")], &[], false);
    check(&[("CARAFE_LANG", "en")], &["--lang", "ko"], true);
}

/// The code as it came out of the terminal, read as a phone reads it.
fn read(lines: &[String]) -> String {
    const SCALE: usize = 4;
    let mut rows: Vec<String> = Vec::new();
    for line in lines.iter().filter(|line| line.contains("\x1b[38;5;16;48;5;231m")) {
        let (_, modules) = line.split_once("231m").unwrap();
        let (modules, _) = modules.split_once("\x1b[0m").unwrap();
        for dark in [['▀', '█'], ['▄', '█']] {
            let pixel = |c: char| if dark.contains(&c) { "1" } else { "0" };
            let row: String = modules.chars().map(|c| pixel(c).repeat(SCALE)).collect();
            rows.extend(std::iter::repeat_n(row, SCALE));
        }
    }
    assert!(!rows.is_empty(), "no code in {lines:#?}");
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("code.pbm");
    let head = format!("P1\n{} {}\n", rows[0].len(), rows.len());
    std::fs::write(&picture, head + &rows.join("\n")).unwrap();
    let output = Command::new("zbarimg").args(["--raw", "--quiet"]).arg(&picture).output();
    let output = output.expect("the test needs zbarimg: `apt-get install zbar-tools`");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// An address of this machine that is not loopback, listened on by `--host 0.0.0.0`.
fn own_url(screen: &str) -> String {
    let urls = screen.lines().filter(|line| line.starts_with("  http://") && line.contains(" ("));
    let url = urls.map(|line| line.split_whitespace().next().unwrap()).next();
    url.unwrap_or_else(|| panic!("this machine is on no network:\n{screen}")).to_owned()
}

#[test]
fn a_terminal_gets_a_code_and_a_key_for_it() {
    let root = tempfile::tempdir().unwrap();
    let command = app(root.path(), &["--host", "0.0.0.0", "--qr"]);
    let mut terminal = Terminal::start(&line(&command), &command);
    let banner = terminal.running.banner();
    assert!(banner.contains("Ctrl+C stops, q and Enter shows a QR code"), "{banner}");
    let url = own_url(&banner);
    terminal.running.seen.clear();
    terminal.running.wait_for(&url);
    assert_eq!(read(&terminal.running.seen), url);

    terminal.press("x\n");
    terminal.press("q\n");
    terminal.running.seen.clear();
    terminal.running.wait_for(&format!("  {url}"));
    assert_eq!(read(&terminal.running.seen), url);

    // The terminal's own way to say Ctrl+C.
    terminal.press("\x03");
    terminal.running.wait_for("Ctrl+C: finishing open requests");
}

/// A read would stop it (SIGTTIN). What is typed meanwhile is there when it comes back.
#[test]
fn in_the_background_nothing_is_read() {
    let root = tempfile::tempdir().unwrap();
    let command = app(root.path(), &["--host", "0.0.0.0"]);
    let go = root.path().join("go");
    let shell = format!(
        "set -m; {} & echo pid=$!; until [ -e {} ]; do sleep 0.05; done; fg",
        line(&command),
        go.display()
    );
    let mut terminal = Terminal::start(&shell, &command);
    let pid = terminal.running.wait_for("pid=").split_once('=').unwrap().1.to_owned();
    let url = own_url(&terminal.running.banner());
    terminal.press("q\n");
    let stat = format!("/proc/{}/stat", pid.trim());
    let state =
        || std::fs::read_to_string(&stat).unwrap().rsplit_once(") ").unwrap().1[..1].to_owned();
    let until = Instant::now() + Duration::from_secs(1);
    while Instant::now() < until {
        assert_ne!(state(), "T", "it was stopped");
        std::thread::sleep(Duration::from_millis(20));
    }
    terminal.running.seen.clear();
    std::fs::write(go, "").unwrap();
    terminal.running.wait_for(&format!("  {url}"));
    assert_eq!(read(&terminal.running.seen), url);
    terminal.press("\x03");
    terminal.running.wait_for("Ctrl+C: finishing open requests");
}

#[test]
fn where_there_is_no_code_it_is_said_why() {
    let root = tempfile::tempdir().unwrap();
    let command = app(root.path(), &["--qr"]);
    let mut terminal = Terminal::start(&line(&command), &command);
    terminal.running.wait_for(
        "no QR code: only this computer can reach the app; `--host lan` opens it to your network",
    );
    let mut piped = Running::start(app(root.path(), &["--host", "0.0.0.0", "--qr"]));
    piped.wait_for("no QR code: this is not written to a terminal");
}

#[test]
fn json_lines_carry_the_same_facts() {
    let root = tempfile::tempdir().unwrap();
    let arguments = ["--host", "0.0.0.0", "--qr", "--lang", "ko", "--set", "access_log=json"];
    let command = app(root.path(), &arguments);
    let mut terminal = Terminal::start(&line(&command), &command);
    terminal.running.wait_for("no QR code: ");
    let lines: Vec<serde_json::Value> =
        terminal.running.seen.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = &lines[0];
    assert_eq!(first["message"], "shop 1.2.3 is running");
    assert_eq!(first["kind"], "this computer only");
    assert_eq!(first["details"], "this computer");
    assert_eq!(first["interface"], serde_json::Value::Null);
    let of_network = lines.iter().find(|line| line["interface"].is_string()).unwrap();
    assert!(of_network["url"].as_str().unwrap().starts_with("http://"), "{of_network}");
    assert!(of_network["link"].is_string() && of_network["kind"].is_string(), "{of_network}");
    let reach = "0.0.0.0 (every IPv4 address) is reached by everyone who can reach any address of this computer";
    assert!(lines.iter().any(|line| line["message"] == reach), "{lines:#?}");
}
