//! Gets what the tests need and the machine lacks, or says exactly what to install.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::tools::{self, Packages, Tool};
use super::vscode;
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

/// The Flask that Carafe is compared with; pinned, so that the comparison does not move.
const FLASK: &str = "3.1.3";
const WERKZEUG: &str = "3.1.9";

/// Which manager's word for a tool is meant.
type NameOf = fn(&Packages) -> &'static str;

/// What the tests are told about the machine.
#[derive(Default)]
pub(crate) struct Environment {
    chromium: Option<PathBuf>,
    chromedriver: Option<PathBuf>,
    flask_python: Option<PathBuf>,
    vscode: Option<PathBuf>,
}

impl Environment {
    /// The variables that tests read.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        [
            ("CARAFE_TOOL_CHROMIUM", self.chromium.as_deref()),
            ("CARAFE_TOOL_CHROMEDRIVER", self.chromedriver.as_deref()),
            ("CARAFE_TOOL_FLASK_PYTHON", self.flask_python.as_deref()),
            ("CARAFE_TOOL_VSCODE", self.vscode.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, path)| Some((name, path?)))
    }
}

/// Makes sure that every one of these tools is there; for the tests also a virtual environment with
/// Flask, and a VS Code.
pub(crate) fn prepare(workspace: &Workspace, needed: &[&Tool]) -> Result<Environment> {
    let missing = missing(needed);
    if !missing.is_empty() {
        install(&missing)?;
    }
    let mut environment = Environment {
        chromium: tools::chromium(),
        chromedriver: tools::chromedriver(),
        flask_python: None,
        vscode: None,
    };
    if needed.iter().any(|tool| tool.steps.contains(&"tests")) {
        environment.flask_python = Some(flask(&workspace.scratch()?)?);
        environment.vscode = vscode::prepare(workspace)?;
    }
    for (name, path) in environment.variables() {
        println!("{name}={}", path.display());
    }
    Ok(environment)
}

fn missing<'a>(needed: &[&'a Tool]) -> Vec<&'a Tool> {
    needed.iter().copied().filter(|tool| (tool.find)().is_none()).collect()
}

fn install(tools: &[&Tool]) -> Result<()> {
    let Some(prefix) = apt_prefix() else {
        return Err(refusal(tools));
    };
    let os = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name: NameOf = if is_ubuntu(&os) { |p| p.ubuntu } else { |p| p.debian };
    let apt = |arguments: &[&str]| {
        let words: Vec<&str> = prefix.iter().chain(arguments).copied().collect();
        println!("{}", words.join(" "));
        process::run(Command::new(words[0]).args(&words[1..]))
    };
    apt(&["apt-get", "update", "--quiet=2"])?;
    let mut arguments = vec!["apt-get", "install", "--quiet=2", "--yes", "--no-install-recommends"];
    arguments.extend(packages(tools, name));
    apt(&arguments)?;
    match missing(tools).as_slice() {
        [] => Ok(()),
        still => Err(refusal(still)),
    }
}

/// The words before `apt-get`, where this user may use it: none ask for a password.
fn apt_prefix() -> Option<Vec<&'static str>> {
    const QUIETLY: [&str; 2] = ["env", "DEBIAN_FRONTEND=noninteractive"];
    process::find("apt-get")?;
    let id = process::output(Command::new("id").arg("-u")).ok()?;
    if id.trim() == "0" {
        return Some(QUIETLY.into());
    }
    process::output(Command::new("sudo").args(["-n", "true"])).ok()?;
    Some([&["sudo", "-n"], QUIETLY.as_slice()].concat())
}

fn is_ubuntu(os_release: &str) -> bool {
    os_release.lines().any(|line| matches!(line, "ID=ubuntu" | "ID=\"ubuntu\""))
}

/// What a package manager calls these tools, each once: one package may bring two of them.
fn packages(tools: &[&Tool], name: NameOf) -> Vec<&'static str> {
    let mut found: Vec<&str> = Vec::new();
    for package in tools.iter().map(|tool| name(&tool.packages)) {
        if !found.contains(&package) {
            found.push(package);
        }
    }
    found
}

