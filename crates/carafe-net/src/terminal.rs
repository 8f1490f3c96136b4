//! Lines from the terminal for a program that does something else, too.

use std::io::{self, BufRead};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

/// How often a program in the background looks whether it is back, while lines wait for another one.
const AWAY: Duration = Duration::from_millis(500);

/// Calls a function with each line that is typed at standard input, until its end.
///
/// A read from the terminal stops a program that is in the background (SIGTTIN). So nothing is read
/// but what is already there while this one is in the foreground; all else is left to whoever is.
///
/// # Errors
/// What the system says of reading, which ends it.
pub fn each_line(mut take: impl FnMut(&str)) -> io::Result<()> {
    let input = io::stdin();
    let mut line = String::new();
    loop {
        match poll(&mut [PollFd::new(&input, PollFlags::IN)], None) {
            Err(rustix::io::Errno::INTR) => continue,
            polled => polled?,
        };
        if !in_foreground() {
            thread::sleep(AWAY);
            continue;
        }
        line.clear();
        if input.lock().read_line(&mut line)? == 0 {
            return Ok(());
        }
        take(line.trim_end());
    }
}

/// Whether a read from standard input does not stop this process. A terminal that is not the
/// controlling one, which has no groups to tell, stops nobody.
fn in_foreground() -> bool {
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}
