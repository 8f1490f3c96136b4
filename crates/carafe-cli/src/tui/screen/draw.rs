//! The picture: source and output on the left, values, stack and requests on the right.
//!
//! Colours are the terminal's own sixteen, so that they suit its background, and nothing is told by
//! colour alone.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::super::command::help;
use super::state::{Pane, Screen};
use super::worker::Source;

/// A narrower terminal has one column.
const TWO_COLUMNS: u16 = 70;

/// Styles, with colours or without.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) colours: bool,
}

impl Look {
    fn colour(self, colour: Color) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }

    fn faint(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    fn chosen(self, focused: bool) -> Style {
        let style = Style::new();
        if focused { style.add_modifier(Modifier::REVERSED) } else { style }
    }
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, screen: &mut Screen, look: Look) {
    let [main, bar] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(1)]).areas(frame.area());
    let mut picture = Picture { frame, screen, look };
    if main.width >= TWO_COLUMNS {
        let columns = Layout::horizontal([Constraint::Percentage(58), Constraint::Min(20)]);
        let [left, right] = columns.areas(main);
        let [source, output] =
            Layout::vertical([Constraint::Percentage(70), Constraint::Min(4)]).areas(left);
        picture.pane(Pane::Source, source);
        picture.pane(Pane::Output, output);
        picture.right(right);
    } else {
        let shown = picture.screen.focus;
        picture.pane(shown, main);
    }
    picture.bar(bar);
    if let Some(first) = picture.screen.help {
        picture.help(main, first);
    }
}

struct Picture<'a, 'b> {
    frame: &'a mut Frame<'b>,
    screen: &'a mut Screen,
    look: Look,
}

impl Picture<'_, '_> {
    fn right(&mut self, area: Rect) {
        let parts = [Constraint::Percentage(45), Constraint::Percentage(20), Constraint::Min(4)];
        let [values, stack, below] = Layout::vertical(parts).areas(area);
        self.pane(Pane::Values, values);
        self.pane(Pane::Stack, stack);
        // Both are lists of one line each: the one that was looked at last stays.
        let routes = self.screen.focus == Pane::Routes
            || self.screen.focus != Pane::Requests && self.screen.scene.requests.is_empty();
        self.pane(if routes { Pane::Routes } else { Pane::Requests }, below);
    }

    fn pane(&mut self, pane: Pane, area: Rect) {
        let focused = self.screen.focus == pane;
        let height = usize::from(area.height.saturating_sub(2));
        if focused {
            self.screen.page = height;
        }
        let border = if focused { self.look.colour(Color::Cyan) } else { self.look.faint() };
        let name =
            Style::new().add_modifier(if focused { Modifier::BOLD } else { Modifier::empty() });
        let title = Line::styled(format!(" {} ", self.title(pane)), name);
        let block = Block::bordered().border_style(border).title(title);
        let rows = self.rows(pane, focused, height);
        self.frame.render_widget(Paragraph::new(rows).block(block), area);
    }

    fn title(&self, pane: Pane) -> String {
        match pane {
            Pane::Source => match &self.screen.scene.source {
                Some(source) => format!("{}:{}", source.name, self.screen.cursor(pane) + 1),
                None => "Source".to_owned(),
            },
            Pane::Values => "Values".to_owned(),
            Pane::Stack => "Stack".to_owned(),
            Pane::Requests => "Requests | routes".to_owned(),
            Pane::Routes => "Routes | requests".to_owned(),
            Pane::Output => "Output".to_owned(),
        }
    }

