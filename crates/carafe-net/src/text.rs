//! Text of other programs as it can be shown: harmless, short, in columns.

/// A command is cut behind so many characters: some are kilobytes long.
const LONGEST_COMMAND: usize = 160;

/// A command as it could be typed, shortened.
pub(crate) fn command_line(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    let line = quoted.join(" ");
    match line.char_indices().nth(LONGEST_COMMAND) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,@+%~^".contains(c);
    let word = printable(word);
    if !word.is_empty() && word.chars().all(plain) {
        return word;
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Text that another program chose, without what would steer a terminal or turn a line around: such
/// characters are written as Rust escapes them.
pub fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) { clean.extend(c.escape_default()) } else { clean.push(c) }
    }
    clean
}

/// How many columns a terminal gives to text of Latin letters and Hangul.
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| if ('\u{1100}'..='\u{ffdc}').contains(&c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_typed_again() {
        let check = |words: &[&str], line: &str| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(command_line(&words), line);
        };
        check(&["python3", "-m", "http.server"], "python3 -m http.server");
        check(&["cat", "a b", "", "it's", "한국어"], r"cat 'a b' '' 'it'\''s' 한국어");
        check(&["a", "\u{1b}[2J"], r"a '\u{1b}[2J'");
        let (longest, longer) = ("x".repeat(160), "x".repeat(161));
        check(&[&longest], &longest);
        check(&[&longer], &format!("{longest}…"));
    }

    #[test]
    fn hangul_is_twice_as_wide() {
        assert_eq!(
            [columns("port"), columns("포트"), columns("8000번"), columns("")],
            [4, 4, 6, 0]
        );
    }
}
