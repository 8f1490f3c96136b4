//! Putting the extension into the editors of this machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::files::EXTENSION;
use super::vsix;

/// VS Code and what is built from it, by the names of their programs.
const PROGRAMS: [&str; 7] =
    ["code", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "code-server"];

/// How long an editor may take to unpack a small file.
const LIMIT: Duration = Duration::from_secs(90);

/// How it went with one editor.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Installed {
    /// The program's name.
    pub(super) editor: String,
    /// The version that was there before; a failure in words.
    pub(super) result: Result<Option<String>, String>,
}

/// The editors on `PATH`, each program once.
pub(super) fn editors() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let endings: &[&str] = if cfg!(windows) { &["cmd", "exe"] } else { &[""] };
    let mut found: Vec<PathBuf> = Vec::new();
    for name in PROGRAMS {
        let places = folders.iter().flat_map(|folder| {
            endings.iter().map(|ending| folder.join(name).with_extension(ending))
        });
        // `codium` and `vscodium` may be one program.
        let place = places.into_iter().find(|place| place.is_file());
        let place = place.filter(|place| !found.iter().any(|known| same(known, place)));
        found.extend(place);
    }
    found
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Installs the extension into these editors, or updates it.
///
/// # Errors
/// When the package cannot be written for them to read.
pub(super) fn install(editors: &[PathBuf]) -> Result<Vec<Installed>, String> {
    let folder = private_folder()
        .map_err(|error| format!("no folder for the extension can be made: {error}"))?;
    let package = folder.join("carafe.vsix");
    let written = vsix::pack().and_then(|bytes| {
        fs::write(&package, bytes)
            .map_err(|error| format!("`{}` cannot be written: {error}", package.display()))
    });
    let done = written.map(|()| {
        editors.iter().map(|editor| Installed {
            editor: editor.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            result: install_into(editor, &package),
        })
    });
    let done = done.map(Iterator::collect);
    let _ = fs::remove_dir_all(folder);
    done
}

fn install_into(editor: &Path, package: &Path) -> Result<Option<String>, String> {
    // Only so that it can be said what was there; an editor that does not answer may still install.
    let known = output(Command::new(editor).args(["--list-extensions", "--show-versions"]));
    let before = known.ok().and_then(|list| version_in(&list));
    output(Command::new(editor).arg("--install-extension").arg(package).arg("--force"))?;
    Ok(before)
}

/// The version in a list with lines such as `carafe-rs.carafe@0.1.0`.
fn version_in(list: &str) -> Option<String> {
    list.lines().find_map(|line| {
        let (name, version) = line.trim().split_once('@')?;
        name.eq_ignore_ascii_case(EXTENSION).then(|| version.to_owned())
    })
}

/// Runs a command to its end, within the limit.
fn output(command: &mut Command) -> Result<String, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("it cannot be started: {error}"))?;
    let readers = (child.stdout.take().map(reader), child.stderr.take().map(reader));
    let deadline = Instant::now() + LIMIT;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it took more than {} seconds", LIMIT.as_secs()));
            }
            Err(error) => return Err(format!("it cannot be waited for: {error}")),
        }
    };
    let read = |reader: Option<thread::JoinHandle<String>>| {
        reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
    };
    let (out, errors) = (read(readers.0), read(readers.1));
    if status.success() {
        return Ok(out);
    }
    let said = [errors, out].join("\n");
    let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Err(said.last().map_or_else(|| status.to_string(), |line| (*line).to_owned()))
}

fn reader(stream: impl io::Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || io::read_to_string(stream).unwrap_or_default())
}

/// A new folder that only this user reads.
fn private_folder() -> io::Result<PathBuf> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let name =
        format!("carafe-editor-{}-{}", std::process::id(), now.map_or(0, |now| now.as_nanos()));
    let folder = std::env::temp_dir().join(name);
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(&folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that is a script. A shell writes it: where this process had it open for writing, another
    /// test's child could hold it open, and it could not be started.
    fn editor(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("code");
        let write = "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$2\" && chmod +x \"$2\"";
        let mut shell = Command::new("sh");
        shell.args(["-c", write, "sh", script]).arg(&path);
        assert!(shell.status().unwrap().success());
        path
    }

    fn check(script: &str, expected: Result<Option<String>, String>) {
        let folder = tempfile::tempdir().unwrap();
        let editor = editor(folder.path(), script);
        let expected = Installed { editor: "code".to_owned(), result: expected };
        assert_eq!(install(&[editor]), Ok(vec![expected]), "{script}");
    }

    #[test]
    fn installs_and_updates() {
        let list = "echo a.b@1; echo Carafe-rs.carafe@0.0.9; exit";
        let ask = format!("if [ $1 = --list-extensions ]; then {list}; fi");
        let take = "[ $1 = --install-extension ] && [ -s $2 ] && [ $3 = --force ]";
        check(&format!("{ask}\n{take}"), Ok(Some("0.0.9".to_owned())));
        check(&format!("[ $1 = --list-extensions ] || {take}"), Ok(None));
    }

    #[test]
    fn says_why_it_failed() {
        check("echo first >&2; echo 'no space left' >&2; exit 1", Err("no space left".to_owned()));
        check("exit 3", Err("exit status: 3".to_owned()));
    }
}
