//! The only place that prints: data to stdout, talk to stderr.

use std::io::{BufRead as _, IsTerminal as _, Write};
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

/// Prints what stands before somebody's answer, on the same line.
pub(crate) fn prompt(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that went away reads no prompt either.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
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

/// Says what happens beside the result, as it is.
pub(crate) fn say(words: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{words}");
}

/// Whether somebody can be asked: they type at a terminal, and see what is said.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a question that ends with its choices. Whatever is not a clear yes is a no.
pub(crate) fn ask(question: &str) -> bool {
    // In one piece: nobody sees half a question.
    let _ = std::io::stderr().lock().write_all(format!("{question} ").as_bytes());
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    // The last one is what the key `y` gives while Hangul is typed.
    read.is_ok()
        && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "예" | "네" | "ㅛ")
}

/// Asks for one of several names: by its number, or by the name itself. `None` for anything else.
pub(crate) fn choose(question: &str, names: &[String]) -> Option<String> {
    let rows = (1..).zip(names).map(|(number, name)| format!("  {number}  {name}\n"));
    let text = format!("{question}:\n{}which one? ", rows.collect::<String>());
    // In one piece: nobody sees half a question.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).ok()?;
    chosen(answer.trim(), names)
}

fn chosen(answer: &str, names: &[String]) -> Option<String> {
    let number = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_name = || names.iter().find(|name| *name == answer);
    number.and_then(|number| names.get(number)).or_else(by_name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_several() {
        let names = ["shop".to_owned(), "blog".to_owned()];
        let check = |answer: &str, expected: Option<&str>| {
            assert_eq!(chosen(answer, &names).as_deref(), expected, "{answer}");
        };
        check("1", Some("shop"));
        check("blog", Some("blog"));
        check("0", None);
        check("3", None);
        check("", None);
    }
}
