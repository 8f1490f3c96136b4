//! Methods about letters: which case a text is in, and the text in another.

use minijinja::Value;

/// The answer of a method without arguments that asks about letters or changes their case.
pub(super) fn call(text: &str, method: &str) -> Option<Value> {
    let all = |is: fn(char) -> bool| Value::from(!text.is_empty() && text.chars().all(is));
    Some(match method {
        "upper" => text.to_uppercase().into(),
        "lower" => text.to_lowercase().into(),
        "capitalize" => capitalized(text).into(),
        "title" => title(text).into(),
        "swapcase" => text.chars().map(swapped).collect::<String>().into(),
        "casefold" => text.replace('ß', "ss").to_lowercase().into(),
        "islower" => Value::from(is_cased(text, char::is_lowercase, char::is_uppercase)),
        "isupper" => Value::from(is_cased(text, char::is_uppercase, char::is_lowercase)),
        "istitle" => Value::from(is_title(text)),
        "isspace" => all(char::is_whitespace),
        // Python knows digits that are no numbers' digits, such as `²`; both take them.
        "isdigit" | "isnumeric" => all(char::is_numeric),
        "isdecimal" => all(|c| c.is_ascii_digit()),
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isascii" => Value::from(text.is_ascii()),
        "isidentifier" => Value::from(is_identifier(text)),
        _ => return None,
    })
}

/// The first letter large, the others small.
fn capitalized(text: &str) -> String {
    let Some(first) = text.chars().next() else {
        return String::new();
    };
    // The whole is made small, since a capital sigma's small form hangs on its neighbours.
    let small = text.to_lowercase();
    let rest = first.to_lowercase().map(char::len_utf8).sum();
    let mut out = String::with_capacity(text.len());
    let mut large = first.to_uppercase();
    out.extend(large.next());
    // `ß` begins a word as `Ss`.
    for c in large {
        out.extend(c.to_lowercase());
    }
    out.push_str(small.get(rest..).unwrap_or_default());
    out
}

/// Each run of letters capitalised.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        out.push_str(&capitalized(&rest[..letters]));
        rest = &rest[letters..];
        let others = rest.find(char::is_alphabetic).unwrap_or(rest.len());
        out.push_str(&rest[..others]);
        rest = &rest[others..];
    }
    out
}

fn swapped(c: char) -> String {
    if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
}

fn is_cased(text: &str, wanted: fn(char) -> bool, other: fn(char) -> bool) -> bool {
    text.chars().any(wanted) && !text.chars().any(other)
}

fn is_title(text: &str) -> bool {
    let mut cased = false;
    let mut after_letter = false;
    for c in text.chars() {
        if c.is_uppercase() == after_letter && (c.is_uppercase() || c.is_lowercase()) {
            return false;
        }
        after_letter = c.is_uppercase() || c.is_lowercase();
        cased |= after_letter;
    }
    cased
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second texts are what Python 3.11 prints.
    #[test]
    fn as_python_has_them() {
        let check = |text, method, wanted: &str| {
            assert_eq!(call(text, method).unwrap().to_string(), wanted, "{text} {method}");
        };
        check("ÉCLAIR no. 2", "capitalize", "Éclair no. 2");
        check("ΟΔΟΣ", "capitalize", "Οδος");
        check("ß", "capitalize", "Ss");
        check("", "capitalize", "");
        check("it's a 2nd-hand ΟΔΟΣ", "title", "It'S A 2Nd-Hand Οδος");
        check("", "title", "");
        check("AbC", "swapcase", "aBc");
        check("Straße", "casefold", "strasse");
        check("a1", "islower", "True");
        check("1", "islower", "False");
        check("A1", "isupper", "True");
        check("Ab C", "istitle", "True");
        check("AB", "istitle", "False");
        check("", "isalpha", "False");
        check("", "isascii", "True");
        check("a_1", "isidentifier", "True");
        check("1a", "isidentifier", "False");
    }
}