/// Names each missing tool and its use, then the command of each package manager.
fn refusal(tools: &[&Tool]) -> Error {
    let mut error = Error::new(match tools.len() {
        1 => "a tool is missing and cannot be installed from here".to_owned(),
        count => format!("{count} tools are missing and cannot be installed from here"),
    });
    for tool in tools {
        error =
            error.hint(format!("`{}` for `{}`: {}", tool.name, tool.steps.join("`, `"), tool.why));
    }
    let managers: [(&str, &str, NameOf); 5] = [
        ("Debian", "sudo apt-get install", |p| p.debian),
        ("Ubuntu", "sudo apt-get install", |p| p.ubuntu),
        ("Fedora", "sudo dnf install", |p| p.dnf),
        ("Arch", "sudo pacman -S", |p| p.pacman),
        ("macOS", "brew install", |p| p.brew),
    ];
    for (system, command, name) in managers {
        let list = packages(tools, name);
        // Homebrew takes a cask and a formula in separate commands.
        let (casks, plain): (Vec<_>, Vec<_>) =
            list.into_iter().partition(|package| package.starts_with("--cask "));
        let groups = [plain].into_iter().chain(casks.into_iter().map(|cask| vec![cask]));
        let commands: Vec<String> = groups
            .filter(|group| !group.is_empty())
            .map(|group| format!("{command} {}", group.join(" ")))
            .collect();
        error = error.hint(format!("{system}: `{}`", commands.join(" && ")));
    }
    error
}

/// The python of a virtual environment with the pinned Flask; made again if its versions differ.
fn flask(scratch: &Path) -> Result<PathBuf> {
    let folder = scratch.join("flask-venv");
    let python = folder.join("bin").join("python");
    if has_flask(&python) {
        return Ok(python);
    }
    let maker = tools::python().ok_or_else(|| Error::new("no python3 here can make a venv"))?;
    println!("making a virtual environment with Flask {FLASK}");
    process::output(Command::new(maker).args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args([format!("flask=={FLASK}"), format!("werkzeug=={WERKZEUG}")]);
    process::output(&mut pip)?;
    if has_flask(&python) {
        return Ok(python);
    }
    Err(Error::new(format!("pip did not bring Flask {FLASK} and Werkzeug {WERKZEUG}"))
        .hint(format!("remove `{}` and try again", folder.display())))
}

fn has_flask(python: &Path) -> bool {
    let script = "from importlib.metadata import version as v; print(v('flask'), v('werkzeug'))";
    process::output(Command::new(python).args(["-c", script]))
        .is_ok_and(|versions| versions.trim() == format!("{FLASK} {WERKZEUG}"))
}

#[cfg(test)]
mod tests {
    use super::super::steps::STEPS;
    use super::*;

    #[test]
    fn says_what_to_install() {
        let steps: Vec<_> = STEPS.iter().collect();
        let all = tools::needed_by(&steps);
        let two: Vec<&Tool> =
            all.into_iter().filter(|tool| tool.name.starts_with("chrom")).collect();
        assert_eq!(
            refusal(&two).to_string(),
            "2 tools are missing and cannot be installed from here\n  \
             hint: `chromium` for `tests`: the browser tests open pages with it\n  \
             hint: `chromedriver` for `tests`: the browser tests steer the browser through it\n  \
             hint: Debian: `sudo apt-get install chromium chromium-driver`\n  \
             hint: Ubuntu: `sudo apt-get install chromium-browser chromium-chromedriver`\n  \
             hint: Fedora: `sudo dnf install chromium chromedriver`\n  \
             hint: Arch: `sudo pacman -S chromium`\n  \
             hint: macOS: `brew install --cask chromium && brew install --cask chromedriver`"
        );
    }

    #[test]
    fn knows_ubuntu() {
        assert!(is_ubuntu("NAME=\"Ubuntu\"\nID=ubuntu\n"));
        assert!(!is_ubuntu("ID=debian\n"));
    }

    #[test]
    fn hands_over_what_it_found() {
        let environment =
            Environment { chromium: Some(PathBuf::from("c")), ..Environment::default() };
        let found: Vec<_> = environment.variables().collect();
        assert_eq!(found, [("CARAFE_TOOL_CHROMIUM", Path::new("c"))]);
    }
}
