//! Reads the command line by the table of commands and options.
//!
//! The syntax is the usual one: `--port 8000`, `--port=8000`, `-p 8000`, `-p8000`; `--` ends the
//! options. Options of `run`, and `--set`, may stand before the command.

use std::ffi::OsString;

use crate::config::closest;

use super::table::{COMMANDS, Command, Opt, RUN, SET};

/// What the process was asked for.
pub(super) enum Asked {
    /// The help: of a command, or of all.
    Help(Option<&'static Command>),
    Version,
    BuiltIn(&'static Command, Line),
    /// A command of the app's own: its name, what stood before it, and what follows.
    Own(String, Line, Vec<OsString>),
}

/// What was given to a command. Names are those in the table: an option's with dashes.
#[derive(Default)]
pub(super) struct Line {
    options: Vec<(&'static Opt, String)>,
    values: Vec<String>,
}

impl Line {
    /// Adds an option.
    ///
    /// # Errors
    /// It was given before and may not be repeated, or it is `--set` without a key and a value.
    pub(super) fn add(&mut self, option: &'static Opt, value: String) -> Result<(), String> {
        if !option.repeats && self.has(option.long) {
            return Err(format!("`{}` is given twice", option.long));
        }
        if option.long == SET.long {
            let lacking = match value.split_once('=') {
                None => Some("a value"),
                Some((key, _)) => key.trim().is_empty().then_some("a key"),
            };
            if let Some(lacking) = lacking {
                return Err(format!("`--set {value}` lacks {lacking}\n\nhint: --set key=value"));
            }
        }
        self.options.push((option, value));
        Ok(())
    }

    /// Whether an option was given.
    pub(super) fn has(&self, long: &str) -> bool {
        self.option(long).is_some()
    }

    /// An option's value.
    pub(super) fn option(&self, long: &str) -> Option<&str> {
        self.all(long).next()
    }

    /// Each value of an option that may be repeated.
    pub(super) fn all(&self, long: &str) -> impl Iterator<Item = &str> {
        let given = self.options.iter().filter(move |(option, _)| option.long == long);
        given.map(|(_, value)| value.as_str())
    }

    /// The value at a place, which the table says is there.
    pub(super) fn value(&self, place: usize) -> &str {
        self.values.get(place).map_or("", String::as_str)
    }

    /// The configuration keys that are set: by which words, the key, the value. Where an option is
    /// repeated, its values are one list.
    pub(super) fn settings(&self) -> Vec<(String, &str, String)> {
        let mut settings: Vec<(String, &str, String)> = Vec::new();
        for (option, value) in &self.options {
            let (words, key, value) = match (option.key, value.split_once('=')) {
                (Some(key), _) => (option.long.to_owned(), key, value.as_str()),
                (None, Some((key, value))) if option.long == SET.long => {
                    (format!("{} {key}", SET.long), key.trim(), value)
                }
                _ => continue,
            };
            match settings.iter_mut().find(|known| known.0 == words && option.key.is_some()) {
                Some((.., list)) => *list = format!("{list},{value}"),
                None => settings.push((words, key, value.to_owned())),
            }
        }
        settings
    }
}

/// Reads the arguments, without the program's name; `own` are the names of the app's own commands.
///
/// # Errors
/// What is wrong, for people.
pub(super) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    own: &[&str],
) -> Result<Asked, String> {
    let mut words = Words(arguments.into_iter().collect::<Vec<_>>().into_iter());
    let (mut command, mut line, mut only_values) = (None, Line::default(), false);
    while let Some(word) = words.next()? {
        let is_option = !only_values && word.len() > 1 && word.starts_with('-');
        match (word.as_str(), command) {
            ("--", _) if is_option => only_values = true,
            ("--help" | "-h", _) if is_option => return Ok(Asked::Help(command)),
            ("--version" | "-V", None) => return Ok(Asked::Version),
            _ if is_option => line.read_option(command.unwrap_or(&RUN), &word, &mut words)?,
            (_, Some(_)) => line.values.push(word),
            ("help", None) => return help(&mut words, own),
            (name, None) if own.contains(&name) => {
                line.check_options(name, &[SET.long])?;
                return Ok(Asked::Own(word, line, words.0.collect()));
            }
            (name, None) => command = Some(find(name, own)?),
        }
    }
    let command = command.unwrap_or(&RUN);
    line.check(command)?;
    Ok(Asked::BuiltIn(command, line))
}

/// The arguments that are still to be read.
struct Words(std::vec::IntoIter<OsString>);

impl Words {
    fn next(&mut self) -> Result<Option<String>, String> {
        let word = self.0.next().map(OsString::into_string).transpose();
        word.map_err(|word| format!("the argument `{}` is not UTF-8", word.display()))
    }

    /// The next word as the value of an option, unless it is an option itself.
    fn value(&mut self) -> Result<Option<String>, String> {
        let next = self.0.as_slice().first().and_then(|word| word.to_str()).unwrap_or_default();
        let after_dash = next.strip_prefix('-').and_then(|rest| rest.chars().next());
        match after_dash.is_some_and(|c| !c.is_ascii_digit()) {
            true => Ok(None),
            false => self.next(),
        }
    }
}

/// `help NAME`.
fn help(words: &mut Words, own: &[&str]) -> Result<Asked, String> {
    match words.next()? {
        None => Ok(Asked::Help(None)),
        Some(name) if own.contains(&name.as_str()) => {
            Ok(Asked::Own(name, Line::default(), vec!["--help".into()]))
        }
        Some(name) => Ok(Asked::Help(Some(find(&name, own)?))),
    }
}

fn find(name: &str, own: &[&str]) -> Result<&'static Command, String> {
    if let Some(command) = COMMANDS.iter().find(|command| command.name == name) {
        return Ok(command);
    }
    let names = COMMANDS.iter().map(|command| command.name).chain(own.iter().copied());
    let mut words = format!("there is no command `{name}`\n");
    if let Some(near) = closest(name, names) {
        words.push_str(&format!("\nhint: did you mean `{near}`?"));
    }
    Err(words + "\nhint: `--help` lists the commands")
}

impl Line {
    /// Adds the option that `word` begins.
    fn read_option(
        &mut self,
        command: &'static Command,
        word: &str,
        words: &mut Words,
    ) -> Result<(), String> {
        let (name, in_word) = split(word);
        let mut options = command.all_options();
        let Some(option) = options.find(|option| option.long == name || option.short == Some(name))
        else {
            return Err(no_option(command.name, &longs(command), name));
        };
        let value = match (option.value, in_word) {
            (None, None) => String::new(),
            (None, Some(value)) => {
                return Err(format!("`{name}` takes no value, but was given `{value}`"));
            }
            (Some(_), Some(value)) => value.to_owned(),
            (Some(what), None) => words
                .value()?
                .ok_or_else(|| format!("`{name}` lacks its value\n\nhint: `{name} {what}`"))?,
        };
        self.add(option, value)
    }

