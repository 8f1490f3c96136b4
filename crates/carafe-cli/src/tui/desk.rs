//! [`Desk`]: what both views know of the session, and what they do with it.
//!
//! A view hands it what is typed and what the session tells, one after the other, and shows the lines
//! that it answers.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::channel::Channel;
use crate::debug::Seat;

use super::answers;
use super::command::{Command, Move, Place, Spot, Step, Target, help};
use super::held::{Held, Variable, inside};
use super::points::{Point, Points};
use super::sources::{Sources, printable};

/// What the program does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    /// There is none.
    None,
    Building,
    /// The debugger reads it.
    Starting,
    Running,
    Held(Held),
    /// It ended, with this status.
    Ended(Option<i64>),
}

/// A terminal's view of a session.
pub(super) struct Desk {
    pub(super) seat: Arc<Seat>,
    pub(super) channel: Option<Arc<Channel>>,
    pub(super) phase: Phase,
    pub(super) points: Points,
    pub(super) sources: Sources,
    /// The file that names without a file mean, and the line that was listed last.
    pub(super) shown: Option<(PathBuf, usize)>,
    /// Where the program was held last: a step within one function is told by its line alone.
    function: Option<String>,
    exit_code: Option<i64>,
}

/// Lines to show.
pub(super) type Answer = Result<Vec<String>, String>;

impl Desk {
    pub(super) fn new(seat: Arc<Seat>, channel: Option<Arc<Channel>>, folder: PathBuf) -> Desk {
        Desk {
            seat,
            channel,
            phase: Phase::None,
            points: Points::default(),
            sources: Sources::new(folder),
            shown: None,
            function: None,
            exit_code: None,
        }
    }

    /// Takes what the session tells.
    pub(super) fn hear(&mut self, event: &str, body: &Value) -> Answer {
        match event {
            // Breakpoints are the session's own.
            "initialized" => drop(self.seat.ask("configurationDone", &json!({}))?),
            "output" => return Ok(output(body)),
            "stopped" => return self.stopped(body),
            "continued" => self.runs(),
            "carafe/points" => self.points = Points::read(body),
            "carafe/phase" => self.enters(body["phase"].as_str().unwrap_or_default()),
            "carafe/build" => return Ok(diagnostics(body)),
            "exited" => self.exit_code = body["exitCode"].as_i64(),
            "terminated" => {
                self.phase = Phase::Ended(self.exit_code.take());
                return Ok(vec![self.end()]);
            }
            _ => {}
        }
        Ok(Vec::new())
    }

    /// Reads what the session knows before anything is told.
    pub(super) fn look(&mut self) -> Answer {
        self.points = Points::read(&self.seat.ask("carafe/state", &json!({}))?);
        Ok(Vec::new())
    }

    fn enters(&mut self, phase: &str) {
        self.phase = match (phase, &self.phase) {
            // A program that is built again goes on until then.
            ("building", Phase::Held(_)) => return,
            ("building", _) => Phase::Building,
            ("starting", _) => Phase::Starting,
            ("running", _) => Phase::Running,
            ("none", _) => Phase::None,
            ("ended", Phase::Building | Phase::Starting) => Phase::Ended(None),
            // Told in full by `stopped` and `terminated`.
            _ => return,
        };
    }

    fn runs(&mut self) {
        if let Phase::Held(_) = self.phase {
            self.phase = Phase::Running;
        }
    }

    fn end(&self) -> String {
        match self.phase {
            Phase::Ended(Some(code)) => format!("the app ended with status {code}"),
            _ => "the app ended".to_owned(),
        }
    }

    fn stopped(&mut self, body: &Value) -> Answer {
        let held = Held::read(&self.seat, body)?;
        self.shown = held.frame().and_then(|f| Some((f.file.clone()?, f.line)));
        let hit = self.points.hit(&held.hit);
        let function = held.frame().map(|frame| frame.name.clone());
        let is_known = held.reason == "step" && function == self.function;
        self.function = function;
        let mut lines = answers::stop(&held, &hit, is_known, &mut self.sources);
        self.phase = Phase::Held(held);
        for expression in self.points.watches.clone() {
            let value = self.held()?.value(&self.seat, &expression);
            let value =
                value.map_or_else(|why| format!("({})", why.replace('\n', " ")), |v| v.value);
            lines.push(format!("  {expression} = {value}"));
        }
        Ok(lines)
    }

