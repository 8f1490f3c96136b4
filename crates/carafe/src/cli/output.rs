//! Printing: data to standard output, talk to standard error. A closed pipe is no error.

use std::io::{self, Write};
use std::process::ExitCode;

/// Prints data.
pub(super) fn tell(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// Prints an error, and fails.
pub(super) fn complain(words: &str) -> ExitCode {
    let words = words.trim_end();
    let _ = writeln!(io::stderr().lock(), "error: {words}");
    ExitCode::FAILURE
}

/// Prints what is wrong with the command line, and fails as programs do then.
pub(super) fn misuse(words: &str) -> ExitCode {
    complain(words);
    ExitCode::from(2)
}

/// A table with aligned columns under headings, as `flask routes` prints it.
pub(super) fn table<const COLUMNS: usize>(
    headings: [&str; COLUMNS],
    rows: &[[String; COLUMNS]],
) -> String {
    let mut widths = headings.map(|heading| heading.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; COLUMNS]| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        format!("{}\n", line.trim_end())
    };
    let dashes = widths.map(|width| "-".repeat(width));
    let mut text = line(headings);
    text.push_str(&line(dashes.each_ref().map(String::as_str)));
    for row in rows {
        text.push_str(&line(row.each_ref().map(String::as_str)));
    }
    text
}
