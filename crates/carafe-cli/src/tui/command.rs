//! What is typed: one line, one command, with gdb's names and abbreviations.

/// A command as it was understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    /// Stop at a place, perhaps only where a condition holds.
    Break {
        place: Place,
        condition: Option<String>,
    },
    /// List the breakpoints.
    Breakpoints,
    /// Take breakpoints away: one, or all.
    Delete(Option<Target>),
    /// Switch a breakpoint on or off; it is kept.
    Enable(usize, bool),
    /// Give a breakpoint a condition, or take it away.
    Condition(usize, Option<String>),
    /// Have a breakpoint write a line and go on, or stop again.
    Log(usize, Option<String>),
    Continue,
    Step(Step),
    Pause,
    /// A value; all of the frame's without one.
    Print(Option<String>),
    /// Change a variable.
    Set {
        name: String,
        value: String,
    },
    /// The request that is held.
    Request,
    Backtrace {
        all: bool,
    },
    Frame(Move),
    List(Option<Spot>),
    Routes,
    /// The last requests; how many.
    Requests(usize),
    /// One of them, in full.
    Details(u64),
    Watch(Option<String>),
    Unwatch(Option<usize>),
    /// Wait until the program is held, at most so many seconds.
    Wait(u64),
    Restart,
    Quit,
    Help(Option<String>),
}

/// How far to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Over,
    Into,
    Out,
}

/// A way among the frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// To the caller, so many times.
    Up(usize),
    Down(usize),
    To(usize),
}

/// A line of a file; of the shown one without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) file: Option<String>,
    pub(super) line: usize,
}

/// Where to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Line(Spot),
    /// A route, an endpoint or a function, by name.
    Name(String),
    /// `panic` or `5xx`.
    Exception(&'static str),
}

/// Which breakpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Number(usize),
    /// `panic` or `5xx`.
    Exception(&'static str),
}

/// Seconds that `wait` waits by itself.
const WAIT: u64 = 60;
/// Requests that are listed by default.
const LISTED: usize = 20;

/// Names, the short ones first; what each does; how it is typed.
const TABLE: &[(&[&str], &str, &str)] = &[
    (
        &["b", "break"],
        "b PLACE [if EXPR]",
        "stop at app.rs:12, 12, GET /users/<int:id>, a function, panic or 5xx; alone: list",
    ),
    (&["d", "delete"], "d [N]", "take breakpoint N away (or panic, 5xx), or all"),
    (&["disable"], "disable N", "switch breakpoint N off, and keep it"),
    (&["enable"], "enable N", "switch it on again"),
    (&["cond", "condition"], "cond N [EXPR]", "stop at breakpoint N only where EXPR holds"),
    (&["log"], "log N [TEXT {EXPR}]", "write this line at breakpoint N, and go on"),
    (&["c", "continue"], "c", "go on"),
    (&["n", "next"], "n", "run this line, over calls and awaits"),
    (&["s", "step"], "s", "go into the app's function that is called here"),
    (&["o", "out", "finish"], "o", "run until this function returns"),
    (&["pause", "interrupt"], "pause", "hold the app where it is"),
    (&["p", "print"], "p [EXPR]", "show a value, or all of this frame's"),
    (&["set"], "set NAME = VALUE", "change a variable"),
    (&["request", "req"], "request", "show the request that is held"),
    (&["bt", "backtrace", "where"], "bt [all]", "show the app's frames, or all"),
    (&["up"], "up [N]", "go to the caller's frame"),
    (&["down"], "down [N]", "go back towards the innermost frame"),
    (&["f", "frame"], "f [N]", "go to frame N"),
    (&["l", "list"], "l [PLACE]", "show source, here or at app.rs:12; again: further on"),
    (&["routes"], "routes", "list the app's routes"),
    (&["requests"], "requests [COUNT]", "list the last requests"),
    (&["details"], "details N", "show request N: values, spans, error"),
    (&["watch", "w"], "watch [EXPR]", "show EXPR at each stop; alone: list"),
    (&["unwatch"], "unwatch [N]", "forget watch N, or all"),
    (&["wait"], "wait [SECONDS]", "wait until the app is held"),
    (&["r", "restart", "run"], "r", "build, and start the app again"),
    (&["q", "quit", "exit"], "q", "end the app and leave"),
    (&["h", "help", "?"], "h [COMMAND]", "say what can be typed"),
];

