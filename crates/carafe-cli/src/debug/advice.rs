//! What to do where no debugger is found, or where the system forbids one: named for this machine.

use std::path::Path;

use super::adapters::{OLDEST_GDB, OLDEST_LLDB};

/// What advice depends on.
#[derive(Debug, Default)]
pub(super) struct Facts {
    system: &'static str,
    /// `/etc/os-release`, of Linux.
    release: String,
    inside: Option<Container>,
    /// `kernel.yama.ptrace_scope`.
    scope: Option<u32>,
}

/// What a program may run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Docker,
    Podman,
    Kubernetes,
}

impl Facts {
    /// Of this machine.
    pub(super) fn gather() -> Facts {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let is_there = |path: &str| Path::new(path).exists();
        let inside = match () {
            () if std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() => {
                Some(Container::Kubernetes)
            }
            () if is_there("/run/.containerenv") => Some(Container::Podman),
            () if is_there("/.dockerenv") => Some(Container::Docker),
            () => None,
        };
        let scope = read("/proc/sys/kernel/yama/ptrace_scope").trim().parse().ok();
        Facts { system: std::env::consts::OS, release: read("/etc/os-release"), inside, scope }
    }

    /// No debugger was found.
    pub(super) fn nothing_found(&self) -> String {
        let hint = match self.command() {
            Some((command, "")) => format!("install one with `{command}`"),
            Some((command, why)) => format!("install one with `{command}`: {why}"),
            None => "install your system's package of lldb".to_owned(),
        };
        format!(
            "no debugger was found: neither lldb-dap {OLDEST_LLDB} or newer nor gdb {OLDEST_GDB} or newer\n\n\
             hint: {hint}\n\
             hint: `carafe run`, in editors Ctrl+F5, needs none"
        )
    }

    /// The command that installs a debugger, and what there is to say of it.
    fn command(&self) -> Option<(&'static str, &'static str)> {
        match self.system {
            "macos" => return Some(("xcode-select --install", "")),
            "windows" => return Some(("winget install LLVM.LLVM", "")),
            _ => {}
        }
        let value = |key: &str| {
            let lines = self.release.lines();
            let value = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).next();
            value.unwrap_or_default().trim_matches('"').to_owned()
        };
        let ids = format!("{} {}", value("ID"), value("ID_LIKE"));
        let is = |name: &str| ids.split(' ').any(|id| id == name);
        let version = value("VERSION_ID");
        Some(match () {
            () if is("debian") && version == "12" => {
                ("sudo apt-get install --no-install-recommends lldb-19", "")
            }
            () if value("ID") == "ubuntu" && matches!(version.as_str(), "20.04" | "22.04") => (
                "wget -qO- https://apt.llvm.org/llvm.sh | sudo bash -s 19",
                "the packages of this Ubuntu are too old",
            ),
            () if is("debian") || is("ubuntu") => ("sudo apt-get install lldb", ""),
            () if is("fedora") || is("rhel") => ("sudo dnf install lldb", ""),
            () if is("arch") => ("sudo pacman -S lldb", ""),
            () if is("alpine") => ("sudo apk add lldb", ""),
            () if is("suse") || is("opensuse") => ("sudo zypper install lldb", ""),
            () if is("void") => ("sudo xbps-install lldb", ""),
            () if is("nixos") => {
                ("nix-shell -p lldb", "it has lldb-dap for as long as the shell lives")
            }
            () if std::env::var_os("HOMEBREW_PREFIX").is_some() => ("brew install llvm", ""),
            () => return None,
        })
    }

    /// The system did not let a debugger hold the program.
    pub(super) fn refused(&self, words: &str) -> String {
        let mut hints: Vec<String> = Vec::new();
        match (self.inside, self.system) {
            (Some(Container::Docker), _) => hints.push(
                "start the container with `docker run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined ...`".to_owned(),
            ),
            (Some(Container::Podman), _) => hints.push(
                "start the container with `podman run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined ...`".to_owned(),
            ),
            (Some(Container::Kubernetes), _) => hints.push(
                "give the container `securityContext: {capabilities: {add: [SYS_PTRACE]}, seccompProfile: {type: Unconfined}}`".to_owned(),
            ),
            (None, "macos") => hints.push("allow it with `sudo DevToolsSecurity -enable`".to_owned()),
            (None, _) => {}
        }
        if let Some(scope @ 2..) = self.scope {
            let until = if scope == 3 {
                ", and start the system again: 3 cannot be taken back"
            } else {
                ""
            };
            hints.push(format!(
                "`kernel.yama.ptrace_scope` is {scope}: `sudo sysctl kernel.yama.ptrace_scope=1`{until}"
            ));
        }
        if hints.is_empty() {
            hints.push(
                "where a sandbox is around it, allow the system call `ptrace` there".to_owned(),
            );
        }
        let hints: Vec<String> = hints.into_iter().map(|hint| format!("hint: {hint}")).collect();
        format!(
            "the system does not let a debugger hold the program: {words}\n\n{}",
            hints.join("\n")
        )
    }
}

