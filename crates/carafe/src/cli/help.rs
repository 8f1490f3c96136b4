//! What `--help` prints, made from the table that the command line is read by.

use super::table::{COMMANDS, Command, Opt, RUN};

const HELP: (&str, &str) = ("  -h, --help", "Print help");

/// The help of the whole program, with the names and lines of the app's own commands.
pub(super) fn program(name: &str, own: &[(&str, &str)]) -> String {
    let mut text = format!(
        "A Carafe app. Without a command it is served, as by `run`.\n\n\
         Usage: {name} [OPTIONS]\n       {name} COMMAND [OPTIONS]\n"
    );
    let built_in = COMMANDS.iter().map(|command| (command.name, command.about));
    let help = ("help", "Print this, or the help of a command");
    let commands = built_in.chain(own.iter().copied()).chain([help]);
    let commands = commands.map(|(name, about)| (format!("  {name}"), about.to_owned()));
    list(&mut text, "Commands", &commands.collect::<Vec<_>>());
    let version = ("  -V, --version", "Print version");
    list(&mut text, "Options", &options(&RUN, &[HELP, version]));
    text
}

/// The help of one command.
pub(super) fn command(name: &str, command: &'static Command) -> String {
    let mut text = format!("{}\n\nUsage: {name} {}", command.about, command.name);
    for value in command.values {
        text.push_str(&format!(" {}", value.name));
    }
    let takes_options = command.all_options().next().is_some();
    text.push_str(if takes_options { " [OPTIONS]\n" } else { "\n" });
    let values = command.values.iter();
    let values = values.map(|value| (format!("  {}", value.name), value.about.to_owned()));
    list(&mut text, "Arguments", &values.collect::<Vec<_>>());
    list(&mut text, "Options", &options(command, &[HELP]));
    text
}

fn options(command: &'static Command, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let options = command.all_options().map(row);
    options.chain(more.iter().map(|(left, right)| (left.to_string(), right.to_string()))).collect()
}

fn row(option: &Opt) -> (String, String) {
    let short = option.short.map_or("    ".to_owned(), |short| format!("{short}, "));
    let value = option.value.map_or(String::new(), |value| format!(" {value}"));
    let key = option.key.map_or(String::new(), |key| format!(" [config: {key}]"));
    (format!("  {short}{}{value}", option.long), format!("{}{key}", option.about))
}

/// Two columns under a heading; nothing when there are no rows.
fn list(text: &mut String, heading: &str, rows: &[(String, String)]) {
    if rows.is_empty() {
        return;
    }
    text.push_str(&format!("\n{heading}:\n"));
    let width = rows.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0);
    for (left, right) in rows {
        text.push_str(format!("{left:<width$}  {right}").trim_end());
        text.push('\n');
    }
}
