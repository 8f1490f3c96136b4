//! The breakpoints of this terminal, numbered as they were set.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::debug::Session;

use super::ask;

/// Where a breakpoint stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    Line(PathBuf, usize),
    /// A route, an endpoint or a function.
    Name(String),
    /// `panic` or `5xx`.
    Exception(&'static str),
}

/// A breakpoint.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) number: usize,
    pub(super) at: At,
    pub(super) condition: Option<String>,
    /// It writes this line and does not stop.
    pub(super) log: Option<String>,
    /// The session's id for it.
    pub(super) id: Option<i64>,
    pub(super) verified: bool,
    /// Why it is not set, or what is to be known about it.
    pub(super) message: Option<String>,
    /// The line that it was set on, where that is known.
    pub(super) line: Option<usize>,
    pub(super) file: Option<PathBuf>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Points {
    pub(super) list: Vec<Point>,
    last: usize,
}

impl Points {
    /// Those that a session begins with: it stops where the app panics.
    pub(super) fn new() -> Points {
        let mut points = Points::default();
        points.note(At::Exception("panic"), None);
        points
    }

    /// Sets a breakpoint, or gives the one that stands there another condition; gives its number.
    pub(super) fn set(
        &mut self,
        session: &Arc<Session>,
        at: At,
        condition: Option<String>,
    ) -> Result<usize, String> {
        let number = self.note(at.clone(), condition);
        self.send(session, &at)?;
        Ok(number)
    }

    fn note(&mut self, at: At, condition: Option<String>) -> usize {
        if let Some(known) = self.list.iter_mut().find(|point| point.at == at) {
            known.condition = condition;
            return known.number;
        }
        self.last += 1;
        let (number, is_exception) = (self.last, matches!(at, At::Exception(_)));
        self.list.push(Point {
            number,
            at,
            condition,
            log: None,
            id: None,
            verified: is_exception,
            message: None,
            line: None,
            file: None,
        });
        number
    }

    /// Changes the breakpoint of this number.
    pub(super) fn change(
        &mut self,
        session: &Arc<Session>,
        number: usize,
        change: impl FnOnce(&mut Point),
    ) -> Result<(), String> {
        let point = self.list.iter_mut().find(|point| point.number == number);
        let point = point.ok_or_else(|| format!("there is no breakpoint {number}"))?;
        if matches!(point.at, At::Exception(_)) {
            return Err("panics and answers of 5xx have no condition".to_owned());
        }
        change(point);
        let at = point.at.clone();
        self.send(session, &at)
    }

    /// Takes breakpoints away: one, or all.
    pub(super) fn delete(
        &mut self,
        session: &Arc<Session>,
        number: Option<usize>,
    ) -> Result<(), String> {
        let is_meant = |point: &Point| number.is_none_or(|number| point.number == number);
        if let Some(number) = number
            && !self.list.iter().any(is_meant)
        {
            return Err(format!("there is no breakpoint {number}"));
        }
        let gone: Vec<At> = self
            .list
            .iter()
            .filter(|point| is_meant(point))
            .map(|point| point.at.clone())
            .collect();
        self.list.retain(|point| !is_meant(point));
        gone.iter().try_for_each(|at| self.send(session, at))
    }

    /// The breakpoint on a line: where it was asked for, or where it was put.
    pub(super) fn on_line(&self, file: &Path, line: usize) -> Option<&Point> {
        self.list.iter().find(|point| point.stands_at(file, line))
    }

    /// Says all of them to a session that begins.
    pub(super) fn send_all(&mut self, session: &Arc<Session>) -> Result<(), String> {
        let mut places: Vec<At> = self.list.iter().map(|point| point.at.clone()).collect();
        if !places.iter().any(|at| matches!(at, At::Exception(_))) {
            places.push(At::Exception("panic"));
        }
        let mut said: Vec<At> = Vec::new();
        for at in places {
            if !said.iter().any(|other| go_together(other, &at)) {
                self.send(session, &at)?;
                said.push(at);
            }
        }
        Ok(())
    }

