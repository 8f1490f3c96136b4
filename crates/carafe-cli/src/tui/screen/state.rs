//! What the screen itself knows: where the cursors are, and what a key means.

use std::collections::VecDeque;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::super::command::{Command, Move, Step, parse};
use super::worker::{Job, Scene};

/// Lines of output that are kept.
const MOST_OUTPUT: usize = 5_000;

/// The parts of the screen, in the order in which Tab goes through them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pane {
    #[default]
    Source,
    Values,
    Stack,
    Requests,
    Routes,
    Output,
}

const PANES: [Pane; 6] =
    [Pane::Source, Pane::Values, Pane::Stack, Pane::Requests, Pane::Routes, Pane::Output];

/// What a key asks for.
pub(super) enum Asked {
    /// Only to be drawn again.
    Nothing,
    Job(Job),
    Restart,
    Quit,
}

/// The screen.
#[derive(Default)]
pub(super) struct Screen {
    pub(super) scene: Scene,
    pub(super) output: VecDeque<String>,
    pub(super) focus: Pane,
    /// The cursor of each pane, from 0; of the source, the line less one; of the output, lines above
    /// the last one.
    pub(super) cursors: [usize; PANES.len()],
    /// Columns of the source that are out of sight.
    pub(super) left: u16,
    /// What is typed behind the colon.
    pub(super) line: Option<String>,
    pub(super) history: Vec<String>,
    back: usize,
    /// The help is open, from this line on.
    pub(super) help: Option<u16>,
    /// The debugger works.
    pub(super) busy: bool,
    /// Rows of the pane that has the focus, so that a page is one.
    pub(super) page: usize,
}

impl Screen {
    pub(super) fn cursor(&self, pane: Pane) -> usize {
        self.cursors[pane as usize]
    }

    /// Takes a new scene.
    pub(super) fn show(&mut self, mut scene: Scene) {
        for line in scene.said.drain(..) {
            self.say(line);
        }
        if scene.stop != self.scene.stop
            && let Some(source) = &scene.source
        {
            self.cursors[Pane::Source as usize] = source.line.saturating_sub(1);
            self.left = 0;
        }
        if scene.frame != self.scene.frame || scene.stop != self.scene.stop {
            let row = scene.frames.iter().position(|(number, _)| *number == Some(scene.frame));
            self.cursors[Pane::Stack as usize] = row.unwrap_or(0);
        }
        self.busy = false;
        self.scene = scene;
        for pane in PANES {
            self.keep_inside(pane);
        }
    }

    pub(super) fn say(&mut self, line: String) {
        // Whoever reads further up goes on reading there.
        if self.cursors[Pane::Output as usize] > 0 {
            self.cursors[Pane::Output as usize] += 1;
        }
        self.output.push_back(line);
        if self.output.len() > MOST_OUTPUT {
            self.output.pop_front();
        }
    }

    fn count(&self, pane: Pane) -> usize {
        let scene = &self.scene;
        match pane {
            Pane::Source => scene.source.as_ref().map_or(0, |source| source.lines.len()),
            Pane::Values => scene.values.len(),
            Pane::Stack => scene.frames.len(),
            Pane::Requests => scene.requests.len(),
            Pane::Routes => scene.routes.len(),
            Pane::Output => self.output.len(),
        }
    }

    fn keep_inside(&mut self, pane: Pane) {
        let most = self.count(pane).saturating_sub(1);
        let cursor = &mut self.cursors[pane as usize];
        *cursor = (*cursor).min(most);
    }

    /// Moves the cursor of the focused pane by rows; the output's counts from below.
    fn go(&mut self, rows: isize) {
        let rows = if self.focus == Pane::Output { -rows } else { rows };
        let cursor = &mut self.cursors[self.focus as usize];
        *cursor = cursor.saturating_add_signed(rows);
        self.keep_inside(self.focus);
    }

    fn turn(&mut self, forwards: bool) {
        let at = PANES.iter().position(|pane| *pane == self.focus).unwrap_or(0);
        let step = if forwards { 1 } else { PANES.len() - 1 };
        self.focus = PANES[(at + step) % PANES.len()];
    }

    /// What a key means here.
    pub(super) fn key(&mut self, key: KeyEvent) -> Asked {
        if key.kind == KeyEventKind::Release {
            return Asked::Nothing;
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Asked::Quit;
        }
        if let Some(first) = self.help {
            self.help = match key.code {
                KeyCode::Down | KeyCode::PageDown | KeyCode::Char('j') => Some((first + 5).min(50)),
                KeyCode::Up | KeyCode::PageUp | KeyCode::Char('k') => Some(first.saturating_sub(5)),
                _ => None,
            };
            return Asked::Nothing;
        }
        if self.line.is_some() {
            return self.typed(key);
        }
        if let Some(asked) = self.moves(key) {
            return asked;
        }
        self.acts(key)
    }

