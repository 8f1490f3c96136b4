//! Errors for people: one line that says what, on the user's own token, and a hint.

use proc_macro2::Span;
use quote::ToTokens;
use syn::Error;

/// An error at `token`, with the next step.
pub(crate) fn mistake(token: &impl ToTokens, words: &str, hint: &str) -> Error {
    Error::new_spanned(token, with_hint(words, hint))
}

/// As [`mistake`], where there is no token but its place.
pub(crate) fn mistake_at(span: Span, words: &str, hint: &str) -> Error {
    Error::new(span, with_hint(words, hint))
}

fn with_hint(words: &str, hint: &str) -> String {
    if hint.is_empty() { words.to_owned() } else { format!("{words}\nhint: {hint}") }
}

/// The hint for a word that is not among `known`.
pub(crate) fn known_words(word: &str, known: &[&str]) -> String {
    match closest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("there are {}", list.join(", "))
        }
    }
}

fn closest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    let near = known.iter().map(|name| (distance(word, name), *name));
    near.filter(|(distance, _)| *distance <= limit).min().map(|(_, name)| name)
}

/// How many letters are to be added, left out, changed or exchanged with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.to_lowercase().chars().collect(), b.to_lowercase().chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints() {
        let check = |word: &str, expected: &str| {
            assert_eq!(known_words(word, &["methods", "alias"]), expected, "{word}");
        };
        check("metods", "did you mean `methods`?");
        check("method", "did you mean `methods`?");
        check("ailas", "did you mean `alias`?");
        check("Alias", "did you mean `alias`?");
        check("color", "there are `methods`, `alias`");
    }
}
