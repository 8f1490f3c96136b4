//! `carafe new`: a small app that runs, debugs and tests at once.
//!
//! What it consists of stands in `app/`, as it is but for words in double brackets; `files` fills them in.

mod dependency;
mod files;
mod name;
mod words;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use carafe_net::Lang;

use crate::commands::editor;
use crate::output::{complain, note, say};

use files::App;

/// What stands below the help.
const MORE: &str = "\
`carafe new shop` makes the folder `shop`; `carafe new .` fills the folder that it is typed in, which has
to be empty, and takes its name. Nothing that exists is ever overwritten.

The app's secret key is made anew and stands in `.env`, which is not committed. A git repository is made
as `cargo new` does it: where git is installed, and the folder lies in no repository yet.";

/// What `carafe new` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = MORE)]
pub(crate) struct Args {
    /// The app's name, or `.` for the name of this folder
    name: String,
    /// The folder to make it in [default: one of the app's name]
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Take carafe from this copy of its repository, not from crates.io [default: the copy that this
    /// tool was built from, where there is one]
    #[arg(long, value_name = "PATH")]
    carafe: Option<PathBuf>,
    /// Make a git repository, also inside another one
    #[arg(long, conflicts_with = "no_git")]
    git: bool,
    /// Make no git repository
    #[arg(long)]
    no_git: bool,
}

/// Makes the app.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    match make(args, lang) {
        Ok(place) => {
            say(&words::next_steps(&place.name, place.enter.as_deref(), lang));
            ExitCode::SUCCESS
        }
        Err(words) => complain(&words),
    }
}

/// Where the app goes.
#[derive(Debug)]
struct Place {
    name: String,
    folder: PathBuf,
    /// What `cd` needs to be told; nothing for this folder.
    enter: Option<PathBuf>,
}

fn make(args: &Args, lang: Lang) -> Result<Place, String> {
    let place = place(args, lang)?;
    let carafe = dependency::text(args.carafe.as_deref(), lang)?;
    if args.git && !has_git() {
        return Err(words::no_git(lang));
    }
    empty_folder(&place.folder, lang)?;
    let app = App { package: &place.name, carafe: &carafe, lang };
    let cannot = |path: &Path, error: &io::Error| words::cannot_write(path, error, lang);
    for file in app.files()? {
        let path = place.folder.join(file.path);
        file.write(&path).map_err(|error| cannot(&path, &error))?;
    }
    stand_alone(&place.folder).map_err(|error| cannot(&place.folder.join("Cargo.toml"), &error))?;
    // For F5 and Ctrl+F5. The app is whole without.
    if let Err(why) = editor::write_files(&place.folder, editor::OnConflict::Keep) {
        note(&words::no_editor_files(&why, lang));
    }
    if args.git || !args.no_git && has_git() && !is_in_repository(&place.folder) {
        make_repository(&place.folder, lang);
    }
    Ok(place)
}

fn place(args: &Args, lang: Lang) -> Result<Place, String> {
    let here = std::env::current_dir().map_err(|error| words::no_folder(&error, lang))?;
    if args.name == "." {
        if args.path.is_some() {
            return Err(words::dot_and_path(lang));
        }
        let name = here.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name::check(&name, lang).map_err(|words| words::of_folder(&words, lang))?;
        return Ok(Place { name, folder: here, enter: None });
    }
    name::check(&args.name, lang)?;
    let path = args.path.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    let enter = (path != Path::new(".")).then_some(path.clone());
    Ok(Place { name: args.name.clone(), folder: here.join(path), enter })
}

/// Makes the folder, or sees that nothing but a repository is in it.
fn empty_folder(folder: &Path, lang: Lang) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| words::cannot_write(folder, &error, lang))?;
    let entries =
        fs::read_dir(folder).map_err(|error| words::cannot_write(folder, &error, lang))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| name != ".git")
        .collect();
    names.sort();
    match names.first() {
        None => Ok(()),
        Some(first) => Err(words::not_empty(folder, first, names.len() - 1, lang)),
    }
}

/// A workspace that lies around the app and does not know it would make cargo refuse the app. Cargo
/// itself is asked, since its rules are its own.
fn stand_alone(folder: &Path) -> io::Result<()> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(folder);
    // Without cargo nothing can be asked, and nothing can be built either: its own words come then.
    let Ok(output) = cargo.stdin(Stdio::null()).output() else { return Ok(()) };
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !said.contains("believes it's in a workspace when it's not") {
        return Ok(());
    }
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    fs::write(&manifest, format!("{text}\n# No member of the workspace around it.\n[workspace]\n"))
}

fn has_git() -> bool {
    let mut git = Command::new("git");
    git.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    git.status().is_ok_and(|status| status.success())
}

fn is_in_repository(folder: &Path) -> bool {
    let marks = [".git", ".hg", ".jj", ".pijul", ".fslckout"];
    folder.ancestors().any(|folder| marks.iter().any(|mark| folder.join(mark).exists()))
}

/// The app is there also without a repository, so that a failure is only worth a note.
fn make_repository(folder: &Path, lang: Lang) {
    let mut git = Command::new("git");
    git.args(["init", "--quiet"]).current_dir(folder).stdin(Stdio::null());
    let made = match git.output() {
        Ok(output) if output.status.success() => return,
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    note(&words::no_repository(&made, lang));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        empty_folder(&folder, Lang::English).unwrap();
        fs::create_dir(folder.join(".git")).unwrap();
        empty_folder(&folder, Lang::English).unwrap();
        fs::write(folder.join("x"), "").unwrap();
        fs::write(folder.join("y"), "").unwrap();
        let words = empty_folder(&folder, Lang::English).unwrap_err();
        assert_eq!(
            words,
            format!(
                "`{}` is not empty: it holds `x` and 1 more\n\nhint: nothing is overwritten; choose another folder by `--path DIR`",
                folder.display()
            )
        );
    }
}
