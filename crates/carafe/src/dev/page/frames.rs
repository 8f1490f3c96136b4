//! The functions on the way to an error: which are the app's, and the source around each place.

use std::backtrace::Backtrace;
use std::path::{Path, PathBuf};

use crate::dev::editor;

/// Lines shown before and after a place.
const AROUND: usize = 5;
/// Longer lines of source are cut to so many bytes.
const LONGEST: usize = 240;

/// A function on the way to an error.
#[derive(Debug, PartialEq)]
pub(super) enum Frame {
    /// The app's own.
    Own(Own),
    /// Those of the framework, of libraries and of the standard library, in a row.
    Others(Vec<String>),
    /// As `Others`, which the first of the app's functions called; the last of the list.
    Called(Vec<String>),
}

/// A function of the app's.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Own {
    pub(super) name: String,
    pub(super) spot: Spot,
}

/// A place in a file of the workspace, with the lines around it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spot {
    /// As people read it: from the workspace's root, or from the app's.
    pub(super) shown: String,
    pub(super) file: PathBuf,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) source: Vec<(u32, String)>,
}

impl Spot {
    /// The place that the compiler calls `file`, where it is the workspace's.
    pub(super) fn find(folder: &Path, file: &str, line: u32, column: u32) -> Option<Spot> {
        let found = editor::find(folder, file)?;
        if is_frameworks(&found) {
            return None;
        }
        let shown = shown(folder, &found);
        let source = lines_around(&found, line);
        Some(Spot { shown, file: found, line, column, source })
    }

    pub(super) fn link(&self) -> String {
        editor::link_to(&self.file, self.line, self.column)
    }
}