    fn moves(&mut self, key: KeyEvent) -> Option<Asked> {
        let page = self.page.max(2) as isize - 1;
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.go(-1),
            KeyCode::Down | KeyCode::Char('j') => self.go(1),
            KeyCode::PageUp => self.go(-page),
            KeyCode::PageDown => self.go(page),
            KeyCode::Home | KeyCode::Char('g') => self.go(-(isize::MAX / 2)),
            KeyCode::End | KeyCode::Char('G') => self.go(isize::MAX / 2),
            KeyCode::Left if self.focus == Pane::Source => self.left = self.left.saturating_sub(4),
            KeyCode::Right if self.focus == Pane::Source => self.left = (self.left + 4).min(500),
            KeyCode::Tab => self.turn(true),
            KeyCode::BackTab => self.turn(false),
            _ => return None,
        }
        Some(Asked::Nothing)
    }

    fn acts(&mut self, key: KeyEvent) -> Asked {
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        match key.code {
            KeyCode::F(5) if self.scene.ended => Asked::Restart,
            KeyCode::F(5) if shift => Asked::Quit,
            KeyCode::F(5) | KeyCode::Char('c') => self.job(Command::Continue),
            KeyCode::F(6) | KeyCode::Char('z') => self.job(Command::Pause),
            KeyCode::F(9) | KeyCode::Char('b') => self.toggle(),
            KeyCode::F(10) | KeyCode::Char('n') => self.job(Command::Step(Step::Over)),
            // Some terminals call Shift+F11 F23.
            KeyCode::F(11) if shift => self.job(Command::Step(Step::Out)),
            KeyCode::F(23) | KeyCode::Char('o') => self.job(Command::Step(Step::Out)),
            KeyCode::F(11) | KeyCode::Char('s') => self.job(Command::Step(Step::Into)),
            KeyCode::Enter | KeyCode::Char(' ') | KeyCode::Left | KeyCode::Right => self.enter(),
            KeyCode::Char(':') => self.prompt(""),
            KeyCode::Char('p') => self.prompt("p "),
            KeyCode::Char('w') => self.prompt("watch "),
            KeyCode::Char('r') => Asked::Restart,
            KeyCode::Char('q') => Asked::Quit,
            KeyCode::Char('?' | 'h') | KeyCode::F(1) => {
                self.help = Some(0);
                Asked::Nothing
            }
            _ => Asked::Nothing,
        }
    }

    fn job(&mut self, command: Command) -> Asked {
        self.busy = true;
        Asked::Job(Job::Command(command))
    }

    fn toggle(&mut self) -> Asked {
        if self.focus == Pane::Routes {
            return self.enter();
        }
        match &self.scene.source {
            Some(source) => {
                Asked::Job(Job::Toggle(source.path.clone(), self.cursor(Pane::Source) + 1))
            }
            None => Asked::Nothing,
        }
    }

    /// Opens a value, goes to a frame, switches a route, shows a request.
    fn enter(&mut self) -> Asked {
        let at = self.cursor(self.focus);
        let job = match self.focus {
            Pane::Values => self
                .scene
                .values
                .get(at)
                .and_then(|row| row.open.map(|_| Job::Open(row.key.clone()))),
            Pane::Stack => self.scene.frames.get(at).and_then(|(number, _)| {
                number.map(|number| Job::Command(Command::Frame(Move::To(number))))
            }),
            Pane::Routes => {
                self.scene.routes.get(at).map(|route| Job::ToggleRoute(route.name.clone()))
            }
            Pane::Requests => self.scene.requests.get(at).and_then(|row| {
                let number = row.trim_start_matches('>').split_whitespace().next()?.parse().ok()?;
                Some(Job::Command(Command::Details(number)))
            }),
            Pane::Source | Pane::Output => None,
        };
        job.map_or(Asked::Nothing, Asked::Job)
    }

    fn prompt(&mut self, begin: &str) -> Asked {
        self.line = Some(begin.to_owned());
        self.back = 0;
        Asked::Nothing
    }

    fn typed(&mut self, key: KeyEvent) -> Asked {
        let Some(line) = &mut self.line else { return Asked::Nothing };
        match key.code {
            KeyCode::Esc => self.line = None,
            KeyCode::Backspace if line.is_empty() => self.line = None,
            KeyCode::Backspace => drop(line.pop()),
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => line.clear(),
            KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => line.push(c),
            KeyCode::Up => self.remember(true),
            KeyCode::Down => self.remember(false),
            KeyCode::Enter => {
                let line = self.line.take().unwrap_or_default();
                return self.entered(&line);
            }
            _ => {}
        }
        Asked::Nothing
    }

    fn remember(&mut self, older: bool) {
        self.back = match older {
            true => (self.back + 1).min(self.history.len()),
            false => self.back.saturating_sub(1),
        };
        let at = self.history.len() - self.back;
        self.line = Some(self.history.get(at).cloned().unwrap_or_default());
    }

    fn entered(&mut self, line: &str) -> Asked {
        if line.trim().is_empty() {
            return Asked::Nothing;
        }
        if self.history.last().is_none_or(|last| last != line) {
            self.history.push(line.to_owned());
        }
        self.say(format!(": {line}"));
        self.cursors[Pane::Output as usize] = 0;
        match parse(line) {
            Ok(None) => Asked::Nothing,
            Ok(Some(Command::Quit)) => Asked::Quit,
            Ok(Some(Command::Restart)) => Asked::Restart,
            Ok(Some(Command::Help(None))) => {
                self.help = Some(0);
                Asked::Nothing
            }
            Ok(Some(command)) => self.job(command),
            Err(words) => {
                let lines: Vec<String> = words.lines().map(str::to_owned).collect();
                for line in lines.into_iter().filter(|line| !line.is_empty()) {
                    self.say(line);
                }
                Asked::Nothing
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::values::Row;
    use super::super::worker::{RouteRow, Source};
    use super::*;

    fn press(screen: &mut Screen, code: KeyCode, modifiers: KeyModifiers) -> Asked {
        screen.key(KeyEvent::new(code, modifiers))
    }

    fn command(asked: Asked) -> Option<Command> {
        match asked {
            Asked::Job(Job::Command(command)) => Some(command),
            _ => None,
        }
    }

    #[test]
    fn keys_are_vs_codes_and_gdbs() {
        let mut screen = Screen::default();
        let mut check = |code, modifiers, expected: Command| {
            assert_eq!(command(press(&mut screen, code, modifiers)), Some(expected), "{code:?}");
        };
        let none = KeyModifiers::NONE;
        check(KeyCode::F(5), none, Command::Continue);
        check(KeyCode::F(10), none, Command::Step(Step::Over));
        check(KeyCode::F(11), none, Command::Step(Step::Into));
        check(KeyCode::F(11), KeyModifiers::SHIFT, Command::Step(Step::Out));
        check(KeyCode::F(23), none, Command::Step(Step::Out));
        check(KeyCode::Char('n'), none, Command::Step(Step::Over));
        check(KeyCode::Char('z'), none, Command::Pause);
        let ended = Scene { ended: true, ..Scene::default() };
        screen.show(ended);
        assert!(matches!(press(&mut screen, KeyCode::F(5), none), Asked::Restart));
        assert!(matches!(
            press(&mut screen, KeyCode::Char('c'), KeyModifiers::CONTROL),
            Asked::Quit
        ));
    }

    #[test]
    fn a_line_is_typed_and_remembered() {
        let mut screen = Screen::default();
        let none = KeyModifiers::NONE;
        let type_line = |screen: &mut Screen, text: &str| {
            press(screen, KeyCode::Char(':'), none);
            text.chars().for_each(|c| drop(press(screen, KeyCode::Char(c), none)));
            press(screen, KeyCode::Enter, none)
        };
        let asked = type_line(&mut screen, "p user.name");
        assert_eq!(command(asked), Some(Command::Print(Some("user.name".to_owned()))));
        assert!(matches!(type_line(&mut screen, "zz"), Asked::Nothing));
        assert_eq!(screen.output.range(1..=2).collect::<Vec<_>>(), [": zz", "`zz` is no command"]);
        press(&mut screen, KeyCode::Char(':'), none);
        press(&mut screen, KeyCode::Up, none);
        press(&mut screen, KeyCode::Up, none);
        assert_eq!(screen.line.as_deref(), Some("p user.name"));
        press(&mut screen, KeyCode::Esc, none);
        assert_eq!(screen.line, None);
        assert!(matches!(type_line(&mut screen, "q"), Asked::Quit));
    }

    #[test]
    fn cursors_stay_inside_and_act() {
        let mut screen = Screen::default();
        let none = KeyModifiers::NONE;
        let lines = std::sync::Arc::new(vec!["a".to_owned(), "b".to_owned()]);
        let row = Row { key: "Locals".to_owned(), open: Some(true), ..Row::default() };
        screen.show(Scene {
            stop: 1,
            source: Some(Source { path: "a.rs".into(), lines, line: 1, ..Source::default() }),
            values: vec![row],
            routes: vec![RouteRow { name: "GET /".to_owned(), ..RouteRow::default() }],
            ..Scene::default()
        });
        press(&mut screen, KeyCode::Down, none);
        press(&mut screen, KeyCode::Down, none);
        match press(&mut screen, KeyCode::F(9), none) {
            Asked::Job(Job::Toggle(path, 2)) => assert_eq!(path.to_str(), Some("a.rs")),
            _ => panic!("F9 sets a breakpoint on the last line"),
        }
        press(&mut screen, KeyCode::Tab, none);
        match press(&mut screen, KeyCode::Enter, none) {
            Asked::Job(Job::Open(key)) => assert_eq!(key, "Locals"),
            _ => panic!("Enter opens a value"),
        }
        screen.focus = Pane::Routes;
        match press(&mut screen, KeyCode::Char(' '), none) {
            Asked::Job(Job::ToggleRoute(name)) => assert_eq!(name, "GET /"),
            _ => panic!("a space switches a route"),
        }
        press(&mut screen, KeyCode::BackTab, none);
        assert_eq!(screen.focus, Pane::Requests);
    }
}
