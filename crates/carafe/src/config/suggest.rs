//! "Did you mean": the nearest of some known names.

/// The candidate nearest to `word`, if one is near enough to be a slip of the fingers.
///
/// Case does not count, and neither does `-` for `_`.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    nearest(&plain(word), &mut candidates.into_iter())
}

/// As [`closest`], compiled once for all lists of candidates.
fn nearest<'a>(word: &[char], candidates: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut allowed = (word.len() / 3).clamp(1, 3);
    let mut found = None;
    for candidate in candidates {
        let distance = distance(word, &plain(candidate));
        // Of two that are as near, the first.
        let is_nearer = distance < allowed || (distance == allowed && found.is_none());
        if is_nearer && distance < candidate.len() {
            (allowed, found) = (distance, Some(candidate));
        }
    }
    found
}

fn plain(word: &str) -> Vec<char> {
    word.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// Edit distance in which two neighbours that changed places count once.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = a[i - 1] == b[j - 1];
            let mut cost =
                (above[j - 1] + usize::from(!same)).min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_nothing_else() {
        let names = ["port", "host", "debug", "session_cookie_name"];
        let check = |word, wanted| assert_eq!(closest(word, names), wanted, "{word}");
        check("prot", Some("port"));
        check("prt", Some("port"));
        check("Debug", Some("debug"));
        check("session-cookie-name", Some("session_cookie_name"));
        check("sesion_cookie_nam", Some("session_cookie_name"));
        check("database", None);
        check("x", None);
        check("", None);
    }
}
