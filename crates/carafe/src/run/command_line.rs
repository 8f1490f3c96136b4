//! The command line that this process was started with, changed and written so that a shell takes it.

use std::ffi::OsString;

/// The same command with an option of this value, in place of another value of it.
pub(crate) fn with_option(
    arguments: impl Iterator<Item = OsString>,
    option: &str,
    value: &str,
) -> String {
    let mut words: Vec<String> = Vec::new();
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        if argument == option {
            // Its value, unless another option follows.
            arguments.next_if(|next| !next.starts_with('-'));
        } else if argument.strip_prefix(option).is_none_or(|rest| !rest.starts_with('=')) {
            words.push(quoted(&argument));
        }
    }
    words.extend([option.to_owned(), quoted(value)]);
    words.join(" ")
}

/// These words as a command line.
pub(crate) fn words(arguments: impl Iterator<Item = OsString>) -> String {
    let words: Vec<String> =
        arguments.map(|argument| quoted(&argument.to_string_lossy())).collect();
    words.join(" ")
}

/// A word that a POSIX shell reads as this text.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:=@%+,-".contains(&byte);
    match !text.is_empty() && text.bytes().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &[&str], expected: &str) {
        let arguments = line.iter().map(OsString::from);
        assert_eq!(with_option(arguments, "--token", "5f"), expected);
    }

    #[test]
    fn the_option_takes_the_place_of_an_earlier_one() {
        check(&["shop"], "shop --token 5f");
        check(&["shop", "run", "--host", "lan"], "shop run --host lan --token 5f");
        check(&["shop", "--token", "old", "-p", "80"], "shop -p 80 --token 5f");
        check(&["shop", "--token", "-p", "80"], "shop -p 80 --token 5f");
        check(&["shop", "--token=old"], "shop --token 5f");
        check(&["shop", "--tokens=old"], "shop --tokens=old --token 5f");
    }

    #[test]
    fn a_shell_takes_it() {
        check(&["./my shop", "--set", "a='b'"], r"'./my shop' --set 'a='\''b'\''' --token 5f");
        check(&["shop", "--host", "::", ""], "shop --host :: '' --token 5f");
    }
}
