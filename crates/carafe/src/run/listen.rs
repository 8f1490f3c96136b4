//! Settings become listening sockets.
//!
//! In this order: the sockets that a service manager gives, else a socket file for each `unix:PATH`
//! and the port on every address that `host` names.

use carafe_net::Lang;

use super::place::{Machine, Places};
use super::socket_file::SocketFile;
use super::{RunError, RunOptions, activation, ports};
use crate::config::Settings;
use crate::server::Listener;

/// How the listening sockets came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Opened here, as `host` and `port` say.
    Bound,
    /// Given by the service manager (systemd's socket activation), whatever `host` and `port` say.
    Activated,
    /// Taken over from the app that ran before.
    TakenOver,
}

/// What is listened on.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) how: How,
    /// The socket files that are removed when this is dropped.
    pub(crate) files: Vec<SocketFile>,
}

/// Opens what the settings ask for. On a terminal, a port that is taken is talked over.
///
/// # Errors
/// Why nothing can be listened on and what to do about it, in words for people.
pub(crate) fn open(
    settings: &Settings,
    options: &RunOptions,
    lang: Lang,
) -> Result<Opened, RunError> {
    if let Some(listeners) = activation::given(lang)? {
        return Ok(Opened { listeners, how: How::Activated, files: Vec::new() });
    }
    let machine = Machine::this();
    let places = Places::find(&settings.host, &machine, lang)?;
    let mut listeners = Vec::new();
    let mut files = Vec::new();
    for path in &places.files {
        let (listener, file) = SocketFile::open(path, lang)?;
        listeners.push(listener);
        files.push(file);
    }
    if !places.ips.is_empty() {
        listeners.extend(ports::open(&places.ips, settings.port, options, &machine, lang)?);
    }
    Ok(Opened { listeners, how: How::Bound, files })
}