    fn rows(&self, pane: Pane, focused: bool, height: usize) -> Vec<Line<'static>> {
        let cursor = self.screen.cursor(pane);
        let scene = &self.screen.scene;
        match pane {
            Pane::Source => match &scene.source {
                Some(source) => self.source(source, cursor, focused, height),
                None => vec![Line::styled("The app's source shows here.", self.look.faint())],
            },
            Pane::Values if scene.values.is_empty() => {
                vec![Line::styled("Shown while the app is held.", self.look.faint())]
            }
            Pane::Values => {
                self.list(cursor, focused, height, scene.values.len(), |at| self.value(at))
            }
            Pane::Stack => self.list(cursor, focused, height, scene.frames.len(), |at| {
                let (number, text) = &scene.frames[at];
                let style = if number.is_none() { self.look.faint() } else { Style::new() };
                Line::styled(text.clone(), style)
            }),
            Pane::Requests if scene.requests.is_empty() => {
                vec![Line::styled("No request came in yet.", self.look.faint())]
            }
            Pane::Requests => self.list(cursor, focused, height, scene.requests.len(), |at| {
                let row = &scene.requests[at];
                let bold = if row.starts_with('>') { Modifier::BOLD } else { Modifier::empty() };
                Line::styled(row.clone(), Style::new().add_modifier(bold))
            }),
            Pane::Routes => self.list(cursor, focused, height, scene.routes.len(), |at| {
                let route = &scene.routes[at];
                let sign = if route.on { "● " } else { "○ " };
                let style = if route.on { self.look.colour(Color::Red) } else { self.look.faint() };
                let handler = Span::styled(format!("  {}", route.handler), self.look.faint());
                Line::from(vec![Span::styled(sign, style), Span::raw(route.name.clone()), handler])
            }),
            Pane::Output => self.output(cursor, height),
        }
    }

    fn list(
        &self,
        cursor: usize,
        focused: bool,
        height: usize,
        count: usize,
        row: impl Fn(usize) -> Line<'static>,
    ) -> Vec<Line<'static>> {
        let first =
            cursor.saturating_sub(height.saturating_sub(1)).min(count.saturating_sub(height));
        let rows = (first..count.min(first + height)).map(|at| {
            let line = row(at);
            if at == cursor { line.patch_style(self.look.chosen(focused)) } else { line }
        });
        rows.collect()
    }

    fn value(&self, at: usize) -> Line<'static> {
        let row = &self.screen.scene.values[at];
        let sign = match row.open {
            Some(true) => "▾ ",
            Some(false) => "▸ ",
            None => "  ",
        };
        let weight = if row.depth == 0 { Modifier::BOLD } else { Modifier::empty() };
        let name = format!("{}{sign}{}", "  ".repeat(row.depth), row.name);
        let name = Span::styled(name, Style::new().add_modifier(weight));
        // A sign as well, for those who see no colours.
        let (gap, style) = match row.changed {
            true => (" ~ ", self.look.colour(Color::Magenta).add_modifier(Modifier::BOLD)),
            false => ("  ", Style::new()),
        };
        Line::from(vec![name, Span::styled(gap, style), Span::styled(row.value.clone(), style)])
    }

    fn source(
        &self,
        source: &Source,
        cursor: usize,
        focused: bool,
        height: usize,
    ) -> Vec<Line<'static>> {
        let count = source.lines.len();
        // The line that is looked at stands where its surroundings are seen.
        let first = cursor.saturating_sub(height / 2).min(count.saturating_sub(height));
        let rows = (first..count.min(first + height)).map(|at| {
            let number = at + 1;
            let mark = source.marks.iter().find(|(line, _)| *line == number);
            let sign = mark.map_or(' ', |(_, sign)| *sign);
            let here = source.current == Some(number);
            let arrow = if here { '→' } else { ' ' };
            let text: String =
                source.lines[at].chars().skip(usize::from(self.screen.left)).collect();
            let body = match here {
                true => self.look.colour(Color::Yellow).add_modifier(Modifier::BOLD),
                false => Style::new(),
            };
            let line = Line::from(vec![
                Span::styled(sign.to_string(), self.look.colour(Color::Red)),
                Span::styled(format!("{number:>4}"), self.look.faint()),
                Span::styled(format!(" {arrow} "), body),
                Span::styled(text, body),
            ]);
            if at == cursor { line.patch_style(self.look.chosen(focused)) } else { line }
        });
        rows.collect()
    }

    fn output(&self, above: usize, height: usize) -> Vec<Line<'static>> {
        let end = self.screen.output.len().saturating_sub(above);
        let first = end.saturating_sub(height);
        let shown = self.screen.output.range(first..end);
        let is_words = |line: &str| line.starts_with("error:") || line.starts_with(": ");
        let rows = shown.map(|line| match is_words(line) {
            true => Line::styled(line.clone(), Style::new().add_modifier(Modifier::BOLD)),
            false => Line::raw(line.clone()),
        });
        rows.collect()
    }

    fn bar(&mut self, area: Rect) {
        if let Some(line) = &self.screen.line {
            let typed = Line::raw(format!(":{line}"));
            let end =
                u16::try_from(typed.width()).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
            self.frame.render_widget(Paragraph::new(typed), area);
            self.frame.set_cursor_position(Position::new(area.x + end, area.y));
            return;
        }
        let scene = &self.screen.scene;
        let state = if self.screen.busy { "..." } else { scene.state.as_str() };
        let keys = match (scene.held, scene.ended) {
            (true, _) => "F5 go on  F10 over  F11 into  o out  F9 breakpoint  : command  ? help",
            (false, true) => "F5 start again  : command  ? help  q leave",
            (false, false) => "F6 pause  F9 breakpoint  : command  ? help  q leave",
        };
        let state =
            Span::styled(format!(" {state} "), Style::new().add_modifier(Modifier::REVERSED));
        let line = Line::from(vec![state, Span::raw("  "), Span::styled(keys, self.look.faint())]);
        self.frame.render_widget(Paragraph::new(line), area);
    }

    fn help(&mut self, area: Rect, first: u16) {
        let keys = [
            "F5 c   go on             Tab     the next pane",
            "F10 n  over              arrows  move (also j k g G)",
            "F11 s  into              Enter   open a value, go to a frame,",
            "S-F11 o  out                     switch a route, show a request",
            "F6 z   pause             F9 b    breakpoint on this line",
            "r      build, start again    p w   print, watch",
            "q      end the app and leave",
            "",
            "Behind the colon:",
        ];
        let commands = help(None).unwrap_or_default();
        let rows: Vec<Line<'_>> = keys
            .iter()
            .map(|key| Line::raw(*key))
            .chain(commands.into_iter().map(Line::raw))
            .collect();
        let count = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX).min(area.height);
        let width = area.width.min(110);
        let area = Rect { height, width, x: area.x + (area.width - width) / 2, y: area.y };
        self.frame.render_widget(Clear, area);
        let block = Block::bordered().title(" Help: arrows scroll, any other key closes it ");
        let first = first.min((count + 2).saturating_sub(height));
        self.frame.render_widget(Paragraph::new(rows).block(block).scroll((first, 0)), area);
    }
}

#[cfg(test)]
#[path = "draw_tests.rs"]
mod tests;
