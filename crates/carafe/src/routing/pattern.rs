//! A segment with placeholders, such as `<name>`, `v<int:n>` or `<a>-<b>`, matched against text.
//!
//! One placeholder needs no search. Several are placed by backtracking, in the order in which
//! Werkzeug's expressions would try; the search gets so many steps, and a text that uses them up
//! is split by the table in `split.rs` instead, which is linear.

use std::cmp::Reverse;

use super::shape::Shape;
use super::split;
use super::value::Span;

/// A part of a rule with placeholders: a segment, or several if a converter spans slashes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    pub(crate) prefix: String,
    pub(crate) first: Shape,
    /// Further placeholders, each with the text before it.
    pub(crate) more: Vec<(String, Shape)>,
    pub(crate) suffix: String,
    /// A converter spans slashes, so this takes all the rest of the path.
    pub(crate) is_final: bool,
    /// Final, and the rule ends with a slash.
    pub(crate) ends_with_slash: bool,
    pub(crate) weight: Weight,
}

/// In which order the patterns of one place are tried, smallest first; Werkzeug's tuple.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Weight {
    /// More static pieces first.
    statics: Reverse<usize>,
    /// Longer static pieces first.
    lengths: Vec<(usize, Reverse<usize>)>,
    /// More placeholders first.
    arguments: Reverse<usize>,
    /// Smaller weights of converters first.
    converters: Vec<i32>,
}

impl Weight {
    /// `lengths` are the static pieces' lengths in characters.
    pub(crate) fn new(lengths: &[usize], converters: Vec<i32>) -> Self {
        Self {
            statics: Reverse(lengths.len()),
            lengths: lengths.iter().map(|length| Reverse(*length)).enumerate().collect(),
            arguments: Reverse(converters.len()),
            converters,
        }
    }
}

/// The texts that placeholders took so far, as spans. Eight fit without allocation.
#[derive(Default)]
pub(crate) struct Captures {
    len: usize,
    inline: [Span; 8],
    more: Vec<Span>,
}

impl Captures {
    #[inline]
    pub(crate) fn push(&mut self, span: Span) {
        match self.inline.get_mut(self.len) {
            Some(slot) => *slot = span,
            None => {
                self.more.truncate(self.len - self.inline.len());
                self.more.push(span);
            }
        }
        self.len += 1;
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Forgets all but the first `len`.
    #[inline]
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = len;
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> Span {
        match self.inline.get(index) {
            Some(span) => *span,
            None => self.more.get(index - self.inline.len()).copied().unwrap_or_default(),
        }
    }
}

impl Pattern {
    /// How many placeholders there are.
    pub(crate) fn count(&self) -> usize {
        1 + self.more.len()
    }

    /// The shape of the placeholder at `index`.
    pub(crate) fn shape(&self, index: usize) -> &Shape {
        match index {
            0 => &self.first,
            _ => &self.more[index - 1].1,
        }
    }

    /// Matches the whole of `text`, which starts at byte `base` of the path, and adds what the
    /// placeholders took. Adds nothing if it does not match.
    #[inline]
    pub(crate) fn matches(&self, text: &str, base: usize, captures: &mut Captures) -> bool {
        if !self.is_alone() {
            return self.matches_pieces(text, base, captures);
        }
        // If this is final, its one placeholder spans slashes.
        if !self.first.takes(text) {
            return false;
        }
        captures.push(Span::new(base..base + text.len()));
        true
    }

    /// Whether there is one placeholder and nothing else.
    #[inline]
    fn is_alone(&self) -> bool {
        self.prefix.is_empty() && self.suffix.is_empty() && self.more.is_empty()
    }

    #[inline(never)]
    fn matches_pieces(&self, text: &str, base: usize, captures: &mut Captures) -> bool {
        let Some(body) = strip(text, &self.prefix, &self.suffix) else {
            return false;
        };
        let base = base + self.prefix.len();
        if !self.more.is_empty() {
            return self.place_all(body, base, captures);
        }
        if !self.first.takes(body) {
            return false;
        }
        captures.push(Span::new(base..base + body.len()));
        true
    }

    #[inline(never)]
    fn place_all(&self, body: &str, base: usize, captures: &mut Captures) -> bool {
        let mark = captures.len();
        let mut search = Search { pattern: self, body, base, steps: 64 + 4 * body.len() };
        match search.place(0, 0, captures) {
            Placed::Yes => true,
            Placed::No => false,
            Placed::TooLong => {
                captures.truncate(mark);
                split::split(self, body, base, captures)
            }
        }
    }
}

/// Like `str::starts_with`, but does not compare nothing: the pointer of an empty `String` points
/// nowhere, and glibc's `memcmp` for AVX-512 then takes 200 ns to do nothing.
#[inline]
pub(crate) fn starts_with(text: &str, prefix: &str) -> bool {
    prefix.is_empty() || text.starts_with(prefix)
}

fn strip<'t>(text: &'t str, prefix: &str, suffix: &str) -> Option<&'t str> {
    let text = if prefix.is_empty() { text } else { text.strip_prefix(prefix)? };
    if suffix.is_empty() { Some(text) } else { text.strip_suffix(suffix) }
}

enum Placed {
    Yes,
    No,
    TooLong,
}

struct Search<'a> {
    pattern: &'a Pattern,
    body: &'a str,
    base: usize,
    steps: usize,
}

impl Search<'_> {
    /// Places the placeholder at `index` and all behind it in the body from `at` on.
    fn place(&mut self, index: usize, at: usize, captures: &mut Captures) -> Placed {
        let shape = self.pattern.shape(index);
        let Some((between, _)) = self.pattern.more.get(index) else {
            return self.place_last(shape, at, captures);
        };
        let mark = captures.len();
        let mut next = shape.first_end(self.body, at);
        if let Some(end) = next
            && !self.spend((end - at) / 16)
        {
            return Placed::TooLong;
        }
        while let Some(end) = next {
            if !self.spend(1) {
                return Placed::TooLong;
            }
            if starts_with(&self.body[end..], between) {
                captures.push(Span::new(self.base + at..self.base + end));
                match self.place(index + 1, end + between.len(), captures) {
                    Placed::No => captures.truncate(mark),
                    done => return done,
                }
            }
            next = shape.next_end(self.body, at, end);
        }
        Placed::No
    }

    fn place_last(&mut self, shape: &Shape, at: usize, captures: &mut Captures) -> Placed {
        let rest = &self.body[at..];
        if !self.spend(1 + rest.len() / 32) {
            return Placed::TooLong;
        }
        if self.pattern.is_final && !shape.spans_slashes() && rest.contains('/') {
            return Placed::No;
        }
        if !shape.takes(rest) {
            return Placed::No;
        }
        captures.push(Span::new(self.base + at..self.base + self.body.len()));
        Placed::Yes
    }

    fn spend(&mut self, steps: usize) -> bool {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                true
            }
            None => false,
        }
    }
}