/// Whether a debugger's words mean that the system forbids it to hold a program.
pub(super) fn is_refusal(words: &str) -> bool {
    ["ptrace", "lost connection", "Operation not permitted"].iter().any(|part| words.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linux(release: &str) -> Facts {
        Facts { system: "linux", release: release.to_owned(), ..Facts::default() }
    }

    #[test]
    fn names_the_command_of_each_system() {
        let check = |facts: Facts, expected: &str| {
            assert_eq!(facts.command().unwrap_or_default().0, expected, "{facts:?}");
        };
        let debian = "sudo apt-get install --no-install-recommends lldb-19";
        check(linux("ID=debian\nVERSION_ID=\"12\"\n"), debian);
        check(linux("ID=debian\nVERSION_ID=\"13\"\n"), "sudo apt-get install lldb");
        check(linux("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), "sudo apt-get install lldb");
        let script = "wget -qO- https://apt.llvm.org/llvm.sh | sudo bash -s 19";
        check(linux("ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"22.04\"\n"), script);
        check(
            linux("ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n"),
            "sudo apt-get install lldb",
        );
        check(linux("ID=fedora\n"), "sudo dnf install lldb");
        check(linux("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"), "sudo dnf install lldb");
        check(linux("ID=manjaro\nID_LIKE=arch\n"), "sudo pacman -S lldb");
        check(linux("ID=alpine\n"), "sudo apk add lldb");
        check(
            linux("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n"),
            "sudo zypper install lldb",
        );
        check(Facts { system: "macos", ..Facts::default() }, "xcode-select --install");
        check(Facts { system: "windows", ..Facts::default() }, "winget install LLVM.LLVM");
    }

    #[test]
    fn says_what_to_install() {
        let expected = "\
no debugger was found: neither lldb-dap 17 or newer nor gdb 14 or newer

hint: install one with `sudo dnf install lldb`
hint: `carafe run`, in editors Ctrl+F5, needs none";
        assert_eq!(linux("ID=fedora").nothing_found(), expected);
        let old = linux("ID=ubuntu\nVERSION_ID=\"22.04\"").nothing_found();
        assert!(old.contains("bash -s 19`: the packages of this Ubuntu are too old\n"), "{old}");
    }

    #[test]
    fn says_what_allows_a_debugger() {
        let check = |inside: Option<Container>, scope: Option<u32>, expected: &str| {
            let facts = Facts { inside, scope, ..linux("") };
            let told = facts.refused("ptrace failed: Operation not permitted");
            let head = "the system does not let a debugger hold the program: ptrace failed: Operation not permitted\n\nhint: ";
            assert_eq!(told, format!("{head}{expected}"));
        };
        let docker = "start the container with `docker run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined ...`";
        check(Some(Container::Docker), None, docker);
        check(Some(Container::Podman), Some(1), &docker.replace("docker", "podman"));
        check(
            Some(Container::Kubernetes),
            None,
            "give the container `securityContext: {capabilities: {add: [SYS_PTRACE]}, seccompProfile: {type: Unconfined}}`",
        );
        check(
            None,
            Some(2),
            "`kernel.yama.ptrace_scope` is 2: `sudo sysctl kernel.yama.ptrace_scope=1`",
        );
        check(None, Some(1), "where a sandbox is around it, allow the system call `ptrace` there");
        assert!(is_refusal("error: lost connection") && !is_refusal("no such file"));
    }
}
