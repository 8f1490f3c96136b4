//! What a banner is made of. Only [`Facts::of`] looks at the machine: a test makes up another one.

use carafe_net::{Interface, Lang, System, interfaces};

use crate::app::Site;
use crate::run::{Guarded, How};
use crate::server::{ListenAddress, Listener};

/// What `run` knows of a start.
pub(crate) struct Start<'a> {
    pub(crate) listeners: &'a [Listener],
    pub(crate) how: How,
    pub(crate) guarded: Guarded,
    pub(crate) workers: usize,
    /// Whether a QR code was asked for.
    pub(crate) qr: bool,
}

/// All that the banner says.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The app's name and version.
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) profile: &'static str,
    /// Where the app listens.
    pub(crate) addresses: Vec<ListenAddress>,
    /// Whether the app's `::`, if it has one, answers IPv4 too.
    pub(crate) dual_stack: bool,
    /// Those of the machine; left empty where only loopback is listened on, since reading them takes time.
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) how: How,
    pub(crate) details: Details,
    /// Whether `--allow-remote` was given although nothing is being debugged.
    pub(crate) needless_token: bool,
    pub(crate) workers: usize,
    pub(crate) rules: usize,
    /// Whether the key `q` is listened for.
    pub(crate) keys: bool,
    pub(crate) lang: Lang,
}

/// Who is shown the details of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Details {
    /// Nobody: they are in the log.
    Nobody,
    /// Browsers on this computer.
    ThisComputer,
    /// Everyone, as `--allow-remote` asks.
    Everyone,
}

impl Facts {
    /// Collects them. What the system does not tell is left out.
    pub(super) fn of(site: &Site, start: &Start<'_>, keys: bool, lang: Lang) -> Facts {
        let core = &site.core;
        Facts {
            name: core.name.clone(),
            version: core.version.clone(),
            profile: core.config.profile().name(),
            how: start.how,
            details: start.guarded.details,
            needless_token: start.guarded.needless_token,
            workers: start.workers,
            rules: site.shared.router.rules().count(),
            keys,
            ..Facts::of_sockets(start.listeners, lang)
        }
    }

    /// Those of sockets alone, for what does not hang on the app.
    pub(super) fn of_sockets(listeners: &[Listener], lang: Lang) -> Facts {
        let mut facts = Facts {
            name: String::new(),
            version: String::new(),
            profile: "",
            addresses: listeners.iter().filter_map(|listener| listener.address().ok()).collect(),
            dual_stack: listeners.iter().any(Listener::is_dual_stack),
            interfaces: Vec::new(),
            how: How::Bound,
            details: Details::Nobody,
            needless_token: false,
            workers: 0,
            rules: 0,
            keys: false,
            lang,
        };
        facts.look_around();
        facts
    }

    /// Reads the machine's interfaces where an address stands for some of them.
    fn look_around(&mut self) {
        if self.is_wide() {
            self.interfaces = interfaces(&System::this()).unwrap_or_default();
        }
    }

    /// Whether other computers may reach one of the addresses.
    pub(super) fn is_wide(&self) -> bool {
        self.addresses.iter().any(ListenAddress::is_wide)
    }
}
