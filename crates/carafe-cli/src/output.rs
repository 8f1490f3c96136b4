//! The only place that prints: data to stdout, talk to stderr.

use std::io::Write;
use std::process::ExitCode;

/// Prints a command's result; text ends with its own line break.
pub(crate) fn print(text: &str) -> ExitCode {
    let written = std::io::stdout().lock().write_all(text.as_bytes());
    // A reader that has seen enough, such as `head`, is no failure.
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// Says what went wrong; the exit status is 1.
pub(crate) fn complain(words: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr().lock(), "error: {words}");
    ExitCode::FAILURE
}

/// Says what is worth knowing beside the result.
pub(crate) fn note(words: &str) {
    let _ = writeln!(std::io::stderr().lock(), "note: {words}");
}
