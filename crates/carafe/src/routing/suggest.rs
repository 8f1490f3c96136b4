//! "Did you mean ...?"

/// The candidate that `wanted` was probably meant to be. Among equals the first in the alphabet,
/// so that the answer does not change from run to run.
pub(crate) fn closest<'a>(
    wanted: &str,
    mut candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    nearest(wanted, &mut candidates)
}

/// As [`closest`], compiled once for all lists of candidates.
fn nearest<'a>(wanted: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut found: Option<(usize, &str)> = None;
    for candidate in candidates {
        let Some(rank) = likeness(wanted, candidate) else {
            continue;
        };
        if found.is_none_or(|found| (rank, candidate) < found) {
            found = Some((rank, candidate));
        }
    }
    found.map(|(_, candidate)| candidate)
}

/// How unlike two names are, or `None` if nobody would mistake one for the other.
fn likeness(wanted: &str, candidate: &str) -> Option<usize> {
    // The name without its blueprint, or with one too many.
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    if last(wanted) == last(candidate) {
        return Some(1);
    }
    let distance = distance(&wanted.to_lowercase(), &candidate.to_lowercase());
    let longer = wanted.chars().count().max(candidate.chars().count());
    (distance <= 1.max(longer / 3)).then_some(distance)
}

/// How many characters have to be added, removed or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (above, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (column, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests() {
        let check = |wanted: &str, expected: Option<&str>| {
            let names = ["i", "index", "admin.users", "user", "static"];
            assert_eq!(closest(wanted, names.into_iter()), expected, "{wanted}");
        };
        check("ii", Some("i"));
        check("indx", Some("index"));
        check("Index", Some("index"));
        check("users", Some("admin.users"));
        check("blog.user", Some("user"));
        check("statics", Some("static"));
        check("completely_else", None);
    }
}