    /// Where the program is held.
    pub(super) fn held(&self) -> Result<&Held, String> {
        match &self.phase {
            Phase::Held(held) => Ok(held),
            Phase::None => Err("no app runs\n\nhint: `r` builds and starts it".to_owned()),
            Phase::Building => Err("the app is being built".to_owned()),
            Phase::Starting => Err("the app is being started".to_owned()),
            Phase::Running => {
                Err("the app runs\n\nhint: `pause` holds it, a breakpoint does where it stands"
                    .to_owned())
            }
            Phase::Ended(_) => Err(format!("{}\n\nhint: `r` starts it again", self.end())),
        }
    }

    /// Does what was typed. `wait`, `restart` and `quit` are the views' own.
    pub(super) fn run(&mut self, command: Command) -> Answer {
        match command {
            Command::Break { place, condition } => self.stop_at(place, condition),
            Command::Breakpoints => Ok(answers::breakpoints(&self.points, &self.sources)),
            Command::Delete(target) => self.delete(target),
            Command::Enable(id, on) => self.change(id, &json!({"enabled": on})),
            Command::Condition(id, text) => self.change(id, &json!({"condition": text})),
            Command::Log(id, text) => self.change(id, &json!({"logMessage": text})),
            Command::Continue => self.go_on("continue"),
            Command::Step(Step::Over) => self.go_on("next"),
            Command::Step(Step::Into) => self.go_on("stepIn"),
            Command::Step(Step::Out) => self.go_on("stepOut"),
            Command::Pause => self.pause(),
            Command::Print(expression) => self.print(expression.as_deref()),
            Command::Set { name, value } => {
                let now = self.held()?.set(&self.seat, &name, &value)?;
                Ok(vec![format!("{name} = {now}")])
            }
            Command::Request => self.request(),
            Command::Backtrace { all } => Ok(answers::frames(self.held()?, all, &self.sources)),
            Command::Frame(way) => self.go_to(way),
            Command::List(spot) => self.list(spot),
            Command::Routes => answers::routes(&self.points.routes, &self.sources),
            Command::Requests(count) => answers::requests(self, count),
            Command::Details(number) => answers::details(self, number),
            Command::Watch(None) => Ok(answers::watches(&self.points.watches)),
            Command::Watch(Some(expression)) => self.watch(expression),
            Command::Unwatch(number) => self.unwatch(number),
            Command::Help(about) => help(about.as_deref()),
            Command::Wait(_) | Command::Restart | Command::Quit => Ok(Vec::new()),
        }
    }

    fn stop_at(&mut self, place: Place, condition: Option<String>) -> Answer {
        let mut wish = match place {
            Place::Exception(filter) => {
                self.filter(filter, true)?;
                return Ok(vec![answers::exception(filter)]);
            }
            Place::Name(name) => json!({"name": name}),
            Place::Line(spot) => {
                let (file, line) = self.spot(spot)?;
                json!({"line": self.points.line_to_stop_at(&file, line), "file": file})
            }
        };
        // Without a condition it loses the one that it had.
        wish["condition"] = json!(condition);
        wish["enabled"] = json!(true);
        let set = Point::read(&self.seat.ask("carafe/setPoint", &wish)?);
        self.look()?;
        Ok(vec![answers::breakpoint(&set, &self.sources)])
    }

    fn change(&mut self, id: usize, wish: &Value) -> Answer {
        self.points.get(id)?;
        let mut wish = wish.clone();
        wish["id"] = json!(id);
        let set = Point::read(&self.seat.ask("carafe/setPoint", &wish)?);
        self.look()?;
        Ok(vec![answers::breakpoint(&set, &self.sources)])
    }

