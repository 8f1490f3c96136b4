//! The key `q` while the app runs: a QR code.
//!
//! The terminal stays in line mode, so the key is `q` and Enter. Taking single keys would mean to
//! switch its echo off, and a process that is killed leaves a terminal without echo behind; nothing
//! here has to be put back on any way out.
//!
//! A read from a terminal stops a process in the background (SIGTTIN), so nothing is read but a line
//! that is already there while the process is in the foreground. Only Linux can be asked for that,
//! and elsewhere there are no keys.

use std::io::{self, IsTerminal};

use carafe_net::{System, in_foreground};

/// Whether standard input is a terminal that can be read without being stopped.
pub(super) fn are_readable() -> bool {
    cfg!(target_os = "linux") && io::stdin().is_terminal() && in_foreground(&System::this()).is_some()
}

/// Prints the answer each time when the key is typed, for as long as the process lives.
///
/// It has a thread of its own: a line may be gone when it is read, and then the read waits.
#[cfg(unix)]
pub(super) fn listen(answer: String) {
    let listening = std::thread::Builder::new().name("carafe-keys".to_owned());
    let _ = listening.spawn(move || {
        // A terminal that cannot be waited for has no keys; the app works all the same.
        let Ok(runtime) = crate::server::local_runtime() else { return };
        let _ = runtime.block_on(answer_keys(&answer));
    });
}

#[cfg(not(unix))]
pub(super) fn listen(_answer: String) {}

#[cfg(unix)]
async fn answer_keys(answer: &str) -> io::Result<()> {
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    let terminal = AsyncFd::with_interest(io::stdin(), Interest::READABLE)?;
    loop {
        // What comes next wakes it again; a line that is not read stays for whoever is in front.
        terminal.readable().await?.clear_ready();
        if in_foreground(&System::this()) != Some(true) {
            continue;
        }
        let mut line = String::new();
        if terminal.get_ref().read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.trim().eq_ignore_ascii_case("q") {
            super::write(answer);
        }
    }
}
