//! [`SortedMap`], [`sort_by`], [`Handover`] and [`spawn`]: the standard library's, made to be compiled once.
//!
//! Those are made for speed: a `BTreeMap` is some 8,000 lines of LLVM IR for each pair of types, a channel 12,000 for
//! each type, a `sort_by` 3,000 and a `spawn` 2,000 for each call, which every release build of an app has to optimise. The map here is for few keys, and not for what
//! clients choose: filling it takes a time that grows with the square of their number.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::io;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Sorts; what is equal stays in its order.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = order(items.len(), &|a, b| compare(&items[a], &items[b]));
    // Each circle of items that change places.
    for start in 0..order.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at], at);
            if from == start || from == at {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

/// As [`sort_by`], and leaves one of those that are equal.
pub(crate) fn sort_and_dedup<T: Ord>(items: &mut Vec<T>) {
    sort_by(items, T::cmp);
    items.dedup();
}

/// The places of items, in the order of the items: merging runs of two, four, eight...
fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut merged = Vec::with_capacity(count);
    let mut width = 1;
    while width < count {
        for pair in order.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let ([first, left_rest @ ..], [second, right_rest @ ..]) = (left, right) {
                if compare(*second, *first).is_lt() {
                    merged.push(*second);
                    right = right_rest;
                } else {
                    merged.push(*first);
                    left = left_rest;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut order, &mut merged);
        merged.clear();
        width *= 2;
    }
    order
}

/// The places of those items that are equal to none before, ascending.
pub(crate) fn firsts(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places = order(count, compare);
    places.dedup_by(|next, kept| compare(*next, *kept).is_eq());
    sort_by(&mut places, usize::cmp);
    places
}

/// A map from `K` to `V`, sorted by `K`.
#[derive(Debug, Clone)]
pub(crate) struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        SortedMap(Vec::new())
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where `key` is, or where it would have to be.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(own, _)| own.borrow().cmp(key))
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &self.0[at].1)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &mut self.0[at].1)
    }

    /// Adds or replaces.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.place(&key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| self.0.remove(at).1)
    }

    /// The pairs, in the order of their keys.
    pub(crate) fn as_slice(&self) -> &[(K, V)] {
        &self.0
    }

    /// The pairs, in the order of their keys.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.0.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, (K, V)> {
        self.0.iter_mut()
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a SortedMap<K, V> {
    type Item = &'a (K, V);
    type IntoIter = std::slice::Iter<'a, (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// A value that one thread waits for and another gives.
pub(crate) struct Handover<T> {
    value: Mutex<Option<T>>,
    is_there: Condvar,
}

impl<T> Default for Handover<T> {
    fn default() -> Self {
        Handover { value: Mutex::new(None), is_there: Condvar::new() }
    }
}

impl<T> Handover<T> {
    /// Gives the value; the first stays.
    pub(crate) fn give(&self, value: T) {
        self.value.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(value);
        self.is_there.notify_all();
    }

    /// Waits for the value, for so long at most, and takes it.
    pub(crate) fn take_within(&self, limit: Duration) -> Option<T> {
        let value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.is_there.wait_timeout_while(value, limit, |value| value.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.take()
    }
}

/// Starts a thread.
///
/// # Errors
/// When the system makes none.
pub(crate) fn spawn(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_items_keep_their_order() {
        let check = |items: &[(i32, char)], expected: &[(i32, char)]| {
            let mut sorted = items.to_vec();
            sort_by(&mut sorted, |a, b| a.0.cmp(&b.0));
            assert_eq!(sorted, expected);
        };
        check(&[], &[]);
        check(&[(1, 'a')], &[(1, 'a')]);
        check(&[(2, 'a'), (1, 'a'), (2, 'b'), (1, 'b')], &[(1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')]);
    }

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut seed = 1_u32;
        for count in 0..200 {
            let mut items = Vec::new();
            for place in 0..count {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                items.push((seed >> 27, place));
            }
            let (mut own, mut expected) = (items.clone(), items.clone());
            sort_by(&mut own, |a, b| a.0.cmp(&b.0));
            expected.sort_by_key(|item| item.0);
            assert_eq!(own, expected);
            let mut own: Vec<u32> = items.iter().map(|item| item.0).collect();
            let firsts = firsts(own.len(), &|a, b| own[a].cmp(&own[b]));
            let is_first = |place: &usize| !own[..*place].contains(&own[*place]);
            assert_eq!(firsts, (0..own.len()).filter(is_first).collect::<Vec<_>>());
            sort_and_dedup(&mut own);
            assert!(own.is_sorted_by(|a, b| a < b));
        }
    }

    #[test]
    fn sorted_whatever_the_order_of_adding() {
        let mut map = SortedMap::default();
        assert!(map.is_empty());
        for (key, value) in [("b", 1), ("c", 2), ("a", 3), ("b", 4)] {
            map.insert(key.to_owned(), value);
        }
        let pairs: Vec<(&str, i32)> =
            map.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        assert_eq!(pairs, [("a", 3), ("b", 4), ("c", 2)]);
        *map.get_mut("c").unwrap() = 5;
        assert_eq!((map.get("c"), map.get("d"), map.len()), (Some(&5), None, 3));
        assert_eq!((map.remove("b"), map.remove("b"), map.len()), (Some(4), None, 2));
    }

    #[test]
    fn a_value_is_waited_for() {
        let handover = std::sync::Arc::new(Handover::default());
        assert_eq!(handover.take_within(Duration::ZERO), None);
        let other = handover.clone();
        let thread = spawn("giver", Box::new(move || other.give(1))).unwrap();
        assert_eq!(handover.take_within(Duration::from_secs(15)), Some(1));
        thread.join().unwrap();
        handover.give(2);
        handover.give(3);
        assert_eq!(handover.take_within(Duration::ZERO), Some(2));
        assert_eq!(handover.take_within(Duration::ZERO), None);
    }
}
