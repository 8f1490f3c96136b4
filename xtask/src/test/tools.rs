//! What the tests need beyond Rust: where each tool is looked for and how it is installed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::steps::Step;
use crate::process;

/// One tool.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    /// The steps of `cargo xtask test` that fail without it.
    pub(crate) steps: &'static [&'static str],
    /// What those do with it, for the person who has to install it.
    pub(crate) why: &'static str,
    pub(crate) find: fn() -> Option<PathBuf>,
    pub(crate) packages: Packages,
}

/// What each package manager calls a tool; empty where it has none.
pub(crate) struct Packages {
    pub(crate) debian: &'static str,
    pub(crate) ubuntu: &'static str,
    pub(crate) dnf: &'static str,
    pub(crate) pacman: &'static str,
    pub(crate) brew: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "chromium",
        steps: &["tests"],
        why: "the browser tests open pages with it",
        find: chromium,
        packages: Packages {
            debian: "chromium",
            ubuntu: "chromium-browser",
            dnf: "chromium",
            pacman: "chromium",
            brew: "--cask chromium",
        },
    },
    Tool {
        name: "chromedriver",
        steps: &["tests"],
        why: "the browser tests steer the browser through it",
        find: chromedriver,
        packages: Packages {
            debian: "chromium-driver",
            ubuntu: "chromium-chromedriver",
            dnf: "chromedriver",
            pacman: "chromium",
            brew: "--cask chromedriver",
        },
    },
    Tool {
        name: "DejaVu fonts",
        steps: &["tests"],
        why: "the browser tests measure text, which needs a font",
        find: fonts,
        packages: Packages {
            debian: "fonts-dejavu-core",
            ubuntu: "fonts-dejavu-core",
            dnf: "dejavu-sans-fonts",
            pacman: "ttf-dejavu",
            brew: "--cask font-dejavu",
        },
    },
    Tool {
        name: "python3 with venv",
        steps: &["tests"],
        why: "the comparison tests ask Flask the same requests",
        find: python,
        packages: Packages {
            debian: "python3-venv",
            ubuntu: "python3-venv",
            dnf: "python3",
            pacman: "python",
            brew: "python",
        },
    },
    Tool {
        name: "npm",
        steps: &["tests"],
        why: "it brings the VS Code in which the extension is tested",
        find: || on_linux("npm"),
        packages: Packages {
            debian: "npm",
            ubuntu: "npm",
            dnf: "nodejs-npm",
            pacman: "npm",
            brew: "",
        },
    },
    Tool {
        name: "zbarimg",
        steps: &["tests"],
        why: "the tests of the banner read its QR code as a phone does",
        find: || process::find("zbarimg"),
        packages: Packages {
            debian: "zbar-tools",
            ubuntu: "zbar-tools",
            dnf: "zbar",
            pacman: "zbar",
            brew: "zbar",
        },
    },
    Tool {
        name: "ip",
        steps: &["tests"],
        why: "tests about addresses make networks of their own with it",
        find: || on_linux("ip"),
        packages: Packages {
            debian: "iproute2",
            ubuntu: "iproute2",
            dnf: "iproute",
            pacman: "iproute2",
            brew: "",
        },
    },
    Tool {
        name: "nft",
        steps: &["tests"],
        why: "the doctor's tests set up firewalls with it",
        find: || on_linux("nft"),
        packages: Packages {
            debian: "nftables",
            ubuntu: "nftables",
            dnf: "nftables",
            pacman: "nftables",
            brew: "",
        },
    },
    Tool {
        name: "iptables",
        steps: &["tests"],
        why: "the doctor's tests set up firewalls with it",
        find: || on_linux("iptables"),
        packages: Packages {
            debian: "iptables",
            ubuntu: "iptables",
            dnf: "iptables-nft",
            pacman: "iptables-nft",
            brew: "",
        },
    },
    Tool {
        name: "setpriv",
        steps: &["tests", "databases"],
        why: "tests become another user with it",
        find: || on_linux("setpriv"),
        packages: Packages {
            debian: "util-linux",
            ubuntu: "util-linux",
            dnf: "util-linux",
            pacman: "util-linux",
            brew: "",
        },
    },
    Tool {
        name: "curl",
        steps: &["tests"],
        why: "tests about addresses send requests with it",
        find: || on_linux("curl"),
        packages: Packages {
            debian: "curl",
            ubuntu: "curl",
            dnf: "curl",
            pacman: "curl",
            brew: "",
        },
    },
    Tool {
        name: "lldb-dap",
        steps: &["tests"],
        why: "the tests of `carafe dap` hold an app with it",
        find: lldb_dap,
        packages: Packages {
            debian: "lldb-19",
            ubuntu: "lldb-19",
            dnf: "lldb",
            pacman: "lldb",
            brew: "llvm",
        },
    },
    Tool {
        name: "nginx",
        steps: &["tests"],
        why: "the configuration that `carafe proxy nginx` prints is served with it",
        find: || on_linux("nginx"),
        packages: Packages {
            debian: "nginx",
            ubuntu: "nginx",
            dnf: "nginx",
            pacman: "nginx",
            brew: "nginx",
        },
    },
    Tool {
        name: "Apache 2.4",
        steps: &["tests"],
        why: "the configuration that `carafe proxy apache` prints is served with it",
        find: || on_linux("apache2"),
        packages: Packages {
            // The program alone: `apache2` would bring a service, and start it.
            debian: "apache2-bin",
            ubuntu: "apache2-bin",
            dnf: "httpd",
            pacman: "apache",
            brew: "httpd",
        },
    },
    Tool {
        name: "mod_xsendfile",
        steps: &["tests"],
        why: "Apache sends the files that an app names with it",
        find: || apache_module("mod_xsendfile.so"),
        packages: Packages {
            debian: "libapache2-mod-xsendfile",
            ubuntu: "libapache2-mod-xsendfile",
            dnf: "mod_xsendfile",
            pacman: "mod_xsendfile",
            brew: "mod_xsendfile",
        },
    },
    Tool {
        name: "Caddy",
        steps: &["tests"],
        why: "the configuration that `carafe proxy caddy` prints is served with it",
        find: || on_linux("caddy"),
        packages: Packages {
            debian: "caddy",
            ubuntu: "caddy",
            dnf: "caddy",
            pacman: "caddy",
            brew: "caddy",
        },
    },
    Tool {
        name: "openssl",
        steps: &["tests"],
        why: "it makes the certificate of these web servers, and speaks TLS to them",
        find: || on_linux("openssl"),
        packages: Packages {
            debian: "openssl",
            ubuntu: "openssl",
            dnf: "openssl",
            pacman: "openssl",
            brew: "openssl",
        },
    },
    Tool {
        name: "systemd-analyze",
        steps: &["tests"],
        why: "it checks the units that `carafe proxy systemd` prints",
        find: || on_linux("systemd-analyze"),
        packages: Packages {
            debian: "systemd",
            ubuntu: "systemd",
            dnf: "systemd",
            pacman: "systemd",
            brew: "systemd",
        },
    },
    Tool {
        name: "PostgreSQL",
        steps: &["databases"],
        why: "what stands on a database is tested on it, too",
        find: super::postgres::program,
        packages: Packages {
            debian: "postgresql",
            ubuntu: "postgresql",
            dnf: "postgresql-server",
            pacman: "postgresql",
            brew: "postgresql",
        },
    },
    Tool {
        name: "valgrind",
        steps: &["budget"],
        why: "its callgrind counts the instructions of a request",
        find: || process::find("valgrind"),
        packages: Packages {
            debian: "valgrind",
            ubuntu: "valgrind",
            dnf: "valgrind",
            pacman: "valgrind",
            brew: "valgrind",
        },
    },
];