    /// Whether this is what the command takes.
    fn check(&self, command: &'static Command) -> Result<(), String> {
        self.check_options(command.name, &longs(command))?;
        let name = command.name;
        if let Some(value) = command.values.get(self.values.len()) {
            let all: Vec<&str> = command.values.iter().map(|value| value.name).collect();
            let (lacking, all) = (value.name, all.join(" "));
            return Err(format!("`{name}` lacks its {lacking}\n\nhint: `{name} {all}`"));
        }
        match self.values.get(command.values.len()) {
            Some(extra) => {
                Err(format!("`{name}` does not take `{extra}`\n\nhint: `{name} --help`"))
            }
            None => Ok(()),
        }
    }

    /// Refuses options that stood before the name of a command which does not know them.
    fn check_options(&self, command: &str, known: &[&'static str]) -> Result<(), String> {
        let unknown = self.options.iter().find(|(option, _)| !known.contains(&option.long));
        unknown.map_or(Ok(()), |(option, _)| Err(no_option(command, known, option.long)))
    }
}

fn longs(command: &'static Command) -> Vec<&'static str> {
    command.all_options().map(|option| option.long).collect()
}

/// An option's name, and the value that stands in the same word.
fn split(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    }
    let end = word.char_indices().nth(2).map_or(word.len(), |(end, _)| end);
    let (name, value) = word.split_at(end);
    (name, (!value.is_empty()).then(|| value.strip_prefix('=').unwrap_or(value)))
}

fn no_option(command: &str, known: &[&'static str], name: &str) -> String {
    let owner = COMMANDS.iter().find(|other| longs(other).contains(&name));
    let hint = match (owner, closest(name, known.iter().copied())) {
        (Some(other), _) => format!("it is an option of `{}`", other.name),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => format!("`{command} --help` lists its options"),
    };
    format!("`{command}` has no option `{name}`\n\nhint: {hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was asked for, as text.
    fn shown(arguments: &str) -> String {
        let arguments = arguments.split_whitespace().map(OsString::from);
        match parse(arguments, &["greet"]) {
            Ok(Asked::Help(command)) => {
                format!("help {}", command.map_or("all", |command| command.name))
            }
            Ok(Asked::Version) => "version".to_owned(),
            Ok(Asked::BuiltIn(command, line)) => format!("{} {}", command.name, parts(&line)),
            Ok(Asked::Own(name, line, rest)) => format!("{name} {} {rest:?}", parts(&line)),
            Err(words) => words.replace('\n', "|"),
        }
    }

    fn parts(line: &Line) -> String {
        let options = line.options.iter().map(|(option, value)| format!("{}={value}", option.long));
        options.chain(line.values.clone()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn reads() {
        let check = |line, expected: &str| assert_eq!(shown(line), expected, "{line}");
        check("", "run ");
        check("run", "run ");
        check("--port 80 --qr", "run --port=80 --qr=");
        check("run -p80 --host=::1 --host lan", "run --port=80 --host=::1 --host=lan");
        check("-p=80", "run --port=80");
        check("--workers -1", "run --workers=-1");
        check("--set=a= --set a=b=c", "run --set=a= --set=a=b=c");
        check("--port 80 run --lang ko", "run --port=80 --lang=ko");
        check("--set a=1 config --all", "config --set=a=1 --all=");
        check("explain GET --host x /a", "explain --host=x GET /a");
        check("explain -- GET --host", "explain GET --host");
        check("explain G -", "explain G -");
        check("--help", "help all");
        check("routes -h", "help routes");
        check("help", "help all");
        check("help secret", "help secret");
        check("-V", "version");
        check("greet Ann -n 2", "greet  [\"Ann\", \"-n\", \"2\"]");
        check("--set a=1 greet", "greet --set=a=1 []");
        check("help greet", "greet  [\"--help\"]");
    }

    #[test]
    fn says_what_is_wrong() {
        let check = |line, expected: &str| assert_eq!(shown(line), expected, "{line}");
        check(
            "rotues",
            "there is no command `rotues`||hint: did you mean `routes`?|hint: `--help` lists the commands",
        );
        check("help nothing", "there is no command `nothing`||hint: `--help` lists the commands");
        check("--prot 1", "`run` has no option `--prot`||hint: did you mean `--port`?");
        check("routes --port 1", "`routes` has no option `--port`||hint: it is an option of `run`");
        check("--qr routes", "`routes` has no option `--qr`||hint: it is an option of `run`");
        check("-x", "`run` has no option `-x`||hint: `run --help` lists its options");
        check("-é", "`run` has no option `-é`||hint: `run --help` lists its options");
        check(
            "routes --version",
            "`routes` has no option `--version`||hint: `routes --help` lists its options",
        );
        check("--port", "`--port` lacks its value||hint: `--port PORT`");
        check("-p --qr", "`-p` lacks its value||hint: `-p PORT`");
        check("--qr=yes", "`--qr` takes no value, but was given `yes`");
        check("-p 1 --port 2", "`--port` is given twice");
        check("--set port", "`--set port` lacks a value||hint: --set key=value");
        check("--set =x", "`--set =x` lacks a key||hint: --set key=value");
        check("explain GET", "`explain` lacks its PATH||hint: `explain METHOD PATH`");
        check("secret x", "`secret` does not take `x`||hint: `secret --help`");
    }

    #[test]
    fn repeated_settings_are_one_list() {
        let words = "--host lan --set a=b=c --port 1 --host ::1 --set a=";
        let words = words.split(' ').map(OsString::from);
        let Ok(Asked::BuiltIn(_, line)) = parse(words, &[]) else { panic!("not read") };
        let settings = line.settings();
        let shown: Vec<_> =
            settings.iter().map(|(w, key, value)| format!("{w}: {key} is {value}")).collect();
        let expected =
            ["--host: host is lan,::1", "--set a: a is b=c", "--port: port is 1", "--set a: a is "];
        assert_eq!(shown, expected);
    }

    #[cfg(unix)]
    #[test]
    fn refuses_what_is_not_text() {
        use std::os::unix::ffi::OsStringExt;
        let Err(words) = parse([OsString::from_vec(vec![b'a', 0xff])], &[]) else {
            panic!("it was read")
        };
        assert_eq!(words, "the argument `a\u{fffd}` is not UTF-8");
    }
}
