//! [`ThisMachine`]: the real [`Senses`].

use std::thread;
use std::time::Duration;

use super::facts::apps::App;
use super::facts::probe::{self, Outcome, Target};
use super::facts::resolve;
use super::runner::{self, Ran};
use super::senses::{Resolved, Senses};

/// The machine that this runs on.
pub(crate) struct ThisMachine;

impl Senses for ThisMachine {
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
        Vec::new()
    }

    fn watch(&self, _app: &App, _mark: &str, send: &mut dyn FnMut()) -> Option<serde_json::Value> {
        send();
        None
    }
}
