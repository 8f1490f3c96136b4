//! The key `q` while the app runs: a QR code.
//!
//! The terminal stays in line mode, so the key is `q` and Enter. Taking single keys would mean to
//! switch its echo off, and a process that is killed leaves a terminal without echo behind; nothing
//! here has to be put back on any way out.

/// Whether somebody can type at standard input.
pub(super) fn are_readable() -> bool {
    cfg!(unix) && std::io::IsTerminal::is_terminal(&std::io::stdin())
}

/// Prints the answer each time when the key is typed, for as long as the process lives.
pub(super) fn listen(answer: String) {
    #[cfg(unix)]
    {
        let listening = std::thread::Builder::new().name("carafe-keys".to_owned());
        // Without the thread, or at a terminal that is gone, there are no keys; the app works on.
        let _ = listening.spawn(move || {
            carafe_net::each_line(|line| {
                // The second is the same key on a Korean keyboard.
                if matches!(line.trim(), "q" | "Q" | "ㅂ" | "ㅃ") {
                    super::write(&answer);
                }
            })
        });
    }
    #[cfg(not(unix))]
    drop(answer);
}