    fn delete(&mut self, target: Option<Target>) -> Answer {
        let ids: Vec<usize> = match target {
            Some(Target::Exception(filter)) => return self.filter(filter, false),
            Some(Target::Number(id)) => vec![self.points.get(id)?.id],
            None => self.points.list.iter().map(|point| point.id).collect(),
        };
        for id in ids {
            self.seat.ask("carafe/clearPoint", &json!({"id": id}))?;
        }
        match target {
            None => self.filters(&[]),
            Some(_) => self.look(),
        }
    }

    fn filter(&mut self, filter: &str, on: bool) -> Answer {
        let mut filters: Vec<&str> = self.points.filters.iter().map(String::as_str).collect();
        filters.retain(|other| *other != filter);
        filters.extend(on.then_some(filter));
        let filters: Vec<String> = filters.into_iter().map(str::to_owned).collect();
        self.filters(&filters)
    }

    fn filters(&mut self, filters: &[String]) -> Answer {
        self.seat.ask("setExceptionBreakpoints", &json!({"filters": filters}))?;
        // The news of it comes when somebody listens; the next line may ask before.
        self.look()
    }

    /// Takes the breakpoint of a line away, or sets one there.
    pub(super) fn toggle(&mut self, file: PathBuf, line: usize) -> Answer {
        let line = self.points.line_to_stop_at(&file, line);
        match self.points.on_line(&file, line).map(|point| point.id) {
            Some(id) => self.run(Command::Delete(Some(Target::Number(id)))),
            None => {
                let file = Some(file.to_string_lossy().into_owned());
                let place = Place::Line(Spot { file, line });
                self.run(Command::Break { place, condition: None })
            }
        }
    }

    /// Switches the breakpoint of a route.
    pub(super) fn toggle_route(&mut self, name: String) -> Answer {
        match self.points.of_route(&name).map(|point| point.id) {
            Some(id) => self.run(Command::Delete(Some(Target::Number(id)))),
            None => self.run(Command::Break { place: Place::Name(name), condition: None }),
        }
    }

    fn spot(&self, spot: Spot) -> Result<(PathBuf, usize), String> {
        let file = match (&spot.file, &self.shown) {
            (Some(name), _) => self.sources.find(name)?,
            (None, Some((shown, _))) => shown.clone(),
            (None, None) => {
                return Err(format!(
                    "no file is shown yet\n\nhint: name one, as in `app.rs:{}`",
                    spot.line
                ));
            }
        };
        Ok((file, spot.line))
    }

    fn go_on(&mut self, command: &str) -> Answer {
        let thread = self.held()?.thread;
        self.seat.ask(command, &json!({"threadId": thread}))?;
        self.runs();
        Ok(Vec::new())
    }

    fn pause(&mut self) -> Answer {
        if self.phase != Phase::Running {
            self.held()?;
            return Err("the app is held already".to_owned());
        }
        let threads = self.seat.ask("threads", &json!({}))?;
        let first = &threads["threads"][0]["id"];
        self.seat.ask("pause", &json!({"threadId": first})).map(|_| vec![])
    }

    fn print(&self, expression: Option<&str>) -> Answer {
        let held = self.held()?;
        let Some(expression) = expression else {
            let scope = held.scopes(&self.seat)?.into_iter().next();
            let locals = scope.map_or(Ok(vec![]), |scope| inside(&self.seat, scope.reference))?;
            return Ok(match locals.is_empty() {
                true => vec!["there are no values here".to_owned()],
                false => locals.iter().map(|one| format!("{} = {}", one.name, one.value)).collect(),
            });
        };
        let value = held.value(&self.seat, expression)?;
        let mut lines = vec![format!("{} = {}", value.name, value.value)];
        if value.reference > 0 {
            let parts = inside(&self.seat, value.reference)?;
            lines.extend(parts.iter().map(|part| format!("  {} = {}", part.name, part.value)));
        }
        Ok(lines)
    }

