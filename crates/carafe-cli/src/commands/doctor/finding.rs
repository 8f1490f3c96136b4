//! [`Finding`]: what one check has found, in words.

/// A check's result.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// Stays the same for programs that read `--json`.
    pub(crate) id: &'static str,
    pub(crate) mark: Mark,
    /// One sentence without its full stop.
    pub(crate) what: String,
    /// Lines of reasons and details; may be empty.
    pub(crate) why: String,
    pub(crate) mend: Option<Mend>,
    /// How it would explain that the URL cannot be reached.
    pub(crate) cause: Option<Cause>,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Ok,
    Problem,
    /// It could not be found out.
    Unknown,
    /// Worth knowing, and not in the way.
    Note,
}

/// What puts it right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mend {
    /// A command for the terminal.
    Run(String),
    /// A command that mends nothing, and shows what is in the way.
    Look(String),
    /// A URL to open instead.
    Open(String),
    /// A command for Windows, in a terminal with its administrator's rights.
    RunOnWindows(String),
}

impl Mend {
    /// The command or the URL.
    pub(crate) fn text(&self) -> &str {
        let (Mend::Run(text) | Mend::Look(text) | Mend::Open(text) | Mend::RunOnWindows(text)) =
            self;
        text
    }
}

/// Why a URL cannot be reached; the likelier explanation first, where two are true at once: what
/// is nearer to the app makes what is farther irrelevant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// The URL cannot be opened from anywhere.
    Url,
    NameUnknown,
    /// The name stands for another machine.
    Elsewhere,
    NothingListens,
    /// The program was suspended.
    Suspended,
    /// Another program than the app answers.
    OtherProgram,
    /// It listens, but not on this address.
    NotOnThisAddress,
    Tls,
    Firewall,
    /// No connection comes about, and the firewall could not be looked at.
    Lost,
    Silent,
    NotHttp,
    HostRefused,
    ProxyWithoutApp,
    Container,
    Wsl,
    /// Something in front of this machine: a router, a cloud's firewall.
    InFront,
    Vpn,
    /// The firewall could not be looked at.
    FirewallUnseen,
    Unseen,
}

impl Finding {
    pub(crate) fn new(id: &'static str, mark: Mark, what: impl Into<String>) -> Finding {
        Finding { id, mark, what: what.into(), why: String::new(), mend: None, cause: None }
    }

    pub(crate) fn ok(id: &'static str, what: impl Into<String>) -> Finding {
        Finding::new(id, Mark::Ok, what)
    }

    pub(crate) fn note(id: &'static str, what: impl Into<String>) -> Finding {
        Finding::new(id, Mark::Note, what)
    }

    pub(crate) fn problem(id: &'static str, cause: Cause, what: impl Into<String>) -> Finding {
        Finding { cause: Some(cause), ..Finding::new(id, Mark::Problem, what) }
    }

    /// Something that decides, and could not be found out.
    pub(crate) fn unseen(id: &'static str, cause: Cause, what: impl Into<String>) -> Finding {
        Finding { cause: Some(cause), ..Finding::new(id, Mark::Unknown, what) }
    }

    pub(crate) fn why(mut self, lines: impl Into<String>) -> Finding {
        self.why = lines.into();
        self
    }

    pub(crate) fn mend(mut self, mend: impl Into<Option<Mend>>) -> Finding {
        self.mend = mend.into();
        self
    }

    pub(crate) fn run(self, command: impl Into<String>) -> Finding {
        self.mend(Mend::Run(command.into()))
    }
}
