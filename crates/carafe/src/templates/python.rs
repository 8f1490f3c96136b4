//! Small things that print as Python prints them: floats, and a source of chance.

use std::hash::{BuildHasher, RandomState};

/// A float as Python's `repr` writes it: the shortest digits, an exponent outside 1e-4 .. 1e16.
pub(super) fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{value:e}");
        let Some((digits, exponent)) = text.split_once('e') else {
            return text;
        };
        return match exponent.strip_prefix('-') {
            Some(negative) => format!("{digits}e-{negative:0>2}"),
            None => format!("{digits}e+{exponent:0>2}"),
        };
    }
    format!("{value:?}")
}

/// A number below `bound`, by chance; not for secrets. 0 when `bound` is 0.
pub(super) fn random_below(bound: usize) -> usize {
    // A new `RandomState` has new keys, and so another hash of the same thing.
    let random = RandomState::new().hash_one(bound);
    usize::try_from(random % (bound.max(1) as u64)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_python() {
        let check = |value: f64, wanted| assert_eq!(float_text(value), wanted);
        check(1.0, "1.0");
        check(-0.0, "-0.0");
        check(0.1 + 0.2, "0.30000000000000004");
        check(1e16, "1e+16");
        check(1.5e300, "1.5e+300");
        check(1.1e-7, "1.1e-07");
        check(0.0001, "0.0001");
        check(123456789.123, "123456789.123");
        check(f64::INFINITY, "inf");
    }

    #[test]
    fn chance_stays_below() {
        assert!((0..100).all(|_| random_below(3) < 3));
        assert_eq!(random_below(0), 0);
    }
}
