//! The firewalls of macOS and Windows: whether they are on. Which programs they let in, they tell
//! in the system's language and per program, so that is said to be unknown.

use super::super::runner::Ran;
use super::super::senses::Senses;
use super::firewall::Judgement;

/// The operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Os {
    Linux,
    Macos,
    Windows,
}

/// How a firewall of these systems is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// macOS: it asks for each program, or blocks them all.
    MacosOn {
        blocks_all: bool,
    },
    WindowsOn {
        mend: String,
    },
}

impl Os {
    /// The one that this runs on; what is neither macOS nor Windows is asked as Linux is.
    pub(crate) fn this() -> Os {
        match std::env::consts::OS {
            "macos" => Os::Macos,
            "windows" => Os::Windows,
            _ => Os::Linux,
        }
    }
}

/// Asks the system's own program.
pub(crate) fn ask(os: Os, senses: &dyn Senses) -> Ran {
    match os {
        Os::Macos => {
            let state = senses.run("socketfilterfw", &["--getglobalstate"]);
            let all = senses.run("socketfilterfw", &["--getblockall"]);
            match (state, all.output()) {
                (Ran::Output(state), Some(all)) => Ran::Output(format!("{state}\n{all}")),
                (state, _) => state,
            }
        }
        Os::Windows => senses.run("netsh", &["advfirewall", "show", "currentprofile", "state"]),
        Os::Linux => Ran::Missing,
    }
}

/// What it means for a port.
pub(crate) fn judge(os: Os, said: &Ran, port: u16) -> Judgement {
    let text = match said {
        Ran::Output(text) => text,
        Ran::NeedsRoot => return Judgement::NeedsRoot { front: None },
        Ran::Missing => return Judgement::NoFirewall,
        Ran::Failed(why) => return Judgement::Unreadable { why: why.clone() },
    };
    match os {
        Os::Macos if text.contains("State = 0") => Judgement::NoFirewall,
        Os::Macos => {
            let blocks_all = text.contains("State = 2") || text.contains("set to enabled");
            Judgement::Other(State::MacosOn { blocks_all })
        }
        // `State                                 OFF`; other words in other languages.
        _ if text.split_whitespace().any(|word| word == "OFF") => Judgement::NoFirewall,
        _ => Judgement::Other(State::WindowsOn { mend: windows_mend(port) }),
    }
}

/// The command that lets a port in through Windows' firewall.
pub(crate) fn windows_mend(port: u16) -> String {
    format!(
        "netsh advfirewall firewall add rule name=\"Carafe {port}\" dir=in action=allow protocol=TCP localport={port}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_they_say() {
        let check = |os, said: &str, want: Judgement| {
            assert_eq!(judge(os, &Ran::Output(said.to_owned()), 8000), want, "{said}");
        };
        let on = |blocks_all| Judgement::Other(State::MacosOn { blocks_all });
        check(Os::Macos, "Firewall is disabled. (State = 0)\n", Judgement::NoFirewall);
        check(Os::Macos, "Firewall is enabled. (State = 1)\nBlock all DISABLED!\n", on(false));
        check(Os::Macos, "Firewall is enabled. (State = 2)\n", on(true));
        check(
            Os::Macos,
            "Firewall is enabled. (State = 1)\nFirewall has block all state set to enabled.\n",
            on(true),
        );
        check(
            Os::Windows,
            "Public Profile Settings:\nState      OFF\nOk.\n",
            Judgement::NoFirewall,
        );
        let mend = "netsh advfirewall firewall add rule name=\"Carafe 8000\" dir=in action=allow \
                    protocol=TCP localport=8000";
        let on = Judgement::Other(State::WindowsOn { mend: mend.to_owned() });
        check(Os::Windows, "Public Profile Settings:\nState      ON\nOk.\n", on);
    }
}
