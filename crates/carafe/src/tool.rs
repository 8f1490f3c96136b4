//! What the `carafe` tool has in common with an app's own `run`: the sockets are opened, and talked
//! about, by the same code. Nothing here is API: it changes with the tool.
#![doc(hidden)]

#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};

use carafe_net::Lang;

use std::borrow::Cow;

use crate::banner;
use crate::config::Config;
use crate::run::{self, RunOptions};
use crate::server::{ListenAddress, Listener};

/// What `LISTEN_FDNAMES` calls each socket that the tool hands to an app: the app then speaks of
/// `host` and `port` as if it had opened them itself.
pub const SOCKET_NAME: &str = run::TOOLS_SOCKET;

/// The sockets that an app is to listen on. Socket files are removed when this is dropped.
#[derive(Debug)]
pub struct Sockets {
    listeners: Vec<Listener>,
    _files: Vec<run::SocketFile>,
    lang: Lang,
}

/// Opens what the configuration asks for, as `run` does, with the same questions at a terminal.
///
/// # Errors
/// Why not, and hints, in words for people.
pub fn open(config: &Config, take_port: bool) -> Result<Sockets, String> {
    let settings = config.settings();
    let options = RunOptions { take_port, by_tool: true, ..RunOptions::default() };
    let lang = run::lang(settings);
    let (listeners, files) =
        run::open_own(settings, &options).map_err(|error| error.to_string())?;
    Ok(Sockets { listeners, _files: files, lang })
}

/// The language for explanations that a configuration asks for.
pub fn lang(config: &Config) -> Lang {
    run::lang(config.settings())
}

impl Sockets {
    /// None, in place of those that have been closed.
    pub fn none() -> Sockets {
        Sockets { listeners: Vec::new(), _files: Vec::new(), lang: Lang::English }
    }

    /// Where they listen: `127.0.0.1:8000`, or `unix:/run/app.sock`.
    pub fn addresses(&self) -> Vec<String> {
        self.all().map(|address| address.to_string()).collect()
    }

    /// Whether other computers may reach one of them.
    pub fn is_wide(&self) -> bool {
        self.all().any(|address| address.is_wide())
    }

    /// The URLs that lead to them, that for this computer first. None where all are socket files.
    pub fn urls(&self) -> Vec<String> {
        banner::urls(&self.listeners, self.lang)
    }

    /// A QR code of the URL for a phone with a line of words below it, or why there is none.
    pub fn code(&self) -> String {
        banner::phone_code(&self.listeners, self.lang)
    }

    fn all(&self) -> impl Iterator<Item = ListenAddress> {
        self.listeners.iter().filter_map(|listener| listener.address().ok())
    }

    /// The sockets themselves, in the order of [`addresses`](Sockets::addresses).
    #[cfg(unix)]
    pub fn handles(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.listeners.iter().map(AsFd::as_fd)
    }
}

/// Whether a name is one of a secret, such as `password`.
#[inline]
pub fn is_secret(name: &str) -> bool {
    crate::config::is_secret(name)
}

/// A text with the passwords of URLs and parameters in it hidden.
#[inline]
pub fn hide_passwords(text: &str) -> Cow<'_, str> {
    crate::config::hide_passwords(text)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::config::Loader;

    #[test]
    fn opens_what_the_configuration_asks_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.sock");
        let host = format!("127.0.0.1,unix:{}", file.display());
        let config = Loader::in_memory().arg("", "host", host).arg("", "port", "0");
        let sockets = open(&config.load().unwrap(), false).unwrap();
        let addresses = sockets.addresses();
        assert!(addresses.contains(&format!("unix:{}", file.display())), "{addresses:?}");
        assert_eq!((sockets.handles().count(), addresses.len()), (2, 2));
        assert!(!sockets.is_wide());
        assert!(sockets.urls()[0].starts_with("http://127.0.0.1:"), "{:?}", sockets.urls());
        assert!(sockets.code().starts_with("no QR code: "), "{}", sockets.code());
        drop(sockets);
        assert!(!file.exists());
    }

    #[test]
    fn says_why_it_cannot() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let config = Loader::in_memory().arg("", "host", "127.0.0.1");
        let config = config.arg("", "port", port.to_string()).load().unwrap();
        let words = open(&config, false).unwrap_err();
        assert!(words.starts_with(&format!("port {port} is taken by")), "{words}");
    }
}
