//! [`App`]: which app is meant, and what it says of itself.
//!
//! The app is found through Cargo or given as a program, and asked by running its own
//! `config --all --json`, which serves nothing and changes nothing.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use carafe_net::Lang;

use crate::app::project::{Project, Wanted};
use crate::output::note;

use super::cargo;
use super::settings::Settings;
use super::values;

/// How long an app may take to print its settings.
const PATIENCE: Duration = Duration::from_secs(20);
/// Far more than any app's settings.
const MOST_OUTPUT: u64 = 4 << 20;

/// Which app is meant.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Choice {
    /// The Cargo package of the app [default: the one in the current folder]
    #[arg(long, value_name = "NAME", conflicts_with = "app")]
    pub(super) package: Option<String>,
    /// The program of the app, where its package has several
    #[arg(long, value_name = "NAME", conflicts_with = "app")]
    pub(super) bin: Option<String>,
    /// The app as a program that is built already
    #[arg(long, value_name = "PATH")]
    pub(super) app: Option<PathBuf>,
}

impl Choice {
    fn wanted(&self) -> Wanted {
        Wanted { package: self.package.clone(), bin: self.bin.clone(), example: None }
    }
}

/// The app, as far as it is known.
#[derive(Clone, Debug)]
pub(super) struct App {
    /// The name of its program.
    pub(super) name: String,
    /// Where it is in Cargo's world, when it was found there.
    pub(super) project: Option<Project>,
    pub(super) settings: Settings,
}

impl App {
    /// Finds the app and asks it. Where there is none, the defaults stand for it, which is said.
    ///
    /// # Errors
    /// When it is not clear which app is meant, or it does not answer.
    pub(super) fn find(choice: &Choice, lang: Lang) -> Result<App, String> {
        if let Some(path) = &choice.app {
            return App::of_program(path);
        }
        let Some(project) = cargo::find(&choice.wanted())? else {
            note(lang.pick(
                "no Carafe app was found here, so this is for one with the default settings; \
                 `--package NAME` or `--app PROGRAM` says which one is meant",
                "여기에서 Carafe 앱을 찾지 못하여 기본 설정을 가진 앱을 기준으로 만듭니다. \
                 `--package 이름`이나 `--app 프로그램`으로 앱을 지정할 수 있습니다",
            ));
            let settings = Settings::default();
            return Ok(App { name: "app".to_owned(), project: None, settings });
        };
        let name = name(&project.program)?;
        note(&lang.pick(
            format!("building `{name}` to ask it for its settings"),
            format!("설정을 물어보기 위해 `{name}`을(를) 빌드합니다"),
        ));
        let program = cargo::build(&project)?;
        let settings = ask(&program, &project.folder)?;
        Ok(App { name, project: Some(project), settings })
    }

    fn of_program(path: &Path) -> Result<App, String> {
        let shown = path.display();
        let program = std::fs::canonicalize(path)
            .map_err(|error| format!("the program `{shown}` cannot be run: {error}"))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let settings = ask(&program, Path::new("."))?;
        Ok(App { name: name(&stem)?, project: None, settings })
    }

    /// Whether the app has static files; `true` where nobody can look.
    pub(super) fn has_static_files(&self) -> bool {
        let Some(project) = &self.project else { return true };
        let folder = Path::new(&self.settings.root).join(&self.settings.static_folder);
        project.folder.join(folder).is_dir()
    }
}

fn name(text: &str) -> Result<String, String> {
    values::app_name(text).map_err(|why| format!("the app's name `{text}` cannot be used: {why}"))
}

/// Runs `config --all --json`, as a release would read its settings.
fn ask(program: &Path, folder: &Path) -> Result<Settings, String> {
    let shown = program.display();
    let mut command = Command::new(program);
    command.args(["config", "--all", "--json"]).current_dir(folder);
    if std::env::var_os("CARAFE_PROFILE").is_none() {
        command.env("CARAFE_PROFILE", "release");
    }
    let failed = |why: &str| {
        format!(
            "`{shown} config --all --json` {why}\n\n\
             hint: it must be a Carafe app; run the command to see what it says"
        )
    };
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let child = child.map_err(|error| failed(&format!("cannot be run: {error}")))?;
    let printed = output_of(child).map_err(|why| failed(&why))?;
    Settings::read(&printed).map_err(|why| failed(&format!("was not understood: {why}")))
}

/// What a program prints until it ends, which has to be soon.
fn output_of(mut child: Child) -> Result<String, String> {
    let Some(output) = child.stdout.take() else {
        return Err("has no output".to_owned());
    };
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        output.take(MOST_OUTPUT).read_to_string(&mut text).map(|_| text)
    });
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("did not end within {} seconds", PATIENCE.as_secs()));
            }
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    };
    let text = reader.join().map_err(|_| "was not read".to_owned())?;
    let text = text.map_err(|error| format!("was not read: {error}"))?;
    match status.success() {
        true => Ok(text),
        false => Err(format!("failed with {status}")),
    }
}
