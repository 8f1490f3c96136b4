//! What `carafe run` shows: lines, and below them one line of progress that changes in place.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::app::diagnostic::plain;

/// Columns of the bar.
const BAR: usize = 24;

/// Standard error, which has one writer: whatever is shown stands above the line of progress.
pub(super) struct Screen {
    /// Whether somebody sees it, so that it may change in place.
    is_seen: bool,
    colour: bool,
    progress: Mutex<String>,
}

impl Screen {
    pub(super) fn new() -> Screen {
        let is_seen = io::stderr().is_terminal();
        let colour = is_seen && std::env::var_os("NO_COLOR").is_none();
        Screen { is_seen, colour, progress: Mutex::new(String::new()) }
    }

    pub(super) fn is_seen(&self) -> bool {
        self.is_seen
    }

    pub(super) fn has_colour(&self) -> bool {
        self.colour
    }

    /// Says a line, or several.
    pub(super) fn say(&self, words: &str) {
        let progress = self.lock();
        let words = if self.colour { words.to_owned() } else { plain(words) };
        self.write(&format!("{}{}\n", self.erased(&progress), words.trim_end_matches('\n')));
        self.write(&progress);
    }

    /// Passes on a line of the app's standard output.
    pub(super) fn pass_on(&self, line: &str) {
        let progress = self.lock();
        self.write(self.erased(&progress));
        let mut out = io::stdout().lock();
        // Whoever reads it may have gone.
        let _ = out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush());
        drop(out);
        self.write(&progress);
    }

    /// Shows how far something is; an empty text takes the line away. Nothing where nobody sees it.
    pub(super) fn progress(&self, words: &str) {
        if self.is_seen {
            let mut progress = self.lock();
            self.write(&format!("{}{words}", self.erased(&progress)));
            words.clone_into(&mut progress);
        }
    }

    /// Begins a screen anew.
    pub(super) fn clear(&self) {
        let progress = self.lock();
        if self.is_seen {
            self.write("\u{1b}[2J\u{1b}[3J\u{1b}[H");
        }
        self.write(&progress);
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What takes the line of progress away, if there is one.
    fn erased(&self, progress: &str) -> &'static str {
        if progress.is_empty() { "" } else { "\r\u{1b}[K" }
    }

    /// A terminal that is gone must not end the tool before its app.
    fn write(&self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// `  building shop ━━━━━━━─────  57/130  12.3 s`
pub(super) fn bar(words: &str, done: u32, all: u32, since: Duration) -> String {
    if all == 0 {
        return format!("  {words}  {}", seconds(since));
    }
    let full = (done.min(all) as usize * BAR) / all as usize;
    let (full, rest) = ("━".repeat(full), "─".repeat(BAR - full));
    format!("  {words} {full}{rest}  {done}/{all}  {}", seconds(since))
}

/// `0.82 s`, `12.3 s`, `2 min 5 s`.
pub(super) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.2} s", time.as_secs_f64()),
        10..60 => format!("{:.1} s", time.as_secs_f64()),
        all => format!("{} min {} s", all / 60, all % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is() {
        let check = |done: u32, all: u32, millis: u64, expected: &str| {
            assert_eq!(bar("building shop", done, all, Duration::from_millis(millis)), expected);
        };
        check(0, 0, 820, "  building shop  0.82 s");
        check(0, 2, 12_340, "  building shop ────────────────────────  0/2  12.3 s");
        check(1, 2, 59_000, "  building shop ━━━━━━━━━━━━────────────  1/2  59.0 s");
        check(3, 2, 125_000, "  building shop ━━━━━━━━━━━━━━━━━━━━━━━━  3/2  2 min 5 s");
    }
}