/// Carafe's own source, which is in the workspace only while Carafe itself is worked on.
fn is_frameworks(file: &Path) -> bool {
    file.starts_with(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
}

fn shown(folder: &Path, file: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let below = |root: &Path| file.strip_prefix(root).ok().map(|path| path.display().to_string());
    below(&folder)
        .or_else(|| below(editor::workspace(&folder)))
        .unwrap_or_else(|| file.display().to_string())
}

pub(super) fn lines_around(file: &Path, line: u32) -> Vec<(u32, String)> {
    let Ok(text) = std::fs::read_to_string(file) else { return Vec::new() };
    let line = usize::try_from(line).unwrap_or(usize::MAX);
    let first = line.saturating_sub(AROUND).max(1);
    let numbered = text.lines().enumerate().skip(first - 1);
    let around = numbered.take_while(|(at, _)| *at < line.saturating_add(AROUND));
    let mut lines: Vec<(u32, String)> = around
        .map(|(at, text)| {
            (u32::try_from(at + 1).unwrap_or(u32::MAX), crate::trace::cut(text, LONGEST))
        })
        .collect();
    // Blank lines at the ends say nothing.
    while lines
        .last()
        .is_some_and(|(number, text)| text.trim().is_empty() && *number as usize != line)
    {
        lines.pop();
    }
    let blank = lines
        .iter()
        .take_while(|(number, text)| text.trim().is_empty() && (*number as usize) < line);
    lines.drain(..blank.count());
    lines
}

/// The frames of a backtrace, those of the app told from others: the app's first, then in their order.
pub(super) fn frames(folder: &Path, backtrace: &Backtrace) -> Vec<Frame> {
    let raw = parse(&format!("{backtrace:#}"));
    let own: Vec<Option<Own>> = raw.iter().map(|frame| own(folder, frame)).collect();
    let first_own = own.iter().position(Option::is_some).unwrap_or(raw.len());
    let machinery = raw[..first_own].iter().rposition(|frame| is_machinery(&frame.name));
    let start = machinery.map_or(0, |at| at + 1);
    let mut frames = Vec::new();
    for (raw, own) in raw.into_iter().zip(own).skip(start) {
        match (own, frames.last_mut()) {
            // What a macro wrote is the macro's.
            (Some(own), _) if !is_generated(&own) => frames.push(Frame::Own(own)),
            (_, Some(Frame::Others(others))) => others.push(raw.told()),
            _ => frames.push(Frame::Others(vec![raw.told()])),
        }
    }
    if let [Frame::Others(called), Frame::Own(_), ..] = frames.as_mut_slice() {
        let called = std::mem::take(called);
        frames.remove(0);
        frames.push(Frame::Called(called));
    }
    frames
}

/// A frame as the backtrace tells it.
#[derive(Debug, PartialEq)]
struct Raw {
    name: String,
    place: Option<(String, u32, u32)>,
}

impl Raw {
    fn told(&self) -> String {
        match &self.place {
            Some((file, line, _)) => format!("{}  {file}:{line}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Lines such as `4: 0x55e0 - app::user::h7f5e10fc46134bbb`, and below it perhaps `at /src/main.rs:3:4`.
fn parse(text: &str) -> Vec<Raw> {
    let mut frames: Vec<Raw> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(place) = line.strip_prefix("at ") {
            if let Some(last) = frames.last_mut() {
                last.place = parse_place(place);
            }
            continue;
        }
        let Some((number, rest)) = line.split_once(": ") else { continue };
        if number.bytes().all(|b| b.is_ascii_digit()) {
            let name = rest.trim_start();
            let name = match name.split_once(" - ") {
                Some((address, name)) if address.starts_with("0x") => name,
                _ => name,
            };
            frames.push(Raw { name: without_hash(name), place: None });
        }
    }
    frames
}

fn parse_place(place: &str) -> Option<(String, u32, u32)> {
    let mut parts = place.rsplitn(3, ':');
    let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    Some((file.to_owned(), line.parse().ok()?, column.parse().ok()?))
}

/// A symbol without what makes it unique: `::h7f5e10fc46134bbb`, and `[e28293b1aa0f68bd]` behind crates.
fn without_hash(name: &str) -> String {
    let name = match name.rsplit_once("::h") {
        Some((short, hash)) if hash.len() == 16 && is_hex(hash) => short,
        _ => name,
    };
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        match after.split_once(']') {
            Some((inside, after)) if inside.len() >= 12 && is_hex(inside) => rest = after,
            _ => {
                text.push('[');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn own(folder: &Path, frame: &Raw) -> Option<Own> {
    let (file, line, column) = frame.place.as_ref()?;
    // The compiler's names are full here, so that this is quick for all others.
    let spot = Spot::find(folder, file, *line, *column)?;
    Some(Own { name: readable(&frame.name), spot })
}

/// `app::user::{{closure}}` is the function `app::user` to people, also where it is async.
fn readable(name: &str) -> String {
    let mut name = name;
    while let Some(outer) =
        name.strip_suffix("::{{closure}}").or_else(|| name.strip_suffix("::{closure#0}"))
    {
        name = outer;
    }
    name.to_owned()
}

/// Whether a frame is at a line that a macro stands on.
fn is_generated(own: &Own) -> bool {
    let line = own.spot.source.iter().find(|(number, _)| *number == own.spot.line);
    own.name.contains(" as carafe::")
        || own.name.starts_with("{async_block#")
            && line.is_some_and(|(_, text)| text.trim_start().starts_with("#["))
}

/// What takes the backtrace, or leads from a panic to its hook.
fn is_machinery(name: &str) -> bool {
    const PARTS: &[&str] = &[
        "std::backtrace",
        "backtrace::Backtrace",
        "backtrace_rs",
        "carafe::dev::panics",
        "carafe::error::",
        "rust_begin_unwind",
        "rust_panic",
        "panicking::",
        "__rust_end_short_backtrace",
        "core::convert::",
        "FromResidual",
    ];
    // `<Error as From<E>>::from` of the crate's own error.
    PARTS.iter().any(|part| name.contains(part)) && !name.contains("__rust_begin_short_backtrace")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "   0:     0x55e06 - std[e28293b1aa0f68bd]::backtrace_rs::trace
   1:     0x55e06 - test_apps::developed::io::h7f5e10fc46134bbb
                               at /src/developed.rs:76:27
  43:                0x0 - <unknown>
";

    #[test]
    fn backtraces_are_read() {
        let frame = |name: &str, place: Option<(&str, u32, u32)>| Raw {
            name: name.to_owned(),
            place: place.map(|(file, line, column)| (file.to_owned(), line, column)),
        };
        assert_eq!(
            parse(TEXT),
            [
                frame("std::backtrace_rs::trace", None),
                frame("test_apps::developed::io", Some(("/src/developed.rs", 76, 27))),
                frame("<unknown>", None),
            ]
        );
    }

    #[test]
    fn names_are_for_people() {
        assert_eq!(readable("app::user::{{closure}}::{{closure}}"), "app::user");
        assert_eq!(without_hash("a[x]::b"), "a[x]::b");
        assert_eq!(without_hash("<alloc[fdfd2bd8633a6659]::Box>::c"), "<alloc::Box>::c");
    }

    #[test]
    fn own_frames_come_with_their_source() {
        #[inline(never)]
        fn fails() -> Backtrace {
            Backtrace::force_capture()
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        // This very file is the framework's.
        let frames = frames(&root, &fails());
        assert!(matches!(frames.as_slice(), [Frame::Others(others), ..] if !others.is_empty()));
        let main = Spot::find(&root, "tests/dev/main.rs", 5, 1).unwrap();
        assert_eq!(main.shown, "dev/main.rs");
        assert!(
            main.source.iter().any(|(number, text)| *number == 4 && text.starts_with("#![cfg"))
        );
    }
}
