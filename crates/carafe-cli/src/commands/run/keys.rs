//! Single keys at the terminal. It is put back however the tool ends, but by SIGKILL, after which shells
//! put it back themselves.

use std::io::{self, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, isatty, tcgetattr, tcgetpgrp, tcsetattr,
};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Rebuild,
    Open,
    Code,
    Page,
    Debug,
    Clear,
    Help,
}

/// What `h` shows.
pub(super) const HELP: &str = "
  r  rebuild and restart the app
  o  open it in the browser
  q  show a QR code for a phone
  p  open the page of requests: what came in, and where its time went
  d  switch to debugging
  c  clear the screen
  h  show this
  Ctrl+C  stop
";

impl Key {
    /// The keys of the Korean layout count as the Latin letters on them.
    fn of(c: char) -> Option<Key> {
        match c.to_ascii_lowercase() {
            'r' | 'ㄱ' | 'ㄲ' => Some(Key::Rebuild),
            'o' | 'ㅐ' | 'ㅒ' => Some(Key::Open),
            'q' | 'ㅂ' | 'ㅃ' => Some(Key::Code),
            'p' | 'ㅔ' | 'ㅖ' => Some(Key::Page),
            'd' | 'ㅇ' => Some(Key::Debug),
            'c' | 'ㅊ' => Some(Key::Clear),
            'h' | '?' | 'ㅗ' => Some(Key::Help),
            _ => None,
        }
    }
}

/// Keys are taken until this is dropped.
pub(super) struct Keys {
    before: Termios,
    wake: UnixStream,
    thread: Option<JoinHandle<()>>,
}

/// How often a tool in the background looks whether it is back.
const AWAY: Duration = Duration::from_millis(300);

impl Keys {
    /// Begins to take keys; `None` where nobody can type, or the tool is in the background.
    pub(super) fn start(tell: impl Fn(Key) + Send + 'static) -> Option<Keys> {
        let input = io::stdin();
        if !isatty(&input) || !in_foreground() {
            return None;
        }
        let before = tcgetattr(&input).ok()?;
        set_single_keys(&before).ok()?;
        let (wake, woken) = UnixStream::pair().ok()?;
        let thread = thread::Builder::new().spawn(move || listen(&woken, &tell)).ok();
        Some(Keys { before, wake, thread })
    }

    /// Takes single keys again, after a shell had the terminal meanwhile.
    pub(super) fn resume(&self) {
        if in_foreground() {
            let _ = set_single_keys(&self.before);
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // In the background, to change the terminal would stop this process; then it is the shell's anyway.
        if in_foreground() {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
        }
        let _ = self.wake.shutdown(std::net::Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Signals such as that of Ctrl+C stay as they are.
fn set_single_keys(before: &Termios) -> rustix::io::Result<()> {
    let mut modes = before.clone();
    modes.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
    modes.special_codes[SpecialCodeIndex::VMIN] = 1;
    modes.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(io::stdin(), OptionalActions::Now, &modes)
}

/// Whether reading from and changing the terminal does not stop this process.
fn in_foreground() -> bool {
    tcgetpgrp(io::stdin()).is_ok_and(|group| group == rustix::process::getpgrp())
}

fn listen(woken: &UnixStream, tell: &dyn Fn(Key)) {
    let input = io::stdin();
    let mut letters = Letters::default();
    loop {
        let mut ready = [
            PollFd::new(&input, PollFlags::IN),
            PollFd::from_borrowed_fd(woken.as_fd(), PollFlags::IN),
        ];
        let _ = poll(&mut ready, None);
        if !ready[1].revents().is_empty() {
            return;
        }
        if !in_foreground() {
            thread::sleep(AWAY);
            continue;
        }
        let mut bytes = [0; 64];
        match input.lock().read(&mut bytes) {
            Ok(length @ 1..) => letters.push(&bytes[..length]).filter_map(Key::of).for_each(tell),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // The terminal is gone.
            _ => return,
        }
    }
}

/// Bytes become letters; those of a letter may come in parts.
#[derive(Default)]
struct Letters(Vec<u8>);

impl Letters {
    fn push(&mut self, bytes: &[u8]) -> impl Iterator<Item = char> + use<> {
        self.0.extend_from_slice(bytes);
        let mut letters = Vec::new();
        loop {
            match str::from_utf8(&self.0) {
                Ok(text) => {
                    letters.extend(text.chars());
                    self.0.clear();
                    break;
                }
                Err(error) => {
                    let (good, bad) = (error.valid_up_to(), error.error_len());
                    letters.extend(String::from_utf8_lossy(&self.0[..good]).chars());
                    // What is no letter is left out; what may become one is kept.
                    self.0.drain(..good + bad.unwrap_or(0));
                    if bad.is_none() {
                        break;
                    }
                }
            }
        }
        letters.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_both_layouts() {
        let check = |typed: char, expected: Option<Key>| assert_eq!(Key::of(typed), expected);
        check('r', Some(Key::Rebuild));
        check('R', Some(Key::Rebuild));
        check('ㅂ', Some(Key::Code));
        check('?', Some(Key::Help));
        check('x', None);
        check('\n', None);
    }

    #[test]
    fn letters_may_come_in_parts() {
        let mut letters = Letters::default();
        let mut push = |bytes: &[u8]| letters.push(bytes).collect::<String>();
        let [first, second, third] = *"ㅂ".as_bytes() else { panic!() };
        assert_eq!(push(&[b'r', first]), "r");
        assert_eq!(push(&[second, third, b'o']), "ㅂo");
        assert_eq!(push(&[0xff, b'h']), "h");
    }
}