    fn request(&self) -> Answer {
        let scopes = self.held()?.scopes(&self.seat)?;
        let request = scopes.iter().find(|scope| scope.name == "Request");
        let rows = request.map_or(Ok(vec![]), |scope| inside(&self.seat, scope.reference))?;
        if rows.is_empty() {
            return Err("this thread works for no request".to_owned());
        }
        let mut lines = Vec::new();
        for row in rows {
            self.row(&row, 0, &mut lines)?;
        }
        Ok(lines)
    }

    fn row(&self, row: &Variable, depth: usize, lines: &mut Vec<String>) -> Result<(), String> {
        let indent = "  ".repeat(depth);
        if row.reference == 0 {
            lines.push(format!("{indent}{}: {}", row.name, row.value));
            return Ok(());
        }
        lines.push(format!("{indent}{}:", row.name));
        inside(&self.seat, row.reference)?
            .iter()
            .try_for_each(|inner| self.row(inner, depth + 1, lines))
    }

    fn go_to(&mut self, way: Move) -> Answer {
        self.held()?;
        let Phase::Held(held) = &mut self.phase else { return Ok(Vec::new()) };
        match way {
            Move::Up(times) => held.go(true, times)?,
            Move::Down(times) => held.go(false, times)?,
            Move::To(at) if at < held.frames.len() => held.at = at,
            Move::To(at) => {
                return Err(format!(
                    "there is no frame {at}: the last one is {}",
                    held.frames.len().saturating_sub(1)
                ));
            }
        }
        self.shown = held.frame().and_then(|f| Some((f.file.clone()?, f.line)));
        Ok(answers::frame(held, held.at, &mut self.sources))
    }

    fn list(&mut self, spot: Option<Spot>) -> Answer {
        let further = spot.is_none();
        let place = match spot {
            Some(spot) => Some(self.spot(spot)?),
            None => self.shown.clone(),
        };
        let (file, line) =
            place.ok_or("no file is shown yet\n\nhint: name one, as in `l app.rs:12`")?;
        let held = self.held().ok().and_then(Held::frame).and_then(|frame| frame.place());
        let current = held.filter(|(path, _)| *path == file).map(|(_, line)| line);
        let lines = answers::source(&file, line, current, &self.points, &mut self.sources)?;
        // Listing again goes on below.
        let step = if further || current == Some(line) { answers::LISTED } else { 0 };
        self.shown = Some((file, line + step));
        Ok(lines)
    }

    fn watch(&mut self, expression: String) -> Answer {
        let value = match &self.phase {
            Phase::Held(held) => {
                held.value(&self.seat, &expression).map_or_else(|_| "?".to_owned(), |v| v.value)
            }
            _ => "?".to_owned(),
        };
        let line = format!("{expression} = {value}");
        let mut watches = self.points.watches.clone();
        if !watches.contains(&expression) {
            watches.push(expression);
        }
        self.watches(&watches)?;
        Ok(vec![line])
    }

    fn unwatch(&mut self, number: Option<usize>) -> Answer {
        let mut watches = self.points.watches.clone();
        match number {
            None => watches.clear(),
            Some(number) if (1..=watches.len()).contains(&number) => {
                drop(watches.remove(number - 1))
            }
            Some(number) => return Err(format!("there is no watch {number}")),
        }
        self.watches(&watches)
    }

    fn watches(&mut self, watches: &[String]) -> Answer {
        self.seat.ask("carafe/setWatches", &json!({"watches": watches}))?;
        self.look()
    }
}

/// What the compiler says of a build that failed, in its own words.
fn diagnostics(body: &Value) -> Vec<String> {
    let all = body["diagnostics"].as_array().into_iter().flatten();
    all.flat_map(|one| plain_lines(one["rendered"].as_str().unwrap_or_default())).collect()
}

/// What the app or the session says, in lines.
fn output(body: &Value) -> Vec<String> {
    plain_lines(body["output"].as_str().unwrap_or_default())
}

fn plain_lines(text: &str) -> Vec<String> {
    let text = without_colours(text);
    text.lines().map(|line| printable(&line.replace('\t', "    "))).collect()
}

