//! Settings become listening sockets.
//!
//! The sockets that a service manager gives, else those of the app that is taken over, and then a
//! socket file for each `unix:PATH` and the port on every address that `host` names.

use carafe_net::Lang;

use super::place::{Machine, Places};
use super::socket_file::SocketFile;
use super::succession::Succession;
use super::{RunError, RunOptions, activation, lang, ports};
use crate::config::{Port, Settings};
use crate::server::{ListenAddress, Listener};

/// What `LISTEN_FDNAMES` calls the sockets that `carafe run` opened, by [`open_own`], for the app.
pub(crate) const TOOLS_SOCKET: &str = "carafe-run";

/// How the listening sockets came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Opened here or by the tool, as `host` and `port` say.
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
    /// The socket files, which are removed when they are dropped.
    pub(crate) files: Vec<SocketFile>,
}

/// Opens what the settings ask for, or takes it over. On a terminal, a port that is taken is talked
/// over. `allow` may refuse the addresses before anything is opened.
///
/// # Errors
/// Why nothing can be listened on and what to do about it, in words for people.
pub(super) fn open(
    settings: &Settings,
    options: &RunOptions,
    succession: &mut Succession,
    allow: &dyn Fn(&[ListenAddress]) -> Result<(), RunError>,
) -> Result<Opened, RunError> {
    let lang = lang(settings);
    if let Some((listeners, by_tool)) = activation::given(lang)? {
        let how = if by_tool { How::Bound } else { How::Activated };
        return Ok(Opened { listeners, how, files: Vec::new() });
    }
    let machine = Machine::this();
    let mut wanted =
        Wanted { places: Places::find(&settings.host, &machine, lang)?, port: settings.port };
    allow(&wanted.places.addresses())?;
    let mut opened = Opened { listeners: Vec::new(), how: How::Bound, files: Vec::new() };
    if options.take_over {
        let taken = succession.take_over(&|address| wanted.has(address))?;
        if succession.is_activated() {
            return Ok(Opened { listeners: taken, how: How::TakenOver, files: Vec::new() });
        }
        wanted.take(taken, &mut opened);
    }
    wanted.open(options, &machine, lang, &mut opened)?;
    Ok(opened)
}

/// Opens what the settings ask for, for an app that the tool starts.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_own(
    settings: &Settings,
    options: &RunOptions,
) -> Result<(Vec<Listener>, Vec<SocketFile>), RunError> {
    let (lang, machine) = (lang(settings), Machine::this());
    let places = Places::find(&settings.host, &machine, lang)?;
    let mut opened = Opened { listeners: Vec::new(), how: How::Bound, files: Vec::new() };
    Wanted { places, port: settings.port }.open(options, &machine, lang, &mut opened)?;
    Ok((opened.listeners, opened.files))
}

/// What the settings ask for on this machine.
struct Wanted {
    places: Places,
    port: Port,
}

impl Wanted {
    /// Opens what is not held yet.
    fn open(
        &self,
        options: &RunOptions,
        machine: &Machine,
        lang: Lang,
        opened: &mut Opened,
    ) -> Result<(), RunError> {
        for path in &self.places.files {
            let (listener, file) = SocketFile::open(path, lang)?;
            opened.listeners.push(listener);
            opened.files.push(file);
        }
        if self.places.ips.iter().any(|place| !place.held) {
            let ports = ports::open(&self.places.ips, self.port, options, machine, lang)?;
            opened.listeners.extend(ports);
        }
        Ok(())
    }

    fn has(&self, address: &ListenAddress) -> bool {
        match address {
            ListenAddress::Unix(path) => self.places.files.contains(path),
            ListenAddress::Tcp(address) => {
                let port = self.port == 0 || self.port.candidates().contains(&address.port());
                port && self.places.ips.iter().any(|place| place.ip == address.ip())
            }
        }
    }

    /// Keeps of another app's sockets those that are wanted. All addresses get the port of the first.
    fn take(&mut self, taken: Vec<Listener>, opened: &mut Opened) {
        for listener in taken {
            let Ok(address) = listener.address() else { continue };
            if !self.has(&address) {
                continue;
            }
            match &address {
                ListenAddress::Unix(path) => {
                    opened.files.extend(SocketFile::adopt(path));
                    self.places.files.retain(|wanted| wanted != path);
                }
                ListenAddress::Tcp(address) => {
                    self.port = Port::Number(address.port());
                    let places = self.places.ips.iter_mut();
                    places.filter(|place| place.ip == address.ip()).for_each(|p| p.held = true);
                }
            }
            opened.listeners.push(listener);
            opened.how = How::TakenOver;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Loader;

    fn wanted(host: &str, port: &str) -> Wanted {
        let config = Loader::in_memory().arg("", "host", host).arg("", "port", port);
        let config = config.load().unwrap();
        let Settings { host, port, .. } = config.settings();
        let places = Places::find(host, &Machine::this(), Lang::English).unwrap();
        Wanted { places, port: *port }
    }

    fn tcp(address: &str) -> Listener {
        Listener::tcp(address.parse().unwrap()).unwrap()
    }

    #[test]
    fn what_is_wanted() {
        let check = |host: &str, port: &str, address: &str, has: bool| {
            let address = match address.strip_prefix("unix:") {
                Some(path) => ListenAddress::Unix(path.into()),
                None => ListenAddress::Tcp(address.parse().unwrap()),
            };
            assert_eq!(wanted(host, port).has(&address), has, "{host} {port} {address}");
        };
        check("localhost", "8000", "127.0.0.1:8000", true);
        check("localhost", "8000", "[::1]:8000", true);
        check("localhost", "8000", "127.0.0.1:8001", false);
        check("localhost", "8000-8010", "127.0.0.1:8010", true);
        check("localhost", "auto", "127.0.0.1:9000", true);
        check("localhost", "0", "127.0.0.1:9000", true);
        check("0.0.0.0", "8000", "127.0.0.1:8000", false);
        check("unix:/a", "8000", "unix:/a", true);
        check("unix:/a", "8000", "unix:/b", false);
    }

    #[test]
    fn sockets_that_are_wanted_are_kept_with_their_port() {
        let (first, second) = (tcp("127.0.0.1:0"), tcp("127.0.0.2:0"));
        let address = first.address().unwrap();
        let mut wanted = wanted("localhost", "auto");
        let low = address.tcp().is_none_or(|address| address.port() < 8000);
        assert!(!low, "the system gives high ports");
        let mut opened = Opened { listeners: Vec::new(), how: How::Bound, files: Vec::new() };
        wanted.take(vec![second, first], &mut opened);
        assert_eq!(opened.listeners.len(), 1);
        assert_eq!(opened.listeners[0].address().unwrap(), address);
        assert_eq!(opened.how, How::TakenOver);
        assert_eq!(Some(wanted.port), address.tcp().map(|address| address.port().into()));
        let held: Vec<bool> = wanted.places.ips.iter().map(|place| place.held).collect();
        assert_eq!(held, [true, false]);
        // The other half of `localhost` is opened beside it.
        let options = RunOptions::default();
        let machine = Machine::this();
        let more = ports::open(&wanted.places.ips, wanted.port, &options, &machine, Lang::English)
            .unwrap();
        assert_eq!(more.len(), 1);
    }
}
