//! The whole screen, in a terminal that tmux keeps.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Alone, BUILD_LIMIT, DEBUG, FILE, LIMIT, address, get, line_of, nobody_listens, root};

/// A terminal of its own, on a tmux server of its own.
struct Terminal {
    name: String,
}

impl Terminal {
    /// Runs a command line in a terminal of 110 by 34 cells.
    fn start(test: &str, command: &str) -> Terminal {
        let terminal = Terminal { name: format!("carafe-{test}-{}", std::process::id()) };
        // tmux would read its user's configuration, and look of the terminal that the tests run in.
        let size = ["-x", "110", "-y", "34"];
        terminal.tmux(&[&["-f", "/dev/null", "new-session", "-d"], &size[..], &[command]].concat());
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut tmux = Command::new("tmux");
        tmux.args(["-L", &self.name]).args(arguments).current_dir(root()).env_remove("TMUX");
        let output = tmux.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    fn picture(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// Waits until the screen shows something like this; gives it.
    fn shows(&self, limit: Duration, what: &str, is_it: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + limit;
        loop {
            let picture = self.picture();
            if is_it(&picture) {
                return picture;
            }
            assert!(Instant::now() < deadline, "{what} never showed:\n{picture}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn has(&self, text: &str) -> String {
        self.shows(LIMIT, &format!("`{text}`"), |picture| picture.contains(text))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let mut tmux = Command::new("tmux");
        let _ = tmux.args(["-L", &self.name, "kill-server"]).env_remove("TMUX").output();
    }
}

/// The debugger's command line; what a shell says after it shows that the terminal was put right.
fn command() -> String {
    let mut words = vec![format!("'{}'", env!("CARGO_BIN_EXE_carafe"))];
    words.extend(DEBUG.iter().map(|word| (*word).to_owned()));
    // `stty` tells whether the terminal echoes again; `cat` keeps it open.
    format!(
        "{}; echo \"left $?\"; stty -a | tr ' ' '\\n' | grep -x -e '-*echo;*'; cat",
        words.join(" ")
    )
}

#[test]
fn keys_debug_and_the_terminal_is_put_right() {
    let _alone = Alone::new();
    let terminal = Terminal::start("keys", &command());
    let picture = terminal.shows(BUILD_LIMIT, "the running app", |picture| {
        picture.contains(" running ") && address(picture).is_some()
    });
    let address = address(&picture).unwrap();
    assert!(picture.contains("○ GET /plain/<int:id>  plain"), "{picture}");

    // A breakpoint by F9, at a line that was gone to.
    let line = line_of("let user = user(id);");
    terminal.press(&[":", &format!("l debuggee.rs:{line}"), "Enter"]);
    terminal.has(&format!("{FILE}:{line} "));
    terminal.press(&["F9"]);
    terminal.has(&format!("●  {line}"));
    let answer = get(&address, "/plain/7");
    let picture = terminal.has("held: breakpoint 1");
    assert!(picture.contains(&format!("●  {line} →")), "{picture}");
    assert!(picture.contains("    id  7"), "{picture}");
    assert!(picture.contains("held    GET /plain/7"), "{picture}");
    assert!(picture.contains("url  http://127.0.0.1:"), "{picture}");

    // Over; a value opens; the part of it that is gone to is marked.
    terminal.press(&["F10"]);
    terminal.has(&format!("{} →", line + 1));
    terminal.press(&["Tab", "Down", "Down", "Enter"]);
    terminal.has("name  \"user 7\"");
    terminal.press(&["F11"]);
    terminal.has("debuggee::describe");
    terminal.press(&["o"]);
    terminal.has(&format!("{} →", line + 1));
    terminal.press(&[":", "p user.tags", "Enter"]);
    terminal.has("[1] = \"bc\"");
    terminal.press(&["?"]);
    terminal.has("Help: arrows scroll");
    terminal.press(&["x"]);
    terminal.press(&["F5"]);
    terminal.has(" running ");
    assert!(answer.join().unwrap().ends_with("user 7 8"));

    terminal.press(&["q"]);
    let picture = terminal.has("left 0");
    terminal.has("echo");
    assert!(!picture.contains("F9 breakpoint"), "the alternate screen is left: {picture}");
    assert!(!terminal.picture().contains("-echo"), "the terminal echoes again");
    nobody_listens(&address);
}

#[test]
fn a_signal_puts_the_terminal_right_too() {
    let terminal =
        Terminal::start("signal", &format!("sh -c 'echo $$; exec \"$0\" \"$@\"' {}", command()));
    let picture = terminal.shows(BUILD_LIMIT, "the running app", |picture| {
        picture.contains(" running ") && address(picture).is_some()
    });
    let address = address(&picture).unwrap();
    // The process of the terminal's own shell runs it as a child.
    let shell = terminal.tmux(&["display-message", "-p", "#{pane_pid}"]);
    let child = Command::new("pgrep").args(["-P", shell.trim()]).output().unwrap();
    let child = String::from_utf8(child.stdout).unwrap();
    let ended = Command::new("kill").args(["-TERM", child.trim()]).status().unwrap();
    assert!(ended.success(), "{child}");
    terminal.has("left ");
    terminal.shows(LIMIT, "an echoing terminal", |picture| {
        picture.lines().any(|line| line.trim_end_matches(';') == "echo")
    });
    nobody_listens(&address);
}
