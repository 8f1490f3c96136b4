//! A port that is taken, talked over at a terminal: `terminal.py` is the one who sits there.

use std::process::Command;

use crate::app::{Running, as_nobody, is_root, shop};
use crate::holder::{Holder, python};
use crate::snapshot::{self, Names};

/// Types this when the question comes, reads until these words (or the end), and then ends the app.
fn talk(mut app: Command, typed: &[&str], until: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/binding/terminal.py");
    let mut words = vec![app.get_program().to_owned()];
    words.extend(app.get_args().map(ToOwned::to_owned));
    let mut terminal = Command::new(python());
    for (name, value) in app.env("TERM", "dumb").get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    let output = terminal
        .arg(script)
        .arg(typed.join("\u{1f}"))
        .arg(until)
        .args(words)
        .current_dir("/")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n")
}

fn names(holder: &Holder) -> Names {
    Names::default()
        .with(holder.port, "{port}")
        .with(holder.pid(), "{pid}")
        .with(holder.folder.display(), "{folder}")
}

/// The next free port, as the dialogue says it.
fn offered(said: &str) -> String {
    let (_, rest) =
        said.split_once("the next free port, ").or(said.split_once("다음 빈 포트인 ")).unwrap();
    rest.chars().take_while(char::is_ascii_digit).collect()
}

#[test]
fn next_serves_on_the_port_that_was_offered() {
    let mut holder = Holder::at("127.0.0.1");
    let port = holder.port.to_string();
    for lang in ["en", "ko"] {
        let app = shop(&[], &["--port", &port, "--lang", lang]);
        let said = talk(app, &["what?\n", "n\n"], "Ctrl+C");
        let next = offered(&said);
        assert!(said.contains(&format!("http://localhost:{next}")), "{said}");
        let (dialogue, _banner) = said.split_once("shop 1.2.3").unwrap();
        let names = names(&holder).with(next, "{next}");
        snapshot::check(&format!("dialogue-next-{lang}"), dialogue.trim_end(), &names);
    }
    assert!(holder.is_running());
}

#[test]
fn stop_ends_the_program_and_serves_there() {
    for lang in ["en", "ko"] {
        let mut holder = Holder::at("127.0.0.1");
        let port = holder.port.to_string();
        let app = shop(&[], &["--port", &port, "--lang", lang]);
        let said = talk(app, &["s\n"], "Ctrl+C");
        assert!(said.contains(&format!("http://localhost:{port}")), "{said}");
        assert!(!holder.is_running());
        let (dialogue, _banner) = said.split_once("shop 1.2.3").unwrap();
        let names = names(&holder).with(offered(&said), "{next}");
        snapshot::check(&format!("dialogue-stop-{lang}"), dialogue.trim_end(), &names);
    }
}

#[test]
fn quit_leaves_all_as_it_is() {
    let mut holder = Holder::at("127.0.0.1");
    let port = holder.port.to_string();
    // 4 is the end of the input, as Ctrl+D types it.
    for typed in [&["q\n"][..], &["\u{4}"][..], &["\n", "x\n", "y\n"][..]] {
        let said = talk(shop(&[], &["--port", &port]), typed, "");
        let end = format!("error: not started: port {port} is taken\nexit status 1\n");
        assert!(said.ends_with(&end), "{typed:?}: {said}");
        assert!(holder.is_running());
    }
}

#[test]
fn programs_of_others_are_not_offered_to_be_stopped() {
    if !is_root() {
        return;
    }
    let mut holder = Holder::start(&as_nobody(), "127.0.0.1", 0, &[]);
    let port = holder.port.to_string();
    let said = talk(shop(&[], &["--port", &port]), &["s\n", "q\n"], "");
    let names = names(&holder).with(offered(&said), "{next}");
    snapshot::check("dialogue-other-en", &said, &names);
    assert!(holder.is_running());
}

#[test]
fn an_earlier_run_makes_way() {
    let mut earlier = Running::start(shop(&[], &["--port", "0"]));
    let port = earlier.urls()[0].rsplit(':').next().unwrap().to_owned();
    let said = talk(shop(&[], &["--port", &port]), &["stop\n"], "Ctrl+C");
    assert!(said.contains("an earlier run of this app"), "{said}");
    assert!(said.contains(&format!("http://localhost:{port}")), "{said}");
    earlier.wait();
}
