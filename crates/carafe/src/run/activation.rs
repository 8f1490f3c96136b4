//! Sockets that a service manager opened and hands over (`LISTEN_FDS`, systemd's `sd_listen_fds`).

#[cfg(unix)]
pub(super) use unix::given;

/// Only Unix hands sockets over in this way.
#[cfg(not(unix))]
pub(super) fn given(
    _lang: carafe_net::Lang,
) -> Result<Option<(Vec<crate::server::Listener>, bool)>, super::RunError> {
    Ok(None)
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::OwnedFd;

    use carafe_net::Lang;
    use listenfd::ListenFd;

    use super::super::{RunError, TOOLS_SOCKET, error::refused};
    use crate::server::Listener;

    /// More would be a mistake, or somebody's mischief.
    const MOST: usize = 64;

    /// Names the socket at which the tool gives them to an app that a debugger starts, and which thus
    /// inherits nothing. To the first that comes: a program that the app starts gets none.
    #[cfg(debug_assertions)]
    const WAITING: &str = "CARAFE_TOOL_SOCKETS";

    /// The number of the first one; systemd always begins here.
    const FIRST: usize = 3;

    /// The sockets that are meant for this process, and whether they are the tool's; `None` when there
    /// are none.
    ///
    /// `LISTEN_FDS` and `LISTEN_PID` are gone from the environment afterwards, and the sockets are
    /// closed in programs that the app starts, so that none of them takes them for its own.
    /// `LISTEN_FDNAMES` stays: without the others it says nothing.
    ///
    /// # Errors
    /// When something else than a listening socket is given.
    pub(in super::super) fn given(lang: Lang) -> Result<Option<(Vec<Listener>, bool)>, RunError> {
        #[cfg(debug_assertions)]
        if let Some(listeners) = waiting() {
            return Ok(Some((listeners, true)));
        }
        let number = |name| std::env::var(name).ok()?.parse::<usize>().ok();
        let Some(count) = number("LISTEN_FDS") else { return Ok(None) };
        let own = is_for(std::process::id(), std::env::var("LISTEN_PID").ok().as_deref());
        if own && count > MOST {
            let reason = match lang {
                Lang::Korean => format!("`LISTEN_FDS`가 {count}입니다. {MOST}까지만 받습니다"),
                _ => format!("`LISTEN_FDS` is {count}, and {MOST} is the most that is taken"),
            };
            return Err(refused(&reason, &[]));
        }
        // To read them is to remove them, so this happens also for another process's. No thread of
        // ours runs yet that could look at the environment meanwhile.
        let mut sockets = match count <= MOST {
            true => ListenFd::from_env(),
            false => ListenFd::empty(),
        };
        if !own || sockets.len() == 0 {
            return Ok(None);
        }
        let take = |at| adopt(&mut sockets, at).map_err(|error| not_served(at, &error, lang));
        let listeners = (0..count).map(take).collect::<Result<Vec<_>, _>>()?;
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        Ok(Some((listeners, names.split(':').all(|name| name == TOOLS_SOCKET))))
    }

    /// The sockets that the tool keeps for this process. Where it has none to give, the app opens its own.
    #[cfg(debug_assertions)]
    fn waiting() -> Option<Vec<Listener>> {
        let sockets = carafe_net::take_sockets(std::env::var_os(WAITING)?.as_ref()).ok()?;
        let listeners = sockets.into_iter().map(Listener::adopt).collect::<io::Result<Vec<_>>>();
        listeners.ok().filter(|listeners| !listeners.is_empty())
    }

    /// Whether sockets with this `LISTEN_PID` are meant for a process: else a parent left them in the
    /// environment. Without it they are for whoever comes: `systemfd --no-pid` starts apps through
    /// cargo, whose process it cannot know.
    fn is_for(process: u32, listen_pid: Option<&str>) -> bool {
        match listen_pid {
            None | Some("") => true,
            Some(pid) => pid.parse() == Ok(process),
        }
    }

    fn adopt(sockets: &mut ListenFd, at: usize) -> io::Result<Listener> {
        let fd = match sockets.take_tcp_listener(at) {
            Ok(socket) => socket.map(OwnedFd::from),
            Err(_other_kind) => {
                let other = |_| io::Error::other("it is no stream socket of TCP or Unix");
                sockets.take_unix_listener(at).map_err(other)?.map(OwnedFd::from)
            }
        };
        Listener::adopt(fd.ok_or_else(|| io::Error::other("it was taken already"))?)
    }

    fn not_served(at: usize, error: &io::Error, lang: Lang) -> RunError {
        let fd = FIRST + at;
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let name = match names.split(':').nth(at).filter(|name| !name.is_empty()) {
            Some(name) => format!("(`{name}`)"),
            None => String::new(),
        };
        let (reason, hint) = match lang {
            Lang::Korean => (
                format!("서비스 관리자가 넘겨준 {fd}번 소켓{name}에서는 연결을 기다릴 수 없습니다"),
                "유닛 파일에는 `ListenStream=`을 쓰고 `Accept=yes`는 쓰지 마십시오. \
                 알맞은 파일을 출력하려면: `carafe proxy systemd`",
            ),
            _ => (
                format!(
                    "socket {fd}{}{name} of the service manager cannot be served: {error}",
                    if name.is_empty() { "" } else { " " }
                ),
                "its unit needs `ListenStream=` and no `Accept=yes`; one that fits: `carafe proxy systemd`",
            ),
        };
        refused(&reason, &[hint.to_owned()])
    }
}
