//! Splits a text among the placeholders of a pattern in linear time, for texts on which the
//! search in `pattern.rs` would take long: `/<a>-<b>-<int:c>` on a path of dashes.
//!
//! From the last placeholder to the first it notes at which positions the rest would match; then
//! each placeholder, from the first on, takes its preferred end among those.

use super::pattern::{Captures, Pattern, starts_with};
use super::shape::Shape;
use super::value::Span;

/// Positions of a text, each with the next position at or behind it that is in the set.
struct Positions(Vec<usize>);

impl Positions {
    /// Of the positions `0..=length`, those for which `holds`; asked from the last to the first.
    fn new(length: usize, mut holds: impl FnMut(usize) -> bool) -> Self {
        let mut next = vec![usize::MAX; length + 1];
        let mut nearest = usize::MAX;
        for at in (0..=length).rev() {
            if holds(at) {
                nearest = at;
            }
            next[at] = nearest;
        }
        Self(next)
    }

    fn contains(&self, at: usize) -> bool {
        self.0.get(at) == Some(&at)
    }

    fn any_within(&self, low: usize, high: usize) -> bool {
        self.0.get(low).is_some_and(|nearest| *nearest <= high)
    }
}

/// Like `Pattern::matches`, for the text between prefix and suffix.
pub(crate) fn split(pattern: &Pattern, body: &str, base: usize, captures: &mut Captures) -> bool {
    let last = pattern.count() - 1;
    // For each placeholder, the ends behind which the rest matches; built backwards.
    let mut ends = vec![Positions::new(body.len(), |at| at == body.len())];
    for index in (0..=last).rev() {
        let starts = starts(pattern.shape(index), body, &ends[ends.len() - 1]);
        if index == 0 {
            if !starts.contains(0) {
                return false;
            }
            break;
        }
        let between = &pattern.more[index - 1].0;
        ends.push(Positions::new(body.len(), |at| {
            body.is_char_boundary(at)
                && starts_with(&body[at..], between)
                && starts.contains(at + between.len())
        }));
    }
    ends.reverse();
    let mark = captures.len();
    let mut at = 0;
    for (index, ends) in ends.iter().enumerate() {
        let shape = pattern.shape(index);
        let mut next = shape.first_end(body, at);
        while let Some(end) = next
            && !ends.contains(end)
        {
            next = shape.next_end(body, at, end);
        }
        let Some(end) = next else {
            captures.truncate(mark);
            return false;
        };
        captures.push(Span::new(base + at..base + end));
        at = end + pattern.more.get(index).map_or(0, |(between, _)| between.len());
    }
    true
}

/// Where the shape can start so that it ends at one of `ends`.
fn starts(shape: &Shape, body: &str, ends: &Positions) -> Positions {
    let bytes = body.as_bytes();
    // The end of the run of fitting characters that the position at hand starts or continues.
    let mut run = body.len();
    // Behind the nearest point to the right: its position and the end of the digits after it.
    let mut point = (usize::MAX, 0);
    Positions::new(body.len(), |at| {
        if !body.is_char_boundary(at) {
            return false;
        }
        let byte = bytes.get(at).copied();
        match shape {
            Shape::Text { min, max } => {
                run = if byte == Some(b'/') { at } else { run };
                text_range(&body[at..run], *min, *max)
                    .is_some_and(|(low, high)| ends.any_within(at + low, at + high))
            }
            Shape::Custom { slashes: false, .. } => {
                run = if byte == Some(b'/') { at } else { run };
                ends.any_within(at + 1, run)
            }
            Shape::Digits { signed } => {
                let after_sign = run;
                run = if byte.is_some_and(|b| b.is_ascii_digit()) { run } else { at };
                let minus = *signed && byte == Some(b'-');
                ends.any_within(at + 1, run)
                    || minus && after_sign > at + 1 && ends.any_within(at + 2, after_sign)
            }
            Shape::Decimal { signed } => {
                let whole_behind = run;
                if byte == Some(b'.') {
                    point = (at, run);
                }
                run = if byte.is_some_and(|b| b.is_ascii_digit()) { run } else { at };
                let minus = *signed && byte == Some(b'-') && whole_behind > at + 1;
                let whole_end = if minus { whole_behind } else { run };
                whole_end > at && whole_end == point.0 && ends.any_within(point.0 + 2, point.1)
            }
            Shape::Any(items) => items.iter().any(|item| {
                body[at..].starts_with(item.as_str()) && ends.contains(at + item.len())
            }),
            Shape::Uuid => shape.first_end(body, at).is_some_and(|end| ends.contains(end)),
            Shape::Path | Shape::Custom { slashes: true, .. } => {
                let breaks = run;
                run = if byte == Some(b'\n') { at } else { run };
                byte.is_some_and(|b| b != b'/') && ends.any_within(at + 1, breaks)
            }
        }
    })
}

