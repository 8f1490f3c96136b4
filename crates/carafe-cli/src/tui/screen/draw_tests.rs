//! What is drawn, as text.

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::super::values::Row;
use super::super::worker::{RouteRow, Scene};
use super::*;

fn scene() -> Scene {
    let source = ["#[get(\"/users/<int:id>\")]", "async fn user(id: i64) -> String {"];
    let rest = ["    let name = name(id);", "    format!(\"{name} 안녕\")", "}"];
    let lines = source.iter().chain(&rest).map(|line| (*line).to_owned()).collect();
    let row = |depth, name: &str, value: &str, open, changed| Row {
        depth,
        name: name.to_owned(),
        value: value.to_owned(),
        open,
        changed,
        ..Row::default()
    };
    Scene {
        state: "held: breakpoint 2".to_owned(),
        held: true,
        stop: 1,
        source: Some(Source {
            path: "/app/src/main.rs".into(),
            name: "src/main.rs".to_owned(),
            lines: Arc::new(lines),
            line: 4,
            current: Some(4),
            marks: vec![(3, '●'), (4, '◐')],
        }),
        values: vec![
            row(0, "Locals", "", Some(true), false),
            row(1, "id", "7", None, false),
            row(1, "name", "\"Ann\"", None, true),
            row(0, "Request", "GET /users/7", Some(false), false),
        ],
        frames: vec![
            (Some(0), ">0   app::user".to_owned()),
            (None, "     … 87 not of the app".to_owned()),
        ],
        requests: vec![
            ">2  held          GET /users/7".to_owned(),
            " 1  200   812 us  GET /".to_owned(),
        ],
        routes: vec![RouteRow { name: "GET /".to_owned(), handler: "index".to_owned(), on: true }],
        said: vec!["breakpoint 2 in app::user, src/main.rs:4".to_owned()],
        ..Scene::default()
    }
}

/// The picture of a screen on a terminal of this size.
fn picture(screen: &mut Screen, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, screen, Look { colours: true })).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let mut text = String::new();
    for y in 0..height {
        let mut row = String::new();
        let mut x = 0;
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            row.push_str(symbol);
            // What takes two cells stands in the first.
            x += Span::raw(symbol.to_owned()).width().max(1) as u16;
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

#[test]
fn a_held_program_as_a_picture() {
    let mut screen = Screen::default();
    screen.show(scene());
    let expected = include_str!("held.txt");
    let drawn = picture(&mut screen, 100, 24);
    assert!(drawn == expected, "{drawn}");
}

#[test]
fn a_narrow_terminal_shows_one_pane() {
    let mut screen = Screen::default();
    screen.show(scene());
    let drawn = picture(&mut screen, 50, 10);
    assert!(drawn.contains("◐   4 →     format!(\"{name} 안녕\")"), "{drawn}");
    assert!(!drawn.contains("Locals"), "{drawn}");
    screen.focus = Pane::Values;
    let drawn = picture(&mut screen, 50, 10);
    assert!(drawn.contains("    name ~ \"Ann\""), "{drawn}");
    assert!(drawn.contains("▸ Request  GET /users/7"), "{drawn}");
}

#[test]
fn any_size_can_be_drawn() {
    let mut screen = Screen::default();
    screen.show(scene());
    for (width, height) in [(1, 1), (3, 2), (20, 3), (70, 5), (71, 1), (300, 100)] {
        for help in [None, Some(0), Some(50)] {
            screen.help = help;
            picture(&mut screen, width, height);
        }
    }
    screen.help = None;
    screen.show(Scene::default());
    assert!(picture(&mut screen, 80, 24).contains("Shown while the app is held."));
}

#[test]
fn a_line_that_is_typed_takes_the_bars_place() {
    let mut screen = Screen::default();
    screen.show(scene());
    screen.line = Some("p 이름".to_owned());
    let drawn = picture(&mut screen, 80, 24);
    assert_eq!(drawn.lines().last(), Some(":p 이름"));
}

#[test]
fn output_can_be_read_further_up() {
    let mut screen = Screen::default();
    screen.show(Scene::default());
    (0..40).for_each(|number| screen.say(format!("line {number}")));
    screen.focus = Pane::Output;
    assert!(picture(&mut screen, 50, 10).contains("line 39"));
    screen.cursors[Pane::Output as usize] = 20;
    let drawn = picture(&mut screen, 50, 10);
    assert!(drawn.contains("line 19") && !drawn.contains("line 20"), "{drawn}");
    screen.say("line 40".to_owned());
    assert!(picture(&mut screen, 50, 10).contains("line 19"));
}
