//! [`Senses`]: what is asked of the world beyond files. A test hands in made-up answers.

use std::net::IpAddr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::facts::apps::App;
use super::facts::probe::{Outcome, Target};
use super::runner::Ran;

/// The world beyond the machine's files.
pub(crate) trait Senses: Sync {
    /// Whether everything may be seen.
    fn is_root(&self) -> bool;
    /// Runs a program of the system's.
    fn run(&self, program: &str, arguments: &[&str]) -> Ran;
    /// What the system's resolver says of a name.
    fn resolve(&self, name: &str) -> Resolved;
    /// Opens a connection to an address of this machine's own, and asks for a page.
    fn probe(&self, target: &Target) -> Outcome;
    /// The Carafe apps that run.
    fn apps(&self) -> Vec<App>;
    /// Lets an app tell what a request looks like that carries this mark, while `send` sends it.
    fn watch(&self, app: &App, mark: &str, send: &mut dyn FnMut()) -> Option<serde_json::Value>;
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// In the order in which programs try them.
    Addresses(Vec<IpAddr>),
    /// There is no such name, in the system's words.
    Unknown(String),
    /// The system's resolver did not answer in time.
    Silent,
}

/// Does something that may hang; `None` when it is not done in time.
pub(crate) fn within<T: Send + 'static>(
    time: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    // Nobody waits for it at the end: the thread ends with the program.
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(time).ok()
}