/// The shortest and the longest length in bytes of `min` to `max` characters at the start of
/// `text`. Costs as many steps as the rule's limits say, not as the text is long.
fn text_range(text: &str, min: usize, max: usize) -> Option<(usize, usize)> {
    let behind = |count: usize| match text.char_indices().nth(count) {
        Some((end, _)) => Some(end),
        None if text.chars().nth(count.saturating_sub(1)).is_some() => Some(text.len()),
        None => None,
    };
    let low = behind(min)?;
    let high = if max == usize::MAX { text.len() } else { behind(max).unwrap_or(text.len()) };
    Some((low, high))
}

#[cfg(test)]
mod tests {
    use super::super::pattern::Weight;
    use super::*;

    fn shapes() -> Vec<Shape> {
        vec![
            Shape::Text { min: 1, max: usize::MAX },
            Shape::Text { min: 2, max: 3 },
            Shape::Digits { signed: false },
            Shape::Digits { signed: true },
            Shape::Decimal { signed: false },
            Shape::Decimal { signed: true },
            Shape::Any(vec!["1".into(), "1-".into(), "é".into()].into()),
            Shape::Path,
            Shape::Custom { key: "c".into(), slashes: false },
            Shape::Custom { key: "d".into(), slashes: true },
        ]
    }

    /// The obvious search without limits.
    fn place(pattern: &Pattern, body: &str, index: usize, at: usize, out: &mut Vec<Span>) -> bool {
        let shape = pattern.shape(index);
        let mut next = shape.first_end(body, at);
        while let Some(end) = next {
            let mark = out.len();
            out.push(Span::new(at..end));
            match pattern.more.get(index) {
                None if end == body.len() => return true,
                Some((between, _))
                    if body[end..].starts_with(&**between)
                        && place(pattern, body, index + 1, end + between.len(), out) =>
                {
                    return true;
                }
                _ => out.truncate(mark),
            }
            next = shape.next_end(body, at, end);
        }
        false
    }

    #[test]
    fn splits_as_the_search_does() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        let (shapes, mut matched) = (shapes(), 0);
        for _ in 0..60_000 {
            let mut shape = || shapes[random(shapes.len())].clone();
            let (first, second, third) = (shape(), shape(), shape());
            let betweens = ["", "-", "1", "/", "é"];
            let mut more = vec![(betweens[random(5)].to_owned(), second)];
            if random(2) == 0 {
                more.push((betweens[random(5)].to_owned(), third));
            }
            let pattern = Pattern {
                prefix: String::new(),
                suffix: String::new(),
                is_final: true,
                ends_with_slash: false,
                weight: Weight::new(&[], vec![]),
                first,
                more,
            };
            let body: String = (0..random(9))
                .map(|_| ['1', '2', '-', '.', 'é', 'a', '/', '\n'][random(8)])
                .collect();
            let mut expected = Vec::new();
            let found = place(&pattern, &body, 0, 0, &mut expected);
            let check = |result: bool, captures: &Captures| {
                assert_eq!(result, found, "{pattern:?} {body:?}");
                let spans: Vec<Span> = (0..captures.len()).map(|i| captures.get(i)).collect();
                assert_eq!(spans, expected, "{pattern:?} {body:?}");
            };
            let mut captures = Captures::default();
            check(split(&pattern, &body, 0, &mut captures), &captures);
            let mut captures = Captures::default();
            check(pattern.matches(&body, 0, &mut captures), &captures);
            matched += usize::from(found);
        }
        assert!(matched > 1_500, "{matched}");
    }

    #[test]
    fn hostile_texts_are_linear() {
        let text = Shape::Text { min: 1, max: usize::MAX };
        let digits = Shape::Digits { signed: false };
        for (first, between, last) in
            [(&text, "-", &digits), (&Shape::Path, "/", &digits), (&text, "", &digits)]
        {
            let pattern = Pattern {
                prefix: String::new(),
                first: first.clone(),
                more: vec![
                    (between.to_owned(), first.clone()),
                    (between.to_owned(), first.clone()),
                    (between.to_owned(), first.clone()),
                    (between.to_owned(), last.clone()),
                ],
                suffix: String::new(),
                is_final: true,
                ends_with_slash: false,
                weight: Weight::new(&[], vec![]),
            };
            let body =
                format!("a{}x", if between.is_empty() { "1" } else { between }.repeat(60_000));
            assert!(!pattern.matches(&body, 0, &mut Captures::default()));
        }
    }
}
