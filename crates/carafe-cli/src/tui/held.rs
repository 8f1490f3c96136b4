//! A program that is held: its frames, and what stands in them.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

use crate::debug::Seat;

use super::sources::printable;

/// More elements of one value are not asked for.
const MOST_CHILDREN: usize = 100;
/// A longer value is cut.
const MOST_CHARACTERS: usize = 200;

/// Where and why the program is held.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub(super) thread: i64,
    /// `breakpoint`, `step`, `exception`, `pause` or `entry`.
    pub(super) reason: String,
    pub(super) text: String,
    pub(super) hit: Value,
    pub(super) frames: Vec<Frame>,
    /// The frame that is looked at.
    pub(super) at: usize,
}

/// A frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Frame {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) file: Option<PathBuf>,
    pub(super) line: usize,
    /// The app's author wrote it.
    pub(super) own: bool,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
    /// What opens it; 0 where nothing is inside.
    pub(super) reference: i64,
}

impl Held {
    /// Reads a stop that the session told.
    pub(super) fn read(seat: &Seat, stopped: &Value) -> Result<Held, String> {
        let thread = stopped["threadId"].as_i64().unwrap_or_default();
        let body = seat.ask("stackTrace", &json!({"threadId": thread}))?;
        let frames: Vec<Frame> =
            body["stackFrames"].as_array().into_iter().flatten().map(Frame::read).collect();
        let text = |key: &str| stopped[key].as_str().unwrap_or_default().to_owned();
        let at = frames.iter().position(|frame| frame.own).unwrap_or(0);
        let (reason, hit) = (text("reason"), stopped["hitBreakpointIds"].clone());
        Ok(Held { thread, reason, text: text("description"), hit, frames, at })
    }

    pub(super) fn frame(&self) -> Option<&Frame> {
        self.frames.get(self.at)
    }

    /// Goes to another frame; on the way to callers, those that are not the app's are passed over.
    pub(super) fn go(&mut self, up: bool, times: usize) -> Result<(), String> {
        for _ in 0..times {
            let next = match up {
                true => (self.at + 1..self.frames.len()).find(|at| self.frames[*at].own),
                false => (0..self.at).rev().find(|at| self.frames[*at].own),
            };
            let end = if up { "outermost" } else { "innermost" };
            self.at = next.ok_or_else(|| format!("this is the app's {end} frame"))?;
        }
        Ok(())
    }

    /// The scopes of the frame that are quick to read: its locals, and the request.
    pub(super) fn scopes(&self, seat: &Seat) -> Result<Vec<Variable>, String> {
        let frame = self.frame().ok_or("the program is held outside of any function")?;
        let body = seat.ask("scopes", &json!({"frameId": frame.id}))?;
        let scopes = body["scopes"].as_array().into_iter().flatten();
        let quick = scopes.filter(|scope| scope["expensive"] != true);
        Ok(quick.map(Variable::read).collect())
    }

    /// What an expression is worth in the frame.
    pub(super) fn value(&self, seat: &Seat, expression: &str) -> Result<Variable, String> {
        let frame = self.frame().ok_or("the program is held outside of any function")?;
        // lldb-dap evaluates in the frame whose scopes it was asked for last.
        seat.ask("scopes", &json!({"frameId": frame.id}))?;
        let asked = json!({"expression": expression, "frameId": frame.id, "context": "watch"});
        let body = seat.ask("evaluate", &asked)?;
        Ok(Variable::new(expression, &body["result"], &body["variablesReference"]))
    }

    /// Changes a variable of the frame; gives what it is now.
    pub(super) fn set(&self, seat: &Seat, name: &str, value: &str) -> Result<String, String> {
        let locals = self.scopes(seat)?;
        let scope = locals.first().ok_or("nothing can be changed here")?;
        let asked = json!({"variablesReference": scope.reference, "name": name, "value": value});
        seat.ask("setVariable", &asked)?;
        // Adapters answer with another text than they show, or with none.
        let now =
            self.scopes(seat)?.first().map_or(Ok(vec![]), |scope| inside(seat, scope.reference))?;
        let now = now.into_iter().find(|variable| variable.name == name);
        now.map(|variable| variable.value).ok_or_else(|| format!("there is no `{name}` here"))
    }
}

/// What is inside of a value or a scope.
pub(super) fn inside(seat: &Seat, reference: i64) -> Result<Vec<Variable>, String> {
    let asked = json!({"variablesReference": reference, "count": MOST_CHILDREN});
    let body = seat.ask("variables", &asked)?;
    let all = body["variables"].as_array().into_iter().flatten();
    Ok(all.take(MOST_CHILDREN).map(Variable::read).collect())
}

impl Frame {
    fn read(value: &Value) -> Frame {
        let line = value["line"].as_u64().and_then(|line| usize::try_from(line).ok());
        Frame {
            id: value["id"].as_i64().unwrap_or_default(),
            name: printable(value["name"].as_str().unwrap_or_default()),
            file: value["source"]["path"].as_str().map(PathBuf::from),
            line: line.unwrap_or_default(),
            own: value["presentationHint"] != "subtle",
        }
    }

    pub(super) fn place(&self) -> Option<(&Path, usize)> {
        Some((self.file.as_deref()?, self.line))
    }
}

impl Variable {
    fn read(value: &Value) -> Variable {
        let name = printable(value["name"].as_str().unwrap_or_default());
        Variable::new(&name, &value["value"], &value["variablesReference"])
    }

    fn new(name: &str, value: &Value, reference: &Value) -> Variable {
        let value = shortened(value.as_str().unwrap_or_default());
        // A text's characters say no more than the text.
        let is_text = value.starts_with('"');
        let reference = reference.as_i64().filter(|_| !is_text).unwrap_or_default();
        Variable { name: name.to_owned(), value, reference }
    }
}

/// A value in one line, without its address.
fn shortened(value: &str) -> String {
    let value = match value.split_once(" @ 0x") {
        Some((kind, address)) if address.chars().all(|c| c.is_ascii_hexdigit()) => {
            kind.rsplit("::").next().filter(|_| !kind.contains('<')).unwrap_or(kind)
        }
        _ => value,
    };
    let mut line: String = printable(&value.replace(['\n', '\r'], " "));
    if let Some((cut, _)) = line.char_indices().nth(MOST_CHARACTERS) {
        line.truncate(cut);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_one_line() {
        let check = |value: &str, expected: &str| assert_eq!(shortened(value), expected);
        check("7", "7");
        check("debuggee::User @ 0x7ffe0012", "User");
        check("a\nb\u{1b}", "a b\u{fffd}");
        assert_eq!(shortened(&"x".repeat(500)).chars().count(), MOST_CHARACTERS + 1);
    }

    #[test]
    fn callers_of_the_framework_are_passed_over() {
        let frame = |name: &str, own| Frame { name: name.to_owned(), own, ..Frame::default() };
        let frames = vec![
            frame("panic", false),
            frame("inner", true),
            frame("core", false),
            frame("outer", true),
            frame("main", false),
        ];
        let (reason, text) = (String::new(), String::new());
        let mut held = Held { thread: 1, reason, text, hit: Value::Null, frames, at: 1 };
        held.go(true, 1).unwrap();
        assert_eq!(held.at, 3);
        assert_eq!(held.go(true, 1).unwrap_err(), "this is the app's outermost frame");
        held.go(false, 1).unwrap();
        assert_eq!(held.go(false, 1).unwrap_err(), "this is the app's innermost frame");
    }
}