/// Understands a line; `None` for an empty one.
///
/// # Errors
/// In words, when it is no command.
pub(super) fn parse(line: &str) -> Result<Option<Command>, String> {
    let line = line.trim();
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    let rest = rest.trim();
    if word.is_empty() {
        return Ok(None);
    }
    let (names, usage, _) = find(word)?;
    let given = (!rest.is_empty()).then(|| rest.to_owned());
    let needs = || format!("`{word}` is typed `{usage}`");
    Ok(Some(match names[0] {
        "b" if rest.is_empty() => Command::Breakpoints,
        "b" => stop_at(rest)?,
        "d" => Command::Delete(target(rest)?),
        "disable" => Command::Enable(number(rest)?.ok_or_else(needs)?, false),
        "enable" => Command::Enable(number(rest)?.ok_or_else(needs)?, true),
        "cond" => {
            let (at, condition) = numbered(rest).ok_or_else(needs)?;
            Command::Condition(at, condition)
        }
        "log" => {
            let (at, text) = numbered(rest).ok_or_else(needs)?;
            Command::Log(at, text)
        }
        "set" => {
            let (name, value) = rest.split_once('=').ok_or_else(needs)?;
            Command::Set { name: name.trim().to_owned(), value: value.trim().to_owned() }
        }
        "p" => Command::Print(given),
        "bt" => Command::Backtrace { all: !rest.is_empty() },
        "up" => Command::Frame(Move::Up(number(rest)?.unwrap_or(1))),
        "down" => Command::Frame(Move::Down(number(rest)?.unwrap_or(1))),
        "f" => Command::Frame(Move::To(number(rest)?.unwrap_or(0))),
        "l" if rest.is_empty() => Command::List(None),
        "l" => Command::List(Some(spot(rest).ok_or_else(needs)?)),
        "requests" => Command::Requests(number(rest)?.unwrap_or(LISTED)),
        "details" => Command::Details(number(rest)?.ok_or_else(needs)? as u64),
        "watch" => Command::Watch(given),
        "unwatch" => Command::Unwatch(number(rest)?),
        "wait" => Command::Wait(number(rest)?.map_or(WAIT, |seconds| seconds as u64)),
        "h" => Command::Help(given),
        _ if given.is_some() => return Err(needs()),
        "c" => Command::Continue,
        "n" => Command::Step(Step::Over),
        "s" => Command::Step(Step::Into),
        "o" => Command::Step(Step::Out),
        "pause" => Command::Pause,
        "request" => Command::Request,
        "routes" => Command::Routes,
        "r" => Command::Restart,
        _ => Command::Quit,
    }))
}

type Entry = (&'static [&'static str], &'static str, &'static str);

/// The command of this name, or the only one that begins so.
fn find(word: &str) -> Result<Entry, String> {
    let exact = TABLE.iter().find(|(names, ..)| names.contains(&word));
    if let Some(found) = exact {
        return Ok(*found);
    }
    let begins = |names: &[&str]| names.iter().any(|name| name.starts_with(word));
    let found: Vec<&Entry> = TABLE.iter().filter(|(names, ..)| begins(names)).collect();
    match found.as_slice() {
        [only] => Ok(**only),
        [] => Err(format!("`{word}` is no command\n\nhint: `h` lists them")),
        several => {
            let names: Vec<String> = several
                .iter()
                .filter_map(|(names, ..)| names.iter().find(|name| name.starts_with(word)))
                .map(|name| format!("`{name}`"))
                .collect();
            Err(format!("`{word}` may be {}", names.join(" or ")))
        }
    }
}

/// What can be typed: all of it, or one command.
pub(super) fn help(about: Option<&str>) -> Result<Vec<String>, String> {
    let line = |(names, usage, what): &Entry| {
        let others: Vec<&str> = names.iter().copied().filter(|name| name.len() > 1).collect();
        let also = others.iter().find(|name| !usage.starts_with(**name));
        let also = also.map(|name| format!(" ({name})")).unwrap_or_default();
        format!("{usage:<22} {what}{also}")
    };
    match about {
        Some(word) => Ok(vec![line(&find(word)?)]),
        None => Ok(TABLE.iter().map(line).collect()),
    }
}

fn stop_at(rest: &str) -> Result<Command, String> {
    let (place, condition) = match rest.split_once(" if ") {
        Some((place, condition)) => (place.trim(), Some(condition.trim().to_owned())),
        None => (rest, None),
    };
    let place = match exception(place) {
        Some(filter) => Place::Exception(filter),
        None => spot(place).map_or_else(|| Place::Name(place.to_owned()), Place::Line),
    };
    if condition.is_some() && matches!(place, Place::Exception(_)) {
        return Err("panics and answers of 5xx have no condition".to_owned());
    }
    Ok(Command::Break { place, condition })
}

/// `app.rs:12` or `12`. A route may end in a colon and digits too, but begins with a method or a slash.
fn spot(text: &str) -> Option<Spot> {
    let line = |digits: &str| digits.parse().ok().filter(|line| *line > 0);
    if let Some(line) = line(text) {
        return Some(Spot { file: None, line });
    }
    let (file, digits) = text.rsplit_once(':')?;
    let is_file = !file.contains(char::is_whitespace) || file.ends_with(".rs");
    Some(Spot { file: Some(file.to_owned()), line: line(digits)? })
        .filter(|_| is_file && !file.is_empty() && !file.ends_with(':'))
}

