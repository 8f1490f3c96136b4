//! A rule's parts, cut at slashes into what the matcher compares one by one.

use carafe_rule::Part;

use super::builtin::Taker;
use super::pattern::{Pattern, Weight};
use super::shape::Shape;

/// What one step of a match compares.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Segment {
    /// Literal text; empty behind a last slash.
    Static(String),
    /// Placeholders, with the rule's text for them.
    Dynamic { pattern: Pattern, source: String },
}

/// Cuts a path rule. The empty segment before the first slash is left out; `takers` are the
/// converters of the placeholders in order.
pub(crate) fn of_path(parts: &[Part], takers: &[Taker], text: &str) -> Vec<Segment> {
    let mut segments = cut(parts, takers, text);
    segments.remove(0);
    segments
}

/// Cuts a host rule, which is always one segment.
pub(crate) fn of_host(parts: &[Part], takers: &[Taker], text: &str) -> Option<Segment> {
    cut(parts, takers, text).pop()
}

/// `a//b` as `a/b`.
pub(crate) fn merge_slashes(text: &str) -> String {
    let mut merged = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '/' || !merged.ends_with('/') {
            merged.push(c);
        }
    }
    merged
}

fn cut(parts: &[Part], takers: &[Taker], text: &str) -> Vec<Segment> {
    let mut cutter = Cutter::default();
    let mut takers = takers.iter();
    for part in parts {
        match part {
            Part::Static(literal) => cutter.literal(literal),
            Part::Dynamic { span, .. } => {
                if let Some(taker) = takers.next() {
                    cutter.placeholder(taker, &text[span.clone()]);
                }
            }
        }
    }
    cutter.finish(true);
    cutter.segments
}

#[derive(Default)]
struct Cutter {
    segments: Vec<Segment>,
    /// The literal text behind the last placeholder.
    literal: String,
    placeholders: Vec<(String, Shape)>,
    source: String,
    lengths: Vec<usize>,
    weights: Vec<i32>,
    is_final: bool,
}

impl Cutter {
    fn literal(&mut self, text: &str) {
        for (index, piece) in text.split('/').enumerate() {
            if index > 0 {
                self.slash();
            }
            if !piece.is_empty() {
                self.literal.push_str(piece);
                self.source.push_str(piece);
                self.lengths.push(piece.chars().count());
            }
        }
    }

    fn slash(&mut self) {
        if self.is_final {
            self.literal.push('/');
            self.source.push('/');
        } else {
            self.finish(false);
        }
    }

    fn placeholder(&mut self, taker: &Taker, source: &str) {
        let shape = taker.shape();
        self.is_final |= shape.spans_slashes();
        self.weights.push(taker.weight());
        self.placeholders.push((std::mem::take(&mut self.literal), shape));
        self.source.push_str(source);
    }

    /// Ends a segment; `last` also means the end of the rule.
    fn finish(&mut self, last: bool) {
        let mut suffix = std::mem::take(&mut self.literal);
        let source = std::mem::take(&mut self.source);
        let lengths = std::mem::take(&mut self.lengths);
        let weights = std::mem::take(&mut self.weights);
        let is_final = std::mem::take(&mut self.is_final);
        let mut placeholders = std::mem::take(&mut self.placeholders).into_iter();
        let Some((prefix, first)) = placeholders.next() else {
            self.segments.push(Segment::Static(suffix));
            return;
        };
        let ends_with_slash = last && is_final && suffix.ends_with('/');
        if ends_with_slash {
            suffix.pop();
        }
        let pattern = Pattern {
            prefix,
            first,
            more: placeholders.collect(),
            suffix,
            is_final,
            ends_with_slash,
            weight: Weight::new(&lengths, weights),
        };
        self.segments.push(Segment::Dynamic { pattern, source });
        if ends_with_slash {
            self.segments.push(Segment::Static(String::new()));
        }
    }
}
