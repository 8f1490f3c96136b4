//! The running apps, asked at their control sockets what they see.

use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use carafe_net::{Lang, RunningApp};
use serde_json::Value;

/// How long an app may take to begin to watch.
const BEGIN: Duration = Duration::from_secs(2);
/// Longer than an app watches.
const WHOLE: Duration = Duration::from_secs(7);

/// What an app says of itself.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) pid: u32,
    pub(super) name: String,
    pub(super) addresses: Vec<String>,
    pub(super) trusted_hosts: Vec<String>,
    /// As in carafe.toml: a list, or a section.
    pub(super) trusted_proxies: Value,
}

impl About {
    /// Whether the app believes `Forwarded` and not `X-Forwarded-`.
    pub(super) fn believes_forwarded(&self) -> bool {
        self.trusted_proxies["forwarded"].as_bool().unwrap_or(false)
    }

    /// The proxies that are trusted already.
    pub(super) fn trusted(&self) -> Vec<String> {
        let list = match &self.trusted_proxies {
            Value::Object(section) => section.get("from").unwrap_or(&Value::Null),
            list => list,
        };
        texts(list)
    }
}

/// What an app says of itself; what it does not say is empty.
pub(super) fn about(app: &RunningApp) -> About {
    let told: Value = app
        .ask("status")
        .ok()
        .and_then(|line| serde_json::from_str(&line).ok())
        .unwrap_or_default();
    About {
        pid: app.pid,
        name: told["name"].as_str().unwrap_or("?").to_owned(),
        addresses: texts(&told["addresses"]),
        trusted_hosts: texts(&told["trusted_hosts"]),
        trusted_proxies: told["trusted_proxies"].clone(),
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The apps that are meant: all, or the one with this number or port.
///
/// # Errors
/// When there is none.
pub(super) fn among(
    apps: &[RunningApp],
    pid: Option<u32>,
    port: Option<u16>,
    lang: Lang,
) -> Result<Vec<RunningApp>, String> {
    if apps.is_empty() {
        return Err(lang
            .pick(
                "no Carafe app of this user is running\n\n\
                 hint: start the app first; one that another user runs answers that user only: \
                 `sudo -u USER carafe proxy check ..`",
                "이 사용자가 실행 중인 Carafe 앱이 없습니다\n\n\
                 힌트: 먼저 앱을 실행하십시오. 다른 사용자가 실행한 앱은 그 사용자에게만 답합니다: \
                 `sudo -u 사용자 carafe proxy check ..`",
            )
            .to_owned());
    }
    let listens = |app: &RunningApp, port: u16| {
        about(app).addresses.iter().any(|address| address.ends_with(&format!(":{port}")))
    };
    let meant: Vec<_> = apps
        .iter()
        .filter(|app| pid.is_none_or(|pid| app.pid == pid))
        .filter(|app| port.is_none_or(|port| listens(app, port)))
        .cloned()
        .collect();
    if meant.is_empty() {
        let all: Vec<_> = apps.iter().map(|app| format!("  {}", shown(&about(app)))).collect();
        let all = all.join("\n");
        return Err(lang.pick(
            format!("no Carafe app of this user is that one\n\nhint: these are running:\n{all}"),
            format!(
                "이 사용자가 실행한 Carafe 앱 중에 없습니다\n\n힌트: 실행 중인 앱입니다:\n{all}"
            ),
        ));
    }
    Ok(meant)
}

/// An app in one line.
pub(super) fn shown(app: &About) -> String {
    format!("{} (pid {}) {}", app.name, app.pid, app.addresses.join(" "))
}

/// Apps that wait for one request.
pub(super) struct Watch {
    apps: Vec<RunningApp>,
    nonce: String,
    seen: Receiver<Watched>,
}

impl Drop for Watch {
    /// Lets the apps go that saw nothing.
    fn drop(&mut self) {
        for app in &self.apps {
            let _ = app.ask(&format!("unwatch {}", self.nonce));
        }
    }
}

/// What an app saw.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) app: RunningApp,
    /// `arrived` and `believed`.
    pub(super) told: Value,
}

impl Watch {
    /// Asks all of them to look out for the nonce, and returns when they do.
    ///
    /// # Errors
    /// When none can.
    pub(super) fn begin(apps: &[RunningApp], nonce: &str, lang: Lang) -> Result<Watch, String> {
        let (sender, receiver) = channel();
        for app in apps {
            let (app, sender, line) = (app.clone(), sender.clone(), format!("watch {nonce}"));
            // It ends by itself: with the answer, or when the app stops to watch.
            thread::spawn(move || {
                let told = app.ask_within(&line, WHOLE).ok();
                let told = told.and_then(|line| serde_json::from_str::<Value>(&line).ok());
                if let Some(told) = told.filter(|told| !told["arrived"].is_null()) {
                    let _ = sender.send(Watched { app, told });
                }
            });
        }
        // Side by side: one that hangs keeps the others from nothing.
        let ready = thread::scope(|scope| {
            let asked: Vec<_> =
                apps.iter().map(|app| scope.spawn(|| is_watching(app, nonce))).collect();
            asked.into_iter().filter_map(|asked| asked.join().ok()).filter(|ready| *ready).count()
        });
        match ready {
            0 => Err(lang
                .pick(
                    "the running app does not answer at its control socket",
                    "실행 중인 앱이 제어 소켓에서 답하지 않습니다",
                )
                .to_owned()),
            _ => Ok(Watch { apps: apps.to_vec(), nonce: nonce.to_owned(), seen: receiver }),
        }
    }

    /// What the first app saw by then.
    pub(super) fn wait(&self, until: Instant) -> Option<Watched> {
        self.seen.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
    }
}

/// Whether an app has begun to watch, given a little time.
fn is_watching(app: &RunningApp, nonce: &str) -> bool {
    let until = Instant::now() + BEGIN;
    while Instant::now() < until {
        let Ok(line) = app.ask(&format!("watches {nonce}")) else { return false };
        let told: Value = serde_json::from_str(&line).unwrap_or_default();
        match told["watches"].as_bool() {
            Some(true) => return true,
            Some(false) => thread::sleep(Duration::from_millis(1)),
            // An app that does not know the question.
            None => return false,
        }
    }
    false
}