fn target(text: &str) -> Result<Option<Target>, String> {
    match exception(text) {
        Some(filter) => Ok(Some(Target::Exception(filter))),
        None => Ok(number(text)?.map(Target::Number)),
    }
}

fn exception(text: &str) -> Option<&'static str> {
    match text {
        "panic" | "panics" => Some("panic"),
        "5xx" => Some("5xx"),
        _ => None,
    }
}

fn number(text: &str) -> Result<Option<usize>, String> {
    match text {
        "" => Ok(None),
        _ => text.parse().map(Some).map_err(|_| format!("`{text}` is no number")),
    }
}

fn numbered(text: &str) -> Option<(usize, Option<String>)> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let rest = rest.trim();
    Some((digits.parse().ok()?, (!rest.is_empty()).then(|| rest.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(line: &str) -> Command {
        parse(line).unwrap().unwrap()
    }

    #[test]
    fn short_and_long_names() {
        let check = |lines: &[&str], expected: Command| {
            for line in lines {
                assert_eq!(understood(line), expected, "{line}");
            }
        };
        check(&["c", "cont", "continue", " c "], Command::Continue);
        check(&["n", "next", "ne"], Command::Step(Step::Over));
        check(&["s", "step"], Command::Step(Step::Into));
        check(&["o", "out", "fin", "finish"], Command::Step(Step::Out));
        check(&["bt", "where", "backtrace"], Command::Backtrace { all: false });
        check(&["bt all", "bt full"], Command::Backtrace { all: true });
        check(&["b", "break", "bre"], Command::Breakpoints);
        check(&["req", "request"], Command::Request);
        check(&["requests", "requests 20"], Command::Requests(20));
        check(&["up 2"], Command::Frame(Move::Up(2)));
        check(&["q", "quit", "exit"], Command::Quit);
        check(&["d 5xx"], Command::Delete(Some(Target::Exception("5xx"))));
        check(&["d 3", "delete 3"], Command::Delete(Some(Target::Number(3))));
        check(&["disable 3", "dis 3"], Command::Enable(3, false));
        check(&["w id", "watch id"], Command::Watch(Some("id".to_owned())));
        assert_eq!(parse("  "), Ok(None));
    }

    #[test]
    fn places_to_stop_at() {
        let check = |line: &str, place: Place, condition: Option<&str>| {
            let condition = condition.map(str::to_owned);
            assert_eq!(understood(line), Command::Break { place, condition }, "{line}");
        };
        let at =
            |file: Option<&str>, line| Place::Line(Spot { file: file.map(str::to_owned), line });
        let name = |name: &str| Place::Name(name.to_owned());
        check("b main.rs:12", at(Some("main.rs"), 12), None);
        check("b src/main.rs:12 if id == 7", at(Some("src/main.rs"), 12), Some("id == 7"));
        check("b 12", at(None, 12), None);
        check("b GET /users/<int:id>", name("GET /users/<int:id>"), None);
        check("b /users/<int:id> if id == 7", name("/users/<int:id>"), Some("id == 7"));
        check("b GET /at/10:30", name("GET /at/10:30"), None);
        check("b app::user", name("app::user"), None);
        check("b panic", Place::Exception("panic"), None);
        check("b 5xx", Place::Exception("5xx"), None);
    }

    #[test]
    fn says_what_is_wrong() {
        let check = |line: &str, expected: &str| assert_eq!(parse(line).unwrap_err(), expected);
        check("zz", "`zz` is no command\n\nhint: `h` lists them");
        check("det x", "`x` is no number");
        check("de", "`de` may be `delete` or `details`");
        check("d x", "`x` is no number");
        check("cond", "`cond` is typed `cond N [EXPR]`");
        check("c 5", "`c` is typed `c`");
        check("set x", "`set` is typed `set NAME = VALUE`");
        check("details", "`details` is typed `details N`");
        check("b panic if x", "panics and answers of 5xx have no condition");
    }

    #[test]
    fn every_name_is_found_and_every_command_explained() {
        let mut seen = std::collections::HashSet::new();
        for (names, usage, what) in TABLE {
            assert!(names.iter().all(|name| seen.insert(*name)), "{names:?}");
            assert!(names.iter().any(|name| usage.starts_with(name)) && !what.is_empty());
        }
        assert_eq!(help(None).unwrap().len(), TABLE.len());
        assert_eq!(help(Some("cont")).unwrap(), ["c                      go on (continue)"]);
    }
}
