//! The lines around a place in a template, and a mark under it.

use std::fmt;

/// Lines shown before and after the place.
const AROUND: usize = 2;
/// Longer lines are cut to this many characters around the place.
const LONGEST: usize = 120;

/// A line of a template's source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceLine {
    /// Its number, from 1.
    pub number: usize,
    /// Its text, without the line break.
    pub text: String,
}

/// A place in a template's source: a line, and what to mark in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// From 1.
    pub(super) line: usize,
    /// In characters, from 1; 0 when it is not known.
    pub(super) column: usize,
    /// In characters; what goes on in the next line is not counted.
    pub(super) width: usize,
}

impl Spot {
    /// The spot of a range of bytes.
    pub(super) fn of_range(source: &str, range: std::ops::Range<usize>) -> Spot {
        let before = source.get(..range.start).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let marked = source.get(range).unwrap_or_default();
        Spot {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            width: marked.lines().next().unwrap_or_default().chars().count().max(1),
        }
    }
}

/// The lines around a line.
pub(super) fn lines_around(source: &str, line: usize) -> Vec<SourceLine> {
    let first = line.saturating_sub(AROUND).max(1);
    let numbered = source.lines().enumerate().map(|(at, text)| (at + 1, text));
    numbered
        .skip(first - 1)
        .take_while(|(number, _)| *number <= line + AROUND)
        .map(|(number, text)| SourceLine { number, text: text.to_owned() })
        .collect()
}

/// Writes the lines, with carets under the spot.
#[inline]
pub(super) fn write(f: &mut fmt::Formatter<'_>, lines: &[SourceLine], spot: Spot) -> fmt::Result {
    let digits = lines.last().map_or(1, |line| line.number.to_string().len());
    let from = spot.column.saturating_sub(LONGEST / 2);
    for line in lines {
        let text = window(&line.text, from);
        write!(f, "\n  {:>digits$} | {text}", line.number)?;
        if line.number == spot.line && spot.column > 0 {
            let before: String =
                text.chars().take(spot.column - 1 - from.min(spot.column - 1)).map(blank).collect();
            let room = text.chars().count().saturating_sub(before.chars().count()).max(1);
            write!(f, "\n  {:digits$} | {before}{}", "", "^".repeat(spot.width.min(room)))?;
        }
    }
    Ok(())
}

/// A tab stays, so that the mark stands under its place however wide tabs are shown.
#[inline]
fn blank(c: char) -> char {
    if c == '\t' { '\t' } else { ' ' }
}

#[inline]
fn window(text: &str, from: usize) -> String {
    text.trim_end().chars().skip(from).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_become_lines_and_columns() {
        let source = "ab\ncdé x\n\nlast";
        let check = |range, line, column, width| {
            assert_eq!(Spot::of_range(source, range), Spot { line, column, width });
        };
        check(0..1, 1, 1, 1);
        check(3..7, 2, 1, 3);
        check(8..9, 2, 5, 1);
        check(8..14, 2, 5, 1);
        check(11..15, 4, 1, 4);
        check(15..15, 4, 5, 1);
    }
}