    /// Says the breakpoints that go together with this place: a session takes them as one list.
    fn send(&mut self, session: &Arc<Session>, at: &At) -> Result<(), String> {
        let together: Vec<&mut Point> =
            self.list.iter_mut().filter(|point| go_together(&point.at, at)).collect();
        let asked: Vec<Value> = together.iter().map(|point| point.asked()).collect();
        let (command, arguments) = match at {
            At::Line(file, _) => {
                ("setBreakpoints", json!({"source": {"path": file}, "breakpoints": asked}))
            }
            At::Name(_) => ("setFunctionBreakpoints", json!({"breakpoints": asked})),
            At::Exception(_) => ("setExceptionBreakpoints", json!({"filters": asked})),
        };
        let answer = ask(session, command, &arguments)?;
        for (point, set) in
            together.into_iter().zip(answer["breakpoints"].as_array().into_iter().flatten())
        {
            point.is_set(set);
        }
        Ok(())
    }

    /// Takes the news of a `breakpoint` event.
    pub(super) fn news(&mut self, set: &Value) {
        let id = set["id"].as_i64();
        if let Some(point) = self.list.iter_mut().find(|point| id.is_some() && point.id == id) {
            point.is_set(set);
        }
    }

    /// The breakpoints that a stop hit.
    pub(super) fn hit(&self, ids: &Value) -> Vec<&Point> {
        let ids: Vec<i64> =
            ids.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
        let is_hit = |point: &&Point| point.id.is_some_and(|id| ids.contains(&id));
        self.list.iter().filter(is_hit).collect()
    }
}

impl Point {
    pub(super) fn stands_at(&self, file: &Path, line: usize) -> bool {
        let put = self.file.as_deref().zip(self.line);
        match &self.at {
            At::Line(own, asked) => own == file && self.line.unwrap_or(*asked) == line,
            _ => put == Some((file, line)),
        }
    }

    fn asked(&self) -> Value {
        let mut asked = match &self.at {
            At::Line(_, line) => json!({"line": line}),
            At::Name(name) => json!({"name": name}),
            At::Exception(filter) => return json!(filter),
        };
        for (key, value) in [("condition", &self.condition), ("logMessage", &self.log)] {
            if let Some(value) = value {
                asked[key] = json!(value);
            }
        }
        asked
    }

    fn is_set(&mut self, set: &Value) {
        let line = set["line"].as_u64().and_then(|line| usize::try_from(line).ok());
        self.verified = set["verified"] == true;
        self.message = set["message"].as_str().map(str::to_owned);
        self.id = set["id"].as_i64().or(self.id);
        self.line = line.or(self.line);
        self.file = set["source"]["path"].as_str().map(PathBuf::from).or(self.file.take());
    }
}

fn go_together(one: &At, other: &At) -> bool {
    match (one, other) {
        (At::Line(one, _), At::Line(other, _)) => one == other,
        (At::Name(_), At::Name(_)) | (At::Exception(_), At::Exception(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_numbered_and_found() {
        // A session that nothing runs in takes them all, and sets none.
        let session = Session::new();
        let mut points = Points::new();
        let line = |line| At::Line("a.rs".into(), line);
        assert_eq!(points.set(&session, line(3), None), Ok(2));
        assert_eq!(points.set(&session, At::Name("GET /".to_owned()), None), Ok(3));
        assert_eq!(points.set(&session, line(3), Some("id == 7".to_owned())), Ok(2));
        let found = points.on_line(Path::new("a.rs"), 3).unwrap();
        assert_eq!((found.condition.as_deref(), found.verified), (Some("id == 7"), false));
        let id = found.id.unwrap();
        points.news(&json!({"id": id, "verified": true, "line": 4}));
        assert!(points.on_line(Path::new("a.rs"), 3).is_none());
        assert_eq!(points.on_line(Path::new("a.rs"), 4).unwrap().number, 2);
        assert_eq!(points.hit(&json!([id]))[0].number, 2);
        points.change(&session, 2, |point| point.log = Some("x".to_owned())).unwrap();
        let words = points.change(&session, 1, |_| {}).unwrap_err();
        assert_eq!(words, "panics and answers of 5xx have no condition");
        assert_eq!(points.delete(&session, Some(9)).unwrap_err(), "there is no breakpoint 9");
        points.delete(&session, Some(2)).unwrap();
        points.send_all(&session).unwrap();
        points.delete(&session, None).unwrap();
        assert!(points.list.is_empty());
        assert_eq!(points.set(&session, line(3), None), Ok(4));
    }
}
