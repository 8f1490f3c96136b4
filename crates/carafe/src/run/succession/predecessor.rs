//! `run --take-over`: finding the app that runs, and getting its listening sockets.

use std::io;
use std::os::unix::process::parent_id;
use std::path::Path;

use carafe_net::{Lang, Ready, RunningApp, control_folder, running};
use serde_json::Value;

use crate::run::RunError;
use crate::server::{ListenAddress, Listener};

/// The app that is being taken over.
pub(super) struct Predecessor {
    pub(super) pid: u32,
    pub(super) listeners: Vec<Listener>,
    /// Whether the service manager opened them.
    pub(super) activated: bool,
    pub(super) ready: Ready,
}

/// Whom to look for.
pub(super) struct Search<'a> {
    pub(super) name: &'a str,
    pub(super) program: Option<&'a Path>,
    /// Whether an address is one that this app wants.
    pub(super) wants: &'a dyn Fn(&ListenAddress) -> bool,
    pub(super) lang: Lang,
}

/// Takes the sockets over from the app that runs, if one does.
pub(super) fn take_over(search: &Search<'_>) -> Result<Option<Predecessor>, RunError> {
    let Some((app, found)) = search.find(running())? else {
        tell_none(search.lang);
        return Ok(None);
    };
    let failed = |error: &dyn std::fmt::Display| {
        RunError::Refused(not_handed_over(&found, error, search.lang))
    };
    let taken = app.take_over().map_err(|error| failed(&error))?;
    let answer: Value =
        serde_json::from_slice(taken.answer().as_bytes()).map_err(|error| failed(&error))?;
    if let Some(why) = answer["error"].as_str() {
        return Err(failed(&why));
    }
    let (sockets, ready) = taken.into_parts();
    let listeners = sockets.into_iter().map(Listener::adopt).collect::<io::Result<Vec<_>>>();
    let listeners = listeners.map_err(|error| failed(&error))?;
    tracing::info!(target: "carafe", "taking over from process {} ({})", found.pid, found.addresses.join(", "));
    let activated = answer["activated"] == true;
    Ok(Some(Predecessor { pid: found.pid, listeners, activated, ready }))
}

/// What an app says of itself.
#[derive(Debug)]
struct Found {
    pid: u32,
    name: String,
    exe: String,
    addresses: Vec<String>,
}

impl Found {
    fn read(pid: u32, status: &str) -> Option<Found> {
        let status: Value = serde_json::from_slice(status.as_bytes()).ok()?;
        let text = |key: &str| status[key].as_str().unwrap_or_default().to_owned();
        let addresses = status["addresses"].as_array().into_iter().flatten();
        let addresses = addresses.filter_map(Value::as_str).map(str::to_owned).collect();
        Some(Found { pid, name: text("name"), exe: text("exe"), addresses })
    }

    /// One line about it.
    fn describe(&self) -> String {
        let Found { pid, name, addresses, .. } = self;
        format!("{name}, process {pid}, {}", addresses.join(", "))
    }
}

impl Search<'_> {
    fn find(&self, apps: Vec<RunningApp>) -> Result<Option<(RunningApp, Found)>, RunError> {
        let own = std::process::id();
        let answers = apps.into_iter().filter(|app| app.pid != own).filter_map(|app| {
            let found = Found::read(app.pid, &app.ask("status").ok()?)?;
            Some((app, found))
        });
        let mut fitting: Vec<_> = answers.filter(|(_, found)| self.fits(found)).collect();
        // Whoever was started by a running app, on SIGHUP, takes over that one and no other.
        let parent = fitting.iter().position(|(app, _)| app.pid == parent_id());
        match (parent, fitting.len()) {
            (Some(parent), _) => Ok(Some(fitting.swap_remove(parent))),
            (None, 0 | 1) => Ok(fitting.pop()),
            (None, _) => Err(RunError::Refused(ambiguous(
                fitting.iter().map(|(_, found)| found.describe()),
                self.lang,
            ))),
        }
    }

    fn fits(&self, found: &Found) -> bool {
        let program = self.program.map(|program| program.display().to_string());
        let same = found.name == self.name || program.is_some_and(|program| program == found.exe);
        let wanted =
            |address: &String| read_address(address).is_some_and(|address| (self.wants)(&address));
        // A parent's addresses may all be other ones, after a change of the configuration.
        same && (found.pid == parent_id() || found.addresses.iter().any(wanted))
    }
}

/// An address as [`ListenAddress`] is written.
fn read_address(text: &str) -> Option<ListenAddress> {
    match text.strip_prefix("unix:") {
        Some(path) => Some(ListenAddress::Unix(path.into())),
        None => text.parse().ok().map(ListenAddress::Tcp),
    }
}

fn tell_none(lang: Lang) {
    let none = lang.pick(
        "no running app has an address that this one wants, so there is nothing to take over: starting as usual",
        "이 앱이 쓸 주소를 가진 실행 중인 앱이 없어 넘겨받지 않고 평소처럼 시작합니다",
    );
    match control_folder() {
        Ok(_) => tracing::info!(target: "carafe", "{none}"),
        Err(error) => {
            let why =
                lang.pick("running apps cannot be asked", "실행 중인 앱에 물어볼 수 없습니다");
            tracing::warn!(target: "carafe", "{none} ({why}: {error})");
        }
    }
}

fn not_handed_over(found: &Found, error: &dyn std::fmt::Display, lang: Lang) -> String {
    let (app, pid) = (found.describe(), found.pid);
    lang.pick(
        format!(
            "the running app did not hand its sockets over: {error}\n\n  {app}\n\n\
             hint: it serves on; to end it and then start this one: `kill {pid}`"
        ),
        format!(
            "실행 중인 앱이 소켓을 넘겨주지 않았습니다: {error}\n\n  {app}\n\n\
             hint: 그 앱은 계속 동작합니다. 종료한 다음 시작하려면: `kill {pid}`"
        ),
    )
}

fn ambiguous(apps: impl Iterator<Item = String>, lang: Lang) -> String {
    let list: String = apps.map(|app| format!("  {app}\n")).collect();
    lang.pick(
        format!(
            "more than one running app fits `--take-over`\n\n{list}\n\
             hint: name the address of one with `--host` and `--port`, or replace one with `kill -HUP` and its process"
        ),
        format!(
            "`--take-over`에 맞는 실행 중인 앱이 둘 이상입니다\n\n{list}\n\
             hint: `--host`와 `--port`로 한 앱의 주소를 지정하거나, `kill -HUP`과 프로세스 번호로 한 앱을 교체하십시오"
        ),
    )
}
