//! CPU time as Linux counts it.

use crate::error::{Error, Result};

/// The kernel's unit; 100 on every Linux that we know.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU seconds of a process so far, in its own code and in the kernel.
pub(super) fn of_process(process: u32) -> Result<f64> {
    seconds(&process.to_string(), Field::Own)
}

/// CPU seconds of all programs that this one has waited for, and of those that they have.
pub(super) fn of_children() -> Result<f64> {
    seconds("self", Field::Children)
}

/// A pair of fields, user and system, by the place of the first behind the process's name.
#[derive(Clone, Copy)]
enum Field {
    Own = 11,
    Children = 13,
}

fn seconds(process: &str, field: Field) -> Result<f64> {
    let path = format!("/proc/{process}/stat");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::new(format!("cannot read `{path}`: {error}")))?;
    ticks_in(&text, field)
        .map(|ticks| ticks / TICKS_PER_SECOND)
        .ok_or_else(|| Error::new(format!("cannot read the times in `{text}`")))
}

/// The name is in parentheses and may hold anything, also parentheses.
fn ticks_in(stat: &str, field: Field) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(field as usize);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times() {
        let stat = "12 (a) b) S 1 12 12 0 -1 4194304 500 0 0 0 31 11 7 5 20 0 2 0 900 1 1";
        assert_eq!(ticks_in(stat, Field::Own), Some(42.0));
        assert_eq!(ticks_in(stat, Field::Children), Some(12.0));
        assert_eq!(ticks_in("12 (a", Field::Own), None);
    }
}
