//! [`ThisMachine`]: the real [`Senses`].

use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use carafe_net::{RunningApp, my_uid, running};
use serde_json::Value;

use super::facts::apps::App;
use super::facts::probe::{self, Outcome, Target};
use super::facts::resolve;
use super::runner::{self, Ran};
use super::senses::{Resolved, Senses};

/// How long an app may take to tell of itself.
const PATIENCE: Duration = Duration::from_millis(300);

/// The machine that this runs on.
pub(crate) struct ThisMachine;

impl Senses for ThisMachine {
    fn is_root(&self) -> bool {
        my_uid() == 0
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        runner::run(program, arguments)
    }

    fn resolve(&self, name: &str) -> Resolved {
        resolve::resolve(name)
    }

    fn probe(&self, target: &Target) -> Outcome {
        probe::probe(target)
    }

    fn apps(&self) -> Vec<App> {
        let all = running();
        thread::scope(|scope| {
            let status = |app| scope.spawn(move || App::parse(&ask(app, "status".to_owned())?));
            let asked: Vec<_> = all.iter().map(status).collect();
            asked.into_iter().filter_map(|thread| thread.join().ok()?).collect()
        })
    }

    fn watch(&self, app: &App, mark: &str, send: &mut dyn FnMut()) -> Option<Value> {
        let found = running().into_iter().find(|one| one.pid == app.pid);
        let watching = found.as_ref().and_then(|app| watch(app, mark));
        send();
        let told = watching?.recv_timeout(PATIENCE).ok()?;
        let told: Value = serde_json::from_str(&told).ok()?;
        (!told["arrived"].is_null()).then_some(told)
    }
}

fn ask(app: &RunningApp, line: String) -> Option<String> {
    app.ask_within(&line, PATIENCE).ok()
}

/// Lets the app look out for the mark; `None` when it does not.
fn watch(app: &RunningApp, mark: &str) -> Option<Receiver<String>> {
    let (sender, receiver) = mpsc::channel();
    let (watcher, line) = (app.clone(), format!("watch {mark}"));
    // It ends with the answer, or when nobody waits for that any more.
    thread::spawn(move || Some(sender.send(watcher.ask_within(&line, PATIENCE * 5).ok()?)));
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let told: Value = serde_json::from_str(&ask(app, format!("watches {mark}"))?).ok()?;
        if told["watches"].as_bool()? {
            return Some(receiver);
        }
        thread::sleep(Duration::from_millis(1));
    }
    None
}