/// The tools that these steps cannot do without.
pub(crate) fn needed_by(steps: &[&Step]) -> Vec<&'static Tool> {
    let wanted = |tool: &&Tool| steps.iter().any(|step| tool.steps.contains(&step.name));
    TOOLS.iter().filter(wanted).collect()
}

/// The variable wins, so that a browser outside `PATH` can be used.
pub(crate) fn chromium() -> Option<PathBuf> {
    from_environment("CARAFE_TOOL_CHROMIUM")
        .or_else(|| {
            ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
                .into_iter()
                .find_map(process::find)
        })
        .or_else(|| {
            first_file(&[
                "/Applications/Chromium.app/Contents/MacOS/Chromium",
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            ])
        })
}

pub(crate) fn chromedriver() -> Option<PathBuf> {
    from_environment("CARAFE_TOOL_CHROMEDRIVER").or_else(|| process::find("chromedriver")).or_else(
        || {
            first_file(&[
                "/usr/lib/chromium/chromedriver",
                "/usr/lib/chromium-browser/chromedriver",
                "/snap/bin/chromium.chromedriver",
            ])
        },
    )
}

/// A python that can make a virtual environment: Debian's lacks `ensurepip` until a package
/// brings it.
pub(crate) fn python() -> Option<PathBuf> {
    let candidates = [process::find("python3"), first_file(&["/usr/bin/python3"])];
    candidates.into_iter().flatten().find(|python| {
        let mut command = Command::new(python);
        command.args(["-c", "import ensurepip, venv"]);
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        status.status().is_ok_and(|status| status.success())
    })
}

