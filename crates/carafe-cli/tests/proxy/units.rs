//! What can be tried of systemd's units and of the Dockerfile without systemd and Docker running.

use std::fs;
use std::process::Command;

use super::apps::{self, App};
use super::front::free_port;
use super::{carafe, clean, tool};

fn print(arguments: &[&str]) -> String {
    let program = apps::guestbook().to_str().unwrap();
    carafe(&[&["proxy"], arguments, &["--app", program]].concat(), &[])
}

/// systemd's own check finds nothing to say, and its view of the dangers is that there are few.
#[test]
fn systemd_takes_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // The check wants the program to be there.
    fs::create_dir(path("srv")).unwrap();
    fs::copy("/bin/true", path("srv/guestbook")).unwrap();
    for upstream in ["127.0.0.1:80", "unix:/run/guestbook/guestbook.sock", "[::1]:8000"] {
        for user in [&[][..], &["--user", "root"]] {
            let options = ["systemd", "--dir", &path("srv"), "--upstream", upstream];
            for file in ["socket", "service"] {
                let text = print(&[&options, user, &["--file", file]].concat());
                fs::write(path(&format!("guestbook.{file}")), text).unwrap();
            }
            let mut verify = clean(tool("systemd-analyze"));
            verify.args([
                "verify",
                "--man=no",
                &path("guestbook.socket"),
                &path("guestbook.service"),
            ]);
            let output = verify.output().unwrap();
            let words = String::from_utf8_lossy(&output.stderr);
            // Of other units on this machine it may say what it likes.
            let ours: Vec<_> = words.lines().filter(|line| line.contains("guestbook")).collect();
            assert!(output.status.success() && ours.is_empty(), "{upstream} {user:?}: {words}");
        }
    }
    let mut security = clean(tool("systemd-analyze"));
    security.args(["security", "--offline=true", "--threshold=25", &path("guestbook.service")]);
    let output = security.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The health check of the Dockerfile, as Docker would run it.
#[test]
fn the_health_check_tells_a_running_app_from_none() {
    let port = free_port();
    let text = carafe(
        &["proxy", "docker", "--domain", "book.example", "--app", apps::probe().to_str().unwrap()],
        &[("CARAFE_PORT", &port.to_string())],
    );
    let (_, check) = text.split_once("CMD [\"bash\"").unwrap();
    let check =
        format!("[\"bash\"{}", check.lines().take(2).collect::<String>().replace('\\', "\u{1}"));
    // A backslash at a line's end joins the lines; all others are JSON's.
    let check = check.replacen('\u{1}', "", 1).replace('\u{1}', "\\");
    let words: Vec<String> = serde_json::from_str(&check).unwrap();
    let healthy = || {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).output().unwrap().status.success()
    };
    assert!(!healthy(), "nothing listens yet");
    let folder = tempfile::tempdir().unwrap();
    let settings = [("CARAFE_PORT", &*port.to_string()), ("CARAFE_TRUSTED_HOSTS", "book.example")];
    let app = App::start(apps::probe(), folder.path(), &settings);
    assert!(healthy());
    app.stop();
    assert!(!healthy());
}
