//! `carafe editor`: files for editors, so that F5 debugs an app and Ctrl+F5 runs it.

mod apps;
mod files;
mod jsonc;
mod merge;
mod write;

use std::path::Path;
use std::process::ExitCode;

use apps::App;
pub(crate) use merge::OnConflict;
use write::{Done, Planned};

use crate::output::{complain, note, print};

/// What stands below the help.
const MORE: &str = "\
Entries that a file has already stay as they are, comments too; new ones come first, as an editor starts
the first. Where an entry of ours has other values, yours stay and a note says so.";

/// What `carafe editor` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = MORE)]
pub(crate) struct Args {
    /// The editor to set up
    #[arg(value_enum)]
    editor: Editor,
    /// Put Carafe's values in the place of yours where they differ
    #[arg(long)]
    force: bool,
    /// Print the files and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// An editor that can be set up.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Editor {
    /// VS Code and what is built from it: launch.json, tasks.json and extensions.json in `.vscode`
    Vscode,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let Editor::Vscode = args.editor;
    let done = std::env::current_dir()
        .map_err(|error| format!("there is no current folder: {error}"))
        .and_then(|here| vscode(&here, args));
    match done {
        Ok(text) => print(&text),
        Err(words) => complain(&words),
    }
}

/// What an editor is given for a folder.
pub(crate) struct Files {
    apps: Vec<App>,
    planned: Vec<Planned>,
}

/// Writes `.vscode` for the apps of a folder, beside what is there already.
///
/// # Errors
/// When there is no Carafe app, or a file can be neither read nor written; in words for people.
pub(crate) fn write_files(folder: &Path, conflict: OnConflict) -> Result<Files, String> {
    let files = plan_files(folder, conflict)?;
    write::write(&files.planned)?;
    Ok(files)
}

fn plan_files(folder: &Path, conflict: OnConflict) -> Result<Files, String> {
    let apps = apps::of(folder)?;
    let planned = write::plan(folder, &apps, conflict)?;
    Ok(Files { apps, planned })
}

fn vscode(here: &Path, args: &Args) -> Result<String, String> {
    let folder = apps::root(here)?;
    let conflict = if args.force { OnConflict::Replace } else { OnConflict::Keep };
    if args.dry_run {
        return Ok(plan_files(&folder, conflict)?.planned.iter().map(shown).collect());
    }
    let files = write_files(&folder, conflict)?;
    for file in &files.planned {
        file.conflicts.iter().for_each(|name| note(&kept(file, name)));
    }
    Ok(format!("{}\n{}\n", files_line(&folder, &files.planned), keys_line(&files.apps)))
}

/// A file as it would be.
fn shown(file: &Planned) -> String {
    let done = match file.done {
        Done::Written => "would be written",
        Done::Changed => "would be changed",
        Done::Unchanged => "would stay",
    };
    format!("// {}: {done}\n{}\n", file.path.display(), file.text.trim_end())
}

fn kept(file: &Planned, name: &str) -> String {
    format!(
        "`{name}` in `{}` has other values than Carafe's, and stays\n\nhint: `carafe editor vscode --force` replaces it",
        file.name
    )
}

fn files_line(folder: &Path, planned: &[Planned]) -> String {
    let names = |done: Done| {
        let names = planned.iter().filter(|file| file.done == done).map(|file| file.name);
        names.collect::<Vec<_>>().join(", ")
    };
    let parts = [
        (names(Done::Written), "written"),
        (names(Done::Changed), "added to"),
        (names(Done::Unchanged), "as before"),
    ];
    let parts = parts.iter().filter(|(names, _)| !names.is_empty());
    let parts: Vec<String> = parts.map(|(names, done)| format!("{names} {done}")).collect();
    format!("{}: {}", folder.join(".vscode").display(), parts.join("; "))
}

fn keys_line(apps: &[App]) -> String {
    let first = apps.first().map_or("the app", App::name);
    let more = match apps.len() {
        0 | 1 => String::new(),
        count => format!("; {} more can be chosen beside the start button", count - 1),
    };
    format!("F5 debugs `{first}`, Ctrl+F5 runs it without a debugger{more}")
}