/// lldb's debug adapter, in a version that `carafe dap` takes.
fn lldb_dap() -> Option<PathBuf> {
    let numbered = (17..=40).rev().map(|version| format!("lldb-dap-{version}"));
    std::iter::once("lldb-dap".to_owned()).chain(numbered).find_map(|name| process::find(&name))
}

/// A tool that only the tests of Linux use.
fn on_linux(name: &str) -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return Some(PathBuf::new());
    }
    // Debian leaves these folders out of an ordinary user's PATH.
    let places = ["/usr/sbin", "/sbin"].map(|folder| Path::new(folder).join(name));
    process::find(name).or_else(|| places.into_iter().find(|place| place.is_file()))
}

/// A module of Apache's, where Debian keeps them.
fn apache_module(file: &str) -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return Some(PathBuf::new());
    }
    first_file(&[&format!("/usr/lib/apache2/modules/{file}")])
}

fn fonts() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> =
        ["/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts"].map(PathBuf::from).into();
    if let Some(home) = env::var_os("HOME").map(PathBuf::from) {
        folders.extend([".local/share/fonts", ".fonts", "Library/Fonts"].map(|f| home.join(f)));
    }
    folders.iter().find_map(|folder| find_file(folder, "DejaVuSans.ttf", 4))
}

/// Looks for a file below a folder, at most `depth` folders down.
fn find_file(folder: &Path, name: &str, depth: usize) -> Option<PathBuf> {
    let file = folder.join(name);
    if file.is_file() {
        return Some(file);
    }
    let below = depth.checked_sub(1)?;
    std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .find_map(|path| find_file(&path, name, below))
}

fn from_environment(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

fn first_file(paths: &[&str]) -> Option<PathBuf> {
    paths.iter().map(PathBuf::from).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::super::steps::STEPS;
    use super::*;

    #[test]
    fn a_step_asks_for_its_tools_only() {
        let needed = |name: &str| {
            let steps: Vec<&Step> = STEPS.iter().filter(|step| step.name == name).collect();
            needed_by(&steps).iter().map(|tool| tool.name).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(needed("fmt"), "");
        assert_eq!(
            needed("tests"),
            "chromium, chromedriver, DejaVu fonts, python3 with venv, npm, zbarimg, ip, nft, \
             iptables, setpriv, curl, lldb-dap, nginx, Apache 2.4, mod_xsendfile, Caddy, openssl, \
             systemd-analyze"
        );
        assert_eq!(needed("databases"), "setpriv, PostgreSQL");
        assert_eq!(needed("budget"), "valgrind");
    }

    #[test]
    fn tools_name_real_steps() {
        for name in TOOLS.iter().flat_map(|tool| tool.steps) {
            assert!(STEPS.iter().any(|step| step.name == *name), "{name}");
        }
    }
}