/// A text without the sequences that colour it.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic() || c.is_ascii_control());
        rest = end.map_or("", |end| &after[end + 1..]);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_plain() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(output(&json!({"output": text})), expected, "{text:?}");
        };
        check("a\nb\n", &["a", "b"]);
        check("\u{1b}[1;31mred\u{1b}[0m\n", &["red"]);
        check("x\u{1b}[31", &["x"]);
        check("\u{1b}]0;title\u{7}", &["\u{fffd}]0;title\u{fffd}"]);
    }

    struct Nobody;

    impl crate::debug::Client for Nobody {
        fn tell(&self, _: &str, _: &Value) {}
    }

    fn desk() -> Desk {
        let seat = crate::debug::Session::new().join(Arc::new(Nobody));
        Desk::new(Arc::new(seat), None, "/".into())
    }

    #[test]
    fn says_why_nothing_is_held() {
        let mut desk = desk();
        let words = |desk: &mut Desk| desk.run(Command::Print(None)).unwrap_err();
        assert_eq!(words(&mut desk), "no app runs\n\nhint: `r` builds and starts it");
        let phase = |desk: &mut Desk, name: &str| {
            desk.hear("carafe/phase", &json!({"phase": name})).unwrap();
        };
        phase(&mut desk, "building");
        assert_eq!(words(&mut desk), "the app is being built");
        phase(&mut desk, "starting");
        assert_eq!(words(&mut desk), "the app is being started");
        phase(&mut desk, "running");
        assert!(words(&mut desk).starts_with("the app runs\n\nhint: `pause`"));
        desk.hear("exited", &json!({"exitCode": 3})).unwrap();
        let told = desk.hear("terminated", &Value::Null).unwrap();
        assert_eq!(told, ["the app ended with status 3"]);
        phase(&mut desk, "ended");
        assert_eq!(words(&mut desk), "the app ended with status 3\n\nhint: `r` starts it again");
        assert_eq!(
            desk.run(Command::List(None)).unwrap_err(),
            "no file is shown yet\n\nhint: name one, as in `l app.rs:12`"
        );
    }

    #[test]
    fn watches_are_numbered() {
        let mut desk = desk();
        let watch = |text: &str| Command::Watch(Some(text.to_owned()));
        assert_eq!(desk.run(watch("id")).unwrap(), ["id = ?"]);
        desk.run(watch("id")).unwrap();
        desk.run(watch("user.name")).unwrap();
        assert_eq!(desk.run(Command::Watch(None)).unwrap(), ["1 id", "2 user.name"]);
        desk.run(Command::Unwatch(Some(1))).unwrap();
        assert_eq!(desk.run(Command::Unwatch(Some(2))).unwrap_err(), "there is no watch 2");
        assert_eq!(desk.points.watches, ["user.name"]);
    }

    #[test]
    fn breakpoints_are_the_sessions() {
        let mut desk = desk();
        let set = |desk: &mut Desk, line: &str| {
            desk.run(super::super::command::parse(line).unwrap().unwrap())
        };
        let not_set = "  (not set: no code stands there, as far as is known)";
        let expected = format!("1 GET / if id == 7{not_set}");
        assert_eq!(set(&mut desk, "b GET / if id == 7").unwrap(), [expected]);
        set(&mut desk, "b 5xx").unwrap();
        set(&mut desk, "log 1 {id}").unwrap();
        set(&mut desk, "cond 1").unwrap();
        set(&mut desk, "disable 1").unwrap();
        let listed = set(&mut desk, "b").unwrap();
        assert_eq!(
            listed,
            ["5xx: where an error of 500 or more comes up", "1 GET / log {id}  (off)"]
        );
        desk.toggle_route("GET /".to_owned()).unwrap();
        set(&mut desk, "d 5xx").unwrap();
        assert_eq!(set(&mut desk, "b").unwrap(), ["there are no breakpoints"]);
        assert_eq!(set(&mut desk, "d 1").unwrap_err(), "there is no breakpoint 1");
        assert_eq!(set(&mut desk, "cond 1 x").unwrap_err(), "there is no breakpoint 1");
    }
}
