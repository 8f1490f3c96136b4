//! Names of threads, by what they do for an app.

/// A name for people, of the 15 bytes that a thread has for one.
pub(super) fn readable(name: &str) -> String {
    // Some debuggers call a thread `Thread 3 "name"`.
    let quoted = name.split('"').nth(1);
    let name = quoted.unwrap_or(name);
    let Some(part) = name.strip_prefix("carafe-") else { return name.to_owned() };
    match part {
        "fn" => "plain handler".to_owned(),
        "keys" => "carafe's keys".to_owned(),
        "time" => "carafe's clock".to_owned(),
        "control" => "carafe's control".to_owned(),
        number if number.parse::<u32>().is_ok() => format!("worker {number}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_named_by_what_they_do() {
        let check = |name: &str, expected: &str| assert_eq!(readable(name), expected);
        check("carafe-0", "worker 0");
        check("carafe-fn", "plain handler");
        check("carafe-other", "carafe-other");
        check("Thread 3 \"carafe-1\"", "worker 1");
        check("tokio", "tokio");
    }
}
