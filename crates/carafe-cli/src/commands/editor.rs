//! `carafe editor`: files for editors, so that F5 debugs an app and Ctrl+F5 runs it.

mod apps;
mod files;
mod install;
mod jsonc;
mod merge;
mod print;
mod vsix;
mod write;
mod zip;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use apps::App;
use install::Installed;
pub(crate) use merge::OnConflict;
use print::Facts;
pub(crate) use print::Other;
use write::{Done, Planned};

use crate::output::{complain, note, print};

/// What stands below the help.
const MORE: &str = "\
`vscode` writes launch.json, tasks.json and extensions.json into `.vscode` beside the nearest Cargo.toml,
and puts the extension, which is part of this program, into each of code, code-insiders, codium, vscodium,
cursor, windsurf and code-server that is on PATH.

Entries that a file has already stay as they are, comments too; new ones come first, as an editor starts
the first. Where an entry of ours has other values, yours stay and a note says so.";

/// What `carafe editor` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = MORE)]
#[command(group(clap::ArgGroup::new("what").args(["editor", "print"]).required(true)))]
pub(crate) struct Args {
    /// The editor to set up
    #[arg(value_enum)]
    editor: Option<Editor>,
    /// Print how another editor reaches `carafe dap`: what to put where
    #[arg(long, value_enum, value_name = "EDITOR", num_args = 0..=1, conflicts_with = "editor")]
    print: Option<Option<Other>>,
    /// Put Carafe's values in the place of yours where they differ
    #[arg(long, requires = "editor")]
    force: bool,
    /// Print the files, and neither write nor install anything
    #[arg(long, requires = "editor")]
    dry_run: bool,
    /// Write the files only
    #[arg(long, requires = "editor", conflicts_with = "dry_run")]
    no_install: bool,
    /// Write the extension to this file, to install it by hand, and do nothing else
    #[arg(long, value_name = "FILE", requires = "editor")]
    #[arg(conflicts_with_all = ["force", "dry_run", "no_install"])]
    vsix: Option<PathBuf>,
}

/// An editor that can be set up.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Editor {
    /// VS Code and what is built from it
    Vscode,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let here =
        std::env::current_dir().map_err(|error| format!("there is no current folder: {error}"));
    let done = here.and_then(|here| match (args.editor, args.print, &args.vsix) {
        (Some(Editor::Vscode), _, Some(file)) => write_package(file),
        (Some(Editor::Vscode), _, None) => vscode(&here, args),
        (None, asked, _) => others(&here, asked.flatten()),
    });
    match done {
        Ok(text) => print(&text),
        Err(words) => complain(&words),
    }
}

fn write_package(file: &Path) -> Result<String, String> {
    std::fs::write(file, vsix::pack()?)
        .map_err(|error| format!("`{}` cannot be written: {error}", file.display()))?;
    let shown = file.display();
    Ok(format!("{shown}: in VS Code, `Extensions: Install from VSIX...` takes it\n"))
}

/// What other editors are told: one, or all.
fn others(here: &Path, asked: Option<Other>) -> Result<String, String> {
    let folder = apps::root(here)?;
    let apps = apps::of(&folder)?;
    let app = apps.first().ok_or("there is no app")?;
    let tool = std::env::current_exe()
        .map_err(|error| format!("this program's own place is not known: {error}"))?;
    let folder = folder.join(&app.folder);
    let facts = Facts { app, folder: &folder, tool: &tool };
    let editors: Vec<Other> = match asked {
        Some(editor) => vec![editor],
        None => <Other as clap::ValueEnum>::value_variants().to_vec(),
    };
    let texts: Vec<String> = editors.iter().map(|editor| print::text(*editor, &facts)).collect();
    Ok(texts.join("\n"))
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
    let mut lines = vec![files_line(&folder, &files.planned)];
    if !args.no_install {
        lines.push(install_line()?);
    }
    lines.push(keys_line(&files.apps));
    Ok(lines.join("\n") + "\n")
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

/// Installs, and says where.
fn install_line() -> Result<String, String> {
    let editors = install::editors();
    if editors.is_empty() {
        note(NO_EDITOR);
        return Ok("extension: not installed".to_owned());
    }
    let installed = install::install(&editors)?;
    for Installed { editor, result } in &installed {
        if let Err(why) = result {
            note(&format!(
                "{editor} did not take the extension: {why}\n\nhint: `carafe editor vscode --vsix carafe.vsix` writes it to a file, to install it by hand"
            ));
        }
    }
    let version = vsix::version()?;
    let parts: Vec<String> =
        installed.iter().map(|installed| installed_words(installed, &version)).collect();
    Ok(format!("extension {version}: {}", parts.join("; ")))
}

const NO_EDITOR: &str = "\
no editor to put the extension into was found on PATH

hint: in VS Code, `Shell Command: Install 'code' command in PATH` puts it there
hint: `carafe editor vscode --vsix carafe.vsix` writes the extension to a file, to install it by hand";

fn installed_words(installed: &Installed, version: &str) -> String {
    let editor = &installed.editor;
    match &installed.result {
        Ok(Some(before)) if before == version => format!("installed again in {editor}"),
        Ok(Some(before)) => format!("updated from {before} in {editor}"),
        Ok(None) => format!("installed in {editor}"),
        Err(_) => format!("not installed in {editor}"),
    }
}

fn keys_line(apps: &[App]) -> String {
    let first = apps.first().map_or("the app", App::name);
    let more = match apps.len() {
        0 | 1 => String::new(),
        count => format!("; {} more can be chosen beside the start button", count - 1),
    };
    format!("F5 debugs `{first}`, Ctrl+F5 runs it without a debugger{more}")
}
