//! How long something has run, in words.

use std::time::Duration;

use crate::Lang;

/// A length of time in one rounded unit: `3 minutes`, `3분`.
///
/// ```
/// use std::time::Duration;
/// use carafe_net::{Lang, age};
///
/// assert_eq!(age(Duration::from_secs(200), Lang::English), "3 minutes");
/// ```
pub fn age(time: Duration, lang: Lang) -> String {
    const UNITS: [(u64, &str, &str); 4] = [
        (24 * 60 * 60, "day", "일"),
        (60 * 60, "hour", "시간"),
        (60, "minute", "분"),
        (1, "second", "초"),
    ];
    let seconds = time.as_secs();
    let unit = UNITS.iter().find(|(length, ..)| seconds >= *length);
    let (length, english, korean) = unit.unwrap_or(&UNITS[3]);
    let count = seconds / length;
    match lang {
        Lang::English if count == 1 => format!("1 {english}"),
        Lang::English => format!("{count} {english}s"),
        Lang::Korean => format!("{count}{korean}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_that_fits() {
        let check = |seconds, english, korean| {
            let time = Duration::from_secs(seconds);
            assert_eq!(age(time, Lang::English), english);
            assert_eq!(age(time, Lang::Korean), korean);
        };
        check(0, "0 seconds", "0초");
        check(1, "1 second", "1초");
        check(59, "59 seconds", "59초");
        check(60, "1 minute", "1분");
        check(3599, "59 minutes", "59분");
        check(3600, "1 hour", "1시간");
        check(86_399, "23 hours", "23시간");
        check(86_400, "1 day", "1일");
        check(8_640_000, "100 days", "100일");
    }
}
